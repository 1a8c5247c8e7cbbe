// What one platform's recorder left, the other platform's tool recovers.
//
// The ring belongs to the boot and the system it was made on: here its audio is not asked for, only
// what journal and WAV hold.
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/support/recover_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

enum class System { native, windows };

using Words = std::vector<std::string>;

// `command` with the same program of `system` in its place.
ChildOptions on(System system, const std::string& program, const CaptureRig& rig,
                const Words& arguments) {
    ChildOptions command = rig.command(arguments);
    command.argv = system == System::windows ? programUnderTest(program)
                                             : Words{HOLDFAST_BIN_DIR "/" + program};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return command;
}

class OtherPlatform : public testing::TestWithParam<System> {
  protected:
    void SetUp() override {
        if (!testsWindowsPrograms()) {
            GTEST_SKIP() << "HOLDFAST_WINDOWS_BIN names no Windows programs";
        }
    }
    [[nodiscard]] System recorder() const { return GetParam(); }
    [[nodiscard]] System other() const {
        return recorder() == System::windows ? System::native : System::windows;
    }

    // A recording that is killed when at least `frames` are safe; as many as were.
    std::uint64_t killedTake(std::uint64_t frames) {
        ChildProcess child(on(recorder(), "holdfast-capture", rig_,
                              {"-D", "synth:ramp", "--json", "--commit-ms", "100", "take.wav"}));
        std::uint64_t safe = 0;
        std::size_t read = 0;
        EXPECT_TRUE(child.waitUntil([&] {
            const std::string& out = child.out();
            for (std::size_t end; (end = out.find('\n', read)) != std::string::npos;
                 read = end + 1) {
                const auto event = nlohmann::json::parse(out.substr(read, end - read));
                if (event["event"] == "status") safe = event["safe_frames"];
            }
            return safe >= frames;
        })) << child.err();
        child.signal(SIGKILL);
        child.wait();
        return safe;
    }
    CaptureOutcome recover(const Words& arguments) {
        return rig_.run(on(other(), "holdfast-recover", rig_, arguments));
    }
    // S24, two channels, each sample its frame's number.
    void expectRamp(const std::string& name, std::uint64_t leastFrames) {
        const auto verdict = wavcheck::checkWavFile(rig_.path(name));
        ASSERT_TRUE(verdict.ok) << verdict.defect;
        ASSERT_GE(verdict.frames, leastFrames);
        const std::string bytes = readFile(rig_.path(name));
        for (std::uint64_t frame = 0; frame < verdict.frames; ++frame) {
            std::uint32_t sample = 0;
            for (int i = 2; i >= 0; --i) {
                sample = sample << 8 | static_cast<unsigned char>(bytes[512 + frame * 6 + i]);
            }
            ASSERT_EQ(sample, frame);
        }
    }

    RecoverRig rig_;
};

TEST_P(OtherPlatform, RecoversACopy) {
    const std::uint64_t safe = killedTake(48'000);
    const std::string before = readFile(rig_.path("take.wav"));
    const CaptureOutcome outcome = recover({"repair", "take.wav"});
    EXPECT_TRUE(outcome.end.status == 1 || outcome.end.status == 4) << outcome.out << outcome.err;
    expectRamp("take.recovered.wav", safe);
    EXPECT_EQ(readFile(rig_.path("take.wav")), before) << "the input was touched";
}

TEST_P(OtherPlatform, RecoversInPlaceAndTakesItBack) {
    const std::uint64_t safe = killedTake(48'000);
    const std::string before = readFile(rig_.path("take.wav"));
    const CaptureOutcome outcome = recover({"repair", "--in-place", "take.wav"});
    EXPECT_TRUE(outcome.end.status == 1 || outcome.end.status == 4) << outcome.out << outcome.err;
    expectRamp("take.wav", safe);
    const CaptureOutcome undone = recover({"repair", "--undo", "take.wav"});
    EXPECT_EQ(undone.end.status, 0) << undone.out << undone.err;
    EXPECT_EQ(readFile(rig_.path("take.wav")), before) << "not taken back byte for byte";
}

INSTANTIATE_TEST_SUITE_P(Systems, OtherPlatform, testing::Values(System::native, System::windows),
                         [](const auto& tested) {
                             return tested.param == System::windows ? "RecordedOnWindows"
                                                                    : "RecordedNatively";
                         });

}  // namespace
}  // namespace holdfast
