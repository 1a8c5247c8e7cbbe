// The self-test on a disk with scripted times: what it measures, concludes and says.
#include "iocore/selftest/self_test.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "app/selftest_text.h"
#include "iocore/riff/riff_format.h"
#include "tests/support/fault_disk.h"

namespace holdfast {
namespace {

constexpr std::int64_t kMs = 1'000'000;

// Each operation takes what the script says; nothing else takes time.
struct ScriptedDisk {
    FaultDisk disk;
    std::int64_t now = 0;
    std::function<std::int64_t(const DiskOp& op, std::size_t syncs)> cost;
    std::size_t syncs = 0;

    explicit ScriptedDisk(std::int64_t syncNs) {
        cost = [syncNs](const DiskOp& op, std::size_t) {
            return op.kind == DiskOp::Kind::sync ? syncNs : std::int64_t{1'000};
        };
        disk.addHook([this](const DiskOp& op, std::size_t) {
            now += cost(op, syncs);
            if (op.kind == DiskOp::Kind::sync) ++syncs;
            return 0;
        });
    }
    ScriptedDisk(const ScriptedDisk&) = delete;

    SelfTestOptions options(std::uint32_t seconds = 20) {
        SelfTestOptions options;
        options.probe.seconds = seconds;
        options.probe.clock = {[this] { return now; },
                               [this](std::int64_t until) { now = std::max(now, until); }};
        options.fileSystem = [](const std::string&) -> Result<FileSystemFacts> {
            return FileSystemFacts{"ext4", "/dev/sda1", "/", StorageKind::disk, {}, true};
        };
        options.ring = []() -> Result<RingPlace> { return RingPlace{true, "/dev/shm/h", ""}; };
        return options;
    }
    SelfTestReport run() {
        auto report = runSelfTest(disk, options());
        EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().message());
        return report.value_or(SelfTestReport{});
    }
};

TEST(SelfTest, PercentilesAreTimesThatWereMeasured) {
    std::vector<std::int64_t> times;
    for (std::int64_t i = 200; i > 0; --i) times.push_back(i);
    const Latency latency = latencyOf(times);
    EXPECT_EQ(latency.count, 200u);
    EXPECT_EQ(latency.p50, 100);
    EXPECT_EQ(latency.p95, 190);
    EXPECT_EQ(latency.p99, 198);
    EXPECT_EQ(latency.worst, 200);
    EXPECT_EQ(latencyOf({7}).p50, 7);
    EXPECT_EQ(latencyOf({7}).p99, 7);
    EXPECT_EQ(latencyOf({}).count, 0u);
}

TEST(SelfTest, CommitIsTheRealOneInItsOrder) {
    ScriptedDisk scripted(5 * kMs);
    const SelfTestReport report = scripted.run();
    // Two writes and two syncs.
    EXPECT_EQ(report.probe.commit.p50, 10 * kMs + 2'000);
    EXPECT_EQ(report.probe.commit.worst, 10 * kMs + 2'000);
    EXPECT_EQ(report.probe.audioSync.p50, 5 * kMs);
    EXPECT_EQ(report.probe.write.p50, 1'000);
    EXPECT_GE(report.probe.commit.count, 390u);
    std::vector<DiskOp> commits;
    bool begun = false;
    for (const DiskOp& op : scripted.disk.log()) {
        begun = begun || op.kind == DiskOp::Kind::sync;  // behind the plain writes
        if (begun && op.kind != DiskOp::Kind::resize) commits.push_back(op);
    }
    ASSERT_GE(commits.size(), 9u);
    for (std::size_t i = 1; i + 4 <= 9; i += 4) {
        EXPECT_EQ(commits[i].bytes.size(), kProbeCommitBytes);
        EXPECT_EQ(commits[i + 1].kind, DiskOp::Kind::sync);
        EXPECT_EQ(commits[i + 2].offset, 0u);
        ASSERT_EQ(commits[i + 2].bytes.size(), kHeaderBlockBytes);
        EXPECT_EQ(decodeHeaderBlock(commits[i + 2].bytes).state, SealState::sound);
        EXPECT_EQ(commits[i + 3].kind, DiskOp::Kind::sync);
    }
}

TEST(SelfTest, LossBoundIsTheIntervalAndTheSlowestCommits) {
    ScriptedDisk scripted(2 * kMs);
    scripted.cost = [](const DiskOp& op, std::size_t syncs) {
        if (op.kind != DiskOp::Kind::sync) return std::int64_t{0};
        return syncs == 101 ? 900 * kMs : 2 * kMs;
    };
    const SelfTestReport report = scripted.run();
    EXPECT_EQ(report.usualLossNs(), 254 * kMs);
    EXPECT_EQ(report.worstLossNs(), (250 + 902) * kMs);
    EXPECT_TRUE(report.problems.empty());
    const std::string text = selfTestText("/music", report, false);
    EXPECT_NE(text.find("up to 0.25 s"), std::string::npos) << text;
    EXPECT_NE(text.find("1.15 s"), std::string::npos) << text;
    EXPECT_NE(text.find("seem to reach"), std::string::npos) << text;
    EXPECT_EQ(selfTestText("/music", report, true), "");
}

TEST(SelfTest, MemoryAndTimeAreBoundedOnFastAndSlowDisks) {
    for (const std::int64_t sync : {std::int64_t{20'000}, 2'000 * kMs}) {
        ScriptedDisk scripted(sync);
        auto options = scripted.options(600);
        std::uint64_t most = 0;
        scripted.disk.addHook([&](const DiskOp& op, std::size_t) {
            most = std::max<std::uint64_t>(most, op.offset + op.bytes.size());
            return 0;
        });
        options.probe.cancelled = [&] { return scripted.syncs > 1'200; };
        const auto report = runSelfTest(scripted.disk, options);
        EXPECT_LE(most, kProbeFileBytes);
        EXPECT_LE(scripted.now, 606 * 1'000 * kMs);
        EXPECT_TRUE(!report || report->probe.commit.count <= 2'400);
        EXPECT_TRUE(scripted.disk.files().empty());
    }
}

TEST(SelfTest, SyncsFasterThanAnyDiskAreSaid) {
    ScriptedDisk scripted(900);
    const SelfTestReport report = scripted.run();
    EXPECT_EQ(report.problems, std::vector{Problem::syncsTooFast});
    EXPECT_EQ(exitOfSelfTest(report), 4);
    const std::string text = selfTestText("/music", report, false);
    EXPECT_NE(text.find("seem not to reach the disk"), std::string::npos) << text;
    EXPECT_EQ(text.find("costs up to"), std::string::npos) << "no bound without syncs";
    EXPECT_NE(selfTestText("/music", report, true), "");
    const auto json = nlohmann::json::parse(selfTestJson({1, "/music", 4}, report));
    EXPECT_EQ(json["syncs_seem_to_reach_disk"], "no");
    EXPECT_EQ(json["promises_hold"], false);
    EXPECT_EQ(json["problems"], nlohmann::json({"syncs_seem_not_to_reach_the_disk"}));
}

TEST(SelfTest, FolderInMemoryAndRingThatDiesAreProblems) {
    ScriptedDisk scripted(5 * kMs);
    auto options = scripted.options();
    options.fileSystem = [](const std::string&) -> Result<FileSystemFacts> {
        return FileSystemFacts{"tmpfs", "tmpfs", "/tmp", storageKindOf("tmpfs"), {}, true};
    };
    options.ring = []() -> Result<RingPlace> { return RingPlace{false, "", "no room"}; };
    const auto report = runSelfTest(scripted.disk, options);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->problems, (std::vector{Problem::memoryFolder, Problem::ringNotKillProof}));
    const std::string text = selfTestText("/tmp", *report, false);
    EXPECT_NE(text.find("lies in memory (tmpfs)"), std::string::npos) << text;
    EXPECT_NE(text.find("no room"), std::string::npos) << text;
}

TEST(SelfTest, WhatCannotBeSeenIsNotClaimed) {
    for (const char* type : {"overlay", "nfs4", "fuseblk", "fuse.sshfs", "somethingnew", ""}) {
        ScriptedDisk scripted(5 * kMs);
        auto options = scripted.options();
        options.fileSystem = [&](const std::string&) -> Result<FileSystemFacts> {
            return FileSystemFacts{type, "x", "/", storageKindOf(type), {}, true};
        };
        const auto report = runSelfTest(scripted.disk, options);
        ASSERT_TRUE(report.has_value());
        EXPECT_TRUE(report->problems.empty());
        const std::string text = selfTestText("/x", *report, false);
        EXPECT_NE(text.find("cannot be seen"), std::string::npos) << text;
        const auto json = nlohmann::json::parse(selfTestJson({1, "/x", 0}, *report));
        EXPECT_EQ(json["syncs_seem_to_reach_disk"], "unknown");
    }
    EXPECT_EQ(storageKindOf("ext4"), StorageKind::disk);
    EXPECT_EQ(fileLimitOf("vfat"), 0xFFFF'FFFFu);
    EXPECT_EQ(fileLimitOf("ext4"), std::nullopt);
}

// A folder whose rename takes a taken name, as a bare rename does.
class ReplacingFolder final : public DiskFolder {
  public:
    explicit ReplacingFolder(FaultDisk disk) : disk_(std::move(disk)) {}
    Result<std::unique_ptr<DiskFile>> create(const std::string& name, bool ownerOnly) override {
        return disk_.create(name, ownerOnly);
    }
    Result<std::unique_ptr<DiskFile>> open(const std::string& name, Access access) override {
        return disk_.open(name, access);
    }
    Result<> rename(const std::string& from, const std::string& to, Existing) override {
        return disk_.rename(from, to, Existing::replace);
    }
    Result<> remove(const std::string& name) override { return disk_.remove(name); }
    bool exists(const std::string& name) override { return disk_.exists(name); }
    Result<std::vector<std::string>> list() override { return disk_.list(); }
    Result<> sync() override { return disk_.sync(); }
    Result<std::uint64_t> freeBytes() override { return disk_.freeBytes(); }
    std::string path() const override { return disk_.path(); }

  private:
    FaultDisk disk_;
};

TEST(SelfTest, RenameThatReplacesIsAProblem) {
    ScriptedDisk scripted(5 * kMs);
    ReplacingFolder folder(scripted.disk);
    const auto report = runSelfTest(folder, scripted.options());
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->problems, std::vector{Problem::takenNameIsLost});
    EXPECT_TRUE(scripted.disk.files().empty());
}

TEST(SelfTest, NothingIsLeftBehindWhateverFails) {
    // The file's making, the plain writes, some commits.
    for (std::size_t at = 0; at < 80; ++at) {
        ScriptedDisk scripted(5 * kMs);
        scripted.disk.failAt(at, EIO);
        auto options = scripted.options(1);
        options.probe.cancelled = [&] { return scripted.syncs > 60; };
        const auto report = runSelfTest(scripted.disk, options);
        EXPECT_TRUE(report || report.error().code == EIO || report.error().code == ECANCELED);
        EXPECT_TRUE(scripted.disk.files().empty()) << "operation " << at;
    }
    ScriptedDisk cancelled(5 * kMs);
    auto options = cancelled.options();
    options.probe.cancelled = [&] { return cancelled.syncs > 40; };
    const auto report = runSelfTest(cancelled.disk, options);
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, ECANCELED);
    EXPECT_TRUE(cancelled.disk.files().empty());
}

TEST(SelfTest, FullDiskIsAnErrorThatSaysSo) {
    ScriptedDisk scripted(5 * kMs);
    scripted.disk.setCapacity(100'000);
    const auto report = runSelfTest(scripted.disk, scripted.options());
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, ENOSPC);
    EXPECT_TRUE(scripted.disk.files().empty());
}

}  // namespace
}  // namespace holdfast
