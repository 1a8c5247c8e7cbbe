// --sha256 and --bext as a user meets them: files, exit status, what other programs read.
#include <sndfile.h>

#include <csignal>
#include <filesystem>

#include "tests/support/command_output.h"
#include "tests/support/recover_rig_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using Names = std::vector<std::string>;

class CaptureDigest : public testing::Test {
  protected:
    // What sha256sum says of the digest files in the folder.
    CommandOutput checked(const std::string& folder, const std::string& names) const {
        return outputOf("cd '" + folder + "' && sha256sum -c " + names);
    }
    CaptureRig rig_;
};

TEST_F(CaptureDigest, EachFileHasOneThatSha256sumChecks) {
    const auto outcome = rig_.run({"-D", "synth:ramp", "-r", "8000", "-d", "5", "--split-time",
                                   "2s", "--speed", "max", "--json", "--sha256", "take"});
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    EXPECT_EQ(rig_.files(), (Names{"take-002.wav", "take-002.wav.sha256", "take-003.wav",
                                   "take-003.wav.sha256", "take.wav", "take.wav.sha256"}));
    const auto sums = checked(rig_.folder(), "*.sha256");
    EXPECT_EQ(sums.status, 0) << sums.text;
    const auto stopped = eventsOf(outcome.out).back();
    EXPECT_EQ(readFile(rig_.path("take-003.wav.sha256")),
              stopped["sha256"].get<std::string>() + "  take-003.wav\n");
}

TEST_F(CaptureDigest, MirrorHasItsOwn) {
    std::filesystem::create_directory(rig_.path("copy"));
    const auto outcome = rig_.run({"-D", "synth:ramp", "-d", "500ms", "--speed", "max", "--json",
                                   "--mirror", "copy", "--sha256", "take"});
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    for (const std::string& folder : {rig_.folder(), rig_.path("copy")}) {
        const auto sums = checked(folder, "take.wav.sha256");
        EXPECT_EQ(sums.status, 0) << sums.text;
    }
    const auto stopped = eventsOf(outcome.out).back();
    EXPECT_TRUE(stopped.contains("sha256") && stopped.contains("mirror_sha256")) << stopped;
}

TEST_F(CaptureDigest, TakenNameIsTwoAndUntouchedUnlessItMayBeReplaced) {
    writeFile(rig_.path("take.wav.sha256"), "mine");
    const Names words = {"-D", "synth:ramp", "-d", "500ms", "--speed", "max", "--sha256", "take"};
    const auto refused = rig_.run(words);
    EXPECT_EQ(refused.end.status, 2) << refused.err;
    EXPECT_NE(refused.err.find("take.wav.sha256 is there already"), std::string::npos);
    EXPECT_EQ(rig_.files(), Names{"take.wav.sha256"});
    EXPECT_EQ(readFile(rig_.path("take.wav.sha256")), "mine");
    Names overwrite = words;
    overwrite.emplace_back("--overwrite");
    EXPECT_EQ(rig_.run(overwrite).end.status, 0);
    EXPECT_EQ(checked(rig_.folder(), "take.wav.sha256").status, 0);
}

// A name that is taken meanwhile: the recording is complete, and its digest is told.
TEST_F(CaptureDigest, NameTakenMeanwhileIsSaidAndLeftAlone) {
    ChildProcess child(rig_.command({"-D", "synth:ramp", "--json", "--sha256", "take"}));
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    writeFile(rig_.path("take.wav.sha256"), "mine");
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 0) << child.err();
    EXPECT_EQ(readFile(rig_.path("take.wav.sha256")), "mine");
    EXPECT_EQ(rig_.files(), (Names{"take.wav", "take.wav.sha256"}));
    const auto events = eventsOf(child.out());
    const std::string sha256 = events.back()["sha256"];
    const auto error = std::ranges::find(events, "error", [](const auto& event) {
        return event["event"].template get<std::string>();
    });
    ASSERT_NE(error, events.end());
    EXPECT_NE((*error)["text"].get<std::string>().find(sha256), std::string::npos) << *error;
}

// Every read of the file takes half a second: only the digest is left for long.
TEST_F(CaptureDigest, InterruptWhileOnlyTheDigestIsLeftEndsItAndNotTheTake) {
    if (outputOf("strace -V").status != 0) GTEST_SKIP() << "strace is not installed";
    auto command = rig_.command({"-D", "synth:ramp", "-c", "8", "-f", "S32", "-d", "60", "--speed",
                                 "max", "--json", "--sha256", "take"});
    const Names slowDisk = {"strace",
                            "-D",
                            "-f",
                            "-o",
                            "/dev/null",
                            "-P",
                            rig_.path("take.wav"),
                            "-e",
                            "trace=pread64",
                            "-e",
                            "inject=pread64:delay_enter=500000"};
    command.argv.insert(command.argv.begin(), slowDisk.begin(), slowDisk.end());
    ChildProcess child(command);
    ASSERT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
    ASSERT_TRUE(child.waitForErrorLine("it is read back for its SHA-256")) << child.err();
    EXPECT_EQ(rig_.files(), Names{"take.wav"}) << "the take is complete, its journal gone";
    child.signal(SIGINT);
    EXPECT_EQ(child.wait().status, 0) << child.err();
    const auto stopped = eventsOf(child.out()).back();
    ASSERT_EQ(stopped["event"], "stopped") << child.err();
    EXPECT_EQ(stopped["complete"], true);
    EXPECT_EQ(stopped["frames"], 60 * 48'000);
    EXPECT_EQ(stopped.value("digests_left_out", 0), 1) << stopped;
    EXPECT_FALSE(stopped.contains("sha256"));
    EXPECT_EQ(rig_.files(), Names{"take.wav"});
    EXPECT_EQ(rig_.rings(), Names{});
    EXPECT_TRUE(wavcheck::checkWavFile(rig_.path("take.wav")).ok);
    EXPECT_NE(child.err().find("its SHA-256 is left out"), std::string::npos) << child.err();
}

// The one failure that speaks of the file itself.
TEST_F(CaptureDigest, FileThatCannotBeReadBackIsFive) {
    if (outputOf("strace -V").status != 0) GTEST_SKIP() << "strace is not installed";
    auto command = rig_.command(
        {"-D", "synth:ramp", "-d", "1", "--speed", "max", "--json", "--sha256", "take"});
    // The first is the proof at the take's end.
    const Names badDisk = {"strace",
                           "-D",
                           "-f",
                           "-o",
                           "/dev/null",
                           "-P",
                           rig_.path("take.wav"),
                           "-e",
                           "trace=pread64",
                           "-e",
                           "inject=pread64:error=EIO:when=2+"};
    command.argv.insert(command.argv.begin(), badDisk.begin(), badDisk.end());
    const auto outcome = rig_.run(command);
    EXPECT_EQ(outcome.end.status, 5) << outcome.err;
    EXPECT_NE(outcome.err.find("cannot be read back"), std::string::npos) << outcome.err;
    const auto stopped = eventsOf(outcome.out).back();
    EXPECT_EQ(stopped["complete"], true);
    EXPECT_FALSE(stopped.contains("sha256"));
    EXPECT_EQ(rig_.files(), Names{"take.wav"});
}

// ---- bext ----

struct Bext {
    bool isThere = false;
    std::string description;
    std::string originator;
    std::uint64_t timeReference = 0;
};

Bext bextOf(const std::string& path) {
    SF_INFO sound{};
    SNDFILE* const file = sf_open(path.c_str(), SFM_READ, &sound);
    if (file == nullptr) return {};
    static SF_BROADCAST_INFO_VAR(16'384) read{};
    Bext bext;
    bext.isThere = sf_command(file, SFC_GET_BROADCAST_INFO, &read, sizeof read) == SF_TRUE;
    sf_close(file);
    if (!bext.isThere) return bext;
    bext.description = read.description;
    bext.originator = read.originator;
    bext.timeReference =
        std::uint64_t{read.time_reference_high} << 32 | std::uint64_t{read.time_reference_low};
    return bext;
}

TEST_F(CaptureDigest, BextOfEachPartIsReadByOtherPrograms) {
    const auto outcome = rig_.run({"-D", "synth:ramp", "-r", "8000", "-d", "5", "--split-time",
                                   "2s", "--speed", "max", "--bext", "Description=hearing 7",
                                   "--bext", "timereference=5000000000", "take"});
    EXPECT_EQ(outcome.end.status, 0) << outcome.err;
    std::uint64_t first = 5'000'000'000;
    for (const char* name : {"take.wav", "take-002.wav", "take-003.wav"}) {
        const Bext bext = bextOf(rig_.path(name));
        ASSERT_TRUE(bext.isThere) << name;
        EXPECT_EQ(bext.description, "hearing 7");
        EXPECT_EQ(bext.originator, "Holdfast");
        EXPECT_EQ(bext.timeReference, first);
        if (outputOf("ffprobe -version").status == 0) {
            const auto tags = outputOf("ffprobe -v error -show_format '" + rig_.path(name) + "'");
            EXPECT_NE(tags.text.find("time_reference=" + std::to_string(first)), std::string::npos)
                << tags.text;
            EXPECT_NE(tags.text.find("comment=hearing 7"), std::string::npos) << tags.text;
        }
        first += 16'000;
    }
}

TEST_F(CaptureDigest, WithoutBextThereIsNone) {
    EXPECT_EQ(rig_.run({"-D", "synth:ramp", "-d", "500ms", "--speed", "max", "take"}).end.status,
              0);
    EXPECT_FALSE(bextOf(rig_.path("take.wav")).isThere);
}

TEST_F(CaptureDigest, BadBextIsTwoAndNamesTheKey) {
    for (const std::string bad : {"Colour=red", "OriginationDate=2023-02-29", "Description"}) {
        const auto outcome = rig_.run({"-D", "synth:ramp", "--bext", bad, "take"});
        EXPECT_EQ(outcome.end.status, 2) << bad;
        EXPECT_NE(outcome.err.find(bad.substr(0, bad.find('='))), std::string::npos) << outcome.err;
        EXPECT_EQ(rig_.files(), Names{});
    }
}

TEST(KilledTakeWithBext, HasItAfterEveryKindOfRepair) {
    RecoverRig rig;
    rig.crash("take.wav", 1, {"--bext", "Description=hearing 7"});
    EXPECT_FALSE(bextOf(rig.path("take.wav")).isThere) << "it stands behind the audio, at the end";
    const RecoverRig::State crashed = rig.save();
    EXPECT_EQ(rig.recover({"repair", "take.wav"}).end.status, 1);
    EXPECT_EQ(bextOf(rig.path("take.recovered.wav")).description, "hearing 7");
    rig.restore(crashed);
    EXPECT_EQ(rig.recover({"repair", "--in-place", "take.wav"}).end.status, 1);
    EXPECT_EQ(bextOf(rig.path("take.wav")).description, "hearing 7");
    EXPECT_EQ(rig.recover({"repair", "--undo", "take.wav"}).end.status, 0);
    EXPECT_FALSE(bextOf(rig.path("take.wav")).isThere);
    EXPECT_EQ(rig.recover({"repair", "take.wav"}).end.status, 1);
    EXPECT_EQ(bextOf(rig.path("take.recovered.wav")).description, "hearing 7");
}

}  // namespace
}  // namespace holdfast
