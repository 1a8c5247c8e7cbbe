#include "tests/support/stalling_folder.h"

#include <utility>

namespace holdfast {
namespace {

class StallingFile final : public DiskFile {
  public:
    StallingFile(std::unique_ptr<DiskFile> inner, std::shared_ptr<StallGate> gate)
        : inner_(std::move(inner)), gate_(std::move(gate)) {}

    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) override {
        return inner_->readAt(offset, into);
    }
    Result<> writeAt(std::uint64_t offset, std::span<const std::byte> bytes) override {
        gate_->pass();
        return inner_->writeAt(offset, bytes);
    }
    Result<> resize(std::uint64_t bytes) override {
        gate_->pass();
        return inner_->resize(bytes);
    }
    Result<> sync() override {
        gate_->pass();
        return inner_->sync();
    }
    Result<std::uint64_t> size() override { return inner_->size(); }
    Result<> reserve(std::uint64_t bytes) override { return inner_->reserve(bytes); }
    Result<> releaseReserve() override { return inner_->releaseReserve(); }
    Result<bool> tryLock() override { return inner_->tryLock(); }
    Result<std::int64_t> modificationTime() override { return inner_->modificationTime(); }
    Result<> setModificationTime(std::int64_t nanoseconds) override {
        return inner_->setModificationTime(nanoseconds);
    }

  private:
    std::unique_ptr<DiskFile> inner_;
    std::shared_ptr<StallGate> gate_;
};

}  // namespace

void StallGate::stallFor(std::chrono::milliseconds length, std::chrono::milliseconds after) {
    std::lock_guard lock(mutex_);
    from_ = Clock::now() + after;
    until_ = from_ + length;
    changed_.notify_all();
}

void StallGate::stall() {
    std::lock_guard lock(mutex_);
    from_ = Clock::time_point::min();
    until_ = Clock::time_point::max();
    changed_.notify_all();
}

void StallGate::release() {
    std::lock_guard lock(mutex_);
    from_ = until_ = Clock::time_point::max();
    changed_.notify_all();
}

bool StallGate::waitUntilStalled(std::chrono::milliseconds deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, deadline, [&] { return waiting_ > 0; });
}

std::size_t StallGate::waiting() {
    std::lock_guard lock(mutex_);
    return waiting_;
}

void StallGate::pass() {
    std::unique_lock lock(mutex_);
    const auto isClosed = [&] {
        const auto now = Clock::now();
        return now >= from_ && now < until_;
    };
    if (!isClosed()) return;
    ++waiting_;
    changed_.notify_all();
    while (isClosed()) {
        // wait_until with the end of time overflows in some libraries.
        if (until_ == Clock::time_point::max()) {
            changed_.wait(lock);
        } else {
            changed_.wait_until(lock, until_);
        }
    }
    --waiting_;
}

StallingFolder::StallingFolder(std::unique_ptr<DiskFolder> inner, std::shared_ptr<StallGate> gate)
    : inner_(std::move(inner)), gate_(std::move(gate)) {}

Result<std::unique_ptr<DiskFile>> StallingFolder::wrap(Result<std::unique_ptr<DiskFile>> file) {
    if (!file) return file;
    return std::make_unique<StallingFile>(std::move(*file), gate_);
}

Result<std::unique_ptr<DiskFile>> StallingFolder::create(const std::string& name, bool ownerOnly) {
    return wrap(inner_->create(name, ownerOnly));
}

Result<std::unique_ptr<DiskFile>> StallingFolder::open(const std::string& name, Access access) {
    return wrap(inner_->open(name, access));
}

Result<> StallingFolder::rename(const std::string& from, const std::string& to, Existing existing) {
    return inner_->rename(from, to, existing);
}

Result<> StallingFolder::remove(const std::string& name) {
    return inner_->remove(name);
}

bool StallingFolder::exists(const std::string& name) {
    return inner_->exists(name);
}

Result<std::vector<std::string>> StallingFolder::list() {
    return inner_->list();
}

Result<> StallingFolder::sync() {
    gate_->pass();
    return inner_->sync();
}

Result<std::uint64_t> StallingFolder::freeBytes() {
    return inner_->freeBytes();
}

std::string StallingFolder::path() const {
    return inner_->path();
}

}  // namespace holdfast
