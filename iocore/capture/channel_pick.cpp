#include "iocore/capture/channel_pick.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>

namespace holdfast {
namespace {

Result<> badMap(const std::string& text, const std::string& why) {
    return fail(Stage::usage,
                fmt::format("'{}': {}; write channels of the device as 3,4", text, why));
}

// A copy of a constant length is one or two instructions.
template <std::size_t kBytes>
void pickSamples(std::span<const std::byte> from, std::size_t frameBytes,
                 std::span<const std::size_t> offsets, std::byte* to) {
    for (std::size_t frame = 0; frame < from.size(); frame += frameBytes) {
        for (const std::size_t offset : offsets) {
            std::memcpy(to, from.data() + frame + offset, kBytes);
            to += kBytes;
        }
    }
}

}  // namespace

Result<ChannelMap> parseChannelMap(const std::string& text) {
    ChannelMap map;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
        std::uint32_t channel = 0;
        const auto read = std::from_chars(at, end, channel);
        if (read.ec != std::errc{}) return fail(badMap(text, "no list of numbers").error());
        if (channel < 1 || channel > kMaxChannels) {
            return fail(
                badMap(text, fmt::format("{} is outside 1 to {}", channel, kMaxChannels)).error());
        }
        if (std::ranges::find(map, channel) != map.end()) {
            return fail(badMap(text, fmt::format("{} stands there twice", channel)).error());
        }
        map.push_back(channel);
        at = read.ptr;
        if (at == end) return map;
        if (*at++ != ',') return fail(badMap(text, "no list of numbers").error());
    }
}

ChannelPick::ChannelPick(const PcmFormat& device, const ChannelMap& map)
    : device_(device), sampleBytes_(bytesPerSample(device.sampleType)) {
    for (const std::uint32_t channel : map) {
        assert(channel >= 1 && channel <= device.channels);
        offsets_.push_back(std::size_t{channel - 1} * sampleBytes_);
    }
    block_.resize(kBlockFrames * device.bytesPerFrame());
    picked_.resize(kBlockFrames * map.size() * sampleBytes_);
}

std::span<const std::byte> ChannelPick::pick(std::span<const std::byte> interleaved) {
    const std::size_t frameBytes = device_.bytesPerFrame();
    const std::size_t frames = interleaved.size() / frameBytes;
    assert(frames <= kBlockFrames);
    switch (sampleBytes_) {
        case 2:
            pickSamples<2>(interleaved, frameBytes, offsets_, picked_.data());
            break;
        case 3:
            pickSamples<3>(interleaved, frameBytes, offsets_, picked_.data());
            break;
        default:
            pickSamples<4>(interleaved, frameBytes, offsets_, picked_.data());
            break;
    }
    return std::span<const std::byte>(picked_).first(frames * offsets_.size() * sampleBytes_);
}

}  // namespace holdfast
