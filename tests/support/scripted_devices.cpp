#include "tests/support/scripted_devices.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tests/support/feed_rig.h"

namespace holdfast::test {

class ScriptedDevices::Source final : public CaptureSource {
  public:
    Source(std::shared_ptr<ScriptedDevices> world, CaptureGrant grant)
        : kept_(std::move(world)), world_(*kept_), grant_(std::move(grant)) {}
    ~Source() override {
        stop();
        const std::lock_guard lock(world_.mutex_);
        ++world_.gone_;
        world_.changed_.notify_all();
    }
    [[nodiscard]] const CaptureGrant& grant() const override { return grant_; }
    Result<> start(CaptureFeed& feed) override {
        const std::lock_guard lock(world_.mutex_);
        world_.feed_ = feed_ = &feed;
        ++world_.starts_;
        world_.changed_.notify_all();
        return {};
    }
    void stop() override {
        const std::lock_guard lock(world_.mutex_);
        if (feed_ != nullptr && world_.feed_ == feed_) world_.feed_ = nullptr;
        feed_ = nullptr;
    }

  private:
    const std::shared_ptr<ScriptedDevices> kept_;
    ScriptedDevices& world_;
    CaptureGrant grant_;
    CaptureFeed* feed_ = nullptr;
};

void ScriptedDevices::plug(std::vector<CaptureGrant> found) {
    const std::lock_guard lock(mutex_);
    found_ = std::move(found);
}

CaptureGrant ScriptedDevices::device(const std::string& id) {
    CaptureGrant grant;
    grant.id = id;
    grant.name = "Device " + id;
    grant.deviceFormat = grant.format = kFormat;
    grant.fragmentFrames = 480;
    return grant;
}

Result<std::unique_ptr<CaptureSource>> ScriptedDevices::open(const CaptureRequest& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    changed_.notify_all();
    const CaptureGrant grant = found_.front();
    if (found_.size() > 1) found_.erase(found_.begin());
    if (grant.id.empty()) return fail(Stage::device, "nothing is plugged in");
    return std::make_unique<Source>(shared_from_this(), grant);
}

void ScriptedDevices::putThere(const std::string& id) {
    const std::lock_guard lock(mutex_);
    there_ = id;
}

bool ScriptedDevices::isThere(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    return id == there_;
}

std::vector<CaptureRequest> ScriptedDevices::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

bool ScriptedDevices::waitFor(const std::function<bool()>& done) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kHangDeadline, done);
}

bool ScriptedDevices::waitForStarts(std::size_t count) {
    return waitFor([&] { return starts_ >= count; });
}

bool ScriptedDevices::waitForOpens(std::size_t count) {
    return waitFor([&] { return requests_.size() >= count; });
}

std::size_t ScriptedDevices::gone() const {
    const std::lock_guard lock(mutex_);
    return gone_;
}

void ScriptedDevices::deliver(std::uint64_t frames) {
    std::vector<std::uint32_t> samples(frames);
    for (std::uint32_t& sample : samples) sample = nextSample_++;
    const std::lock_guard lock(mutex_);
    if (feed_ != nullptr) feed_->deliver(std::as_bytes(std::span(samples)));
}

void ScriptedDevices::lose() {
    CaptureFeed* feed = nullptr;
    {
        const std::lock_guard lock(mutex_);
        feed = feed_;
    }
    feed->end(CaptureEnd::deviceLost, Error{Stage::device, 19, "pulled out"});
}

void ScriptedDevices::passTime(std::chrono::nanoseconds awake, std::chrono::nanoseconds asleep) {
    awakeNs_ += awake.count();
    asleepNs_ += asleep.count();
}

std::function<ClockReading()> ScriptedDevices::clock() {
    return [this]() -> ClockReading {
        return {std::chrono::nanoseconds(awakeNs_), std::chrono::nanoseconds(asleepNs_)};
    };
}

}  // namespace holdfast::test
