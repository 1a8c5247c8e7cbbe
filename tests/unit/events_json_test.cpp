#include "app/events_json.h"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

namespace holdfast {
namespace {

using nlohmann::json;

json parsed(const std::string& line) {
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line: " << line;
    const json event = json::parse(line, nullptr, false);
    EXPECT_FALSE(event.is_discarded()) << line;
    return event;
}

json eventOf(decltype(RecorderEvent::what) what) {
    return parsed(eventJson({77, std::move(what)}, {}));
}

StartedEvent startedAt(std::uint64_t frame) {
    StartedEvent event;
    event.frame = frame;
    return event;
}

StoppedEvent stoppedAt(std::uint64_t frame, const std::string& path) {
    StoppedEvent event;
    event.frames = frame;
    event.path = path;
    return event;
}

DeviceBackEvent deviceAt(std::uint64_t frame, bool moved) {
    DeviceBackEvent event;
    event.frame = frame;
    event.deviceId = "mic";
    event.deviceFormat = PcmFormat{44'100, 1, SampleType::S16, 0};
    event.moved = moved;
    event.missing = 7;
    return event;
}

TEST(EventsJson, EveryEventOpensWithVersionNameTimeAndFrame) {
    const std::array<std::pair<const char*, json>, 12> events{{
        {"started", eventOf(startedAt(5))},
        {"gap", eventOf(GapEvent{5, 100, 60, GapCause::ringFull})},
        {"device_lost", eventOf(DeviceLostEvent{5, "mic", "gone", false})},
        {"device_back", eventOf(deviceAt(5, false))},
        {"moved", eventOf(deviceAt(5, true))},
        {"marker", eventOf(MarkerEvent{5, "here", true})},
        {"paused", eventOf(PausedEvent{5, true})},
        {"resumed", eventOf(PausedEvent{5, false})},
        {"low_space", eventOf(LowSpaceEvent{5, 12})},
        {"error", eventOf(ErrorEvent{5, {Stage::disk, 28, "full"}})},
        {"stopped", eventOf(stoppedAt(5, ""))},
        {"silence", parsed(silenceJson({77, 5}, Silence::digitalZero))},
    }};
    for (const auto& [name, event] : events) {
        EXPECT_EQ(event["v"], 1) << name;
        EXPECT_EQ(event["event"], name);
        EXPECT_EQ(event["t_ns"], 77) << name;
        EXPECT_EQ(event["frame"], 5) << name;
    }
    EXPECT_TRUE(eventJson({77, PausedEvent{5, true}}, {})
                    .starts_with(R"({"v":1,"event":"paused","t_ns":77,"frame":5)"));
}

TEST(EventsJson, FieldsCarryWhatTheEventKnows) {
    const json gap = eventOf(GapEvent{5, 100, 60, GapCause::ringFull});
    EXPECT_EQ(gap["at"], 5);
    EXPECT_EQ(gap["frames"], 100);
    EXPECT_EQ(gap["filled"], 60);
    EXPECT_EQ(gap["cause"], "ring_full");

    const json lost = eventOf(DeviceLostEvent{5, "mic", "gone", true});
    EXPECT_EQ(lost["device"], "mic");
    EXPECT_EQ(lost["text"], "gone");
    EXPECT_EQ(lost["next"], "fallback");
    EXPECT_EQ(eventOf(DeviceLostEvent{5, "mic", "gone", false})["next"], "wait");
    const json back = eventOf(deviceAt(5, false));
    EXPECT_EQ(back["recorded"], true);
    EXPECT_EQ(back["converted"], false);
    EXPECT_EQ(back["missing_frames"], 7);
    EXPECT_EQ(back["device_format"], (json{{"rate", 44'100}, {"channels", 1}, {"format", "S16"}}));
    EXPECT_EQ(eventOf(DeviceBackEvent{})["recorded"], false);

    StartedEvent start;
    start.path = "/a/take.wav";
    start.deviceFormat = {44'100, 1, SampleType::S16, 0};
    start.fileFormat = {48'000, 2, SampleType::S24, 0};
    start.converted = true;
    start.ringPersistent = true;
    const json started = eventOf(start);
    EXPECT_EQ(started["path"], "/a/take.wav");
    EXPECT_EQ(started["device_format"],
              (json{{"rate", 44'100}, {"channels", 1}, {"format", "S16"}}));
    EXPECT_EQ(started["file_format"], (json{{"rate", 48'000}, {"channels", 2}, {"format", "S24"}}));
    EXPECT_EQ(started["converted"], true);
    EXPECT_EQ(started["ring_persistent"], true);

    StoppedEvent stop;
    stop.reason = StopReason::lowSpace;
    stop.frames = 9;
    stop.onlyInRing = 3;
    const json stopped = parsed(eventJson({1, stop}, {5, 2, "/a/take.wav"}));
    EXPECT_EQ(stopped["reason"], "low_space");
    EXPECT_EQ(stopped["exit"], 5);
    EXPECT_EQ(stopped["events_dropped"], 2);
    EXPECT_EQ(stopped["only_in_ring"], 3);
    EXPECT_EQ(stopped["repair"], "/a/take.wav");
}

TEST(EventsJson, PeaksAreDecibelsAndDigitalZeroIsNull) {
    RecorderStatus status;
    status.state = RecorderState::recording;
    status.safeFrames = 4;
    const std::array<float, 3> peaks{1.0F, 0.5F, 0.0F};
    const json event = parsed(statusJson(status, peaks));
    EXPECT_EQ(event["state"], "recording");
    EXPECT_EQ(event["safe_frames"], 4);
    EXPECT_EQ(event["peak_dbfs"], (json{0.0, -6.0, nullptr}));
}

TEST(EventsJson, NamesThatAreNoUtf8NeverThrow) {
    StartedEvent start;
    start.path = "/a/\xff\xfe\x80 take\n\x01.wav";
    start.deviceName = "\xc3";
    const json event = eventOf(start);
    EXPECT_NE(event["path"].get<std::string>().find(" take\n"), std::string::npos);
    parsed(errorJson({1, 2}, {Stage::disk, 2, "\xe2\x82"}));
    parsed(eventJson({1, stoppedAt(1, "\xff")}, {0, 0, "\xff"}));
}

}  // namespace
}  // namespace holdfast
