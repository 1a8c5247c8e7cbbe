#include "iocore/disk/watched_folder.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

namespace holdfast {
namespace {

tl::unexpected<Error> turnedAway() {
    return fail(Stage::disk, ECANCELED, "given up: the disk does not answer");
}

// In the gate for as long as it lives.
class Passage {
  public:
    explicit Passage(DiskGate& gate) : gate_(gate), isInside_(gate.enter()) {}
    ~Passage() { (void)end(); }
    Passage(const Passage&) = delete;
    Passage& operator=(const Passage&) = delete;

    [[nodiscard]] bool isInside() const { return isInside_; }
    // False when the thread was turned away.
    [[nodiscard]] bool end() { return std::exchange(isInside_, false) && gate_.leave(); }

  private:
    DiskGate& gate_;
    bool isInside_;
};

// The result of `call`, or ECANCELED when its thread was turned away before or while it lasted. An
// error of the call itself is the better news.
template <typename Call>
auto pass(DiskGate& gate, Call call) -> decltype(call()) {
    Passage passage(gate);
    if (!passage.isInside()) return turnedAway();
    auto result = call();
    if (!passage.end() && result) return turnedAway();
    return result;
}

// For calls that cannot fail.
template <typename Call>
auto passOr(DiskGate& gate, decltype(std::declval<Call>()()) otherwise, Call call) {
    Passage passage(gate);
    if (!passage.isInside()) return otherwise;
    const auto answer = call();
    return passage.end() ? answer : otherwise;
}

// The bytes that a call is given must not change while it hangs, although the ring that they come
// from is used again as soon as another thread goes on.
constexpr std::size_t kPieceBytes = 256u << 10;

class WatchedFile final : public DiskFile {
  public:
    WatchedFile(std::unique_ptr<DiskFile> inner, std::shared_ptr<DiskGate> gate)
        : inner_(std::move(inner)), gate_(std::move(gate)) {}
    // Closing may hang as well.
    ~WatchedFile() override {
        const Passage passage(*gate_);
        inner_.reset();
    }

    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) override {
        return pass(*gate_, [&] { return inner_->readAt(offset, into); });
    }
    Result<> writeAt(std::uint64_t offset, std::span<const std::byte> bytes) override {
        Result<> done;
        while (done && !bytes.empty()) {
            const auto piece = bytes.first(std::min(bytes.size(), kPieceBytes));
            piece_.assign(piece.begin(), piece.end());
            done = pass(*gate_, [&] { return inner_->writeAt(offset, piece_); });
            offset += piece.size();
            bytes = bytes.subspan(piece.size());
        }
        return done;
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
    std::vector<std::byte> piece_;
};

}  // namespace

WatchedFolder::WatchedFolder(std::shared_ptr<DiskFolder> inner, std::shared_ptr<DiskGate> gate)
    : inner_(std::move(inner)), gate_(std::move(gate)) {}

Result<std::unique_ptr<DiskFile>> WatchedFolder::watched(Result<std::unique_ptr<DiskFile>> file) {
    if (!file) return file;
    return std::make_unique<WatchedFile>(std::move(*file), gate_);
}

Result<std::unique_ptr<DiskFile>> WatchedFolder::create(const std::string& name, bool ownerOnly) {
    Passage passage(*gate_);
    if (!passage.isInside()) return turnedAway();
    auto file = inner_->create(name, ownerOnly);
    if (passage.end() || !file) return watched(std::move(file));
    // Nobody will know of it.
    (void)inner_->remove(name);
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

Result<std::vector<std::string>> WatchedFolder::folders() {
    return pass(*gate_, [&] { return inner_->folders(); });
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
