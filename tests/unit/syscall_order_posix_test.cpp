// The system calls of a real program, recorded by strace and judged by the same crash images as
// FaultDisk's own log: a sync that does nothing cannot hide behind the interface.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "iocore/disk/disk_file.h"
#include "tests/support/crash_images.h"
#include "tests/support/syscall_log.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRounds = 3;
constexpr std::size_t kRoundBytes = 2000;

// ---- the traced programs: this test program, started again for one of these tests ----

Bytes audio(std::size_t round) {
    return Bytes(kRoundBytes, static_cast<std::byte>('a' + round));
}

void say(const std::string& text) {
    ASSERT_EQ(::write(STDOUT_FILENO, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

// Appends rounds of audio and promises each once it is on the disk (or so it thinks).
void record(bool syncs) {
    const char* path = std::getenv("HOLDFAST_TRACED_FOLDER");
    if (path == nullptr) GTEST_SKIP() << "runs only under trace";
    auto folder = openFolder(path).value();
    auto file = folder->create("take.part", true).value();
    ASSERT_TRUE(folder->rename("take.part", "take<1>", Existing::refuse));
    ASSERT_TRUE(folder->sync());
    for (std::size_t round = 0; round < kRounds; ++round) {
        ASSERT_TRUE(file->writeAt(round * kRoundBytes, audio(round)));
        if (syncs) {
            ASSERT_TRUE(file->sync());
        }
        say("promise " + std::to_string(round + 1) + "\n");
    }
}

TEST(TracedProgram, DISABLED_Syncs) {
    record(true);
}

TEST(TracedProgram, DISABLED_NeverSyncs) {
    record(false);
}

TEST(TracedProgram, DISABLED_FailsToSyncOnce) {
    const char* path = std::getenv("HOLDFAST_TRACED_FOLDER");
    if (path == nullptr) GTEST_SKIP() << "runs only under trace";
    auto file = openFolder(path).value()->create("f", true).value();
    const auto failed = file->sync();
    say(failed ? "said yes\n" : failed.error().message() + "\n");
}

TEST(TracedProgram, DISABLED_Renames) {
    const char* path = std::getenv("HOLDFAST_TRACED_FOLDER");
    if (path == nullptr) GTEST_SKIP() << "runs only under trace";
    auto folder = openFolder(path).value();
    ASSERT_TRUE(folder->create("a", true));
    ASSERT_TRUE(folder->create("b", true));
    ASSERT_FALSE(folder->rename("a", "b", Existing::refuse));
    ASSERT_TRUE(folder->exists("a") && folder->exists("b"));
    ASSERT_TRUE(folder->rename("a", "c", Existing::refuse));
    ASSERT_TRUE(!folder->exists("a") && folder->exists("c"));
}

// ---- the tests ----

class SyscallOrder : public testing::Test {
  protected:
    void SetUp() override {
        if (std::system("strace -V >/dev/null 2>&1") != 0) GTEST_SKIP() << "strace is missing";
        std::string pattern = testing::TempDir() + "trace_XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        path_ = fs::canonical(pattern);
        fs::create_directory(path_ / "takes");
    }
    void TearDown() override {
        if (!path_.empty()) fs::remove_all(path_);
    }

    // Runs the command with its output in a file; its exit status.
    int run(std::vector<std::string> words) {
        const pid_t child = ::fork();
        if (child == 0) {
            ::setenv("HOLDFAST_TRACED_FOLDER", (path_ / "takes").c_str(), 1);
            // The leak check traces the program itself, and there can be only one tracer.
            ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
            if (::freopen((path_ / "output").c_str(), "w", stdout) == nullptr) ::_exit(126);
            std::vector<char*> arguments;
            for (std::string& word : words) arguments.push_back(word.data());
            arguments.push_back(nullptr);
            ::execvp(arguments[0], arguments.data());
            ::_exit(127);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::vector<std::string> traced(const std::string& program,
                                    const std::vector<std::string>& extra = {}) {
        std::vector<std::string> words = straceCommand(path_ / "log");
        words.insert(words.end(), extra.begin(), extra.end());
        words.push_back(fs::read_symlink("/proc/self/exe"));
        words.push_back("--gtest_also_run_disabled_tests");
        words.push_back("--gtest_filter=TracedProgram.DISABLED_" + program);
        return words;
    }

    SyscallLog readLog() {
        return readSyscallLog(path_ / "log",
                              {.folder = path_ / "takes",
                               .before = {},
                               .promiseIn = [](std::string_view text) { return promiseIn(text); }});
    }

    static std::optional<std::uint64_t> promiseIn(std::string_view text) {
        if (!text.starts_with("promise ")) return std::nullopt;
        return static_cast<std::uint64_t>(text[8] - '0');
    }

    std::string output() {
        std::ifstream file(path_ / "output");
        return {std::istreambuf_iterator<char>(file), {}};
    }

    // Images in which a promised round is not there.
    std::size_t brokenPromises(const FaultDisk& disk) {
        std::size_t broken = 0;
        forEachPowerImage(disk, {}, [&](const CrashImage& image) {
            const Bytes& take = image.at("take<1>");
            for (std::size_t round = 0; round < image.acknowledged; ++round) {
                const Bytes expected = audio(round);
                const std::size_t from = round * kRoundBytes;
                if (take.size() < from + kRoundBytes ||
                    !std::equal(expected.begin(), expected.end(),
                                take.begin() + static_cast<std::ptrdiff_t>(from))) {
                    ++broken;
                    return;
                }
            }
        });
        return broken;
    }

    fs::path path_;
};

TEST_F(SyscallOrder, ProgramThatSyncsKeepsItsPromisesInEveryPowerImage) {
    ASSERT_EQ(run(traced("Syncs")), 0) << output();
    const SyscallLog log = readLog();
    EXPECT_EQ(log.problem, "");
    const FaultDisk disk = FaultDisk::importLog(log.operations);
    std::string text;
    for (std::size_t i = 0; i < log.operations.size(); ++i) {
        text += describe(log.operations[i], i) + "\n";
    }
    EXPECT_EQ(text,
              "0 create take.part\n1 rename take.part to take<1>\n"
              "2 sync take<1>\n3 folder sync\n"  // FAT: the name's entry is written with the file
              "4 write take<1> 0+2000\n5 sync take<1>\n6 acknowledge 1\n"
              "7 write take<1> 2000+2000\n8 sync take<1>\n9 acknowledge 2\n"
              "10 write take<1> 4000+2000\n11 sync take<1>\n12 acknowledge 3\n");
    EXPECT_EQ(brokenPromises(disk), 0U);
    std::ifstream real(path_ / "takes" / "take<1>", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(real), {}};
    const auto expected = std::as_bytes(std::span(bytes));
    EXPECT_EQ(*disk.files().at("take<1>"), Bytes(expected.begin(), expected.end()));
}

TEST_F(SyscallOrder, ProgramThatNeverSyncsIsCaught) {
    ASSERT_EQ(run(traced("NeverSyncs")), 0) << output();
    const SyscallLog log = readLog();
    EXPECT_EQ(log.problem, "");
    EXPECT_GT(brokenPromises(FaultDisk::importLog(log.operations)), 0U);
}

TEST_F(SyscallOrder, FailedSyncIsReportedAndNotTriedAgain) {
    ASSERT_EQ(run(traced("FailsToSyncOnce", {"-e", "inject=fdatasync:error=EIO:when=1"})), 0);
    EXPECT_NE(output().find("disk: f: Input/output error (5)"), std::string::npos) << output();
    const SyscallLog log = readLog();
    std::size_t syncs = 0;
    for (const DiskOp& op : log.operations) {
        if (op.kind != DiskOp::Kind::sync) continue;
        ++syncs;
        EXPECT_NE(op.error, 0);
    }
    EXPECT_EQ(syncs, 1U);
}

TEST_F(SyscallOrder, InterruptedWritesAreTriedAgain) {
    ASSERT_EQ(run(traced("Syncs", {"-e", "inject=pwrite64:error=EINTR:when=1+2"})), 0) << output();
    const FaultDisk disk = FaultDisk::importLog(readLog().operations);
    EXPECT_EQ(disk.files().at("take<1>")->size(), kRounds * kRoundBytes);
}

TEST_F(SyscallOrder, RenameWithoutReplacingWorksWhereTheFileSystemLacksIt) {
    const auto kindsOfChange = [&] {
        std::set<DiskOp::Kind> kinds;
        for (const DiskOp& op : readLog().operations) kinds.insert(op.kind);
        fs::remove(path_ / "takes" / "b");
        fs::remove(path_ / "takes" / "c");
        return kinds;
    };
    for (const std::string error : {"EINVAL", "ENOSYS"}) {
        ASSERT_EQ(run(traced("Renames", {"-e", "inject=renameat2:error=" + error})), 0) << output();
        EXPECT_TRUE(kindsOfChange().contains(DiskOp::Kind::link));
    }
    // Nor hard links.
    ASSERT_EQ(run(traced("Renames", {"-e", "inject=renameat2:error=EINVAL", "-e",
                                     "inject=linkat:error=EPERM"})),
              0)
        << output();
    EXPECT_TRUE(kindsOfChange().contains(DiskOp::Kind::rename));
}

TEST_F(SyscallOrder, SequentialWritesOfAnotherProgramGetTheirOffsets) {
    std::vector<std::string> words = straceCommand(path_ / "log");
    for (const std::string word : {"dd", "if=/dev/zero", "bs=100", "count=3", "status=none"}) {
        words.push_back(word);
    }
    words.push_back("of=" + (path_ / "takes" / "f").string());
    ASSERT_EQ(run(words), 0);
    const SyscallLog log = readLog();
    EXPECT_EQ(log.problem, "");
    ASSERT_EQ(log.operations.size(), 4U);
    EXPECT_EQ(log.operations[0].kind, DiskOp::Kind::create);
    EXPECT_EQ(log.operations[3].offset, 200U);
    EXPECT_EQ(log.operations[3].bytes.size(), 100U);
}

// A log made by hand, for what cannot be brought about on purpose.
class WrittenLog : public SyscallOrder {
  protected:
    SyscallLog read(const std::string& text) {
        std::ofstream(path_ / "log") << text;
        return readSyscallLog(path_ / "log", {.folder = "/t", .before = {}, .promiseIn = {}});
    }
    static constexpr const char* kOpen =
        "7  openat(3</>, \"\\x66\", O_RDWR|O_CREAT, 0600) = 4<\\x2f\\x74\\x2f\\x66>\n";
};

TEST_F(WrittenLog, WriteThatReturnsDuringASyncIsNotCoveredByIt) {
    const SyscallLog log = read(std::string(kOpen) +
                                "7  pwrite64(4<\\x2f\\x74\\x2f\\x66>, \"\\x01\", 1, 0) = 1\n"
                                "7  fdatasync(4<\\x2f\\x74\\x2f\\x66> <unfinished ...>\n"
                                "8  pwrite64(4<\\x2f\\x74\\x2f\\x66>, \"\\x02\", 1, 1) = 1\n"
                                "7  <... fdatasync resumed>)             = 0\n");
    ASSERT_EQ(log.operations.size(), 4U);
    EXPECT_EQ(describe(log.operations[2], 2), "2 sync f");
    EXPECT_EQ(describe(log.operations[3], 3), "3 write f 1+1");
}

TEST_F(WrittenLog, WhatTheModelDoesNotKnowIsAProblem) {
    EXPECT_NE(read(std::string(kOpen) +
                   "7  mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 4<\\x2f\\x74\\x2f\\x66>, "
                   "0) = 0x7f0000000000\n")
                  .problem,
              "");
    EXPECT_NE(
        read(std::string(kOpen) + "7  pwrite64(4<\\x2f\\x74\\x2f\\x66>, \"\\x01\"..., 2, 0) = 2\n")
            .problem,
        "");
    EXPECT_NE(read("7  openat(3</>, \"\\x66\", O_RDWR) = 4<\\x2f\\x74\\x2f\\x66>\n").problem, "");
    EXPECT_EQ(read(kOpen).problem, "");
}

}  // namespace
}  // namespace holdfast
