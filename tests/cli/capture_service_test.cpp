// A recorder that nobody watches: it goes on after a kill, looks after finished files, tells its
// manager and keeps its figures.
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <regex>

#include "tests/support/capture_rig_posix.h"
#include "tests/support/service_manager_posix.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {
namespace {

using Json = nlohmann::json;
using Names = std::vector<std::string>;

constexpr std::uint64_t kRate = 8'000;

class CaptureService : public testing::Test {
  protected:
    [[nodiscard]] ChildOptions service(const Names& more) const {
        Names all = {"-D", "synth:ramp", "-c", "1", "-r", "8000", "-f", "S32", "--json", "take"};
        all.insert(all.end(), more.begin(), more.end());
        return rig_.command(all);
    }
    [[nodiscard]] std::vector<std::uint32_t> samples(const std::string& name) const {
        const auto verdict = wavcheck::checkWavFile(rig_.path(name));
        EXPECT_TRUE(verdict.ok) << name << ": " << verdict.defect;
        const std::string bytes = readFile(rig_.path(name));
        std::vector<std::uint32_t> frames(verdict.frames);
        std::memcpy(frames.data(), bytes.data() + verdict.dataOffset, frames.size() * 4);
        return frames;
    }
    static std::vector<Json> named(const ChildProcess& child, const std::string& name) {
        std::vector<Json> found;
        for (const Json& event : eventsOf(child.out())) {
            if (event["event"] == name) found.push_back(event);
        }
        return found;
    }
    // Records until there are some safe frames, and kills it. Returns how many were captured.
    std::uint64_t killSome(ChildProcess& child) const {
        EXPECT_TRUE(child.waitForLine(R"("event":"started")")) << child.err();
        EXPECT_TRUE(child.waitUntil([&] {
            const auto all = named(child, "status");
            return !all.empty() && all.back()["captured_frames"] > kRate / 2;
        }));
        child.signal(SIGKILL);
        child.wait();
        return named(child, "status").back()["captured_frames"];
    }
    enum class Fate { works, fails, hangs };
    // A command for the hook that appends the file's path to a log.
    [[nodiscard]] std::string hook(Fate fate = Fate::works) const {
        const std::string log = pathForProgram(rig_.home() + "/log");
        if (testsWindowsPrograms()) {
            const char* end = fate == Fate::works   ? ""
                              : fate == Fate::fails ? " & exit 1"
                                                    : " & ping -n 1000 127.0.0.1 >nul";
            return "echo %HOLDFAST_FILE%>>\"" + log + "\"" + end;
        }
        const char* end = fate == Fate::works   ? ""
                          : fate == Fate::fails ? "; false"
                                                : "; exec sleep 1000";
        return "echo \"$HOLDFAST_FILE\" >>" + log + end;
    }
    // The names in the log.
    [[nodiscard]] Names hooked() const {
        Names lines;
        std::string line;
        for (const char c : readFile(rig_.home() + "/log")) {
            if (c == '\n') {
                line.erase(line.find_last_not_of(' ') + 1);  // Wine's echo leaves one
                lines.push_back(std::exchange(line, {}));
            } else if (c == '/' || c == '\\') {
                line.clear();
            } else if (c != '\r') {
                line += c;
            }
        }
        return lines;
    }

    CaptureRig rig_;
};

TEST_F(CaptureService, GoesOnInTheNextPartAfterAKillWithTheGapBetween) {
    std::uint64_t captured = 0;
    const auto begin = std::chrono::system_clock::now();
    {
        ChildProcess child(service({"--resume"}));
        captured = killSome(child);
    }
    ChildProcess next(service({"--resume", "--gaps", "mark"}));
    ASSERT_TRUE(next.waitForLine(R"("event":"gap")")) << next.err();
    const auto end = std::chrono::system_clock::now();
    next.signal(stopSignal());
    EXPECT_EQ(next.wait().status, 3) << next.err();

    const auto first = samples("take.wav");
    EXPECT_GE(first.size(), captured) << "the kill has lost nothing";
    const auto second = samples("take-002.wav");
    ASSERT_FALSE(second.empty());
    EXPECT_EQ(second[0], 0U) << "a new device";
    const auto gaps = named(next, "gap");
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_EQ(gaps[0]["cause"], "restarted");
    EXPECT_EQ(gaps[0]["at"], first.size()) << "positions go on";
    const auto whole = std::chrono::duration<double>(end - begin).count() * kRate;
    EXPECT_LE(gaps[0]["frames"].get<double>() + static_cast<double>(first.size()), whole);
    const Json started = named(next, "started").at(0);
    EXPECT_EQ(pathFromProgram(started["continues"]), rig_.path("take.wav"));
    EXPECT_EQ(pathFromProgram(started["path"]), rig_.path("take-002.wav"));
    EXPECT_EQ(started["part"], 2);
    EXPECT_EQ(named(next, "stopped").at(0)["frames"], first.size() + second.size());
    const auto labels = wavcheck::checkWavFile(rig_.path("take-002.wav")).labels;
    ASSERT_EQ(labels.size(), 1U);
    EXPECT_NE(labels[0].text.find("restarted"), std::string::npos);
    EXPECT_EQ(rig_.rings(), Names{});
}

// The gap is as long as nobody recorded: the times of both processes' own clocks bound it.
TEST_F(CaptureService, GapOfARestartIsTheTimeWithoutARecorder) {
    using Clock = std::chrono::system_clock;
    ChildProcess child(service({"--resume"}));
    killSome(child);
    const auto killed = Clock::now();
    ASSERT_EQ(rig_.run({"-D", "synth:ramp", "-d", "2", "between"}).end.status, 0);
    const auto again = Clock::now();
    ChildProcess next(service({"--resume"}));
    ASSERT_TRUE(next.waitForLine(R"("event":"gap")")) << next.err();
    const double least = std::chrono::duration<double>(again - killed).count();
    const double gap = named(next, "gap").at(0)["frames"].get<double>() / kRate;
    EXPECT_GT(gap, least);
    next.signal(stopSignal());
    next.wait();
    const auto second = samples("take-002.wav");
    EXPECT_EQ(std::ranges::count(second, 0U),
              static_cast<std::ptrdiff_t>(named(next, "gap").at(0)["filled"]) + 1)
        << "filled with silence, before the first sample, which is 0";
}

TEST_F(CaptureService, MirrorIsMendedAndGoesOnToo) {
    const Names mirrored = {"--resume", "--mirror", pathForProgram(rig_.home())};
    {
        ChildProcess child(service(mirrored));
        killSome(child);
    }
    ChildProcess next(service(mirrored));
    ASSERT_TRUE(next.waitForLine(R"("event":"started")")) << next.err();
    next.signal(stopSignal());
    EXPECT_EQ(next.wait().status, 3) << next.err();
    for (const char* name : {"take.wav", "take-002.wav"}) {
        EXPECT_FALSE(samples(name).empty());
        const auto copy = wavcheck::checkWavFile(rig_.home() + "/" + name);
        EXPECT_TRUE(copy.ok) << name << ": " << copy.defect;
        EXPECT_GT(copy.frames, 0U);
    }
    ChildProcess list(rig_.recovery({"list"}));
    EXPECT_EQ(list.wait().status, 0) << list.out();
}

TEST_F(CaptureService, WhatEndedInOrderIsNotGoneOnWith) {
    ASSERT_EQ(rig_.run(service({"--resume", "-d", "100ms"})).end.status, 0);
    const auto again = rig_.run(service({"--resume", "-d", "100ms"}));
    EXPECT_EQ(again.end.status, 2) << "the name is taken, as without --resume";
    EXPECT_EQ(rig_.files(), Names{"take.wav"});
}

TEST_F(CaptureService, OnlyItsOwnRecordingIsGoneOnWith) {
    ChildProcess other(service({}));
    killSome(other);
    const auto refused = rig_.run(service({"--resume", "-d", "100ms"}));
    EXPECT_EQ(refused.end.status, 2) << "killed, but not a service's";
    EXPECT_NE(refused.err.find("repair"), std::string::npos) << refused.err;
}

TEST_F(CaptureService, KilledAgainAndAgainItHasOnePartForEach) {
    std::uint64_t captured = 0;
    for (int i = 0; i < 3; ++i) {
        ChildProcess child(service({"--resume", "--gaps", "mark"}));
        captured += killSome(child);
    }
    ChildProcess last(service({"--resume", "--gaps", "mark", "-d", "1h"}));
    ASSERT_TRUE(last.waitForLine(R"("event":"started")")) << last.err();
    last.signal(stopSignal());
    EXPECT_EQ(last.wait().status, 3) << last.err();
    std::uint64_t frames = 0;
    for (const char* name : {"take.wav", "take-002.wav", "take-003.wav", "take-004.wav"}) {
        frames += samples(name).size();
    }
    EXPECT_GE(frames, captured);
    EXPECT_EQ(named(last, "stopped").at(0)["frames"], frames);
    ChildProcess list(rig_.recovery({"list"}));
    EXPECT_EQ(list.wait().status, 0) << list.out() << "nothing waits for recovery";
}

TEST_F(CaptureService, HookRunsOnceForEachFinishedFile) {
    const auto done = rig_.run(
        service({"--speed", "max", "-d", "5s", "--split-time", "2s", "--on-file-closed", hook()}));
    EXPECT_EQ(done.end.status, 0) << done.err;
    EXPECT_EQ(hooked(), (Names{"take.wav", "take-002.wav", "take-003.wav"}));
    std::vector<std::string> shipped;
    for (const Json& event : eventsOf(done.out)) {
        if (event["event"] == "shipped") shipped.push_back(event["path"]);
    }
    EXPECT_EQ(shipped.size(), 3U);
    const auto nothingLeft =
        rig_.run({"-D", "synth:ramp", "-d", "10ms", "--on-file-closed", hook(), "other"});
    EXPECT_EQ(nothingLeft.end.status, 0);
    EXPECT_EQ(hooked(), (Names{"take.wav", "take-002.wav", "take-003.wav", "other.wav"}));
}

TEST_F(CaptureService, HookThatFailsIsTriedAgainByTheNextRecording) {
    const auto failed = rig_.run(service({"-d", "100ms", "--on-file-closed", hook(Fate::fails)}));
    EXPECT_EQ(failed.end.status, 0) << "the recording itself is complete";
    EXPECT_NE(failed.err.find("1 file has still to go through --on-file-closed"), std::string::npos)
        << failed.err;
    const auto next =
        rig_.run({"-D", "synth:ramp", "-d", "100ms", "--on-file-closed", hook(), "next"});
    EXPECT_EQ(next.end.status, 0) << next.err;
    auto lines = hooked();
    EXPECT_EQ(std::ranges::count(lines, "take.wav"), 2);
    EXPECT_EQ(std::ranges::count(lines, "next.wav"), 1);
}

// The hook stands; the recording splits, goes on and ends all the same.
TEST_F(CaptureService, HookThatHangsHoldsNothingUpAndIsLeftOnRequest) {
    ChildProcess child(
        service({"--split-time", "1s", "-d", "3s", "--on-file-closed", hook(Fate::hangs)}));
    ASSERT_TRUE(child.waitForLine(R"("event":"stopped")")) << child.err();
    EXPECT_EQ(named(child, "closed").size(), 3U);
    ASSERT_TRUE(child.waitForErrorLine("--on-file-closed still runs")) << child.err();
    child.signal(stopSignal());
    EXPECT_EQ(child.wait().status, 0) << child.err();
    EXPECT_EQ(hooked(), Names{"take.wav"});
    const auto next =
        rig_.run({"-D", "synth:ramp", "-d", "100ms", "--on-file-closed", hook(), "next"});
    EXPECT_EQ(next.end.status, 0) << next.err;
    for (const char* name : {"take.wav", "take-002.wav", "take-003.wav", "next.wav"}) {
        EXPECT_GE(std::ranges::count(hooked(), name), 1) << name;
    }
}

TEST_F(CaptureService, FileOfAKilledRecordingGoesThroughTheHookOnceItIsRecovered) {
    {
        ChildProcess child(service({"--on-file-closed", hook()}));
        killSome(child);
    }
    EXPECT_FALSE(std::filesystem::exists(rig_.home() + "/log"));
    ChildProcess repair(rig_.recovery({"repair", "--in-place", "take.wav"}));
    EXPECT_EQ(repair.wait().status, 1) << repair.err();
    const auto next =
        rig_.run({"-D", "synth:ramp", "-d", "100ms", "--on-file-closed", hook(), "next"});
    EXPECT_EQ(next.end.status, 0) << next.err;
    EXPECT_EQ(hooked(), (Names{"take.wav", "next.wav"}));
}

TEST_F(CaptureService, KeepRemovesTheOldestOfItsOwnFilesAlone) {
    ASSERT_EQ(rig_.run({"-D", "synth:ramp", "-d", "10ms", "precious"}).end.status, 0);
    writeFile(rig_.path("notes.txt"), "mine");
    const Names keep = {"--speed", "max",    "-d", "6s",      "--split-time",
                        "2s",      "--keep", "2",  "--sha256"};
    const auto done = rig_.run(service(keep));
    EXPECT_EQ(done.end.status, 0) << done.err;
    EXPECT_EQ(rig_.files(), (Names{"notes.txt", "precious.wav", "take-002.wav",
                                   "take-002.wav.sha256", "take-003.wav", "take-003.wav.sha256"}));
}

TEST_F(CaptureService, KeepLeavesWhatIsNotItsOwnAnyMore) {
    ASSERT_EQ(rig_.run({"-D", "synth:ramp", "-d", "10ms", "--keep", "9", "one"}).end.status, 0);
    ASSERT_EQ(rig_.run({"-D", "synth:ramp", "-d", "10ms", "--keep", "9", "two"}).end.status, 0);
    // Edited, and another recording under its name.
    writeFile(rig_.path("one.wav"), readFile(rig_.path("one.wav")) + "tail");
    std::filesystem::remove(rig_.path("two.wav"));
    ASSERT_EQ(rig_.run({"-D", "synth:ramp", "-d", "10ms", "two"}).end.status, 0);
    for (const char* name : {"three", "four"}) {
        ASSERT_EQ(rig_.run({"-D", "synth:ramp", "-d", "10ms", "--keep", "1", name}).end.status, 0);
    }
    EXPECT_EQ(rig_.files(), (Names{"four.wav", "one.wav", "two.wav"}));
}

TEST_F(CaptureService, KeepWaitsForTheHook) {
    const Names common = {"-D", "synth:ramp", "-d", "10ms", "--keep", "1", "--on-file-closed"};
    const auto record = [&](const std::string& command, const char* name) {
        Names all = common;
        all.insert(all.end(), {command, name});
        ASSERT_EQ(rig_.run(all).end.status, 0);
    };
    record(hook(Fate::fails), "one");
    record(hook(Fate::fails), "two");
    EXPECT_EQ(rig_.files(), (Names{"one.wav", "two.wav"})) << "they are nowhere else yet";
    record(hook(), "three");
    EXPECT_EQ(rig_.files(), Names{"three.wav"});
}

TEST_F(CaptureService, ManagerHearsOfReadinessWatchdogAndEnd) {
    ServiceManager manager(rig_.home() + "/notify");
    ASSERT_TRUE(manager.isBound());
    ChildOptions options = service({});
    options.environment.emplace_back("NOTIFY_SOCKET", rig_.home() + "/notify");
    options.environment.emplace_back("WATCHDOG_USEC", "200000");
    ChildProcess child(options);
    ASSERT_TRUE(child.waitUntil([&] { return manager.count("READY=1") == 1; })) << child.err();
    EXPECT_FALSE(named(child, "started").empty()) << "ready: it is recording";
    ASSERT_TRUE(child.waitUntil([&] { return manager.count("WATCHDOG=1") >= 5; }));
    ASSERT_TRUE(child.waitUntil([&] {
        return std::ranges::any_of(manager.told(), [](const std::string& line) {
            return line.starts_with("STATUS=") && line.find("safe to") != std::string::npos;
        });
    }));
    child.signal(stopSignal());
    EXPECT_EQ(child.wait().status, 0) << child.err();
    EXPECT_EQ(manager.told().back(), "STOPPING=1");
}

TEST_F(CaptureService, FiguresAreKeptInAFileThatIsAlwaysWhole) {
    const auto done =
        rig_.run(service({"--speed", "max", "-d", "2s", "--metrics", "figures.prom"}));
    EXPECT_EQ(done.end.status, 0) << done.err;
    EXPECT_EQ(rig_.files(), (Names{"figures.prom", "take.wav"}));
    const std::string text = readFile(rig_.path("figures.prom"));
    EXPECT_NE(text.find("\nholdfast_safe_seconds_total 2\n"), std::string::npos) << text;
    EXPECT_NE(text.find("holdfast_state{state=\"finished\"} 1\n"), std::string::npos) << text;
}

TEST_F(CaptureService, FiguresReplaceNoFileOfAnotherKind) {
    writeFile(rig_.path("notes.txt"), "mine");
    const auto refused = rig_.run(service({"-d", "1s", "--metrics", "notes.txt"}));
    EXPECT_EQ(refused.end.status, 2);
    EXPECT_NE(refused.err.find("notes.txt: is there already, and holds no figures"),
              std::string::npos)
        << refused.err;
    EXPECT_EQ(readFile(rig_.path("notes.txt")), "mine");
    EXPECT_EQ(rig_.files(), Names{"notes.txt"});
}

TEST_F(CaptureService, UnitTemplateNamesOptionsThatAreThere) {
    const std::string help = rig_.run(Names{"--help"}).out;
    const std::string unit =
        readFile(std::string(HOLDFAST_SOURCE_DIR) + "/resources/systemd/holdfast-capture@.service");
    const std::regex option(R"((--[a-z-]+)|#   ([a-z-]+)=)");
    std::size_t options = 0;
    for (auto found = std::sregex_iterator(unit.begin(), unit.end(), option);
         found != std::sregex_iterator(); ++found) {
        const std::string name = (*found)[1].matched ? (*found)[1].str() : "--" + (*found)[2].str();
        if (name == "--now" || name == "--user" || name == "--help") continue;
        EXPECT_NE(help.find(name), std::string::npos) << name;
        ++options;
    }
    EXPECT_GE(options, 8U);
}

TEST_F(CaptureService, WhatCannotBeIsTwo) {
    EXPECT_EQ(rig_.run(service({"--keep", "often"})).end.status, 2);
    EXPECT_EQ(rig_.run(service({"--metrics", "missing/folder.prom"})).end.status, 2);
    EXPECT_EQ(rig_.files(), Names{});
}

}  // namespace
}  // namespace holdfast
