#include "iocore/ring/spsc_ring.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <type_traits>
#include <vector>

#include "tests/support/allocation_guard.h"
#include "tests/support/ring_frames.h"

namespace holdfast {
namespace {

using test::framesOf;
using test::NumberedFrame;
using test::numberedRing;
using test::snapshotOf;

static_assert(!std::is_copy_constructible_v<SpscRing::Producer>);
static_assert(!std::is_copy_assignable_v<SpscRing::Producer>);
static_assert(!std::is_copy_constructible_v<SpscRing::Consumer>);
static_assert(!std::is_copy_assignable_v<SpscRing::Consumer>);

// `count` frames, numbered from `first` on.
std::vector<NumberedFrame> numbered(std::uint64_t first, std::uint64_t count) {
    std::vector<NumberedFrame> frames(count);
    for (std::uint64_t i = 0; i < count; ++i) frames[i] = {first + i, first + i};
    return frames;
}

std::uint64_t write(SpscRing::Producer& producer, std::uint64_t first, std::uint64_t count) {
    const auto frames = numbered(first, count);
    return producer.write(std::as_bytes(std::span(frames)));
}

// Frames that peek() shows, taken.
std::vector<NumberedFrame> take(SpscRing::Consumer& consumer, std::uint64_t most) {
    auto frames = framesOf(consumer.peek(most));
    consumer.advanceWritten(frames.size());
    return frames;
}

// One ring with both ends.
struct Ends {
    explicit Ends(std::uint64_t capacity) : ring(numberedRing(capacity)) {}
    std::unique_ptr<SpscRing> ring;
    SpscRing::Producer producer = ring->producer();
    SpscRing::Consumer consumer = ring->consumer();
};

TEST(SpscRingTest, FramesComeOutAsTheyWentInAcrossTheWrap) {
    Ends ends(7);
    EXPECT_EQ(write(ends.producer, 0, 5), 5u);
    EXPECT_EQ(take(ends.consumer, 100), numbered(0, 5));
    ends.consumer.markDurable();
    EXPECT_EQ(write(ends.producer, 5, 6), 6u);
    EXPECT_EQ(ends.consumer.readableFrames(), 6u);
    EXPECT_EQ(take(ends.consumer, 100), numbered(5, 2));  // up to the wrap
    EXPECT_EQ(take(ends.consumer, 3), numbered(7, 3));    // at most as asked
    EXPECT_EQ(take(ends.consumer, 100), numbered(10, 1));
    EXPECT_EQ(ends.consumer.writtenFrame(), 11u);
}

TEST(SpscRingTest, ReserveGivesContiguousSpaceThatPublishMakesVisible) {
    Ends ends(7);
    write(ends.producer, 0, 5);
    take(ends.consumer, 5);
    ends.consumer.markDurable();
    auto space = ends.producer.reserve(6);
    ASSERT_EQ(space.size(), 2 * sizeof(NumberedFrame));  // up to the wrap
    const auto audio = numbered(5, 2);
    std::memcpy(space.data(), audio.data(), space.size());
    EXPECT_EQ(ends.consumer.readableFrames(), 0u);
    ends.producer.publish(1);  // fewer than reserved
    EXPECT_EQ(take(ends.consumer, 100), numbered(5, 1));
    EXPECT_EQ(ends.producer.reserve(100).size(), 1 * sizeof(NumberedFrame));
    ends.producer.publish(1);
    EXPECT_EQ(ends.producer.reserve(100).size(), 5 * sizeof(NumberedFrame));
    EXPECT_EQ(ends.producer.freeFrames(), 5u);
}

TEST(SpscRingTest, FullRingLosesNothingSilently) {
    Ends ends(4);
    EXPECT_EQ(write(ends.producer, 0, 10), 4u);
    EXPECT_EQ(ends.ring->fill().pendingLost, 6u);
    EXPECT_EQ(write(ends.producer, 10, 3), 0u);
    EXPECT_EQ(ends.ring->fill().pendingLost, 9u);
    EXPECT_TRUE(ends.producer.reserve(1).empty());
    EXPECT_EQ(take(ends.consumer, 100), numbered(0, 4));
    EXPECT_FALSE(ends.consumer.gapHere());  // open: it may still grow
    ends.consumer.markDurable();
    EXPECT_EQ(write(ends.producer, 13, 2), 2u);
    EXPECT_EQ(ends.ring->fill().pendingLost, 0u);
    EXPECT_EQ(ends.consumer.gapHere(), (Gap{4, 9, GapCause::ringFull}));
    EXPECT_TRUE(ends.consumer.peek(100).empty());  // nothing until the gap is taken
    ends.consumer.takeGap();
    EXPECT_EQ(take(ends.consumer, 100), numbered(13, 2));
    EXPECT_EQ(ends.consumer.gapsTaken(), 1u);
}

TEST(SpscRingTest, PeekStopsAtAGap) {
    Ends ends(100);
    write(ends.producer, 0, 3);
    ends.producer.gap(5, GapCause::driverOverrun);
    write(ends.producer, 8, 4);
    EXPECT_FALSE(ends.consumer.gapHere());
    EXPECT_EQ(take(ends.consumer, 100), numbered(0, 3));
    EXPECT_EQ(ends.consumer.gapHere(), (Gap{3, 5, GapCause::driverOverrun}));
    ends.consumer.takeGap();
    EXPECT_EQ(take(ends.consumer, 100), numbered(8, 4));
}

TEST(SpscRingTest, GapAtTheEndIsSeenOnceClosed) {
    Ends ends(100);
    write(ends.producer, 0, 3);
    take(ends.consumer, 3);
    ends.producer.gap(7, GapCause::deviceLost);
    EXPECT_FALSE(ends.consumer.gapHere());
    EXPECT_TRUE(ends.producer.closeGap());
    EXPECT_EQ(ends.consumer.gapHere(), (Gap{3, 7, GapCause::deviceLost}));
    ends.consumer.takeGap();
    EXPECT_TRUE(ends.producer.closeGap());
    EXPECT_FALSE(ends.consumer.gapHere());
}

TEST(SpscRingTest, GapsMergeByCauseOnly) {
    Ends ends(100);
    ends.producer.gap(2, GapCause::paused);
    ends.producer.gap(0, GapCause::ringFull);  // no frames: no gap
    ends.producer.gap(3, GapCause::paused);
    ends.producer.gap(4, GapCause::clock);
    write(ends.producer, 9, 1);
    EXPECT_EQ(ends.consumer.gapHere(), (Gap{0, 5, GapCause::paused}));
    ends.consumer.takeGap();
    EXPECT_EQ(ends.consumer.gapHere(), (Gap{0, 4, GapCause::clock}));
    ends.consumer.takeGap();
    EXPECT_FALSE(ends.consumer.gapHere());
    EXPECT_EQ(take(ends.consumer, 10), numbered(9, 1));
}

TEST(SpscRingTest, SpaceIsFreedAtDurableAndNotBefore) {
    Ends ends(4);
    write(ends.producer, 0, 4);
    take(ends.consumer, 4);
    EXPECT_EQ(ends.producer.freeFrames(), 0u);
    ends.consumer.markDurable();
    EXPECT_EQ(ends.producer.freeFrames(), 4u);
}

TEST(SpscRingTest, RewindGivesAudioAndGapsOnceMore) {
    Ends ends(5);
    write(ends.producer, 0, 3);
    take(ends.consumer, 3);
    ends.consumer.markDurable();
    write(ends.producer, 3, 3);
    ends.producer.gap(4, GapCause::injected);
    write(ends.producer, 10, 2);
    for (int pass = 0; pass < 3; ++pass) {
        EXPECT_EQ(take(ends.consumer, 100), numbered(3, 2)) << pass;
        EXPECT_EQ(take(ends.consumer, 100), numbered(5, 1)) << pass;
        EXPECT_EQ(ends.consumer.gapHere(), (Gap{6, 4, GapCause::injected})) << pass;
        ends.consumer.takeGap();
        EXPECT_EQ(take(ends.consumer, 100), numbered(10, 2)) << pass;
        ends.consumer.rewindToDurable();
        EXPECT_EQ(ends.consumer.writtenFrame(), 3u);
        EXPECT_EQ(ends.consumer.gapsTaken(), 0u);
    }
}

// Fills the gap table with single frames between gaps.
void fillTable(SpscRing::Producer& producer) {
    for (std::uint64_t i = 0; i < kRingGapSlots; ++i) {
        producer.gap(1, GapCause::injected);
        ASSERT_EQ(write(producer, i, 1), 1u);
    }
}

TEST(SpscRingTest, FullGapTableTurnsAudioIntoAToldLoss) {
    Ends ends(4 * kRingGapSlots);
    fillTable(ends.producer);
    EXPECT_EQ(write(ends.producer, kRingGapSlots, 1), 1u);  // no gap before it: fits
    ends.producer.gap(2, GapCause::ringFull);
    EXPECT_EQ(ends.producer.freeFrames(), 0u);
    EXPECT_TRUE(ends.producer.reserve(1).empty());
    EXPECT_FALSE(ends.producer.closeGap());
    EXPECT_EQ(write(ends.producer, 0, 3), 0u);
    EXPECT_EQ(ends.ring->fill().pendingLost, 5u);

    ASSERT_TRUE(ends.consumer.gapHere());
    ends.consumer.takeGap();
    EXPECT_EQ(ends.producer.freeFrames(), 0u);  // not before it is durable
    ends.consumer.markDurable();
    EXPECT_EQ(write(ends.producer, 9000, 1), 1u);
    const auto image = snapshotOf(*ends.ring);
    ASSERT_TRUE(image) << image.error().message();
    EXPECT_EQ(image->gaps.back(), (Gap{kRingGapSlots + 1, 5, GapCause::ringFull}));
}

TEST(SpscRingTest, FullGapTableNeverHidesALossInAPause) {
    Ends ends(4 * kRingGapSlots);
    fillTable(ends.producer);
    ends.producer.gap(10, GapCause::paused);
    ends.producer.gap(1, GapCause::ringFull);
    ends.producer.gap(10, GapCause::paused);
    ends.producer.gap(3, GapCause::clock);
    const auto image = snapshotOf(*ends.ring);
    ASSERT_TRUE(image) << image.error().message();
    EXPECT_EQ(image->pending, (Gap{kRingGapSlots, 24, GapCause::ringFull}));
}

TEST(SpscRingTest, AbsurdGapStaysReadable) {
    Ends ends(4);
    ends.producer.gap(~std::uint64_t{0}, GapCause::clock);
    ends.producer.gap(~std::uint64_t{0}, GapCause::clock);
    const auto image = snapshotOf(*ends.ring);
    ASSERT_TRUE(image) << image.error().message();
    EXPECT_EQ(image->pending.frames, kRingMaxFrames);
}

TEST(SpscRingTest, ProducerAllocatesNothing) {
    Ends ends(64);
    const auto audio = numbered(0, 50);
    const test::AllocationGuard guard;
    for (int i = 0; i < 3000; ++i) {
        ends.producer.write(std::as_bytes(std::span(audio)));
        ends.producer.gap(1, i % 2 == 0 ? GapCause::clock : GapCause::paused);
        ends.producer.publish(ends.producer.reserve(3).size() / sizeof(NumberedFrame));
        if (i % 5 == 0) {
            if (ends.consumer.gapHere()) ends.consumer.takeGap();
            ends.consumer.advanceWritten(ends.consumer.peek(64).size() / sizeof(NumberedFrame));
            ends.consumer.markDurable();
        }
    }
    ends.producer.closeGap();
}

TEST(SpscRingDeathTest, AllocationGuardCatchesAnAllocation) {
    EXPECT_DEATH(
        {
            const test::AllocationGuard guard;
            delete new std::vector<int>(3);
        },
        "allocation under an AllocationGuard");
}

TEST(SpscRingDeathTest, EachEndIsHandedOutOnce) {
    Ends ends(4);
    EXPECT_DEATH((void)ends.ring->producer(), "producerTaken_");
    EXPECT_DEATH((void)ends.ring->consumer(), "consumerTaken_");
}

TEST(SpscRingTest, EveryFrameSizeAndOddCapacityWorks) {
    for (std::uint32_t channels = 1; channels <= kMaxChannels; ++channels) {
        for (SampleType type : {SampleType::S16, SampleType::S24, SampleType::S32}) {
            const PcmFormat format{48'000, channels, type, 0};
            const std::uint64_t capacity = 3 + channels % 5;
            auto ring = SpscRing::create(
                RingMemory::anonymous(SpscRing::memoryBytes(format, capacity)).value(), format,
                capacity, TakeId::random());
            ASSERT_TRUE(ring);
            auto producer = (*ring)->producer();
            auto consumer = (*ring)->consumer();
            std::vector<std::byte> audio(2 * format.bytesPerFrame());
            std::vector<std::byte> out;
            for (int i = 0; i < 5; ++i) {
                for (std::size_t k = 0; k < audio.size(); ++k)
                    audio[k] = static_cast<std::byte>(i * 31 + k);
                ASSERT_EQ(producer.write(audio), 2u);
                out.clear();
                while (consumer.readableFrames() > 0) {
                    const auto part = consumer.peek(2);
                    out.insert(out.end(), part.begin(), part.end());
                    consumer.advanceWritten(part.size() / format.bytesPerFrame());
                }
                ASSERT_EQ(out, audio) << format.describe();
                consumer.markDurable();
            }
        }
    }
}

TEST(SpscRingTest, CreateRefusesWhatCannotBe) {
    const PcmFormat format = test::kNumberedFormat;
    const auto create = [](const PcmFormat& wished, std::uint64_t capacity) {
        return SpscRing::create(RingMemory::anonymous(kRingAudioOffset + 160).value(), wished,
                                capacity, TakeId::random());
    };
    EXPECT_TRUE(create(format, 10));
    for (const std::uint64_t capacity :
         {std::uint64_t{0}, std::uint64_t{11}, std::uint64_t{1} << 60, ~std::uint64_t{0}}) {
        const auto ring = create(format, capacity);
        ASSERT_FALSE(ring) << capacity;
        EXPECT_EQ(ring.error().stage, Stage::ring);
    }
    EXPECT_FALSE(create({48'000, 0, SampleType::S16, 0}, 10));
    EXPECT_FALSE(create({48'000, 65, SampleType::S16, 0}, 1));
}

}  // namespace
}  // namespace holdfast
