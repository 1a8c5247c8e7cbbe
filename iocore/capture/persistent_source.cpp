#include "iocore/capture/persistent_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "iocore/capture/devices.h"

namespace holdfast {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Opened = Result<std::unique_ptr<CaptureSource>>;

// How finely a loss is told while it grows: a status shows it.
constexpr milliseconds kTick{100};
// How often the first audio of a device that was opened again is looked for: whoever delivers it
// wakes nobody.
constexpr milliseconds kFirstAudioLook{10};

// The first of `wishes` that can be opened; else the error of the first.
Opened openAny(const CaptureOpener& open, const std::vector<CaptureRequest>& wishes,
               const PcmFormat& format) {
    std::optional<Error> error;
    for (const CaptureRequest& wish : wishes) {
        auto opened = open(wish);
        const bool isRight = opened && (!wish.lost || (*opened)->grant().id == wish.device) &&
                             hasSameFrames((*opened)->grant().format, format);
        if (isRight) return opened;
        if (error) continue;
        error = opened ? Error{Stage::device, 0,
                               fmt::format("{} is {} now, {}", wish.device, (*opened)->grant().id,
                                           (*opened)->grant().format.describe())}
                       : opened.error();
    }
    return fail(*error);
}

}  // namespace

bool isListed(const std::string& id) {
    const auto devices = listDevices();
    return devices &&
           std::ranges::any_of(*devices, [&](const DeviceInfo& device) { return device.id == id; });
}

// What the threads leave for each other. It outlives the source: a try that hangs keeps it.
struct PersistentSource::Desk {
    std::mutex mutex;
    std::condition_variable changed;
    bool stopping = false;
    std::optional<Error> lost;
    std::optional<Opened> opened;
    bool looking = false;  // whether the first device is there
    std::optional<bool> seen;

    template <typename Change>
    void change(const Change& change) {
        const std::lock_guard lock(mutex);
        change(*this);
        changed.notify_all();
    }
};

PersistentSource::PersistentSource(std::unique_ptr<CaptureSource> first, PersistentOptions options)
    : grant_(first->grant()),
      options_(std::move(options)),
      desk_(std::make_shared<Desk>()),
      source_(std::move(first)) {}

PersistentSource::~PersistentSource() {
    stop();
}

Result<> PersistentSource::start(CaptureFeed& feed) {
    feed_ = &feed;
    feed.outliveDevices(
        [desk = desk_](Error why) { desk->change([&](Desk& now) { now.lost = std::move(why); }); });
    if (auto started = source_->start(feed); !started) return started;
    supervisor_ = std::thread([this] { supervise(); });
    return {};
}

void PersistentSource::stop() {
    desk_->change([](Desk& now) { now.stopping = true; });
    if (supervisor_.joinable()) supervisor_.join();
    if (source_) source_->stop();
    // Not touched again: the source may outlive it.
    CaptureFeed* const feed = std::exchange(feed_, nullptr);
    if (feed == nullptr || feed->ended() != CaptureEnd::none) return;
    // Lost so late that nobody has looked at it.
    if (source_ && desk_->lost) feed->loseDevice();
    feed->endLoss();
}

void PersistentSource::supervise() {
    while (waitForLoss()) {
        letGo();
        options_.observer.lost(why_);
        if (!findDevice()) return;
        tellWhoDelivers();
    }
}

// While another device is recorded, the first is looked for.
bool PersistentSource::waitForLoss() {
    Time nextLook = Clock::now();
    const auto isLost = [this] { return desk_->stopping || desk_->lost.has_value(); };
    std::unique_lock lock(desk_->mutex);
    while (!isLost()) {
        if (!isOther_ || firstIsThere_) {
            desk_->changed.wait(lock, isLost);
        } else if (desk_->seen.value_or(false)) {
            firstIsThere_ = true;
            lock.unlock();
            options_.observer.thereAgain();
            lock.lock();
        } else if (Clock::now() >= nextLook && !std::exchange(desk_->looking, true)) {
            nextLook = Clock::now() + options_.longestPause;
            lookForTheFirst();
        } else {
            desk_->changed.wait_until(lock, std::max(nextLook, Clock::now() + kTick));
        }
    }
    if (desk_->stopping) return false;
    desk_->seen.reset();
    why_ = *desk_->lost;
    return true;
}

void PersistentSource::lookForTheFirst() {
    std::thread([desk = desk_, isThere = options_.isThere, id = grant_.id] {
        const bool seen = isThere(id);
        desk->change([seen](Desk& now) {
            now.looking = false;
            now.seen = seen;
        });
    }).detach();
}

// From here on no device touches the feed.
void PersistentSource::letGo() {
    source_->stop();
    source_.reset();
    const std::lock_guard lock(desk_->mutex);
    desk_->lost.reset();
    if (feed_->isLost()) return;
    lostAt_ = feed_->timelineFrames();
    feed_->loseDevice();
}

bool PersistentSource::findDevice() {
    auto pause = options_.firstPause;
    while (true) {
        if (!tryDevices()) return false;
        if (source_) return true;
        if (!waitUntil(Clock::now() + pause, Loss::grows, [] { return false; })) return false;
        pause = std::min(2 * pause, options_.longestPause);
    }
}

// The same device first: a server that only moved a stream away still has it.
std::vector<CaptureRequest> PersistentSource::wishes() const {
    CaptureRequest same = options_.request;
    same.device = grant_.id;
    same.sampleRate = grant_.format.sampleRate;
    same.channels = grant_.format.channels;
    same.sampleType = grant_.format.sampleType;
    std::vector<CaptureRequest> wishes = {same};
    wishes[0].lost = LostDevice{lostAt_, feed_->lostFrames()};
    if (options_.onLost == OnLost::fallback) {
        wishes.push_back(same);
        wishes[1].device.clear();
    }
    return wishes;
}

// With source_ when one of them delivers. The loss stands meanwhile: what a device brings along
// when it opens is not lost.
bool PersistentSource::tryDevices() {
    std::thread([desk = desk_, open = options_.open, wishes = wishes(), format = grant_.format] {
        auto opened = openAny(open, wishes, format);
        desk->change([&](Desk& now) { now.opened = std::move(opened); });
    }).detach();
    const bool done =
        waitUntil(Time::max(), Loss::stands, [this] { return desk_->opened.has_value(); });
    if (!done) return false;
    auto opened = [this] {
        const std::lock_guard lock(desk_->mutex);
        return *std::exchange(desk_->opened, std::nullopt);
    }();
    return opened ? beginWith(std::move(*opened)) : true;
}

bool PersistentSource::beginWith(std::unique_ptr<CaptureSource> source) {
    if (const auto missed = source->grant().missedFrames) feed_->enterLoss(*missed);
    if (!source->start(*feed_)) return true;
    source_ = std::move(source);
    const Time patience = Clock::now() + options_.firstAudioPatience;
    std::unique_lock lock(desk_->mutex);
    while (feed_->isLost() && !desk_->lost && !desk_->stopping && Clock::now() < patience) {
        desk_->changed.wait_for(lock, kFirstAudioLook);
    }
    if (desk_->stopping) return false;
    const bool delivers = !feed_->isLost();
    lock.unlock();
    if (!delivers) letGo();
    return true;
}

// Until `done` says so, which is asked with the desk's mutex held, or the deadline.
bool PersistentSource::waitUntil(Time deadline, Loss loss, const std::function<bool()>& done) {
    while (Clock::now() < deadline) {
        {
            std::unique_lock lock(desk_->mutex);
            const auto look = std::min(deadline, Clock::now() + kTick);
            const bool isOver =
                desk_->changed.wait_until(lock, look, [&] { return desk_->stopping || done(); });
            if (desk_->stopping) return false;
            if (isOver) return true;
        }
        // A device without a clock has no time to lose.
        if (loss == Loss::grows && grant_.paced) feed_->enterLoss();
        if (!mayWait()) return false;
    }
    return true;
}

bool PersistentSource::mayWait() {
    if (options_.observer.mayWait(feed_->lostFrames())) return true;
    feed_->endLoss();
    feed_->end(CaptureEnd::timeIsOver, why_);
    return false;
}

void PersistentSource::tellWhoDelivers() {
    const CaptureGrant& now = source_->grant();
    isOther_ = now.id != grant_.id;
    firstIsThere_ = false;
    if (isOther_) {
        options_.observer.moved(now, feed_->lastLoss());
    } else {
        options_.observer.back(now, feed_->lastLoss());
    }
}

}  // namespace holdfast
