// The source with its thread: how it ends, whatever the driver does.
#include "iocore/capture/wavein_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "tests/support/fake_wavein_win32.h"
#include "tests/support/feed_rig.h"

namespace holdfast {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeWaveIn;
using Call = FakeWaveIn::Call;

constexpr PcmFormat kMono32{48'000, 1, SampleType::S32, 0x4};
constexpr std::uint64_t kMs = 48;  // frames

std::shared_ptr<FakeWaveIn> oneDevice() {
    auto driver = std::make_shared<FakeWaveIn>();
    const std::optional<EndpointFacts> facts = EndpointFacts{"Device", kMono32};
    driver->devices = {{L"Device", L"{1}", facts, 1, {}}};
    driver->defaultId = L"{1}";
    return driver;
}

// Deadlines that a hanging driver is left at: short, for they pass in each of these tests.
WaveInOptions briefPatience() {
    return {{}, {milliseconds(50), milliseconds(50)}};
}

struct Recording {
    explicit Recording(std::shared_ptr<FakeWaveIn> device, const WaveInOptions& options = {})
        : driver(std::move(device)), feed(kMono32, 120 * 48'000) {
        auto opened = WaveInSource::open(driver, {}, options);
        if (!opened) std::abort();
        source = std::move(*opened);
    }
    void start() { ASSERT_TRUE(source->start(feed.feed())); }

    std::shared_ptr<FakeWaveIn> driver;
    test::FeedRig feed;
    std::unique_ptr<CaptureSource> source;
};

bool contains(const std::vector<Call>& calls, Call call) {
    return std::ranges::find(calls, call) != calls.end();
}

// Whether the memory at `address` is still there. Long blocks of a heap are the system's own.
bool isThere(const void* address) {
    MEMORY_BASIC_INFORMATION about{};
    return ::VirtualQuery(address, &about, sizeof about) != 0 && about.State == MEM_COMMIT;
}

TEST(WaveInSource, RecordsStopsAndClosesInOrder) {
    const auto driver = oneDevice();
    driver->holdAt(milliseconds(10'033));
    Recording recording(driver);
    recording.start();
    driver->waitUntilHeld();
    recording.source->stop();
    recording.feed.drain();
    EXPECT_EQ(recording.feed.frames(), 10'030 * kMs);
    EXPECT_TRUE(recording.feed.gaps.empty());
    EXPECT_EQ(recording.feed.feed().ended(), CaptureEnd::none);
    recording.source->stop();
    recording.source.reset();
    EXPECT_EQ(driver->calls(),
              (std::vector{Call::open, Call::start, Call::stop, Call::reset, Call::close}));
    EXPECT_FALSE(driver->isOpen());
    EXPECT_EQ(driver->preparedHeaders(), 0U);
}

TEST(WaveInSource, OneThatWasNeverStartedIsClosed) {
    const auto driver = oneDevice();
    { const Recording recording(driver); }
    EXPECT_FALSE(driver->isOpen());
    EXPECT_EQ(driver->preparedHeaders(), 0U);
}

TEST(WaveInSource, DeviceThatDoesNotStartIsAnErrorAndClosed) {
    const auto driver = oneDevice();
    driver->fail(Call::start, MMSYSERR_NODRIVER);
    Recording recording(driver);
    const auto started = recording.source->start(recording.feed.feed());
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().stage, Stage::device);
    EXPECT_EQ(started.error().text, "Device ({1}) does not start: it is not there any more");
    recording.source->stop();
    recording.source.reset();
    EXPECT_FALSE(driver->isOpen());
}

// A driver that hangs in one of its calls, and comes back long after everybody has left.
class WaveInHang : public testing::TestWithParam<Call> {};

TEST_P(WaveInHang, HoldsUpNothingAndHarmsNothingLater) {
    const auto driver = oneDevice();
    driver->holdAt(milliseconds(10'033));
    std::uint64_t published = 0;
    {
        Recording recording(driver, briefPatience());
        recording.start();
        driver->waitUntilHeld();
        driver->hang(GetParam());
        recording.source->stop();
        published = recording.feed.ring().fill().published;
        recording.feed.drain();
        EXPECT_GE(recording.feed.frames(), 10'000 * kMs) << "all that was delivered";
        recording.source.reset();
        EXPECT_TRUE(contains(driver->calls(), GetParam()) || GetParam() == Call::unprepare);
        driver->release();
        // To the end of its thread, while the feed is still there to be harmed.
        EXPECT_TRUE(recording.feed.drainUntil([&] { return driver.use_count() == 2; }));
        EXPECT_EQ(recording.feed.ring().fill().published, published);
    }
    EXPECT_FALSE(driver->isOpen());
    EXPECT_EQ(driver->preparedHeaders(), 0U);
}

INSTANTIATE_TEST_SUITE_P(EachCall, WaveInHang,
                         testing::Values(Call::stop, Call::reset, Call::unprepare, Call::close));

TEST(WaveInSource, LostDeviceIsToldBeforeItsDriverHangs) {
    const auto driver = oneDevice();
    driver->at(seconds(5), [driver = driver.get()] { driver->unplug(); });
    driver->hang(Call::stop);
    Recording recording(driver, briefPatience());
    recording.start();
    ASSERT_TRUE(recording.feed.drainUntilEnd());
    EXPECT_EQ(recording.feed.feed().ended(), CaptureEnd::deviceLost);
    EXPECT_EQ(recording.feed.frames(), 5'000 * kMs);
    recording.source->stop();
    recording.source.reset();
    driver->release();
}

TEST(WaveInSource, BuffersThatTheDriverKeepsAreNeverFreed) {
    const auto driver = oneDevice();
    driver->holdAt(milliseconds(500));
    driver->fail(Call::reset, MMSYSERR_ERROR);
    // Long enough to be a mapping of its own, which is gone when it is freed.
    Recording recording(driver, {ForcedHeaders{4, 10'000}, {}});
    recording.start();
    driver->waitUntilHeld();
    recording.source->stop();
    recording.source.reset();
    ASSERT_EQ(driver->queuedMemory().size(), 4U);
    for (const void* memory : driver->queuedMemory()) EXPECT_TRUE(isThere(memory));
    EXPECT_EQ(driver->preparedHeaders(), 4U);
}

TEST(WaveInSource, BuffersThatAreOursAgainAreFreed) {
    const auto driver = oneDevice();
    driver->holdAt(milliseconds(500));
    Recording recording(driver, {ForcedHeaders{4, 10'000}, {}});
    recording.start();
    driver->waitUntilHeld();
    const auto memory = driver->queuedMemory();
    ASSERT_EQ(memory.size(), 4U);
    ASSERT_TRUE(isThere(memory[1]));
    recording.source->stop();
    recording.source.reset();
    EXPECT_FALSE(isThere(memory[1]));
}

TEST(WaveInSource, MalformedHeadersOfATestAreAUsageError) {
    ::_putenv("HOLDFAST_WAVEIN_HEADERS=many");
    const auto opened = openCaptureSource({});
    ::_putenv("HOLDFAST_WAVEIN_HEADERS=");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().stage, Stage::usage);
}

}  // namespace
}  // namespace holdfast
