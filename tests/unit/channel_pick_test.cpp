#include "iocore/capture/channel_pick.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "iocore/capture/capture_source.h"
#include "tests/support/allocation_guard.h"
#include "tests/support/feed_rig.h"

namespace holdfast {
namespace {

using test::FeedRig;

// Frames whose every sample says its frame and its channel.
std::vector<std::byte> deviceFrames(const PcmFormat& format, std::uint64_t first,
                                    std::uint64_t count) {
    std::vector<std::byte> bytes;
    for (std::uint64_t frame = first; frame < first + count; ++frame) {
        for (std::uint32_t channel = 1; channel <= format.channels; ++channel) {
            const std::uint64_t value = frame * 100 + channel;
            for (std::uint32_t byte = 0; byte < bytesPerSample(format.sampleType); ++byte) {
                bytes.push_back(static_cast<std::byte>(value >> (8 * byte)));
            }
        }
    }
    return bytes;
}

void expectPicked(const FeedRig& rig, const ChannelMap& map, std::uint64_t frames) {
    ASSERT_EQ(rig.frames(), frames);
    for (std::uint64_t frame = 0; frame < frames; ++frame) {
        for (std::uint32_t i = 0; i < map.size(); ++i) {
            const auto value = static_cast<std::int64_t>(frame * 100 + map[i]);
            ASSERT_EQ(rig.sampleAt(frame, i), value) << frame;
        }
    }
}

PcmFormat fileFormat(const PcmFormat& device, const ChannelMap& map) {
    PcmFormat format = device;
    format.channels = static_cast<std::uint32_t>(map.size());
    return format;
}

TEST(ChannelPick, EachSampleArrivesInTheOrderAskedForInEveryFormat) {
    const ChannelMap map = {4, 1, 3};
    for (const auto type : {SampleType::S24, SampleType::S32}) {
        const PcmFormat device{48'000, 5, type, 0};
        FeedRig rig(fileFormat(device, map), 8'192);
        rig.feed().pickChannels({device, map});
        EXPECT_EQ(rig.feed().format(), device);
        // More than a block, and what is no multiple of one.
        rig.feed().deliver(deviceFrames(device, 0, 2'500));
        rig.feed().deliver(deviceFrames(device, 2'500, 7));
        rig.drain();
        expectPicked(rig, map, 2'507);
    }
    const PcmFormat device{48'000, 5, SampleType::S16, 0};
    FeedRig rig(fileFormat(device, map), 8'192);
    rig.feed().pickChannels({device, map});
    rig.feed().deliver(deviceFrames(device, 0, 300));
    rig.drain();
    expectPicked(rig, map, 300);
}

TEST(ChannelPick, DevicesThatFillInPlaceAreHeldToWhatTheRingHolds) {
    const PcmFormat device{48'000, 3, SampleType::S32, 0};
    const ChannelMap map = {2};
    FeedRig rig(fileFormat(device, map), 700);
    rig.feed().pickChannels({device, map});
    std::uint64_t frame = 0;
    while (frame < 5'000) {
        const auto space = rig.feed().reserve(1'000);
        const std::uint64_t frames = space.size() / device.bytesPerFrame();
        if (frames == 0) {
            rig.drain();
            continue;
        }
        const auto audio = deviceFrames(device, frame, frames);
        std::ranges::copy(audio, space.begin());
        rig.feed().commit(frames);
        frame += frames;
    }
    rig.drain();
    EXPECT_TRUE(rig.gaps.empty());
    expectPicked(rig, map, frame);
}

TEST(ChannelPick, MeterShowsWhatIsRecorded) {
    const PcmFormat device{48'000, 2, SampleType::S16, 0};
    FeedRig rig(fileFormat(device, {2}), 64);
    rig.feed().pickChannels({device, {2}});
    const std::vector<std::int16_t> loudLeft = {32'767, 0, 32'767, 0};
    rig.feed().deliver(std::as_bytes(std::span(loudLeft)));
    EXPECT_EQ(rig.levels().takePeak(0), 0);
}

TEST(ChannelPick, AllocatesNothingWhileAudioFlows) {
    const PcmFormat device{48'000, 8, SampleType::S24, 0};
    FeedRig rig(fileFormat(device, {3, 8}), 8'192);
    rig.feed().pickChannels({device, {3, 8}});
    const auto audio = deviceFrames(device, 0, 3'000);
    {
        const test::AllocationGuard guard;
        rig.feed().deliver(audio);
    }
    rig.drain();
    EXPECT_EQ(rig.frames(), 3'000u);
}

TEST(ChannelMapText, ListsAreReadAndAnythingElseIsRefused) {
    EXPECT_EQ(parseChannelMap("3,4").value(), (ChannelMap{3, 4}));
    EXPECT_EQ(parseChannelMap("64").value(), ChannelMap{64});
    for (const char* wrong :
         {"", ",", "3,", "3,,4", "0", "65", "3,3", "a", "3;4", "-1", "3 4", "4294967297"}) {
        const auto map = parseChannelMap(wrong);
        ASSERT_FALSE(map) << wrong;
        EXPECT_EQ(map.error().stage, Stage::usage);
    }
}

TEST(ChannelPick, DeviceWithoutTheChannelIsNamed) {
    CaptureRequest request;
    request.device = "synth:ramp";
    request.channelMap = {1, 3};
    const auto source = openCaptureSource(request);
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().stage, Stage::usage);
    EXPECT_NE(source.error().text.find("has 2 channels; there is no channel 3"), std::string::npos)
        << source.error().text;
}

}  // namespace
}  // namespace holdfast
