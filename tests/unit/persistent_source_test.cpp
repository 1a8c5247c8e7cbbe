#include "iocore/capture/persistent_source.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/feed_rig.h"
#include "tests/support/scripted_devices.h"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using test::FeedRig;
using test::ScriptedDevices;
using Texts = std::vector<std::string>;

const CaptureGrant kMic = ScriptedDevices::device("mic");
const CaptureGrant kOther = ScriptedDevices::device("other");
const CaptureGrant kNothing = ScriptedDevices::nothing();

class PersistentSourceTest : public testing::Test {
  protected:
    PersistentSourceTest() {
        options_.request.device = "the mic";
        options_.firstPause = options_.longestPause = 1ms;
        options_.open = [this](const CaptureRequest& request) { return devices_.open(request); };
        options_.isThere = [this](const std::string& id) { return isThere(id); };
        options_.observer.lost = [this](const Error& why) { tell("lost: " + why.text); };
        options_.observer.back = [this](const CaptureGrant& device, std::uint64_t missing) {
            tell("back: " + device.id + ", missing " + std::to_string(missing));
        };
        options_.observer.moved = [this](const CaptureGrant& device, std::uint64_t missing) {
            tell("moved: " + device.id + ", missing " + std::to_string(missing));
        };
        options_.observer.thereAgain = [this] { tell("there again"); };
        options_.observer.mayWait = [this](std::uint64_t missing) { return missing < most_; };
        rig_.feed().watchClock(true, devices_.clock());
    }
    // Records from "mic", which is there.
    void begin(OnLost onLost) {
        options_.onLost = onLost;
        devices_.plug({kMic});
        auto opened = devices_.open(options_.request);
        ASSERT_TRUE(opened);
        source_ = std::make_unique<PersistentSource>(std::move(*opened), options_);
        ASSERT_TRUE(source_->start(rig_.feed()));
        ASSERT_TRUE(devices_.waitForStarts(1));
    }
    void deliverAt(std::chrono::nanoseconds later, std::uint64_t frames) {
        devices_.passTime(later);
        devices_.deliver(frames);
    }
    void tell(const std::string& what) {
        const std::lock_guard lock(mutex_);
        told_.push_back(what);
    }
    Texts told() {
        const std::lock_guard lock(mutex_);
        return told_;
    }
    bool waitForTold(std::size_t count) {
        return rig_.drainUntil([&] { return told().size() >= count; });
    }
    bool isThere(const std::string& id) {
        const std::lock_guard lock(mutex_);
        return id == there_;
    }
    void putThere(const std::string& id) {
        const std::lock_guard lock(mutex_);
        there_ = id;
    }
    void stop() {
        source_->stop();
        rig_.feed().finish();
        rig_.drain();
    }

    ScriptedDevices devices_;
    std::atomic<std::uint64_t> most_{UINT64_MAX};
    PersistentOptions options_;
    std::mutex mutex_;
    Texts told_;
    std::string there_;
    FeedRig rig_{ScriptedDevices::kFormat, 100'000};
    std::unique_ptr<PersistentSource> source_;
};

TEST_F(PersistentSourceTest, LostDeviceIsOpenedAgainAndTheGapIsExact) {
    begin(OnLost::wait);
    deliverAt(100ms, 4'800);
    devices_.plug({kNothing, kNothing, kMic});
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(2));
    deliverAt(500ms, 4'800);
    ASSERT_TRUE(waitForTold(2));
    deliverAt(100ms, 4'800);
    stop();
    EXPECT_EQ(rig_.frames(), 14'400U);
    ASSERT_EQ(rig_.gaps.size(), 1U);
    EXPECT_EQ(rig_.gaps[0], (Gap{4'800, 19'200, GapCause::deviceLost}));
    EXPECT_EQ(told(), (Texts{"lost: pulled out", "back: mic, missing 19200"}));
    EXPECT_EQ(rig_.feed().ended(), CaptureEnd::none);
    for (std::uint64_t frame = 0; frame < rig_.frames(); ++frame) {
        ASSERT_EQ(rig_.sampleAt(frame, 0), static_cast<std::int64_t>(frame));
    }
}

TEST_F(PersistentSourceTest, ItIsLookedForByItsIdAndInTheFormatOfTheFile) {
    begin(OnLost::wait);
    deliverAt(100ms, 4'800);
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(2));
    const CaptureRequest request = devices_.requests().back();
    EXPECT_EQ(request.device, "mic");
    EXPECT_EQ(request.sampleRate, 48'000U);
    EXPECT_EQ(request.channels, 1U);
    EXPECT_EQ(request.sampleType, SampleType::S32);
    ASSERT_TRUE(request.lost);
    EXPECT_EQ(request.lost->atFrame, 4'800U);
}

TEST_F(PersistentSourceTest, AnotherDeviceOrFormatIsNotTakenForIt) {
    CaptureGrant narrow = kMic;
    narrow.format.sampleType = SampleType::S16;
    begin(OnLost::wait);
    devices_.plug({kOther, narrow, kOther, kMic});
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(2));
    EXPECT_EQ(devices_.requests().size(), 5U);
    EXPECT_EQ(devices_.gone(), 4U);
    deliverAt(1s, 480);
    ASSERT_TRUE(waitForTold(2));
    EXPECT_EQ(told()[1], "back: mic, missing 47520");
}

TEST_F(PersistentSourceTest, TriesAreEverFurtherApart) {
    using Clock = std::chrono::steady_clock;
    std::vector<Clock::time_point> tries;
    options_.firstPause = 8ms;
    options_.longestPause = 20ms;
    options_.open = [&](const CaptureRequest& request) {
        tries.push_back(Clock::now());
        return devices_.open(request);
    };
    begin(OnLost::wait);
    devices_.plug({kNothing, kNothing, kNothing, kNothing, kMic});
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(2));
    ASSERT_EQ(tries.size(), 5U);
    EXPECT_GE(tries[1] - tries[0], 8ms);
    EXPECT_GE(tries[2] - tries[1], 16ms);
    EXPECT_GE(tries[3] - tries[2], 20ms);
    EXPECT_GE(tries[4] - tries[3], 20ms);
}

TEST_F(PersistentSourceTest, FallbackGoesOnWithTheDefaultDevice) {
    begin(OnLost::fallback);
    deliverAt(100ms, 4'800);
    devices_.plug({kNothing, kOther});
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(2));
    const auto requests = devices_.requests();
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(requests[1].device, "mic");
    EXPECT_EQ(requests[2].device, "");
    EXPECT_EQ(requests[2].sampleType, SampleType::S32);
    deliverAt(200ms, 4'800);
    ASSERT_TRUE(waitForTold(2));
    EXPECT_EQ(told()[1], "moved: other, missing 4800");
    EXPECT_EQ(source_->grant().id, "mic");

    putThere("mic");
    ASSERT_TRUE(waitForTold(3));
    EXPECT_EQ(told()[2], "there again");
    deliverAt(100ms, 4'800);
    // When that one is lost as well, the first is the better choice.
    devices_.plug({kMic});
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(3));
    deliverAt(200ms, 4'800);
    ASSERT_TRUE(waitForTold(5));
    EXPECT_EQ(told()[4], "back: mic, missing 4800");
    stop();
    ASSERT_EQ(rig_.gaps.size(), 2U);
    EXPECT_EQ(rig_.gaps[1], (Gap{14'400, 4'800, GapCause::deviceLost}));
}

TEST_F(PersistentSourceTest, FallbackPrefersTheSameDeviceAndWaitsWhereThereIsNone) {
    begin(OnLost::fallback);
    devices_.plug({kNothing, kNothing, kNothing, kNothing, kMic});
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(2));
    deliverAt(1s, 480);
    ASSERT_TRUE(waitForTold(2));
    EXPECT_EQ(told()[1], "back: mic, missing 47520");
}

TEST_F(PersistentSourceTest, StopWhileWaitingEntersWhatIsMissing) {
    begin(OnLost::wait);
    deliverAt(100ms, 4'800);
    devices_.plug({kNothing});
    devices_.lose();
    ASSERT_TRUE(waitForTold(1));
    devices_.passTime(1s);
    stop();
    ASSERT_EQ(rig_.gaps.size(), 1U);
    EXPECT_EQ(rig_.gaps[0], (Gap{4'800, 48'000, GapCause::deviceLost}));
    EXPECT_TRUE(rig_.feed().isLost());
    stop();
    EXPECT_EQ(rig_.gaps.size(), 1U);
}

TEST_F(PersistentSourceTest, StopAtTheInstantOfTheLossStillTellsIt) {
    begin(OnLost::wait);
    deliverAt(100ms, 4'800);
    devices_.passTime(1s);
    devices_.plug({kNothing});
    devices_.lose();
    stop();
    ASSERT_EQ(rig_.gaps.size(), 1U);
    EXPECT_EQ(rig_.gaps[0], (Gap{4'800, 48'000, GapCause::deviceLost}));
}

TEST_F(PersistentSourceTest, TryThatHangsHoldsNothingUp) {
    std::promise<void> release;
    options_.open = [released = release.get_future().share()](const CaptureRequest&) {
        released.wait();
        return Result<std::unique_ptr<CaptureSource>>(fail(Stage::device, "too late"));
    };
    begin(OnLost::wait);
    devices_.lose();
    ASSERT_TRUE(waitForTold(1));
    source_.reset();
    release.set_value();
}

TEST_F(PersistentSourceTest, RecordingThatHasItsLengthEndsWithoutTheDevice) {
    most_ = 96'000;
    begin(OnLost::wait);
    deliverAt(100ms, 4'800);
    devices_.plug({kNothing});
    devices_.lose();
    ASSERT_TRUE(waitForTold(1));
    devices_.passTime(2s);
    ASSERT_TRUE(rig_.drainUntilEnd());
    EXPECT_EQ(rig_.feed().ended(), CaptureEnd::timeIsOver);
    EXPECT_EQ(rig_.feed().endError().text, "pulled out");
    stop();
    ASSERT_EQ(rig_.gaps.size(), 1U);
    EXPECT_EQ(rig_.gaps[0], (Gap{4'800, 96'000, GapCause::deviceLost}));
}

TEST_F(PersistentSourceTest, DeviceThatIsLostAgainBeforeItsAudioIsOneLoss) {
    begin(OnLost::wait);
    deliverAt(100ms, 4'800);
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(2));
    devices_.passTime(100ms);
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(3));
    deliverAt(200ms, 4'800);
    ASSERT_TRUE(waitForTold(2));
    stop();
    EXPECT_EQ(told(), (Texts{"lost: pulled out", "back: mic, missing 9600"}));
    ASSERT_EQ(rig_.gaps.size(), 1U);
    EXPECT_EQ(rig_.gaps[0], (Gap{4'800, 9'600, GapCause::deviceLost}));
}

TEST_F(PersistentSourceTest, DeviceThatComesBackSilentIsOpenedAgain) {
    options_.firstAudioPatience = 1ms;
    begin(OnLost::wait);
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(4));
    EXPECT_GE(devices_.gone(), 3U);
    EXPECT_EQ(told(), Texts{"lost: pulled out"});
}

TEST_F(PersistentSourceTest, DeviceThatCountsItselfIsBelieved) {
    begin(OnLost::wait);
    deliverAt(100ms, 4'800);
    CaptureGrant counting = kMic;
    counting.missedFrames = 1'234;
    devices_.plug({counting});
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(2));
    deliverAt(5s, 4'800);
    ASSERT_TRUE(waitForTold(2));
    stop();
    ASSERT_EQ(rig_.gaps.size(), 1U);
    EXPECT_EQ(rig_.gaps[0], (Gap{4'800, 1'234, GapCause::deviceLost}));
}

TEST_F(PersistentSourceTest, SleepOfTheMachineWhileItWaitsIsToldAsWhatItWas) {
    begin(OnLost::wait);
    deliverAt(100ms, 4'800);
    devices_.plug({kNothing, kNothing, kMic});
    devices_.lose();
    ASSERT_TRUE(devices_.waitForStarts(2));
    devices_.passTime(1s, 1h);
    devices_.deliver(4'800);
    ASSERT_TRUE(waitForTold(2));
    stop();
    ASSERT_EQ(rig_.gaps.size(), 2U);
    EXPECT_EQ(rig_.gaps[0], (Gap{4'800, 43'200, GapCause::deviceLost}));
    EXPECT_EQ(rig_.gaps[1], (Gap{4'800, 3'600ULL * 48'000, GapCause::suspended}));
}

// A recorder's feed goes before its source does.
TEST_F(PersistentSourceTest, FeedIsNotTouchedAfterStop) {
    auto rig = std::make_unique<FeedRig>(ScriptedDevices::kFormat, 1'000);
    rig->feed().watchClock(true, devices_.clock());
    devices_.plug({kMic});
    PersistentSource source(std::move(*devices_.open(options_.request)), options_);
    ASSERT_TRUE(source.start(rig->feed()));
    rig->feed().end(CaptureEnd::failed, Error{Stage::device, 5, "broken"});
    source.stop();
    rig.reset();
    source.stop();
}

TEST_F(PersistentSourceTest, OtherEndsAreEnds) {
    begin(OnLost::wait);
    rig_.feed().end(CaptureEnd::failed, Error{Stage::device, 5, "broken"});
    EXPECT_EQ(rig_.feed().ended(), CaptureEnd::failed);
    stop();
    EXPECT_EQ(told(), Texts{});
}

}  // namespace
}  // namespace holdfast
