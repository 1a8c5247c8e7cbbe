#include "iocore/recovery/result_header.h"

#include <algorithm>
#include <cstring>

#include "iocore/base/checksum.h"
#include "iocore/base/little_endian.h"

namespace holdfast {
namespace {

constexpr std::uint32_t kSeeDs64 = 0xFFFF'FFFF;
constexpr std::size_t kDs64Offset = 12;  // of the chunk
constexpr std::size_t kFmtOffset = 48;

void sealAnew(HeaderImage& image) {
    StreamingChecksum sum(0);
    sum.update(std::span(image).first(kBlockChecksumOffset));
    sum.update(std::span(image).subspan(kBlockChecksumOffset + 8, 8));
    storeLe(image.data() + kBlockChecksumOffset, sum.value());
}

}  // namespace

HeaderImage encodeResultHeader(const HeaderBlock& block) {
    const std::uint64_t riffBytes =
        kHeaderBlockBytes - 8 + block.dataBytes + block.dataBytes % 2 + block.trailerBytes;
    if (block.dataBytes <= kMaxRiffDataBytes && riffBytes < kSeeDs64) {
        return encodeHeaderBlock(block);
    }
    HeaderBlock small = block;
    small.dataBytes = small.trailerBytes = 0;
    HeaderImage image = encodeHeaderBlock(small);
    const std::uint64_t frames = block.dataBytes / block.format.bytesPerFrame();
    std::memcpy(image.data(), "RF64", 4);
    storeLe(image.data() + 4, kSeeDs64);
    std::memcpy(image.data() + kDs64Offset, "ds64", 4);
    storeLe(image.data() + kDs64Offset + 8, riffBytes);
    storeLe(image.data() + kDs64Offset + 16, block.dataBytes);
    storeLe(image.data() + kDs64Offset + 24, frames);
    if (block.format.sampleType == SampleType::F32) {
        const std::size_t fact = kFmtOffset + 8 + encodeFmt(block.format).size();
        storeLe(image.data() + fact + 8,
                static_cast<std::uint32_t>(std::min<std::uint64_t>(frames, kSeeDs64)));
    }
    storeLe(image.data() + kHeaderBlockBytes - 4, kSeeDs64);
    sealAnew(image);
    return image;
}

}  // namespace holdfast
