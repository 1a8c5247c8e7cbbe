// --channel-map: which of a device's channels a take holds.
#include <fmt/format.h>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using Names = std::vector<std::string>;

class CaptureChannels : public testing::Test {
  protected:
    // A device of `channels` channels of noise, no two alike.
    void makeDevice(std::uint32_t channels) {
        const auto made =
            rig_.run({"-D", "synth:noise?seed=9", "-r", "8000", "-f", "S24", "-c",
                      std::to_string(channels), "-d", "3s", "--speed", "max", "device"});
        ASSERT_EQ(made.end.status, 0) << made.err;
        device_ = readFile(rig_.path("device.wav")).substr(512);
    }
    [[nodiscard]] CaptureOutcome record(const Names& more) const {
        Names all = {"-D", "file:" + rig_.path("device.wav"), "--speed", "max", "--json", "take"};
        all.insert(all.end(), more.begin(), more.end());
        return rig_.run(all);
    }

    CaptureRig rig_;
    std::string device_;  // its samples
};

TEST_F(CaptureChannels, ThoseAskedForAreRecordedInTheirOrderBitForBit) {
    makeDevice(5);
    const auto outcome = record({"--channel-map", "4,1,5"});
    ASSERT_EQ(outcome.end.status, 0) << outcome.err;
    const auto verdict = wavcheck::checkWavFile(rig_.path("take.wav"));
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    EXPECT_EQ(verdict.channels, 3u);
    EXPECT_EQ(verdict.frames, 24'000u);
    std::string expected;
    for (std::size_t frame = 0; frame < device_.size(); frame += 15) {
        for (const std::size_t channel : {3u, 0u, 4u}) {
            expected += device_.substr(frame + 3 * channel, 3);
        }
    }
    EXPECT_TRUE(readFile(rig_.path("take.wav")).substr(512, expected.size()) == expected);
}

TEST_F(CaptureChannels, StartedShowsThem) {
    makeDevice(4);
    const auto outcome = record({"--channel-map", "3,4"});
    ASSERT_EQ(outcome.end.status, 0) << outcome.err;
    for (const auto& event : eventsOf(outcome.out)) {
        if (event["event"] != "started") continue;
        EXPECT_EQ(event["channel_map"], nlohmann::json({3, 4}));
        EXPECT_EQ(event["device_format"]["channels"], 4);
        EXPECT_EQ(event["file_format"]["channels"], 2);
        EXPECT_EQ(event["converted"], false);
    }
    EXPECT_NE(outcome.err.find("channels 3,4 of it"), std::string::npos) << outcome.err;
}

TEST_F(CaptureChannels, WhatTheDeviceLacksAndWhatIsNoListAreRefused) {
    makeDevice(2);
    for (const char* wrong : {"3", "0", "1,1", "left", "1,"}) {
        const auto outcome = record({"--channel-map", wrong});
        EXPECT_EQ(outcome.end.status, 2) << wrong;
        EXPECT_NE(outcome.err.find("--channel-map"), std::string::npos) << outcome.err;
        EXPECT_EQ(rig_.files(), Names{"device.wav"});
    }
    const auto lacking = record({"--channel-map", "2,3"});
    EXPECT_NE(lacking.err.find("has 2 channels; there is no channel 3"), std::string::npos)
        << lacking.err;
    const auto both = record({"--channel-map", "2", "-c", "2"});
    EXPECT_EQ(both.end.status, 2);
    EXPECT_EQ(rig_.rings(), Names{});
}

}  // namespace
}  // namespace holdfast
