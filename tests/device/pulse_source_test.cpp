#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "iocore/capture/capture_source.h"
#include "iocore/capture/devices.h"
#include "iocore/capture/synthetic_signal.h"
#include "tests/support/feed_rig.h"
#include "tests/support/pulse_daemon_posix.h"
#include "tests/support/sound_server_test_posix.h"

namespace holdfast {
namespace {

using test::FeedRig;
using test::PulseDaemon;

constexpr PcmFormat kStereo24{48'000, 2, SampleType::S24, 0x3};
constexpr std::uint64_t kRingFrames = 60 * 48'000;

CaptureRequest device(const std::string& name) {
    CaptureRequest request;
    request.device = name;
    return request;
}

std::unique_ptr<CaptureSource> openOrFail(const CaptureRequest& request) {
    auto opened = openCaptureSource(request);
    if (!opened) {
        ADD_FAILURE() << opened.error().message();
        std::abort();
    }
    return std::move(*opened);
}

// A device that records into a feed; it stops before its feed goes.
struct Recording {
    explicit Recording(const CaptureRequest& request) {
        auto opened = openOrFail(request);
        rig = std::make_unique<FeedRig>(opened->grant().format, kRingFrames);
        source = std::move(opened);
        EXPECT_TRUE(source->start(rig->feed()));
    }
    bool waitForFrames(std::uint64_t frames) const {
        return rig->drainUntil([&] { return rig->frames() >= frames; });
    }

    std::unique_ptr<FeedRig> rig;
    std::unique_ptr<CaptureSource> source;
};

// Seconds of noise, which no stretch of silence or of itself can be mistaken for.
std::vector<std::byte> noise(const PcmFormat& format, std::uint32_t seconds) {
    std::vector<std::byte> frames(std::size_t{seconds} * format.bytesPerSecond());
    SyntheticSignal(SyntheticKind::noise, format, 2024).fill(0, frames);
    return frames;
}

bool contains(const std::vector<std::byte>& audio, std::span<const std::byte> wanted) {
    return std::search(audio.begin(), audio.end(),
                       std::boyer_moore_horspool_searcher(wanted.begin(), wanted.end())) !=
           audio.end();
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// Plays `signal` into the cable and records its monitor: what the feed received.
std::vector<std::byte> recordWhilePlaying(PulseDaemon& daemon, const CaptureRequest& request,
                                          const std::vector<std::byte>& signal) {
    const Recording recording(request);
    FeedRig& rig = *recording.rig;
    CaptureSource* const source = recording.source.get();
    const PcmFormat& format = source->grant().format;
    daemon.play("cable", format, signal);
    const auto tail = std::span(signal).last(1'000 * format.bytesPerFrame());
    EXPECT_TRUE(rig.drainUntil([&] { return contains(rig.audio, tail); }))
        << "the signal's end never arrived";
    source->stop();
    rig.drain();
    EXPECT_TRUE(rig.gaps.empty());
    EXPECT_EQ(rig.feed().ended(), CaptureEnd::none);
    return rig.audio;
}

class PulseSource : public test::SoundServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, PulseSource, test::soundServers(), test::soundServerParam);

TEST_P(PulseSource, TwentySecondsArriveSampleForSample) {
    PulseDaemon daemon(GetParam());
    const PcmFormat format = shown(kStereo24);
    daemon.addCable("cable", format);
    const auto signal = noise(format, 20);
    const auto source = openOrFail(device("cable.monitor"));
    ASSERT_EQ(source->grant().format, format);
    EXPECT_FALSE(source->grant().converted);
    const auto audio = recordWhilePlaying(daemon, device("cable.monitor"), signal);

    const auto head = std::span(signal).first(64 * format.bytesPerFrame());
    const auto begin = std::search(audio.begin(), audio.end(), head.begin(), head.end());
    ASSERT_NE(begin, audio.end()) << "the signal's beginning never arrived";
    ASSERT_GE(audio.end() - begin, static_cast<std::ptrdiff_t>(signal.size()));
    const auto differs = std::mismatch(signal.begin(), signal.end(), begin);
    EXPECT_EQ(differs.first, signal.end())
        << "first difference in byte " << differs.first - signal.begin();
}

TEST_P(PulseSource, WideAndFloatDevicesAreRecordedInTheirOwnType) {
    PulseDaemon daemon(GetParam());
    for (SampleType type : {SampleType::S32, SampleType::F32}) {
        if (isPipeWire() && type != SampleType::F32) continue;  // it has no other
        // PipeWire brings all devices to the rate of its graph.
        const PcmFormat format{isPipeWire() ? 48'000U : 44'100U, 1, type, 0x4};
        const std::string module = daemon.addCable("cable", format, "mono");
        const auto signal = noise(format, 1);
        const auto audio = recordWhilePlaying(daemon, device("cable.monitor"), signal);
        EXPECT_TRUE(contains(audio, signal)) << sampleTypeName(type);
        const auto source = openOrFail(device("cable.monitor"));
        EXPECT_EQ(source->grant().format, format);
        EXPECT_FALSE(source->grant().converted);
        daemon.unload(module);
    }
}

TEST_P(PulseSource, TheGrantSaysWhatTheDeviceIsAndWhenTheServerConverts) {
    PulseDaemon daemon(GetParam());
    daemon.addCable("cable", kStereo24);
    auto request = device("cable.monitor");
    request.fragmentMs = 50;
    const auto own = openOrFail(request);
    EXPECT_EQ(own->grant().id, "cable.monitor");
    EXPECT_EQ(own->grant().name, "Monitor of Cable-cable");
    EXPECT_TRUE(own->grant().paced);
    EXPECT_EQ(own->grant().fragmentFrames, 2'400U);

    request.sampleType = SampleType::F32;
    EXPECT_FALSE(openOrFail(request)->grant().converted);
    request.sampleType = SampleType::S16;
    const auto narrow = openOrFail(request);
    EXPECT_TRUE(narrow->grant().converted);
    EXPECT_EQ(narrow->grant().format.sampleType, SampleType::S16);
    EXPECT_EQ(narrow->grant().deviceFormat, shown(kStereo24));
    request.sampleType.reset();
    request.sampleRate = 44'100;
    EXPECT_TRUE(openOrFail(request)->grant().converted);
    request.sampleRate.reset();
    request.channels = 1;
    const auto mono = openOrFail(request);
    EXPECT_TRUE(mono->grant().converted);
    EXPECT_EQ(mono->grant().format.channelMask, 0x4U);
}

TEST_P(PulseSource, A16BitDeviceIsRecordedIn24BitWithoutAConversion) {
    PulseDaemon daemon(GetParam());
    daemon.addCable("cable", {48'000, 2, SampleType::S16, 0});
    const auto source = openOrFail(device("cable.monitor"));
    EXPECT_EQ(source->grant().format, shown(kStereo24));
    EXPECT_EQ(source->grant().deviceFormat, shown({48'000, 2, SampleType::S16, 0x3}));
    EXPECT_FALSE(source->grant().converted);
}

TEST_P(PulseSource, OnlyAMapInTheOrderOfWaveGetsAMask) {
    PulseDaemon daemon(GetParam());
    const PcmFormat six{48'000, 6, SampleType::S16, 0};
    daemon.addCable("wave", six, "front-left,front-right,front-center,lfe,rear-left,rear-right");
    daemon.addCable("other", six, "front-left,front-right,rear-left,rear-right,front-center,lfe");
    EXPECT_EQ(openOrFail(device("wave.monitor"))->grant().format.channelMask, 0x3FU);
    const auto other = openOrFail(device("other.monitor"));
    EXPECT_EQ(other->grant().format.channelMask, 0U);
    EXPECT_FALSE(other->grant().converted);
}

TEST_P(PulseSource, ARemovedDeviceIsLostAndNotReplaced) {
    PulseDaemon daemon(GetParam());
    const std::string module = daemon.addCable("cable", kStereo24);
    // Another device is there: a stream that may move would go on with it.
    daemon.addCable("other", kStereo24);
    auto request = device("cable.monitor");
    request.fragmentMs = 20;
    const Recording recording(request);
    FeedRig& rig = *recording.rig;
    CaptureSource* const source = recording.source.get();
    ASSERT_TRUE(recording.waitForFrames(1));
    daemon.unload(module);
    ASSERT_TRUE(rig.drainUntilEnd());
    EXPECT_EQ(rig.feed().ended(), CaptureEnd::deviceLost);
    EXPECT_EQ(rig.feed().endError().stage, Stage::device);
    EXPECT_TRUE(holds(rig.feed().endError().text, "cable.monitor"));
    const std::uint64_t frames = rig.frames();
    source->stop();
    source->stop();
    rig.drain();
    EXPECT_EQ(rig.frames(), frames);
}

TEST_P(PulseSource, AServerThatDiesIsALostDevice) {
    PulseDaemon daemon(GetParam());
    daemon.addCable("cable", kStereo24);
    const Recording recording(device("cable.monitor"));
    FeedRig& rig = *recording.rig;
    CaptureSource* const source = recording.source.get();
    daemon.kill();
    ASSERT_TRUE(rig.drainUntilEnd());
    EXPECT_EQ(rig.feed().ended(), CaptureEnd::deviceLost);
    source->stop();
}

TEST_P(PulseSource, ASuspensionIsAGap) {
    if (isPipeWire()) GTEST_SKIP() << "PipeWire never suspends a device that is recorded";
    PulseDaemon daemon(GetParam());
    daemon.addCable("cable", kStereo24);
    auto request = device("cable.monitor");
    request.fragmentMs = 20;
    const Recording recording(request);
    FeedRig& rig = *recording.rig;
    CaptureSource* const source = recording.source.get();
    ASSERT_TRUE(recording.waitForFrames(1));
    daemon.pactl({"suspend-sink", "cable", "1"});
    daemon.pactl({"suspend-sink", "cable", "0"});
    EXPECT_TRUE(rig.drainUntil([&] { return !rig.gaps.empty(); }));
    source->stop();
    ASSERT_EQ(rig.gaps.size(), 1U);
    EXPECT_EQ(rig.gaps[0].cause, GapCause::suspended);
    EXPECT_GT(rig.gaps[0].frames, 0U);
}

TEST_P(PulseSource, NothingIsDeliveredAfterStop) {
    PulseDaemon daemon(GetParam());
    daemon.addCable("cable", kStereo24);
    auto request = device("cable.monitor");
    request.fragmentMs = 10;
    const Recording recording(request);
    FeedRig& rig = *recording.rig;
    CaptureSource* const source = recording.source.get();
    ASSERT_TRUE(recording.waitForFrames(1));
    source->stop();
    const auto published = rig.ring().fill().published;
    // Another recording, for the time in which the first would have got more.
    const Recording clock(request);
    ASSERT_TRUE(clock.waitForFrames(9'600));
    EXPECT_EQ(rig.ring().fill().published, published);
    EXPECT_EQ(rig.feed().ended(), CaptureEnd::none);
}

TEST_P(PulseSource, AFrozenServerHangsNeitherStopNorOpen) {
    PulseDaemon daemon(GetParam());
    daemon.addCable("cable", kStereo24);
    {
        const Recording recording(device("cable.monitor"));
        daemon.freeze();
        recording.source->stop();
    }
    const auto opened = openCaptureSource(device("cable.monitor"));
    daemon.thaw();
    ASSERT_FALSE(opened);
    EXPECT_TRUE(holds(opened.error().text, "Timeout")) << opened.error().text;
}

TEST_P(PulseSource, AnUnknownDeviceIsAnsweredWithThoseThatAreThere) {
    PulseDaemon daemon(GetParam());
    for (int i = 0; i < 6; ++i) daemon.addCable("cable" + std::to_string(i), kStereo24);
    daemon.addCable("mixer", kStereo24);
    const auto opened = openCaptureSource(device("Mixers"));
    ASSERT_FALSE(opened);
    const std::string& text = opened.error().text;
    EXPECT_EQ(opened.error().stage, Stage::device);
    EXPECT_TRUE(holds(text, "'Mixers'; there is: cable0.monitor (Monitor of Cable-cable0)"))
        << text;
    EXPECT_TRUE(holds(text, "cable4.monitor"));
    EXPECT_TRUE(holds(text, "and 2 more")) << text;
    EXPECT_TRUE(holds(text, "holdfast-capture --list-devices"));
    EXPECT_EQ(openOrFail(device("Mixer"))->grant().id, "mixer.monitor");
}

TEST_P(PulseSource, NoNameIsTheDefaultDeviceByItsOwnName) {
    PulseDaemon daemon(GetParam());
    daemon.addCable("first", kStereo24);
    daemon.addCable("second", kStereo24);
    daemon.pactl({"set-default-source", "second.monitor"});
    EXPECT_EQ(openOrFail(device(""))->grant().id, "second.monitor");
    EXPECT_EQ(openOrFail(device("Monitor of Cable-first"))->grant().id, "first.monitor");
}

TEST_P(PulseSource, NoDeviceAndNoServerSayWhatToDo) {
    PulseDaemon daemon(GetParam());
    // PipeWire's session manager sees to it that there always is one.
    if (!isPipeWire()) {
        const auto opened = openCaptureSource(device(""));
        ASSERT_FALSE(opened);
        EXPECT_TRUE(holds(opened.error().text, "no capture device")) << opened.error().text;
        EXPECT_TRUE(holds(opened.error().text, "synth:tone"));
    }
    daemon.kill();
    const auto gone = openCaptureSource(device(""));
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().stage, Stage::device);
    EXPECT_TRUE(holds(gone.error().text, "no sound server answers")) << gone.error().text;
    EXPECT_TRUE(holds(gone.error().text, "synth:tone"));
    EXPECT_FALSE(listDevices());
}

TEST_P(PulseSource, TheListNamesEveryDeviceItsFormatAndTheDefault) {
    PulseDaemon daemon(GetParam());
    daemon.addCable("first", kStereo24);
    daemon.addCable("second", {44'100, 1, SampleType::F32, 0}, "mono");
    daemon.pactl({"set-default-source", "second.monitor"});
    const auto devices = listDevices();
    ASSERT_TRUE(devices);
    ASSERT_EQ(devices->size(), 2U);
    const DeviceInfo& first = (*devices)[0];
    EXPECT_EQ(first.id, "first.monitor");
    EXPECT_EQ(first.name, "Monitor of Cable-first");
    EXPECT_EQ(first.format, shown(kStereo24));
    EXPECT_TRUE(first.isMonitor);
    EXPECT_FALSE(first.isDefault);
    EXPECT_EQ((*devices)[1].format, (PcmFormat{44'100, 1, SampleType::F32, 0x4}));
    EXPECT_TRUE((*devices)[1].isDefault);
}

}  // namespace
}  // namespace holdfast
