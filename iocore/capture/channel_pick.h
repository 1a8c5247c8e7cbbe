// ChannelPick: some of a device's channels, in the order that was asked for, each sample as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"

namespace holdfast {

// Channels of the device, counted from 1 as on its front panel; empty: all.
using ChannelMap = std::vector<std::uint32_t>;

// "3,4": at most kMaxChannels numbers, none twice. Errors: Stage::usage, naming the number.
// [any thread]
Result<ChannelMap> parseChannelMap(const std::string& text);

class ChannelPick {
  public:
    // What is picked at a time, in frames.
    static constexpr std::uint64_t kBlockFrames = 1024;

    // REQUIRES that `map` is not empty and names channels of `device` only. [control thread]
    ChannelPick(const PcmFormat& device, const ChannelMap& map);

    [[nodiscard]] const PcmFormat& deviceFormat() const { return device_; }
    // Space for at most kBlockFrames of the device. [capture thread] [real-time]
    std::span<std::byte> block() { return block_; }
    // The picked channels of at most kBlockFrames; valid until the next call.
    // [capture thread] [real-time]
    std::span<const std::byte> pick(std::span<const std::byte> interleaved);

  private:
    PcmFormat device_;
    std::uint32_t sampleBytes_;
    std::vector<std::size_t> offsets_;  // of the picked samples in a frame of the device
    std::vector<std::byte> block_;
    std::vector<std::byte> picked_;
};

}  // namespace holdfast
