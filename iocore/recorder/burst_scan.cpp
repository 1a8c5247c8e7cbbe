#include "iocore/recorder/burst_scan.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace holdfast {
namespace {

// What 1.0 is in samples of this type.
double fullScaleOf(SampleType type) {
    switch (type) {
        case SampleType::S16:
            return 0x1p15;
        case SampleType::S24:
            return 0x1p23;
        case SampleType::S32:
            return 0x1p31;
        case SampleType::F32:
            return 1;
    }
    return 1;
}

template <typename Sample>
double load(const std::byte* bytes) {
    Sample sample{};
    std::memcpy(&sample, bytes, sizeof sample);
    return static_cast<double>(sample);
}

double sampleAt(const std::byte* bytes, SampleType type) {
    switch (type) {
        case SampleType::S16:
            return load<std::int16_t>(bytes);
        case SampleType::S24: {
            std::int32_t top = 0;
            std::memcpy(reinterpret_cast<std::byte*>(&top) + 1, bytes, 3);
            return top >> 8;
        }
        case SampleType::S32:
            return load<std::int32_t>(bytes);
        case SampleType::F32:
            return load<float>(bytes);
    }
    return 0;
}

}  // namespace

BurstScan::BurstScan(const PcmFormat& format, const SoundTrigger& trigger)
    : format_(format),
      trigger_(trigger),
      threshold_(trigger.level * fullScaleOf(format.sampleType)) {}

bool BurstScan::isLoud(const std::byte* frame) const {
    const std::uint32_t bytes = bytesPerSample(format_.sampleType);
    for (std::uint32_t channel = 0; channel < format_.channels; ++channel) {
        if (std::abs(sampleAt(frame + channel * bytes, format_.sampleType)) >= threshold_) {
            return true;
        }
    }
    return false;
}

std::optional<std::uint64_t> BurstScan::findStart(SpscRing::Consumer& consumer) {
    const std::uint64_t frameBytes = format_.bytesPerFrame();
    looked_ = std::max(looked_, consumer.writtenFrame());
    while (true) {
        const auto audio = consumer.audioAt(looked_);
        if (audio.empty()) return std::nullopt;
        for (std::size_t at = 0; at < audio.size(); at += frameBytes, ++looked_) {
            if (isLoud(audio.data() + at)) return looked_;
        }
    }
}

void BurstScan::beginAt(std::uint64_t ringFrame) {
    lastLoud_ = ringFrame;
    looked_ = ringFrame + 1;
}

// From behind: the last loud frame within reach is all that counts.
void BurstScan::follow(SpscRing::Consumer& consumer) {
    const std::uint64_t frameBytes = format_.bytesPerFrame();
    while (!isOver()) {
        const auto audio = consumer.audioAt(looked_);
        const std::uint64_t frames = std::min(audio.size() / frameBytes, limit() - looked_);
        if (frames == 0) return;
        std::uint64_t after = frames;
        while (after > 0 && !isLoud(audio.data() + (after - 1) * frameBytes)) --after;
        if (after > 0) lastLoud_ = looked_ + after - 1;
        looked_ += frames;
    }
}

}  // namespace holdfast
