#include "iocore/selftest/commit_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kRounds = 400;  // enough that a percentile of 99 is more than the worst
constexpr std::int64_t kMostApart = kProbeCommitMs * 1'000'000LL;
constexpr int kPlainWrites = 50;

// A file of our own, gone with its owner.
class TempFile {
  public:
    static Result<TempFile> create(DiskFolder& folder, const std::string& purpose) {
        const std::string name =
            fmt::format(".holdfast-selftest-{}.{}", TakeId::random().hex(), purpose);
        auto file = folder.create(name, true);
        if (!file) return fail(file.error());
        return TempFile(folder, name, std::move(*file));
    }
    TempFile(TempFile&& other) noexcept
        : folder_(other.folder_),
          name_(std::exchange(other.name_, {})),
          file_(std::move(other.file_)) {}
    TempFile& operator=(TempFile&&) = delete;
    ~TempFile() {
        if (!name_.empty()) (void)folder_.remove(name_);
    }

    DiskFile& operator*() const { return *file_; }
    DiskFile* operator->() const { return file_.get(); }
    [[nodiscard]] const std::string& name() const { return name_; }
    // Errors: Stage::disk; it is still there then.
    Result<> remove() {
        auto removed = folder_.remove(name_);
        if (removed) name_.clear();
        return removed;
    }

  private:
    TempFile(DiskFolder& folder, std::string name, std::unique_ptr<DiskFile> file)
        : folder_(folder), name_(std::move(name)), file_(std::move(file)) {}

    DiskFolder& folder_;
    std::string name_;
    std::unique_ptr<DiskFile> file_;
};

class Probe {
  public:
    Probe(DiskFolder& folder, const ProbeOptions& options, TempFile file)
        : folder_(folder), options_(options), file_(std::move(file)), audio_(kProbeCommitBytes) {
        // Nothing that a compressing file system could make smaller.
        std::uint64_t noise = 0x9E37'79B9'7F4A'7C15;
        for (std::byte& byte : audio_) {
            noise = noise * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
            byte = static_cast<std::byte>(noise >> 56);
        }
    }

    Result<CommitProbe> run();

  private:
    Result<> limitSize();
    Result<> plainWrites();
    Result<> commits();
    Result<> commit();
    Result<> tryTakenName();
    Result<> restart();
    Result<std::int64_t> timed(const std::function<Result<>()>& step) const;

    DiskFolder& folder_;
    const ProbeOptions& options_;
    TempFile file_;
    std::vector<std::byte> audio_;
    std::uint64_t end_ = kHeaderBlockBytes;
    std::uint64_t limit_ = kProbeFileBytes;
    std::uint64_t sequence_ = 0;
    const TakeId takeId_ = TakeId::random();
    std::vector<std::int64_t> commit_;
    std::vector<std::int64_t> audioSync_;
    std::vector<std::int64_t> headerSync_;
    std::vector<std::int64_t> write_;
    bool refusesTakenName_ = false;
};

Result<std::int64_t> Probe::timed(const std::function<Result<>()>& step) const {
    const std::int64_t begin = options_.clock.nowNs();
    if (auto done = step(); !done) return fail(done.error());
    return options_.clock.nowNs() - begin;
}

Result<> Probe::limitSize() {
    const auto free = folder_.freeBytes();
    if (!free) return fail(free.error());
    limit_ = std::min(limit_, *free / 2);
    if (limit_ >= kHeaderBlockBytes + kProbeCommitBytes) return {};
    return fail(Stage::disk, ENOSPC,
                fmt::format("{}: only {} bytes are free, too few to test", folder_.path(), *free));
}

// A take's file grows with each commit; so does this one, again and again.
Result<> Probe::restart() {
    if (end_ + kProbeCommitBytes <= limit_) return {};
    end_ = kHeaderBlockBytes;
    return file_->resize(end_);
}

Result<> Probe::plainWrites() {
    for (int i = 0; i < kPlainWrites; ++i) {
        if (auto room = restart(); !room) return room;
        const auto took = timed([&] { return file_->writeAt(end_, audio_); });
        if (!took) return fail(took.error());
        write_.push_back(*took);
        end_ += kProbeCommitBytes;
    }
    return file_->sync();
}

Result<> Probe::commit() {
    if (auto room = restart(); !room) return room;
    HeaderBlock block;
    block.format = {48'000, 2, SampleType::S24, 0};
    block.dataBytes = (end_ - kHeaderBlockBytes) + kProbeCommitBytes;
    block.seal.frames = block.dataBytes / block.format.bytesPerFrame();
    block.seal.takeId = takeId_;
    block.seal.sequence = ++sequence_;
    const HeaderImage header = encodeHeaderBlock(block);
    const auto audio = timed([&] { return file_->writeAt(end_, audio_); });
    if (!audio) return fail(audio.error());
    const auto audioSync = timed([&] { return file_->sync(); });
    if (!audioSync) return fail(audioSync.error());
    const auto head = timed([&] { return file_->writeAt(0, header); });
    if (!head) return fail(head.error());
    const auto headerSync = timed([&] { return file_->sync(); });
    if (!headerSync) return fail(headerSync.error());
    end_ += kProbeCommitBytes;
    audioSync_.push_back(*audioSync);
    headerSync_.push_back(*headerSync);
    commit_.push_back(*audio + *audioSync + *head + *headerSync);
    return {};
}

Result<> Probe::commits() {
    const ProbeClock& clock = options_.clock;
    const std::int64_t time = options_.seconds * kSecond;
    const std::int64_t apart = std::min(time / kRounds, kMostApart);
    const std::int64_t begin = clock.nowNs();
    std::int64_t due = begin;
    do {
        if (options_.cancelled()) return fail(Stage::recovery, ECANCELED, "cancelled");
        if (auto done = commit(); !done) return done;
        due = std::max(due + apart, clock.nowNs());
        clock.sleepUntil(std::min(due, begin + time));
    } while (clock.nowNs() < begin + time);
    return {};
}

Result<> Probe::tryTakenName() {
    auto taken = TempFile::create(folder_, "taken");
    if (!taken) return fail(taken.error());
    const auto renamed = folder_.rename(file_.name(), taken->name(), Existing::refuse);
    refusesTakenName_ = !renamed && folder_.exists(file_.name()) && folder_.exists(taken->name());
    return taken->remove();
}

Result<CommitProbe> Probe::run() {
    if (auto enough = limitSize(); !enough) return fail(enough.error());
    if (auto written = plainWrites(); !written) return fail(written.error());
    if (auto committed = commits(); !committed) return fail(committed.error());
    if (auto tried = tryTakenName(); !tried) return fail(tried.error());
    if (refusesTakenName_) {
        if (auto removed = file_.remove(); !removed) return fail(removed.error());
    }
    return CommitProbe{latencyOf(std::move(commit_)), latencyOf(std::move(audioSync_)),
                       latencyOf(std::move(headerSync_)), latencyOf(std::move(write_)),
                       refusesTakenName_};
}

}  // namespace

ProbeClock systemProbeClock() {
    using Clock = std::chrono::steady_clock;
    using std::chrono::nanoseconds;
    return {
        [] {
            return std::chrono::duration_cast<nanoseconds>(Clock::now().time_since_epoch()).count();
        },
        [](std::int64_t untilNs) {
            std::this_thread::sleep_until(Clock::time_point(
                std::chrono::duration_cast<Clock::duration>(nanoseconds(untilNs))));
        }};
}

Result<CommitProbe> probeCommits(DiskFolder& folder, const ProbeOptions& options) {
    auto file = TempFile::create(folder, "take");
    if (!file) return fail(file.error());
    return Probe(folder, options, std::move(*file)).run();
}

}  // namespace holdfast
