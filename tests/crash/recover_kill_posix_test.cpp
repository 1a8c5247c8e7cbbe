// kill -9 of holdfast-recover itself, at 40 moments of its run: nothing is lost by it, and a second
// run comes to the end that an undisturbed one comes to.
#include <chrono>
#include <csignal>
#include <random>

#include "tests/support/recover_rig_posix.h"

namespace holdfast {
namespace {

using Clock = std::chrono::steady_clock;
using Words = RecoverRig::Words;

constexpr int kKills = 40;
// 60 MB at 48 kHz, two channels, S24.
constexpr std::uint64_t kFrames = 10'000'000;

class RecoverKill : public testing::Test {
  protected:
    void SetUp() override {
        rig_.crash("take.wav", kFrames, {"--speed", "max"});
        crashed_ = rig_.save();
        ASSERT_GE(crashed_.takes["take.wav"].size(), kFrames * 6);
    }

    // The undisturbed run: what it makes, and how long it takes.
    void runOnce(const Words& arguments) {
        const auto begin = Clock::now();
        EXPECT_EQ(rig_.recover(arguments).end.status, 1);
        lasts_ = Clock::now() - begin;
        wanted_ = rig_.contents();
    }

    Clock::duration moment() {
        return Clock::duration(
            std::uniform_int_distribution<Clock::rep>(0, lasts_.count())(random_));
    }

    // False when it came to its end before.
    bool killAt(const Words& arguments, Clock::duration after) {
        const auto moment = Clock::now() + after;
        ChildProcess child(rig_.recovery(arguments));
        child.waitUntil([&] { return Clock::now() >= moment; });
        child.signal(SIGKILL);
        const bool killed = child.wait().signal == SIGKILL;
        // The machine's speed changes: the next moments follow it, so that most of them meet a run.
        lasts_ = killed ? lasts_ * 21 / 20 : lasts_ * 4 / 5;
        return killed;
    }

    RecoverRig rig_;
    RecoverRig::State crashed_;
    Files wanted_;
    Clock::duration lasts_{};
    std::mt19937 random_{20'240'501};
};

TEST_F(RecoverKill, CopyNeverHarmsItsInputAndTheNextRunCompletes) {
    const Words repair = {"repair", "take.wav"};
    runOnce(repair);
    int killed = 0;
    for (int i = 0; i < kKills; ++i) {
        rig_.restore(crashed_);
        killed += killAt(repair, moment()) ? 1 : 0;
        ASSERT_TRUE(readFile(rig_.path("take.wav")) == crashed_.takes["take.wav"]) << i;
        ASSERT_EQ(rig_.recover(repair).end.status, 1) << i;
        ASSERT_TRUE(rig_.contents() == wanted_) << i;
        ASSERT_EQ(rig_.rings(), Words{}) << i;
    }
    EXPECT_GT(killed, kKills / 4);
}

// Killed once or twice, then finished; or taken back.
TEST_F(RecoverKill, InPlaceIsFinishedOrTakenBackByTheNextRun) {
    const Words repair = {"repair", "--in-place", "take.wav"};
    const Words undo = {"repair", "--undo", "take.wav"};
    runOnce(repair);
    int killed = 0;
    for (int i = 0; i < kKills; ++i) {
        rig_.restore(crashed_);
        killed += killAt(repair, moment()) ? 1 : 0;
        if (i % 2 == 1) killAt(repair, moment());
        if (i % 4 == 3) {
            killAt(undo, moment() / 4);
            ASSERT_EQ(rig_.recover(undo).end.status, 0) << i;
            ASSERT_TRUE(readFile(rig_.path("take.wav")) == crashed_.takes["take.wav"]) << i;
        }
        ASSERT_EQ(rig_.recover(repair).end.status, 1) << i;
        // The undo file of a run that was killed may hold its records more than once.
        ASSERT_TRUE(readFile(rig_.path("take.wav")) == wanted_["take.wav"]) << i;
        ASSERT_EQ(rig_.files(), (Words{"take.wav", "take.wav.undo"})) << i;
        ASSERT_EQ(rig_.rings(), Words{}) << i;
        ASSERT_EQ(rig_.recover(undo).end.status, 0) << i;
        ASSERT_TRUE(readFile(rig_.path("take.wav")) == crashed_.takes["take.wav"]) << i;
    }
    EXPECT_GT(killed, kKills / 4);
}

}  // namespace
}  // namespace holdfast
