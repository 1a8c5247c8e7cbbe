// The program itself, in a real window on a screen that nobody sees, driven by keys, with a live
// sound server.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/command_output.h"
#include "tests/support/live_recording_posix.h"
#include "tests/support/pulse_daemon_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using namespace test;
using Clock = std::chrono::steady_clock;

class DesktopEndToEnd : public testing::Test {
  protected:
    void SetUp() override {
        for (const char* tool : {"Xvfb", "xdotool", "pulseaudio", "pacat"}) {
            const auto found = outputOf(std::string("command -v ") + tool);
            if (found.status != 0) GTEST_SKIP() << tool << " is not installed";
        }
        daemon_.emplace();
        daemon_->addCable("cable", kStereo24);
        ChildOptions screen;
        screen.argv = {"Xvfb", "-displayfd",  "1",         "-screen",
                       "0",    "1000x800x24", "-nolisten", "tcp"};
        screen_.emplace(screen);
        ASSERT_TRUE(screen_->waitUntil([&] { return screen_->out().ends_with('\n'); }));
        display_ = ":" + screen_->out();
        display_.pop_back();
    }
    void start() {
        ChildOptions options =
            rig_.command({"--device", "cable.monitor", "--folder", rig_.folder()});
        options.argv[0] = HOLDFAST_BIN_DIR "/holdfast";
        options.environment.emplace_back("PULSE_SERVER", std::getenv("PULSE_SERVER"));
        options.environment.emplace_back("DISPLAY", display_);
        options.environment.emplace_back("QT_QPA_PLATFORM", "xcb");
        program_.emplace(options);
        ASSERT_TRUE(waitForWindow("Holdfast")) << program_->err();
    }
    bool waitFor(const std::function<bool()>& isTrue) {
        const auto deadline = Clock::now() + std::chrono::seconds(60);
        while (!isTrue()) {
            if (Clock::now() > deadline) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return true;
    }
    CommandOutput xdotool(const std::string& words) const {
        return outputOf("DISPLAY=" + display_ + " xdotool " + words + " 2>&1");
    }
    bool waitForWindow(const std::string& name) {
        return waitFor(
            [&] { return xdotool("search --onlyvisible --name '^" + name + "$'").status == 0; });
    }
    // To the window whose title this is (or ends with it).
    void press(const std::string& keys, const std::string& title = "Holdfast") {
        const auto done =
            xdotool("search --onlyvisible --name '" + title + "$' windowfocus --sync key " + keys);
        EXPECT_EQ(done.status, 0) << done.text;
    }
    // Presses until something comes of it: the device may not be open yet.
    void pressUntil(const std::string& keys, const std::function<bool()>& isTrue) {
        ASSERT_TRUE(waitFor([&] {
            if (isTrue()) return true;
            press(keys);
            return waitShortly(isTrue);
        })) << keys;
    }
    static bool waitShortly(const std::function<bool()>& isTrue) {
        for (int i = 0; i < 20 && !isTrue(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return isTrue();
    }
    // The one recording; empty: there is none yet.
    [[nodiscard]] std::string take() const {
        for (const std::string& name : rig_.files()) {
            if (name.ends_with(".wav") && !name.ends_with(".part.wav")) return name;
        }
        return {};
    }
    [[nodiscard]] std::uint64_t framesNow() const {
        return wavcheck::checkWavFile(rig_.path(take())).frames;
    }
    [[nodiscard]] bool isFinished() const {
        const auto files = rig_.files();
        return !take().empty() && std::ranges::find(files, take() + ".journal") == files.end();
    }
    void waitForFrames(std::uint64_t more) {
        const std::uint64_t before = framesNow();
        ASSERT_TRUE(waitFor([&] { return framesNow() >= before + more; }));
    }

    std::optional<PulseDaemon> daemon_;
    CaptureRig rig_;
    std::optional<ChildProcess> screen_;
    std::string display_;
    std::optional<ChildProcess> program_;
};

TEST_F(DesktopEndToEnd, RecordMarkerPauseStop) {
    start();
    pressUntil("ctrl+r", [&] { return !take().empty(); });
    const Audio signal = liveSignal(SyntheticKind::noise, kStereo24, 2);
    daemon_->play("cable", kStereo24, signal);
    waitForFrames(48'000);
    press("m");
    press("p");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // the pause itself
    press("p");
    waitForFrames(24'000);
    press("ctrl+period");
    ASSERT_TRUE(waitFor([&] { return isFinished(); }));
    const auto verdict = wavcheck::checkWavFile(rig_.path(take()));
    ASSERT_TRUE(verdict.ok) << verdict.defect;
    ASSERT_EQ(verdict.labels.size(), 2U);
    EXPECT_EQ(verdict.labels[0].text, "Marker 1");
    EXPECT_TRUE(verdict.labels[1].text.starts_with("pause")) << verdict.labels[1].text;
    expectHolds(audioOf(rig_.path(take())), signal, kStereo24);
    program_->signal(SIGTERM);
    program_->wait();
    EXPECT_TRUE(rig_.rings().empty());
}

TEST_F(DesktopEndToEnd, KilledInTheMiddleTheNextStartRecoversIt) {
    start();
    pressUntil("ctrl+r", [&] { return !take().empty(); });
    const Audio signal = liveSignal(SyntheticKind::noise, kStereo24, 2);
    daemon_->play("cable", kStereo24, signal);
    waitForFrames(24'000);
    program_->signal(SIGKILL);
    program_->wait();
    const std::string name = take();
    start();
    ASSERT_TRUE(waitForWindow("Unfinished recordings"));
    press("Return", "Unfinished recordings");
    ASSERT_TRUE(waitFor([&] {
        const auto files = rig_.files();
        return std::ranges::find(files, name + ".undo") != files.end();
    }));
    expectHolds(audioOf(rig_.path(name)), signal, kStereo24);
    program_->signal(SIGTERM);
    program_->wait();
}

}  // namespace
}  // namespace holdfast
