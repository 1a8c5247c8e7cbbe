#include "iocore/recorder/preroll_window.h"

#include <gtest/gtest.h>

#include "iocore/base/local_time.h"
#include "tests/support/ring_frames.h"

namespace holdfast {
namespace {

using test::NumberedFrame;

struct Monitored {
    explicit Monitored(std::uint64_t windowFrames, std::uint64_t capacity = 100)
        : ring(test::numberedRing(capacity)),
          producer(ring->producer()),
          window(ring->consumer(), windowFrames) {}

    void deliver(std::uint64_t frames) {
        for (std::uint64_t i = 0; i < frames; ++i, ++delivered) {
            const NumberedFrame frame{delivered, delivered};
            ASSERT_EQ(producer.write(std::as_bytes(std::span(&frame, 1))), 1u);
        }
    }
    [[nodiscard]] std::uint64_t published() const { return ring->fill().published; }
    // Number of the first frame that the recording would have.
    std::uint64_t firstRecorded() {
        SpscRing::Consumer consumer = window.release();
        const auto audio = consumer.peek(1);
        return audio.empty() ? consumer.writtenFrame() : test::framesOf(audio)[0].ringFrame;
    }

    std::unique_ptr<SpscRing> ring;
    SpscRing::Producer producer;
    PrerollWindow window;
    std::uint64_t delivered = 0;
};

TEST(PrerollWindow, BeginsExactlySoMuchBeforeTheStart) {
    Monitored monitored(30);
    for (int round = 0; round < 40; ++round) {
        monitored.deliver(7);
        monitored.window.slide();
    }
    const std::uint64_t start = monitored.published();
    // What comes between the start and the writer's look at it belongs to the recording.
    monitored.deliver(11);
    EXPECT_EQ(monitored.window.slideTo(start), 30u);
    EXPECT_EQ(monitored.window.firstFrame(), start - 30);
    EXPECT_EQ(monitored.firstRecorded(), start - 30);
}

TEST(PrerollWindow, KeepsAllWhereThereIsLess) {
    Monitored monitored(30);
    monitored.deliver(12);
    monitored.window.slide();
    EXPECT_EQ(monitored.window.slideTo(12), 12u);
    EXPECT_EQ(monitored.firstRecorded(), 0u);
}

TEST(PrerollWindow, NoWindowBeginsAtTheStart) {
    Monitored monitored(0);
    monitored.deliver(50);
    EXPECT_EQ(monitored.window.slideTo(50), 0u);
    EXPECT_EQ(monitored.window.firstFrame(), 50u);
}

TEST(PrerollWindow, FreesTheSpaceThatIsTooOldAndNoMore) {
    Monitored monitored(30);
    monitored.deliver(100);
    EXPECT_EQ(monitored.producer.freeFrames(), 0u);
    monitored.window.slide();
    EXPECT_EQ(monitored.producer.freeFrames(), 70u);
}

TEST(PrerollWindow, GapsInItCountAsTheirTime) {
    Monitored monitored(30);
    monitored.deliver(50);
    monitored.producer.gap(12, GapCause::driverOverrun);
    monitored.deliver(10);
    EXPECT_EQ(monitored.window.slideTo(60), 30u);
    EXPECT_EQ(monitored.window.firstFrame(), 42u);  // 8 frames, 12 lost, 10 frames
    SpscRing::Consumer consumer = monitored.window.release();
    EXPECT_EQ(consumer.gapsTaken(), 0u);
}

TEST(PrerollWindow, GapAcrossItsBeginningIsLeftOut) {
    Monitored monitored(30);
    monitored.deliver(50);
    monitored.producer.gap(1'000, GapCause::suspended);
    monitored.deliver(10);
    EXPECT_EQ(monitored.window.slideTo(60), 10u);
    EXPECT_EQ(monitored.window.firstFrame(), 50u);
    SpscRing::Consumer consumer = monitored.window.release();
    EXPECT_EQ(consumer.gapsTaken(), 1u);
    EXPECT_FALSE(consumer.gapHere());
}

// It belongs to the recording: nobody knows yet that it has ended.
TEST(PrerollWindow, GapAtTheStartIsTheRecordings) {
    Monitored monitored(30);
    monitored.deliver(50);
    monitored.producer.gap(5, GapCause::driverOverrun);
    monitored.producer.closeGap();
    EXPECT_EQ(monitored.window.slideTo(50), 30u);
    EXPECT_EQ(monitored.window.firstFrame(), 20u);
}

TEST(LocalTimeEarlier, GoesBackOverMidnightAndTheYear) {
    const LocalTime newYear{2024, 1, 1, 3, 500'000'000};
    EXPECT_EQ(earlier(newYear, 0), newYear);
    EXPECT_EQ(earlier(newYear, 3'000'000'000), (LocalTime{2024, 1, 1, 0, 500'000'000}));
    EXPECT_EQ(earlier(newYear, 4'000'000'000), (LocalTime{2023, 12, 31, 86'399, 500'000'000}));
    EXPECT_EQ(earlier({2024, 3, 1, 0, 0}, 1), (LocalTime{2024, 2, 29, 86'399, 999'999'999}));
}

}  // namespace
}  // namespace holdfast
