#include "iocore/recorder/burst_scan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace holdfast {
namespace {

constexpr std::uint64_t kHold = 20;

// A ring whose frames are silent but for some.
class Sound {
  public:
    explicit Sound(const PcmFormat& format, double level = 0.5, std::uint64_t capacity = 1000)
        : format_(format),
          ring_(SpscRing::create(
                    RingMemory::anonymous(SpscRing::memoryBytes(format, capacity)).value(), format,
                    capacity, TakeId::random())
                    .value()),
          producer_(ring_->producer()),
          consumer(ring_->consumer()),
          scan(format, {level, kHold}) {}

    void silence(std::uint64_t frames) { deliver(std::vector<std::byte>(bytes(frames))); }
    // One frame whose last channel has this sample, as it is stored.
    void frame(std::uint32_t sample) {
        std::vector<std::byte> one(bytes(1));
        const std::size_t size = bytesPerSample(format_.sampleType);
        std::memcpy(one.data() + one.size() - size, &sample, size);
        deliver(one);
    }
    void pass(std::uint64_t frames) {
        consumer.advanceWritten(frames);
        consumer.markDurable();
    }

  private:
    [[nodiscard]] std::size_t bytes(std::uint64_t frames) const {
        return frames * format_.bytesPerFrame();
    }
    void deliver(const std::vector<std::byte>& audio) {
        ASSERT_EQ(producer_.write(audio), audio.size() / format_.bytesPerFrame());
    }

    PcmFormat format_;
    std::unique_ptr<SpscRing> ring_;
    SpscRing::Producer producer_;

  public:
    SpscRing::Consumer consumer;
    BurstScan scan;
};

constexpr PcmFormat kMono16{48'000, 1, SampleType::S16, 0};
constexpr std::uint32_t kLoud = 0x4000;

TEST(BurstScan, BeginsAtTheFirstFrameThatIsLoud) {
    Sound sound(kMono16);
    sound.silence(100);
    EXPECT_FALSE(sound.scan.findStart(sound.consumer));
    sound.silence(7);
    sound.frame(kLoud - 1);
    sound.frame(kLoud);
    sound.silence(5);
    EXPECT_EQ(sound.scan.findStart(sound.consumer), 108u);
}

// Of each type the sample at the level is loud and the one below is not, of either sign; the last
// of three channels counts as the first does.
TEST(BurstScan, LevelIsExactInEachFormat) {
    const auto startsAt = [](SampleType type, std::uint32_t sample) {
        Sound sound({48'000, 3, type, 0});
        sound.frame(sample);
        return sound.scan.findStart(sound.consumer).has_value();
    };
    EXPECT_TRUE(startsAt(SampleType::S16, 0x4000));
    EXPECT_FALSE(startsAt(SampleType::S16, 0x3FFF));
    EXPECT_TRUE(startsAt(SampleType::S16, 0xC000));
    EXPECT_FALSE(startsAt(SampleType::S16, 0xC001));
    EXPECT_TRUE(startsAt(SampleType::S24, 0x400000));
    EXPECT_FALSE(startsAt(SampleType::S24, 0x3FFFFF));
    EXPECT_TRUE(startsAt(SampleType::S24, 0xC00000));
    EXPECT_FALSE(startsAt(SampleType::S24, 0xC00001));
    EXPECT_TRUE(startsAt(SampleType::S32, 0x4000'0000));
    EXPECT_FALSE(startsAt(SampleType::S32, 0x3FFF'FFFF));
    EXPECT_TRUE(startsAt(SampleType::F32, 0xBF00'0000));   // -0.5
    EXPECT_FALSE(startsAt(SampleType::F32, 0x3EFF'FFFF));  // just below 0.5
    EXPECT_FALSE(startsAt(SampleType::F32, 0x7FC0'0000)) << "not a number";
}

TEST(BurstScan, EndsSoLongAfterItsLastLoudFrame) {
    Sound sound(kMono16);
    sound.frame(kLoud);
    ASSERT_EQ(sound.scan.findStart(sound.consumer), 0u);
    sound.scan.beginAt(0);
    sound.silence(kHold - 1);
    sound.scan.follow(sound.consumer);
    EXPECT_FALSE(sound.scan.isOver()) << "the next frame may be loud";
    sound.frame(kLoud);  // frame 20, within the hold
    sound.silence(kHold - 1);
    sound.scan.follow(sound.consumer);
    EXPECT_FALSE(sound.scan.isOver());
    sound.silence(1);
    sound.scan.follow(sound.consumer);
    EXPECT_TRUE(sound.scan.isOver());
    EXPECT_EQ(sound.scan.limit(), 20 + 1 + kHold);
}

// The frame behind the hold is the next sound's, however late one looks.
TEST(BurstScan, LoudFrameBehindTheHoldIsTheNextSounds) {
    Sound sound(kMono16);
    sound.frame(kLoud);
    sound.silence(kHold);
    sound.frame(kLoud);  // frame 21
    sound.silence(100);
    ASSERT_EQ(sound.scan.findStart(sound.consumer), 0u);
    sound.scan.beginAt(0);
    sound.scan.follow(sound.consumer);
    EXPECT_TRUE(sound.scan.isOver());
    EXPECT_EQ(sound.scan.limit(), 1 + kHold);
    sound.pass(sound.scan.limit());
    EXPECT_EQ(sound.scan.findStart(sound.consumer), 1 + kHold);
}

// Deliveries of every length over the ring's end give the same bursts.
TEST(BurstScan, IsTheSameWhereverTheRingEndsAndHoweverOftenOneLooks) {
    for (std::uint64_t step = 1; step < 40; ++step) {
        Sound sound(kMono16, 0.5, 64);
        std::vector<std::uint64_t> found;
        bool isOpen = false;
        for (std::uint64_t at = 0; at < 600;) {
            for (std::uint64_t i = 0; i < step; ++i, ++at) {
                at % 100 == 50 || at % 100 == 60 ? sound.frame(kLoud) : sound.silence(1);
            }
            if (!isOpen) {
                if (const auto start = sound.scan.findStart(sound.consumer)) {
                    found.push_back(*start);
                    sound.scan.beginAt(*start);
                    isOpen = true;
                }
            }
            if (isOpen) {
                sound.scan.follow(sound.consumer);
                if (sound.scan.isOver()) {
                    found.push_back(sound.scan.limit());
                    isOpen = false;
                }
            }
            sound.consumer.advanceWritten(sound.consumer.framesHere(step));
            sound.consumer.advanceWritten(
                sound.consumer.framesHere(sound.consumer.readableFrames()));
            sound.consumer.markDurable();
        }
        ASSERT_GE(found.size(), 10u) << step;
        for (std::size_t i = 0; i + 1 < found.size(); i += 2) {
            EXPECT_EQ(found[i], 100 * (i / 2) + 50) << step;
            EXPECT_EQ(found[i + 1], 100 * (i / 2) + 61 + kHold) << step;
        }
    }
}

}  // namespace
}  // namespace holdfast
