// Two threads, every frame and every gap checked. Runs under ThreadSanitizer as well.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "iocore/ring/spsc_ring.h"
#include "tests/support/ring_frames.h"

namespace holdfast {
namespace {

using test::framesOf;
using test::NumberedFrame;
using test::numberedRing;

// A device: delivers blocks by both ways in, and loses frames of its own now and then.
class Device {
  public:
    Device(SpscRing::Producer producer, std::uint64_t capacity, unsigned seed)
        : producer_(std::move(producer)), capacity_(capacity), random_(seed) {}

    void run(std::uint64_t frames) {
        while (deviceFrame_ < frames) {
            const std::uint64_t count = 1 + random_() % 40;
            if (random_() % 32 != 0) waitFor(count);
            switch (random_() % 8) {
                case 0:
                    producer_.gap(count, random_() % 2 == 0 ? GapCause::clock : GapCause::paused);
                    deviceFrame_ += count;
                    break;
                case 1:
                case 2:
                case 3:
                    fillInPlace(count);
                    break;
                default:
                    write(count);
            }
        }
        while (!producer_.closeGap()) std::this_thread::yield();
    }
    [[nodiscard]] std::uint64_t deviceFrame() const { return deviceFrame_; }
    [[nodiscard]] std::uint64_t stored() const { return stored_; }

  private:
    // Without it the device would be so far ahead that nearly all were lost.
    void waitFor(std::uint64_t frames) {
        while (producer_.freeFrames() < std::min(frames, capacity_)) std::this_thread::yield();
    }
    void write(std::uint64_t count) {
        block_.clear();
        for (std::uint64_t i = 0; i < count; ++i) {
            block_.push_back({stored_ + i, deviceFrame_ + i});
        }
        stored_ += producer_.write(std::as_bytes(std::span(block_)));
        deviceFrame_ += count;
    }
    void fillInPlace(std::uint64_t count) {
        const auto space = producer_.reserve(count);
        const std::uint64_t fits = space.size() / sizeof(NumberedFrame);
        for (std::uint64_t i = 0; i < fits; ++i) {
            const NumberedFrame frame{stored_ + i, deviceFrame_ + i};
            std::memcpy(space.data() + i * sizeof frame, &frame, sizeof frame);
        }
        producer_.publish(fits);
        stored_ += fits;
        deviceFrame_ += fits;
    }

    SpscRing::Producer producer_;
    std::uint64_t capacity_;
    std::minstd_rand random_;
    std::vector<NumberedFrame> block_;
    std::uint64_t deviceFrame_ = 0;
    std::uint64_t stored_ = 0;
};

// A file: takes everything in order, goes back to the durable position now and then, and keeps
// the first thing that was wrong.
class File {
  public:
    File(SpscRing::Consumer consumer, unsigned seed)
        : consumer_(std::move(consumer)), random_(seed) {}

    // One step; false when there was nothing to do.
    bool step() {
        if (random_() % 4 == 0) {
            durableLost_ = lost_;
            consumer_.markDurable();
        }
        if (random_() % 64 == 0) {
            lost_ = durableLost_;
            consumer_.rewindToDurable();
        }
        if (const auto gap = consumer_.gapHere()) {
            lost_ += gap->frames;
            consumer_.takeGap();
            return true;
        }
        const std::uint64_t at = consumer_.writtenFrame();
        const auto frames = framesOf(consumer_.peek(1 + random_() % 50));
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const NumberedFrame expected{at + i, at + i + lost_};
            if (frames[i] != expected) ++wrong_;
        }
        consumer_.advanceWritten(frames.size());
        return !frames.empty();
    }
    // Durable too, so that a producer that waits for a free slot goes on.
    void drain() {
        while (step()) {
        }
        durableLost_ = lost_;
        consumer_.markDurable();
    }
    [[nodiscard]] std::uint64_t wrong() const { return wrong_; }
    [[nodiscard]] std::uint64_t written() const { return consumer_.writtenFrame(); }
    [[nodiscard]] std::uint64_t lost() const { return lost_; }

  private:
    SpscRing::Consumer consumer_;
    std::minstd_rand random_;
    std::uint64_t lost_ = 0;
    std::uint64_t durableLost_ = 0;
    std::uint64_t wrong_ = 0;
};

class SpscRingThreads : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SpscRingThreads, EveryFrameIsRightAndEveryLossIsTold) {
    auto ring = numberedRing(GetParam());
    Device device(ring->producer(), GetParam(), 1);
    File file(ring->consumer(), 2);
    std::atomic<bool> ended{false};
    // By the capacity, because each round of it costs a busy machine a switch of threads.
    const std::uint64_t frames = std::clamp<std::uint64_t>(300 * GetParam(), 2'000, 500'000);
    std::thread capture([&] {
        device.run(frames);
        ended.store(true, std::memory_order_release);  // partner: the acquire below
    });
    std::uint64_t disorder = 0;
    while (!ended.load(std::memory_order_acquire)) {  // partner: the release above
        if (!file.step()) file.drain();
        const SpscRing::Fill fill = ring->fill();
        if (fill.durable > fill.written || fill.written > fill.published) ++disorder;
    }
    capture.join();
    file.drain();
    EXPECT_EQ(file.wrong(), 0u);
    EXPECT_EQ(disorder, 0u);
    EXPECT_EQ(file.written(), device.stored());
    EXPECT_EQ(file.written() + file.lost(), device.deviceFrame());
}

INSTANTIATE_TEST_SUITE_P(SpscRing, SpscRingThreads, testing::Values(1, 7, 64, 1000, 65'537));

}  // namespace
}  // namespace holdfast
