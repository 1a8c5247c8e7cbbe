// A process that fills a ring is killed at any instruction; its parent reads what is left.
// Random kills meet long moments, a debugger's single steps every one of them.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "iocore/ring/spsc_ring.h"
#include "tests/support/ring_frames.h"

namespace holdfast {
namespace {

using test::kNumberedFormat;
using test::NumberedFrame;

constexpr std::uint64_t kCapacity = 301;

// What the child says of itself, in memory that both share. Device frames.
struct Progress {
    std::atomic<std::uint64_t> begun;     // the device returned so many to the process
    std::atomic<std::uint64_t> finished;  // the ring was told of so many
};

// Both ends in turn, for ever; never returns.
[[noreturn]] void captureForEver(const std::string& folder, const TakeId& takeId,
                                 Progress& progress) {
    auto memory =
        RingMemory::create({folder}, takeId, SpscRing::memoryBytes(kNumberedFormat, kCapacity));
    if (!memory || !memory->persistent()) _exit(1);
    auto ring = SpscRing::create(std::move(*memory), kNumberedFormat, kCapacity, takeId);
    if (!ring) _exit(2);
    (*ring)->setUse(RingUse::recording);
    auto producer = (*ring)->producer();
    auto consumer = (*ring)->consumer();
    std::minstd_rand random(static_cast<unsigned>(getpid()));
    std::vector<NumberedFrame> block;
    std::uint64_t device = 0;
    std::uint64_t stored = 0;
    for (;;) {
        const std::uint64_t count = 1 + random() % 60;
        // Seen by the parent after our death only, when all stores are: no partner.
        progress.begun.store(device + count, std::memory_order_release);
        if (random() % 4 == 0) {
            producer.gap(count, random() % 2 == 0 ? GapCause::clock : GapCause::injected);
        } else {
            block.clear();
            for (std::uint64_t i = 0; i < count; ++i) block.push_back({stored + i, device + i});
            stored += producer.write(std::as_bytes(std::span(block)));
        }
        device += count;
        // Partner: the parent, which loads it when the child is dead.
        progress.finished.store(device, std::memory_order_release);
        while (random() % 3 != 0) {
            if (consumer.gapHere()) consumer.takeGap();
            consumer.advanceWritten(consumer.peek(1 + random() % 100).size() /
                                    sizeof(NumberedFrame));
            if (random() % 2 == 0) consumer.markDurable();
            if (random() % 16 == 0) consumer.rewindToDurable();
        }
    }
}

// Every frame below published is right and complete, and every loss between them is told.
void checkWhatIsLeft(std::span<const std::byte> file, const TakeId& takeId,
                     const Progress& progress) {
    const auto ring = decodeRing(file.first(kRingAudioOffset), file.size());
    ASSERT_TRUE(ring) << ring.error().message();
    ASSERT_EQ(ring->takeId, takeId);
    ASSERT_EQ(ring->use, RingUse::recording);
    std::vector<std::uint64_t> lostAt(ring->published - ring->oldestFrame() + 1);
    for (const Gap& gap : ring->gaps) {
        if (gap.atFrame >= ring->oldestFrame()) {
            lostAt[gap.atFrame - ring->oldestFrame()] += gap.frames;
        }
    }
    NumberedFrame previous;
    for (std::uint64_t at = ring->oldestFrame(); at < ring->published; ++at) {
        NumberedFrame frame;
        std::memcpy(&frame, file.data() + ring->audioOffset(at), sizeof frame);
        ASSERT_EQ(frame.ringFrame, at);
        if (at > ring->oldestFrame()) {
            ASSERT_EQ(frame.deviceFrame,
                      previous.deviceFrame + 1 + lostAt[at - ring->oldestFrame()]);
        }
        previous = frame;
    }
    if (ring->published == ring->oldestFrame()) return;  // no frame to count from
    const std::uint64_t told = previous.deviceFrame + 1 + lostAt.back() + ring->pending.frames;
    EXPECT_GE(told, progress.finished.load(std::memory_order_acquire));
    EXPECT_LE(told, progress.begun.load(std::memory_order_acquire));
}

class SpscRingKill : public testing::Test {
  protected:
    SpscRingKill() {
        // In memory, as in life; a disk would only be slower.
        std::string pattern = "/dev/shm/holdfast-test-XXXXXX";
        if (mkdtemp(pattern.data()) == nullptr) {
            pattern = testing::TempDir() + "holdfast-test-XXXXXX";
            if (mkdtemp(pattern.data()) == nullptr) std::abort();
        }
        folder_ = pattern;
        void* shared = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (shared == MAP_FAILED) std::abort();
        progress_ = new (shared) Progress();
    }
    ~SpscRingKill() override {
        munmap(progress_, sizeof(Progress));
        std::filesystem::remove_all(folder_);
    }

    // Kills a child once it has captured `frames`, and reads its ring's file.
    std::vector<std::byte> killAfter(std::uint64_t frames, const TakeId& takeId) {
        progress_->begun = 0;
        progress_->finished = 0;
        const pid_t child = fork();
        if (child == 0) captureForEver(folder_, takeId, *progress_);
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (progress_->finished.load() < frames && std::chrono::steady_clock::now() < deadline) {
            sched_yield();
        }
        EXPECT_GE(progress_->finished.load(), frames) << "the child hangs or ended";
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status));
        const std::string path = folder_ + "/" + takeId.hex() + ".ring";
        std::vector<std::byte> bytes(std::filesystem::file_size(path));
        std::ifstream file(path, std::ios::binary);
        file.read(reinterpret_cast<char*>(bytes.data()),
                  static_cast<std::streamsize>(bytes.size()));
        std::filesystem::remove(path);
        return bytes;
    }

    std::string folder_;
    Progress* progress_ = nullptr;
};

TEST_F(SpscRingKill, EveryPublishedFrameAndEveryLossSurvivesAKill) {
    std::mt19937 random(7);
    for (int trial = 0; trial < 200 && !HasFailure(); ++trial) {
        SCOPED_TRACE(trial);
        const TakeId takeId = TakeId::random();
        const auto file = killAfter(1 + random() % 100'000, takeId);
        checkWhatIsLeft(file, takeId, *progress_);
    }
}

// The moments that matter: overrun, growth, close by audio, another cause, a full table, rewind.
void shortTake(SpscRing& ring, Progress& progress) {
    auto producer = ring.producer();
    auto consumer = ring.consumer();
    std::array<NumberedFrame, 5> block;
    std::uint64_t device = 0;
    std::uint64_t stored = 0;
    const auto deliver = [&] {
        // Partner: the parent, which loads it when the child is dead.
        progress.begun.store(device + block.size(), std::memory_order_release);
        for (std::uint64_t i = 0; i < block.size(); ++i) block[i] = {stored + i, device + i};
        stored += producer.write(std::as_bytes(std::span(block)));
        device += block.size();
        // Partner: the parent, which loads it when the child is dead.
        progress.finished.store(device, std::memory_order_release);
    };
    const auto lose = [&](GapCause cause) {
        // Partner: the parent, which loads it when the child is dead.
        progress.begun.store(device + 2, std::memory_order_release);
        producer.gap(2, cause);
        device += 2;
        // Partner: the parent, which loads it when the child is dead.
        progress.finished.store(device, std::memory_order_release);
    };
    const auto drain = [&](bool durable) {
        while (consumer.readableFrames() > 0 || consumer.gapHere()) {
            if (consumer.gapHere()) consumer.takeGap();
            consumer.advanceWritten(consumer.peek(3).size() / sizeof(NumberedFrame));
            // One frame stays, so that there is one to count from.
            if (durable && consumer.writtenFrame() < stored) consumer.markDurable();
        }
    };
    for (int round = 0; round < 6; ++round) {
        for (int i = 0; i < 4; ++i) deliver();
        drain(false);
        consumer.rewindToDurable();
        drain(true);
        deliver();
        lose(GapCause::clock);
        lose(GapCause::clock);
        lose(GapCause::injected);
        deliver();
        producer.closeGap();
    }
}

// Steps `child`, stopped by itself, to its end; `look` after each instruction. Returns how many.
std::uint64_t singleStep(pid_t child, const std::function<void()>& look) {
    int status = 0;
    waitpid(child, &status, 0);
    std::uint64_t steps = 0;
    while (WIFSTOPPED(status) && !testing::Test::HasFailure()) {
        if (ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0) break;
        waitpid(child, &status, 0);
        ++steps;
        look();
    }
    kill(child, SIGKILL);
    if (WIFSTOPPED(status)) waitpid(child, &status, 0);
    return steps;
}

TEST_F(SpscRingKill, NoInstructionIsAMomentAtWhichAKillHurts) {
    constexpr std::uint64_t kFrames = 13;
    const std::uint64_t bytes = SpscRing::memoryBytes(kNumberedFormat, kFrames);
    const TakeId takeId = TakeId::random();
    const pid_t child = fork();
    if (child == 0) {
        auto ring = SpscRing::create(RingMemory::create({folder_}, takeId, bytes).value(),
                                     kNumberedFormat, kFrames, takeId)
                        .value();
        ring->setUse(RingUse::recording);
        if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(3);
        raise(SIGSTOP);
        shortTake(*ring, *progress_);
        _exit(0);
    }
    siginfo_t state{};
    waitid(P_PID, static_cast<id_t>(child), &state, WEXITED | WSTOPPED | WNOWAIT);
    if (state.si_code == CLD_EXITED) {
        waitpid(child, nullptr, 0);
        GTEST_SKIP() << "no process may be traced here";
    }
    const int fd = open((folder_ + "/" + takeId.hex() + ".ring").c_str(), O_RDONLY | O_CLOEXEC);
    void* const mapped = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    ASSERT_NE(mapped, MAP_FAILED);
    const std::span<const std::byte> file{static_cast<const std::byte*>(mapped), bytes};
    const std::uint64_t steps =
        singleStep(child, [&] { checkWhatIsLeft(file, takeId, *progress_); });
    EXPECT_GT(steps, 1000u);
    EXPECT_GT(progress_->finished.load(), 200u);
    munmap(mapped, bytes);
}

}  // namespace
}  // namespace holdfast
