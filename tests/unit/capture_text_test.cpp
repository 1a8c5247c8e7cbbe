// What the recorder tells people and scripts, without a recorder.
#include <gtest/gtest.h>

#include <cerrno>

#include "app/best_effort_output.h"
#include "app/capture_exit.h"
#include "app/capture_report.h"
#include "app/status_line.h"
#include "iocore/base/printable.h"
#include "iocore/base/shell_quoted.h"
#include "iocore/recorder/silence_watch.h"

namespace holdfast {
namespace {

using std::chrono::seconds;

StoppedEvent good() {
    StoppedEvent event;
    event.reason = StopReason::asked;
    event.frames = 48'000;
    event.complete = true;
    event.path = "/a/take.wav";
    return event;
}

TEST(CaptureExit, EveryEndHasItsStatus) {
    EXPECT_EQ(exitOfEnd(good(), true), kExitComplete);
    for (const auto& [reason, status] : std::vector<std::pair<StopReason, CaptureExit>>{
             {StopReason::duration, kExitComplete},
             {StopReason::endOfInput, kExitComplete},
             {StopReason::deviceLost, kExitAudioMissing},
             {StopReason::deviceError, kExitAudioMissing},
             {StopReason::gap, kExitAudioMissing},
             {StopReason::lowSpace, kExitDisk},
             {StopReason::sizeLimit, kExitDisk},
             {StopReason::diskError, kExitDisk}}) {
        StoppedEvent event = good();
        event.reason = reason;
        EXPECT_EQ(exitOfEnd(event, true), status) << stopReasonName(reason);
    }
}

TEST(CaptureExit, LossIsNeverASuccess) {
    StoppedEvent event = good();
    event.gaps = 1;
    event.lostFrames = 1;
    EXPECT_EQ(exitOfEnd(event, true), kExitAudioMissing);
    event = good();
    event.complete = false;
    EXPECT_EQ(exitOfEnd(event, true), kExitDisk);
    EXPECT_EQ(exitOfEnd(good(), false), kExitDisk);
    event.frames = 0;
    EXPECT_EQ(exitOfEnd(event, true), kExitNothing);
    event.onlyInRing = 1;
    EXPECT_EQ(exitOfEnd(event, true), kExitDisk);
}

TEST(CaptureExit, RefusedStartsNameTheirCause) {
    EXPECT_EQ(exitOfStart({Stage::usage, 0, ""}), kExitUsage);
    EXPECT_EQ(exitOfStart({Stage::device, 0, ""}), kExitNoDevice);
    EXPECT_EQ(exitOfStart({Stage::format, 0, ""}), kExitNoDevice);
    EXPECT_EQ(exitOfStart({Stage::disk, EROFS, ""}), kExitUsage);
    EXPECT_EQ(exitOfStart({Stage::disk, EACCES, ""}), kExitUsage);
    EXPECT_EQ(exitOfStart({Stage::disk, EEXIST, ""}), kExitUsage);
    EXPECT_EQ(exitOfStart({Stage::disk, ENOSPC, ""}), kExitDisk);
    EXPECT_EQ(exitOfStart({Stage::journal, EIO, ""}), kExitDisk);
}

TEST(CaptureReport, EndSaysWhatIsThereAndWhatToDo) {
    const PcmFormat format;
    const EndReport fine = endReport(good(), format, "");
    EXPECT_EQ(fine.text, "take.wav: 0:00:01.0 complete, 48000 frames, no gaps, verified");
    EXPECT_TRUE(fine.isGood);

    StoppedEvent event = good();
    event.complete = false;
    event.reason = StopReason::diskError;
    event.onlyInRing = 480;
    const EndReport left = endReport(event, format, "/a/it's.wav");
    EXPECT_FALSE(left.isGood);
    EXPECT_NE(left.text.find("480 frames (0.010 s) more"), std::string::npos) << left.text;
    EXPECT_NE(left.text.find("holdfast-recover repair --in-place " + shellQuoted("/a/it's.wav")),
              std::string::npos)
        << left.text;
}

TEST(CaptureReport, DevicesThatGoAndComeAreNamed) {
    EXPECT_EQ(deviceLostReport({48'000, "mic", "pulled\x1b out", false}, {}),
              "the device is lost at 0:00:01.0: pulled\\x1b out; waiting for it");
    EXPECT_NE(deviceLostReport({0, "mic", "gone", true}, {}).find("default device"),
              std::string::npos);
    DeviceBackEvent event;
    event.frame = 96'000;
    event.deviceId = "mic";
    event.deviceName = "Microphone";
    EXPECT_EQ(deviceBackReport(event, {}),
              "Microphone [mic] is there again; another device is recorded");
    event.deviceFormat = PcmFormat{44'100, 1, SampleType::S16, 0};
    EXPECT_EQ(deviceBackReport(event, {}),
              "device back at 0:00:02.0: Microphone [mic], 44100 Hz, 1 channel, S16");
    event.moved = event.converted = true;
    EXPECT_EQ(
        deviceBackReport(event, {}),
        "goes on with another device at 0:00:02.0: Microphone [mic], 44100 Hz, 1 channel, S16; "
        "converted on the way, samples change");
}

TEST(CaptureReport, EndSaysThatTheDeviceIsStillMissing) {
    StoppedEvent event = good();
    event.gaps = 1;
    event.lostFrames = 4'800;
    event.missingDevice = "pulled out";
    const EndReport report = endReport(event, {}, "");
    EXPECT_FALSE(report.isGood);
    EXPECT_NE(report.text.find("the device had not come back: pulled out"), std::string::npos);
}

TEST(Printable, NamesAreShownNeverObeyed) {
    EXPECT_EQ(printable("запись 録音 🎙.wav"), "запись 録音 🎙.wav");
    EXPECT_EQ(printable("a\x1b[2Jb\n\x7f"), R"(a\x1b[2Jb\x0a\x7f)");
    EXPECT_EQ(printable("\xff\xc0\xaf\xed\xa0\x80"), R"(\xff\xc0\xaf\xed\xa0\x80)");
    EXPECT_EQ(printable("\xc2\x9b"), R"(\xc2\x9b)");          // C1: one-byte escape sequences
    EXPECT_EQ(printable("\xe2\x80\xae"), R"(\xe2\x80\xae)");  // right-to-left override
    EXPECT_EQ(columnsOf("録a"), 3U);
    EXPECT_EQ(fitColumns("録音", 3), "録");
}

TEST(SilenceWatch, QuietAndMutedAreDifferent) {
    const SilenceWatch::Clock::time_point t0{};
    SilenceWatch watch(t0);
    EXPECT_FALSE(watch.look(0.5F, t0 + seconds(1)));
    EXPECT_FALSE(watch.look(0.0005F, t0 + seconds(5)));
    EXPECT_EQ(watch.look(0.0005F, t0 + seconds(6)), Silence::noSignal);
    EXPECT_FALSE(watch.look(0.0F, t0 + seconds(10)));
    EXPECT_EQ(watch.look(0.0F, t0 + seconds(11)), Silence::digitalZero);
    EXPECT_EQ(watch.look(0.01F, t0 + seconds(12)), Silence::signal);
}

RecorderStatus running() {
    RecorderStatus status;
    status.state = RecorderState::recording;
    status.headFrames = 48'000ULL * 754 + 24'000;
    status.safeFrames = 48'000ULL * 754 + 4'800;
    status.ringFill = 0.03;
    status.secondsLeft = 11'520;
    status.path = "/a/take.wav";
    return status;
}

TEST(StatusLine, SaysWhatIsSafeAndWhatIsLeft) {
    const std::vector<float> peaks{0.123F, 0.127F};
    EXPECT_EQ(statusLine(running(), {}, peaks, {.columns = 120}),
              "● REC 0:12:34.5  L -18.2 R -17.9 dBFS  CLIP 0  gaps 0  ring 3%  safe to 0:12:34.1  "
              "3h12m left  take.wav");
}

TEST(StatusLine, SaysThatTheDeviceIsLost) {
    RecorderStatus status = running();
    status.state = RecorderState::deviceLost;
    EXPECT_TRUE(statusLine(status, {}, {}, {.columns = 120})
                    .starts_with("○ DEVICE LOST (waiting) 0:12:34.5  "));
}

TEST(StatusLine, NeverLongerThanTheTerminal) {
    const std::vector<float> peaks(64, 0.5F);
    RecorderStatus status = running();
    status.path = "/a/" + std::string(120, 'x') + "録音🎙.wav";
    for (std::size_t columns = 20; columns < 300; ++columns) {
        const std::string line = statusLine(status, {}, peaks, {.columns = columns});
        EXPECT_LE(columnsOf(line), columns) << line;
        EXPECT_NE(line.find("REC"), std::string::npos);
    }
    EXPECT_EQ(statusLine(status, {}, peaks, {.columns = 40}), "● REC 0:12:34.5  safe to 0:12:34.1");
}

TEST(StatusLine, ColorIsOnlyAddedWhereAsked) {
    const std::vector<float> peaks{0.5F};
    EXPECT_EQ(statusLine(running(), {}, peaks, {}).find('\x1b'), std::string::npos);
    EXPECT_NE(statusLine(running(), {}, peaks, {.color = true}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace holdfast
