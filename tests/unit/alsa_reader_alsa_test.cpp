// What the capture thread makes of what a driver says, without a card.
#include "iocore/capture/alsa_reader_alsa.h"

#include <gtest/gtest.h>

#include "tests/support/fake_alsa.h"
#include "tests/support/feed_rig.h"

namespace holdfast {
namespace {

using test::FakeAlsa;
using test::FeedRig;

constexpr std::uint64_t kPeriod = 480;

class AlsaReaderTest : public testing::Test {
  protected:
    AlsaReaderTest() {
        auto pcm = std::make_unique<FakeAlsa>();
        card_ = pcm.get();
        opened_.pcm = std::move(pcm);
        opened_.setup = {SND_PCM_FORMAT_S32_LE, FakeAlsa::kRate, 1, kPeriod, 4'800, 32, {}};
        opened_.grant.id = "alsa:fake";
        opened_.grant.name = "Fake";
        opened_.grant.format = opened_.grant.deviceFormat = kFormat;
        opened_.grant.fragmentFrames = kPeriod;
        opened_.grant.paced = true;
        reader_.emplace(opened_, rig_.feed());
    }
    // The reader looks at the card after each of `steps`, and is stopped then.
    AlsaReader::End run(std::vector<std::function<void()>> steps) {
        auto step = steps.begin();
        card_->onWait = [&, step]() mutable {
            if (step == steps.end()) return reader_->stop();
            (*step++)();
        };
        const auto end = reader_->run();
        if (end == AlsaReader::End::stopped) {
            reader_->drain();
            rig_.feed().finish();
        }
        rig_.drain();
        return end;
    }
    [[nodiscard]] std::vector<std::uint32_t> samples() const {
        std::vector<std::uint32_t> numbers(rig_.audio.size() / 4);
        std::memcpy(numbers.data(), rig_.audio.data(), rig_.audio.size());
        return numbers;
    }
    // Those of the file's frames that are there stand at their own numbers, with what was lost
    // told.
    void expectInPlace() const {
        const auto numbers = samples();
        std::uint64_t expected = 0;
        auto gap = rig_.gaps.begin();
        for (std::size_t i = 0; i < numbers.size(); ++i, ++expected) {
            for (; gap != rig_.gaps.end() && gap->atFrame == i; ++gap) expected += gap->frames;
            ASSERT_EQ(numbers[i], expected) << i;
        }
    }

    static constexpr PcmFormat kFormat{FakeAlsa::kRate, 1, SampleType::S32, 0};
    FeedRig rig_{kFormat, 480'000};
    AlsaOpened opened_;
    FakeAlsa* card_ = nullptr;
    std::optional<AlsaReader> reader_;
};

TEST_F(AlsaReaderTest, EveryFrameArrivesAndWhatStillWaitsAtTheStopToo) {
    EXPECT_EQ(run({[&] { card_->run(480); }, [&] { card_->run(1'000); }, [&] { card_->run(7); }}),
              AlsaReader::End::stopped);
    EXPECT_EQ(samples().size(), 1'487U);
    EXPECT_TRUE(rig_.gaps.empty());
    expectInPlace();
}

TEST_F(AlsaReaderTest, OverrunIsAGapOfWhatTheDriversClockSays) {
    EXPECT_EQ(run({[&] { card_->run(480); },
                   [&] {
                       card_->run(9'600, 9'600);
                       card_->fault = -EPIPE;
                   },
                   [&] { card_->run(480); }, [&] { card_->run(480); }}),
              AlsaReader::End::stopped);
    ASSERT_EQ(rig_.gaps.size(), 1U);
    EXPECT_EQ(rig_.gaps[0], (Gap{480, 9'600, GapCause::driverOverrun}));
    EXPECT_EQ(samples().size(), 1'440U);
    expectInPlace();
}

TEST_F(AlsaReaderTest, SuspensionIsAGapWithItsCause) {
    EXPECT_EQ(run({[&] { card_->run(480); },
                   [&] {
                       card_->run(240'000, 240'000);
                       card_->fault = -ESTRPIPE;
                   },
                   [&] { card_->run(480); }}),
              AlsaReader::End::stopped);
    ASSERT_EQ(rig_.gaps.size(), 1U);
    EXPECT_EQ(rig_.gaps[0], (Gap{480, 240'000, GapCause::suspended}));
    expectInPlace();
}

TEST_F(AlsaReaderTest, CardThatIsPulledOutIsLostWithAllThatCame) {
    EXPECT_EQ(run({[&] { card_->run(480); }, [&] { card_->fault = -ENODEV; }}),
              AlsaReader::End::deviceLost);
    EXPECT_EQ(rig_.feed().ended(), CaptureEnd::deviceLost);
    EXPECT_EQ(samples().size(), 480U);
    EXPECT_TRUE(rig_.gaps.empty());
}

TEST_F(AlsaReaderTest, CardThatDoesNotGoOnIsLostAndTheGapTold) {
    card_->prepareAnswer = -EIO;
    EXPECT_EQ(run({[&] { card_->run(480); },
                   [&] {
                       card_->run(4'800, 4'800);
                       card_->fault = -EPIPE;
                   }}),
              AlsaReader::End::deviceLost);
    ASSERT_EQ(rig_.gaps.size(), 1U);
    EXPECT_EQ(rig_.gaps[0], (Gap{480, 4'800, GapCause::driverOverrun}));
}

TEST_F(AlsaReaderTest, LossThatTheDriverKeepsToItselfIsAGapByTheClock) {
    std::vector<std::function<void()>> steps(300, [&] { card_->run(480); });
    steps[100] = [&] { card_->run(48'000, 47'520); };
    EXPECT_EQ(run(std::move(steps)), AlsaReader::End::stopped);
    ASSERT_EQ(rig_.gaps.size(), 1U);
    EXPECT_EQ(rig_.gaps[0].cause, GapCause::clock);
    EXPECT_NEAR(static_cast<double>(rig_.gaps[0].frames), 47'520, 480);
}

TEST_F(AlsaReaderTest, LossRightBeforeTheEndIsTold) {
    std::vector<std::function<void()>> steps(120, [&] { card_->run(480); });
    steps[100] = [&] { card_->run(48'000, 47'520); };
    EXPECT_EQ(run(std::move(steps)), AlsaReader::End::stopped);
    ASSERT_EQ(rig_.gaps.size(), 1U);
    EXPECT_EQ(rig_.gaps[0].cause, GapCause::clock);
    EXPECT_NEAR(static_cast<double>(rig_.gaps[0].frames), 47'520, 480);
}

TEST_F(AlsaReaderTest, CardThatDeliversNothingForTenSecondsIsLost) {
    std::vector<std::function<void()>> steps(60, [&] { card_->ns += 200'000'000; });
    EXPECT_EQ(run(std::move(steps)), AlsaReader::End::deviceLost);
}

}  // namespace
}  // namespace holdfast
