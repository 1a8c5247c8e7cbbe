// The shipped program's own system calls, judged by the same crash images as its parts: an empty
// sync(), a call in another order, or a promise too early cannot hide behind a test double.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "iocore/base/little_endian.h"
#include "tests/support/capture_rig_posix.h"
#include "tests/support/crash_images.h"
#include "tests/support/syscall_log.h"
#include "tests/support/take_rig.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

constexpr PcmFormat kFormat{8'000, 2, SampleType::S16, 0};

// Runs `words` and returns its exit status.
int run(std::vector<std::string> words) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        execvp(argv[0], argv.data());
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::optional<std::uint64_t> safeFramesIn(std::string_view text) {
    constexpr std::string_view key = "\"safe_frames\":";
    const auto at = text.rfind(key);
    if (at == std::string_view::npos) return std::nullopt;
    return std::strtoull(std::string(text.substr(at + key.size(), 20)).c_str(), nullptr, 10);
}

Bytes rampAudio(std::uint64_t frames) {
    Bytes audio(frames * 4);
    for (std::uint64_t frame = 0; frame < frames; ++frame) {
        for (std::uint64_t channel = 0; channel < 2; ++channel) {
            storeLe(audio.data() + 4 * frame + 2 * channel, static_cast<std::uint16_t>(frame));
        }
    }
    return audio;
}

// The words that record `name` in `folder` under strace. `aside` is for what else the program
// needs.
std::vector<std::string> tracedRecording(const std::string& log, const std::string& name,
                                         const std::filesystem::path& aside) {
    std::vector<std::string> words{"env", "HOLDFAST_DATA_DIR=" + pathForProgram(aside / "data")};
    // A prefix of its own, so that Wine's server starts with the program and is traced as well.
    if (testsWindowsPrograms()) words.push_back("WINEPREFIX=" + (aside / "wine").string());
    for (const std::string& word : straceCommand(log)) words.push_back(word);
    for (const std::string& word : programUnderTest("holdfast-capture")) words.push_back(word);
    for (const char* word :
         {"--device", "synth:ramp", "--rate", "8000", "--format", "S16", "--channels", "2",
          "--duration", "900ms", "--commit-ms", "100", "--json", "--min-free", "0"}) {
        words.emplace_back(word);
    }
    words.push_back(pathForProgram(name));
    return words;
}

// Wine makes its prefix, and its server ends, before anything is traced.
void prepare(const std::filesystem::path& aside) {
    if (!testsWindowsPrograms()) return;
    std::vector<std::string> words{"env", "WINEPREFIX=" + (aside / "wine").string()};
    for (const std::string& word : programUnderTest("holdfast-capture")) words.push_back(word);
    words.emplace_back("--version");
    ASSERT_EQ(run(words), 0);
    ASSERT_EQ(run({"env", "WINEPREFIX=" + (aside / "wine").string(), "wineserver", "-w"}), 0);
}

TEST(RealOrder, ProgramsOwnCallsLeaveNoUnsafeState) {
    const TempFolder folder;
    const TempFolder aside;
    const std::string log = (aside.path() / "calls").string();
    prepare(aside.path());
    ASSERT_EQ(run(tracedRecording(log, (folder.path() / "take.wav").string(), aside.path())), 0);

    SyscallLogOptions options;
    options.folder = std::filesystem::canonical(folder.path()).string();
    options.promiseIn = safeFramesIn;
    const SyscallLog calls = readSyscallLog(log, options);
    ASSERT_EQ(calls.problem, "");
    int syncs = 0;
    int promises = 0;
    for (const DiskOp& op : calls.operations) {
        syncs += op.kind == DiskOp::Kind::sync;
        promises += op.kind == DiskOp::Kind::acknowledge && op.offset > 0;
    }
    EXPECT_GT(syncs, 10);
    EXPECT_GT(promises, 2) << "the test must see what the program promises";

    const FaultDisk disk = FaultDisk::importLog(calls.operations);
    const Bytes expected = rampAudio(7200);
    std::uint64_t defects = 0;
    std::string first;
    const auto look = [&](const CrashImage& image) {
        const std::string defect = defectOfTake(image, kFormat, expected);
        if (!defect.empty() && defects++ == 0) first = image.label + ": " + defect;
    };
    const ImageCounts kill = forEachKillImage(disk, look, {.tornSectors = false});
    const ImageCounts power = forEachPowerImage(disk, {.exhaustive = 8, .randomSubsets = 16}, look);
    EXPECT_EQ(defects, 0u) << first;
    fmt::print("{} system calls, {} kill and {} power images, {} defects\n",
               calls.operations.size(), kill.distinct, power.distinct, defects);
}

}  // namespace
}  // namespace holdfast
