#include "iocore/disk/watched_folder.h"

#include <cerrno>
#include <limits>
#include <utility>

namespace holdfast {
namespace {

tl::unexpected<Error> turnedAway() {
    return fail(Stage::disk, ECANCELED, "given up: the disk does not answer");
}

// The result of `call`, or ECANCELED when its thread was turned away before or while it lasted.
template <typename Call>
auto pass(DiskGate& gate, Call call) -> decltype(call()) {
    if (!gate.enter()) return turnedAway();
    auto result = call();
    if (!gate.leave()) return turnedAway();
    return result;
}

// For calls that cannot fail.
template <typename Call>
auto passOr(DiskGate& gate, decltype(std::declval<Call>()()) otherwise, Call call) {
    if (!gate.enter()) return otherwise;
    const auto answer = call();
    return gate.leave() ? answer : otherwise;
}

class WatchedFile final : public DiskFile {
  public:
    WatchedFile(std::unique_ptr<DiskFile> inner, std::shared_ptr<DiskGate> gate)
        : inner_(std::move(inner)), gate_(std::move(gate)) {}

    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) override {
        return pass(*gate_, [&] { return inner_->readAt(offset, into); });
    }
    Result<> writeAt(std::uint64_t offset, std::span<const std::byte> bytes) override {
        return pass(*gate_, [&] { return inner_->writeAt(offset, bytes); });
    }
    Result<> resize(std::uint64_t bytes) override {
        return pass(*gate_, [&] { return inner_->resize(bytes); });
    }
    Result<> sync() override {
        return pass(*gate_, [&] { return inner_->sync(); });
    }
    Result<std::uint64_t> size() override {
        return pass(*gate_, [&] { return inner_->size(); });
    }
    Result<> reserve(std::uint64_t bytes) override {
        return pass(*gate_, [&] { return inner_->reserve(bytes); });
    }
    Result<> releaseReserve() override {
        return pass(*gate_, [&] { return inner_->releaseReserve(); });
    }
    Result<bool> tryLock() override {
        return pass(*gate_, [&] { return inner_->tryLock(); });
    }
    Result<std::int64_t> modificationTime() override {
        return pass(*gate_, [&] { return inner_->modificationTime(); });
    }
    Result<> setModificationTime(std::int64_t nanoseconds) override {
        return pass(*gate_, [&] { return inner_->setModificationTime(nanoseconds); });
    }

  private:
    std::unique_ptr<DiskFile> inner_;
    std::shared_ptr<DiskGate> gate_;
};

}  // namespace

WatchedFolder::WatchedFolder(std::shared_ptr<DiskFolder> inner, std::shared_ptr<DiskGate> gate)
    : inner_(std::move(inner)), gate_(std::move(gate)), path_(inner_->path()) {}

Result<std::unique_ptr<DiskFile>> WatchedFolder::watched(Result<std::unique_ptr<DiskFile>> file) {
    if (!file) return file;
    return std::make_unique<WatchedFile>(std::move(*file), gate_);
}

Result<std::unique_ptr<DiskFile>> WatchedFolder::create(const std::string& name, bool ownerOnly) {
    if (!gate_->enter()) return turnedAway();
    auto file = inner_->create(name, ownerOnly);
    if (gate_->leave()) return watched(std::move(file));
    // Nobody will know of it.
    if (file) (void)inner_->remove(name);
    return turnedAway();
}

Result<std::unique_ptr<DiskFile>> WatchedFolder::open(const std::string& name, Access access) {
    return watched(pass(*gate_, [&] { return inner_->open(name, access); }));
}

Result<> WatchedFolder::rename(const std::string& from, const std::string& to, Existing existing) {
    return pass(*gate_, [&] { return inner_->rename(from, to, existing); });
}

// A thread that was turned away while it made a file may still take it away.
Result<> WatchedFolder::remove(const std::string& name) {
    if (gate_->turnedAway()) return inner_->remove(name);
    return pass(*gate_, [&] { return inner_->remove(name); });
}

// A name that cannot be looked at is taken: nothing is then made or removed under it.
bool WatchedFolder::exists(const std::string& name) {
    return passOr(*gate_, true, [&] { return inner_->exists(name); });
}

Result<std::vector<std::string>> WatchedFolder::list() {
    return pass(*gate_, [&] { return inner_->list(); });
}

Result<> WatchedFolder::sync() {
    return pass(*gate_, [&] { return inner_->sync(); });
}

Result<std::uint64_t> WatchedFolder::freeBytes() {
    return pass(*gate_, [&] { return inner_->freeBytes(); });
}

std::uint64_t WatchedFolder::maxFileBytes() {
    return passOr(*gate_, std::numeric_limits<std::uint64_t>::max(),
                  [&] { return inner_->maxFileBytes(); });
}

}  // namespace holdfast
