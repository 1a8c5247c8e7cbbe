#include "iocore/recorder/take_lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "iocore/recorder/dead_rings.h"

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kLongestLook{250};
// A call that lasts shorter is a slow disk's, which an ordinary commit may still catch up with.
constexpr milliseconds kShortestHang{1000};
constexpr milliseconds kNextTry{5000};
constexpr std::uint64_t kLeastStallMs = 2'000;

}  // namespace

Result<std::unique_ptr<TakeLane>> TakeLane::open(LaneOptions options, LaneObserver observer) {
    auto shared = std::make_shared<LaneShared>();
    shared->folderPath = options.folder->path();
    shared->options = std::move(options);
    shared->observer = std::move(observer);
    std::unique_ptr<TakeLane> lane(new TakeLane(std::move(shared)));
    auto opened = lane->makeRing().and_then([&] { return lane->openTake(); });
    if (opened) return lane;
    lane->discard();
    return fail(opened.error());
}

Result<> TakeLane::makeRing() {
    LaneOptions& options = shared_->options;
    const std::uint64_t wished = std::uint64_t{options.ringMs} * format().sampleRate / 1000;
    const std::uint64_t preroll = shared_->wishedPreroll();
    const std::uint64_t most = kMaxRingBytes / format().bytesPerFrame();
    const std::uint64_t least = preroll + options.leastRingFrames;
    if (options.prerollMs) {
        if (auto fits = checkPreroll(most); !fits) return fits;
    }
    const std::uint64_t capacity = std::clamp(preroll + wished, least, std::max(least, most));
    const auto folders = options.ringFolders.empty() ? RingMemory::places() : options.ringFolders;
    const TakeId& id = options.series.first.sessionId;
    removeDeadRings(folders);
    auto memory = RingMemory::create(folders, id, SpscRing::memoryBytes(format(), capacity));
    if (!memory) return fail(memory.error());
    auto ring = SpscRing::create(std::move(*memory), format(), capacity, id);
    if (!ring) return fail(ring.error());
    shared_->ring = std::move(*ring);
    shared_->monitoring = options.prerollMs.has_value();
    options.series.first.ringPath = shared_->ring->memory().path();
    ringLength_ = milliseconds((capacity - preroll) * 1000 / format().sampleRate);
    return {};
}

// Behind the pre-roll the disk must still be allowed to stand for a while.
Result<> TakeLane::checkPreroll(std::uint64_t mostFrames) const {
    const std::uint64_t behind = std::min<std::uint64_t>(shared_->options.ringMs, kLeastStallMs) *
                                 format().sampleRate / 1000;
    if (shared_->wishedPreroll() + behind <= mostFrames) return {};
    return fail(Stage::usage,
                fmt::format("--preroll: of {} no more than {} s fit into the ring's {} MiB",
                            format().describe(),
                            (mostFrames - std::min(behind, mostFrames)) / format().sampleRate,
                            kMaxRingBytes >> 20));
}

Result<> TakeLane::openTake() {
    writer_ = std::make_shared<LaneWriter>(shared_);
    return shared_->monitoring ? Result<>{} : writer_->begin();
}

void TakeLane::discard() {
    if (writer_) writer_->discard();
    if (shared_->ring) (void)shared_->ring->memory().removeFile();
}

void TakeLane::run(CaptureFeed& feed, std::size_t index) {
    shared_->feed = &feed;
    shared_->index = index;
    shared_->lastCommit = Clock::now();
    if (const auto free = shared_->options.folder->freeBytes()) {
        shared_->status.diskFreeBytes = *free;
    }
    writer_->start();
    const bool canBeLeft =
        shared_->options.series.spillFolder || shared_->observer.isDispensable != nullptr;
    if (canBeLeft) watch_ = std::thread([this] { watch(); });
}

TakeLane::~TakeLane() {
    join();
}

void TakeLane::join() {
    if (shared_->feed == nullptr) return;
    {
        std::unique_lock lock(shared_->mutex);
        shared_->changed.wait(lock, [this] { return shared_->end.has_value(); });
    }
    if (watch_.joinable()) watch_.join();
    writer()->join();
}

// Until the lane has ended.
void TakeLane::watch() {
    const auto look = std::clamp(ringLength_ / 16, milliseconds(10), kLongestLook);
    std::unique_lock lock(shared_->mutex);
    while (!shared_->changed.wait_for(lock, look, [this] { return shared_->end.has_value(); })) {
        const auto waiting = writer_->waiting();
        lock.unlock();
        if (mustReplace(waiting)) {
            replaceWriter();
        } else if (waiting >= shared_->options.patience && shared_->observer.isDispensable &&
                   shared_->observer.isDispensable()) {
            if (auto left = writer()->giveUp(shared_->options.patience); left.end) {
                endWith(*left.end);
            }
        }
        lock.lock();
    }
}

std::chrono::nanoseconds TakeLane::shortestHang() const {
    return std::min<std::chrono::nanoseconds>(kShortestHang, ringLength_ / 2);
}

// Three quarters of the ring are given to a disk that may come back; with the rest the next file is
// begun. When nothing fills the ring any more, the same time is.
bool TakeLane::mustReplace(std::chrono::nanoseconds waiting) {
    if (!shared_->options.series.spillFolder || waiting < shortestHang()) return false;
    if (!writer()->canBeReplaced() || Clock::now() < nextTry_) return false;
    const bool isThere = spillFolderAnswers();
    const SpscRing::Fill fill = shared_->ring->fill();
    const bool isFull = fill.published - fill.durable >= fill.capacity / 4 * 3;
    return isThere && (isFull || waiting >= ringLength_ / 4 * 3);
}

// Asked by a thread that may stand there for ever, before the writer is held: a spill folder that
// hangs as well must not keep a disk from coming back.
bool TakeLane::spillFolderAnswers() {
    if (!probe_.valid()) {
        std::promise<Result<>> answer;
        probe_ = answer.get_future();
        std::thread([folder = shared_->options.series.spillFolder,
                     name = shared_->options.series.first.sessionId.hex() + ".probe",
                     answer = std::move(answer)]() mutable {
            auto file = folder->create(name, true);
            Result<> done = file ? (*file)->sync() : Result<>(fail(file.error()));
            if (file) (void)folder->remove(name);
            answer.set_value(std::move(done));
        }).detach();
    }
    if (probe_.wait_for(milliseconds(0)) != std::future_status::ready) return false;
    if (auto answered = probe_.get(); !answered) return tellProblem(answered.error());
    return true;
}

// The same problem at each try is no news. Always false.
bool TakeLane::tellProblem(const Error& error) {
    nextTry_ = Clock::now() + kNextTry;
    if (std::exchange(lastProblem_, error.message()) != error.message()) {
        shared_->observer.event(ErrorEvent{0, error});
    }
    return false;
}

void TakeLane::replaceWriter() {
    auto left = writer()->replace(shortestHang());
    if (!left) {
        (void)tellProblem(left.error());
    } else if (left->end) {
        endWith(*left->end);
    } else if (left->next) {
        {
            const std::lock_guard lock(shared_->mutex);
            writer_ = left->next;
        }
        left->next->start();
    }
}

void TakeLane::endWith(LaneEnd end) {
    shared_->feed->close(shared_->index);
    shared_->observer.event(ErrorEvent{end.frames, {Stage::disk, ETIMEDOUT, end.text}});
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->end = std::move(end);
    }
    shared_->observer.ended();
    shared_->changed.notify_all();
}

}  // namespace holdfast
