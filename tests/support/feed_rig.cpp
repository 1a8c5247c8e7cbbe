#include "tests/support/feed_rig.h"

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace holdfast::test {

namespace {

std::unique_ptr<SpscRing> makeRing(const PcmFormat& format, std::uint64_t capacityFrames) {
    auto memory = RingMemory::anonymous(SpscRing::memoryBytes(format, capacityFrames));
    if (!memory) throw std::runtime_error(memory.error().message());
    auto ring = SpscRing::create(std::move(*memory), format, capacityFrames, TakeId::random());
    if (!ring) throw std::runtime_error(ring.error().message());
    return std::move(*ring);
}

}  // namespace

FeedRig::FeedRig(const PcmFormat& format, std::uint64_t capacityFrames)
    : format_(format),
      ring_(makeRing(format, capacityFrames)),
      feed_(std::make_unique<CaptureFeed>(ring_->producer(), format, levels_,
                                          [this] { ++wakeUps_; })),
      consumer_(std::make_unique<SpscRing::Consumer>(ring_->consumer())) {}

void FeedRig::drain() {
    for (;;) {
        if (const auto gap = consumer_->gapHere()) {
            gaps.push_back(*gap);
            consumer_->takeGap();
            continue;
        }
        const auto found = consumer_->peek(UINT64_MAX);
        if (found.empty()) break;
        audio.insert(audio.end(), found.begin(), found.end());
        consumer_->advanceWritten(found.size() / format_.bytesPerFrame());
    }
    consumer_->markDurable();
}

bool FeedRig::drainUntil(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + kHangDeadline;
    bool isDone = done();
    while (!isDone && std::chrono::steady_clock::now() < deadline) {
        drain();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        isDone = done();
    }
    drain();
    return isDone;
}

bool FeedRig::drainUntilEnd() {
    return drainUntil([this] { return feed_->ended() != CaptureEnd::none; });
}

std::int64_t FeedRig::sampleAt(std::uint64_t frame, std::uint32_t channel) const {
    const std::uint32_t bytes = bytesPerSample(format_.sampleType);
    const std::byte* from = audio.data() + frame * format_.bytesPerFrame() + channel * bytes;
    std::uint64_t value = 0;
    for (std::uint32_t i = 0; i < bytes; ++i) {
        value |= std::to_integer<std::uint64_t>(from[i]) << (8 * i);
    }
    const std::uint32_t unused = 64 - 8 * bytes;
    return static_cast<std::int64_t>(value << unused) >> unused;
}

}  // namespace holdfast::test
