// A process that fills a ring is killed at any instruction; its parent reads what is left.

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
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
void checkWhatIsLeft(const std::vector<std::byte>& file, const TakeId& takeId,
                     const Progress& progress) {
    const auto ring = decodeRing(std::span(file).first(kRingAudioOffset), file.size());
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

}  // namespace
}  // namespace holdfast
