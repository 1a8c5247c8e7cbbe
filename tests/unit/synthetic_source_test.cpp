#include "iocore/capture/synthetic_source.h"
#include "iocore/base/take_id.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "iocore/capture/synthetic_name.h"
#include "iocore/capture/synthetic_signal.h"
#include "tests/support/feed_rig.h"

namespace holdfast {
namespace {

using test::FeedRig;

CaptureRequest fullSpeed(const std::string& device, SampleType type, std::uint32_t channels) {
    CaptureRequest request;
    request.device = device;
    request.sampleRate = 48'000;
    request.channels = channels;
    request.sampleType = type;
    request.maxSpeed = true;
    return request;
}

// Opens and runs a device until it ends by itself.
struct WholeRun {
    explicit WholeRun(const CaptureRequest& request, std::uint64_t ringFrames = 20'000) {
        auto opened = openCaptureSource(request);
        if (!opened) {
            ADD_FAILURE() << opened.error().message();
            return;
        }
        source = std::move(*opened);
        rig = std::make_unique<FeedRig>(source->grant().format, ringFrames);
        EXPECT_TRUE(source->start(rig->feed()));
        EXPECT_TRUE(rig->drainUntilEnd());
        source->stop();
    }
    // The feed must outlive the source.
    std::unique_ptr<FeedRig> rig;
    std::unique_ptr<CaptureSource> source;
};

// HOLDFAST_SYNTH_COUNTER as long as it lives; empty is as good as unset.
class CounterVariable {
  public:
    explicit CounterVariable(const std::string& value) : text_("HOLDFAST_SYNTH_COUNTER=" + value) {
        ::putenv(text_.data());
    }
    ~CounterVariable() { ::putenv(empty_); }
    CounterVariable(const CounterVariable&) = delete;
    CounterVariable& operator=(const CounterVariable&) = delete;

  private:
    std::string text_;
    static inline char empty_[] = "HOLDFAST_SYNTH_COUNTER=";
};

std::uint32_t bitsAt(std::span<const std::byte> bytes, std::uint64_t sample, std::uint32_t width) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, bytes.data() + sample * width, width);
    return bits;
}

TEST(SyntheticSignal, RampCarriesTheFrameNumberInEveryFormat) {
    constexpr std::uint64_t kFirst = (std::uint64_t{1} << 32) + 0xABCD'EFFE;
    struct Row {
        SampleType type;
        std::uint32_t first;
        std::uint32_t third;
    };
    for (const Row& row :
         {Row{SampleType::S16, 0xEFFE, 0xF000}, Row{SampleType::S24, 0xCDEFFE, 0xCDF000},
          Row{SampleType::S32, 0xABCDEFFE, 0xABCDF000}}) {
        const PcmFormat format{48'000, 3, row.type, 0};
        std::vector<std::byte> frames(3 * format.bytesPerFrame());
        SyntheticSignal(SyntheticKind::ramp, format).fill(kFirst, frames);
        const std::uint32_t width = bytesPerSample(row.type);
        for (std::uint32_t c = 0; c < 3; ++c) {
            EXPECT_EQ(bitsAt(frames, c, width), row.first) << sampleTypeName(row.type);
            EXPECT_EQ(bitsAt(frames, 6 + c, width), row.third) << sampleTypeName(row.type);
        }
    }
    const PcmFormat format{48'000, 1, SampleType::F32, 0};
    std::vector<std::byte> frames(4);
    SyntheticSignal(SyntheticKind::ramp, format).fill((1U << 24) + 3, frames);
    float value = 0;
    std::memcpy(&value, frames.data(), sizeof(value));
    EXPECT_EQ(value, 3.0F / 16'777'216.0F);
}

// The first outputs of SplitMix64 from seed 0, as published with the generator.
TEST(SyntheticSignal, NoiseIsSplitMix64OfTheSampleNumber) {
    constexpr std::uint64_t kPublished[] = {0xE220'A839'7B1D'CDAF, 0x6E78'9E6A'A1B9'65F4,
                                            0x06C4'5D18'8009'454F, 0xF88B'B8A8'724C'81EC};
    for (SampleType type : {SampleType::S16, SampleType::S24, SampleType::S32}) {
        const PcmFormat format{48'000, 2, type, 0};
        const std::uint32_t width = bytesPerSample(type);
        std::vector<std::byte> frames(2 * format.bytesPerFrame());
        SyntheticSignal(SyntheticKind::noise, format, 0).fill(0, frames);
        for (std::uint32_t n = 0; n < 4; ++n) {
            EXPECT_EQ(bitsAt(frames, n, width), kPublished[n] >> (64 - 8 * width));
        }
    }
    const PcmFormat format{48'000, 1, SampleType::F32, 0};
    std::vector<std::byte> frames(8);
    SyntheticSignal(SyntheticKind::noise, format, 0).fill(0, frames);
    float values[2];
    std::memcpy(values, frames.data(), sizeof(values));
    EXPECT_EQ(values[0], (0xE220A8 - 0x1000000) / 8'388'608.0F);
    EXPECT_EQ(values[1], 0x6E789E / 8'388'608.0F);
}

TEST(SyntheticSignal, AnyStretchCanBeComputedAlone) {
    for (SyntheticKind kind : {SyntheticKind::ramp, SyntheticKind::tone, SyntheticKind::noise}) {
        const PcmFormat format{44'100, 2, SampleType::S24, 0};
        const SyntheticSignal signal(kind, format, 99);
        std::vector<std::byte> whole(2000 * 6);
        std::vector<std::byte> part(700 * 6);
        signal.fill(0, whole);
        signal.fill(1234, part);
        EXPECT_EQ(std::memcmp(part.data(), whole.data() + 1234 * 6, part.size()), 0);
    }
}

TEST(SyntheticSignal, SeedsGiveDifferentNoise) {
    const PcmFormat format{48'000, 1, SampleType::S32, 0};
    std::vector<std::byte> one(4);
    std::vector<std::byte> two(4);
    SyntheticSignal(SyntheticKind::noise, format, 1).fill(0, one);
    SyntheticSignal(SyntheticKind::noise, format, 2).fill(0, two);
    EXPECT_NE(one, two);
}

TEST(SyntheticSignal, ToneIsAKilohertzSineOfMinus18Dbfs) {
    for (std::uint32_t rate : {44'100U, 48'000U, 22'050U, 96'000U}) {
        const PcmFormat format{rate, 1, SampleType::S24, 0};
        std::vector<std::byte> frames(std::size_t{rate} * 3);
        SyntheticSignal(SyntheticKind::tone, format).fill(0, frames);
        for (std::uint64_t f = 0; f < rate; ++f) {
            const auto value = static_cast<std::int32_t>(bitsAt(frames, f, 3) << 8) >> 8;
            const double x = std::pow(10, -0.9) * std::sin(2 * 3.14159265358979323846 * 1000.0 *
                                                           static_cast<double>(f) / rate);
            ASSERT_NEAR(value, x * 8'388'608.0, 0.51) << "frame " << f << " at " << rate;
        }
    }
}

TEST(SyntheticName, FaultsComeInOrderOfFrames) {
    const auto name =
        parseSyntheticName("synth:noise?unplug@900&seed=7&stall@5=250&gap@100=33&error@open");
    ASSERT_TRUE(name);
    using Kind = ClockedFault::Kind;
    EXPECT_EQ(name->kind, SyntheticKind::noise);
    EXPECT_EQ(name->seed, 7U);
    EXPECT_TRUE(name->failsToOpen);
    EXPECT_EQ(name->faults,
              (std::vector<ClockedFault>{
                  {Kind::stall, 5, 250}, {Kind::gap, 100, 33}, {Kind::unplug, 900, 0}}));
}

TEST(SyntheticName, BackBelongsToTheUnplugBeforeIt) {
    const auto name = parseSyntheticName("synth:ramp?unplug@900&back@40&unplug@5&gap@7=1");
    ASSERT_TRUE(name);
    using Kind = ClockedFault::Kind;
    EXPECT_EQ(name->faults,
              (std::vector<ClockedFault>{
                  {Kind::unplug, 5, 0}, {Kind::gap, 7, 1}, {Kind::unplug, 900, 40, true}}));
}

TEST(SyntheticName, AMalformedPartIsNamedWithTheGrammar) {
    const std::pair<const char*, const char*> rows[] = {
        {"synth:", "''"},
        {"synth:saw", "'saw'"},
        {"synth:rampx", "'rampx'"},
        {"synth:ramp?", "''"},
        {"synth:ramp?gap@5", "'gap@5'"},
        {"synth:ramp?gap@=5", "'gap@=5'"},
        {"synth:ramp?gap@5=", "'gap@5='"},
        {"synth:ramp?gap@-5=1", "'gap@-5=1'"},
        {"synth:ramp?gap@5=1x", "'gap@5=1x'"},
        {"synth:ramp?unplug@5=3", "'unplug@5=3'"},
        {"synth:ramp?unplug", "'unplug'"},
        {"synth:ramp?back@5", "'back@5'"},
        {"synth:ramp?gap@5=1&back@5", "'back@5'"},
        {"synth:ramp?unplug@5&back@x", "'back@x'"},
        {"synth:ramp?unplug@5&back@1&back@2", "'back@2'"},
        {"synth:ramp?error@close", "'error@close'"},
        {"synth:ramp?seed=1", "'seed=1'"},
        {"synth:noise?seed=x", "'seed=x'"},
        {"synth:ramp?gap@1=1&", "''"},
        {"synth:ramp?gap@1=1&&unplug@5", "''"},
        {"synth:ramp?gap@99999999999999999999=1", "'gap@99999999999999999999=1'"},
    };
    for (const auto& [device, part] : rows) {
        const auto name = parseSyntheticName(device);
        ASSERT_FALSE(name) << device;
        EXPECT_EQ(name.error().stage, Stage::usage) << device;
        EXPECT_NE(name.error().text.find(std::string(part) + " is not understood"),
                  std::string::npos)
            << name.error().text;
        EXPECT_NE(name.error().text.find("gap@FRAME=N"), std::string::npos);
        CaptureRequest request;
        request.device = device;
        EXPECT_FALSE(openCaptureSource(request)) << device;
    }
}

TEST(SyntheticSource, NotAskedItIsStereo24BitAt48Kilohertz) {
    CaptureRequest request;
    request.device = "synth:ramp";
    const auto source = openCaptureSource(request);
    ASSERT_TRUE(source);
    const CaptureGrant& grant = (*source)->grant();
    EXPECT_EQ(grant.format, (PcmFormat{48'000, 2, SampleType::S24, 0x3}));
    EXPECT_EQ(grant.deviceFormat, grant.format);
    EXPECT_EQ(grant.fragmentFrames, 6'000U);
    EXPECT_FALSE(grant.converted);
    EXPECT_TRUE(grant.paced);
    EXPECT_EQ(grant.id, "synth:ramp");
}

TEST(SyntheticSource, AFormatOutOfRangeIsRefused) {
    EXPECT_FALSE(openCaptureSource(fullSpeed("synth:ramp", SampleType::S16, 65)));
    auto request = fullSpeed("synth:ramp", SampleType::S16, 2);
    request.sampleRate = 1;
    EXPECT_FALSE(openCaptureSource(request));
}

TEST(SyntheticSource, FullSpeedLosesNothingThroughASmallRing) {
    // The ring is far smaller than a block.
    WholeRun run(fullSpeed("synth:ramp?unplug@500000", SampleType::S32, 1), 1'000);
    ASSERT_EQ(run.rig->frames(), 500'000U);
    EXPECT_TRUE(run.rig->gaps.empty());
    for (std::uint64_t f = 0; f < 500'000; ++f) ASSERT_EQ(run.rig->sampleAt(f, 0), std::int64_t(f));
}

TEST(SyntheticSource, AGapIsReportedAndTheRampJumpsByIt) {
    WholeRun run(fullSpeed("synth:ramp?gap@100=50&gap@1000=1&unplug@2000", SampleType::S24, 2));
    EXPECT_EQ(run.rig->gaps,
              (std::vector<Gap>{{100, 50, GapCause::injected}, {950, 1, GapCause::injected}}));
    ASSERT_EQ(run.rig->frames(), 1'949U);
    EXPECT_EQ(run.rig->sampleAt(99, 1), 99);
    EXPECT_EQ(run.rig->sampleAt(100, 1), 150);
    EXPECT_EQ(run.rig->sampleAt(949, 0), 999);
    EXPECT_EQ(run.rig->sampleAt(950, 0), 1'001);
    EXPECT_EQ(run.rig->sampleAt(1'948, 0), 1'999);
}

TEST(SyntheticSource, UnplugLosesTheDeviceAfterExactlyItsFrames) {
    WholeRun run(fullSpeed("synth:ramp?unplug@777", SampleType::S16, 1));
    EXPECT_EQ(run.rig->frames(), 777U);
    EXPECT_EQ(run.rig->feed().ended(), CaptureEnd::deviceLost);
    EXPECT_EQ(run.rig->feed().endError().stage, Stage::device);
    EXPECT_NE(run.rig->feed().endError().text.find("777"), std::string::npos);
}

// Opened again as the device that was lost at a frame of its own time.
CaptureRequest again(CaptureRequest request, std::uint64_t atFrame, std::uint64_t missingFrames) {
    request.lost = LostDevice{atFrame, missingFrames};
    return request;
}

TEST(SyntheticSource, PluggedInAgainTheRampGoesOnWithTheTimeThatHasPassed) {
    const auto fast = fullSpeed("synth:ramp?unplug@777&back@10&unplug@2000", SampleType::S32, 1);
    WholeRun run(again(fast, 777, 5));
    EXPECT_EQ(run.source->grant().missedFrames, 480U);
    ASSERT_EQ(run.rig->frames(), 2'000U - 777 - 480);
    EXPECT_EQ(run.rig->sampleAt(0, 0), 777 + 480);
    // The second time for good.
    EXPECT_FALSE(openCaptureSource(again(fast, 2'000, 999'999)));

    auto paced = fast;
    paced.maxSpeed = false;
    EXPECT_FALSE(openCaptureSource(again(paced, 777, 479)));
    const auto source = openCaptureSource(again(paced, 777, 500));
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->grant().missedFrames, 500U);
}

TEST(SyntheticSource, AStallLosesNothingAndDeliversWhatAccumulated) {
    auto request = fullSpeed("synth:ramp?stall@2400=150&unplug@2880", SampleType::S24, 1);
    request.maxSpeed = false;
    request.fragmentMs = 10;
    const auto begin = std::chrono::steady_clock::now();
    WholeRun run(request);
    // At least the stall, which comes after its frames were due.
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(50 + 150));
    ASSERT_EQ(run.rig->frames(), 2'880U);
    EXPECT_TRUE(run.rig->gaps.empty());
    for (std::uint64_t f = 0; f < 2'880; ++f) ASSERT_EQ(run.rig->sampleAt(f, 0), std::int64_t(f));
}

TEST(SyntheticSource, RealTimeIsNeverAheadOfTheClock) {
    auto request = fullSpeed("synth:ramp?unplug@14400", SampleType::S24, 2);
    request.maxSpeed = false;
    request.fragmentMs = 20;
    const auto begin = std::chrono::steady_clock::now();
    WholeRun run(request);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(300));
    EXPECT_EQ(run.rig->frames(), 14'400U);
}

TEST(SyntheticSource, RealTimeWithAFullRingCountsEveryLostFrame) {
    auto request = fullSpeed("synth:ramp?unplug@4800", SampleType::S24, 1);
    request.maxSpeed = false;
    request.fragmentMs = 10;
    auto opened = openCaptureSource(request);
    ASSERT_TRUE(opened);
    FeedRig rig((*opened)->grant().format, 1'000);
    ASSERT_TRUE((*opened)->start(rig.feed()));
    // Nothing is taken out before the end.
    while (rig.feed().ended() == CaptureEnd::none) std::this_thread::yield();
    (*opened)->stop();
    rig.drain();
    EXPECT_EQ(rig.frames(), 1'000U);
    EXPECT_EQ(rig.gaps, (std::vector<Gap>{{1'000, 3'800, GapCause::ringFull}}));
}

TEST(SyntheticSource, ErrorAtOpenFailsAsADeviceDoes) {
    CaptureRequest request;
    request.device = "synth:ramp?error@open";
    const auto source = openCaptureSource(request);
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().stage, Stage::device);
}

// In a stall of an hour, or for space in a ring that no one empties. Many rounds, because stop()
// may also come just before the wait.
TEST(SyntheticSource, StopReturnsAtOnceFromAnyWaitAndMayBeCalledAgain) {
    for (int round = 0; round < 20; ++round) {
        for (bool maxSpeed : {false, true}) {
            auto request = fullSpeed("synth:ramp?stall@100=3600000", SampleType::S16, 1);
            if (maxSpeed) request.device = "synth:ramp";
            request.maxSpeed = maxSpeed;
            request.fragmentMs = 1;
            auto opened = openCaptureSource(request);
            ASSERT_TRUE(opened);
            FeedRig rig((*opened)->grant().format, 100);
            ASSERT_TRUE((*opened)->start(rig.feed()));
            while (rig.ring().fill().published < 100) std::this_thread::yield();
            (*opened)->stop();
            (*opened)->stop();
            EXPECT_EQ(rig.ring().fill().published, 100U);
            EXPECT_EQ(rig.feed().ended(), CaptureEnd::none);
        }
    }
}

TEST(SyntheticSource, TheCounterHoldsTheFramesDelivered) {
    const std::string path = testing::TempDir() + "holdfast_counter_" + TakeId::random().hex();
    std::ofstream(path, std::ios::binary) << std::string(8, '\0');
    const CounterVariable variable(path);
    WholeRun run(fullSpeed("synth:ramp?gap@1000=500&unplug@123456", SampleType::S24, 2));
    std::uint64_t count = 0;
    std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(&count), sizeof(count));
    std::remove(path.c_str());
    EXPECT_EQ(count, 123'456U - 500U);
    EXPECT_EQ(count, run.rig->frames());
}

TEST(SyntheticSource, ACounterThatCannotBeMappedIsAnError) {
    const CounterVariable variable("/nonexistent/counter");
    CaptureRequest request;
    request.device = "synth:ramp";
    const auto source = openCaptureSource(request);
    ASSERT_FALSE(source);
    EXPECT_NE(source.error().text.find("HOLDFAST_SYNTH_COUNTER"), std::string::npos);
}

}  // namespace
}  // namespace holdfast
