#include "iocore/recovery/foreign_sizes.h"

#include <algorithm>
#include <cstring>

#include "iocore/base/little_endian.h"

namespace holdfast {
namespace {

constexpr std::uint32_t kSeeDs64 = 0xFFFF'FFFF;
constexpr std::size_t kDs64Bytes = 28;
constexpr std::size_t kW64HeadBytes = 24;

void put(std::vector<std::byte>& head, std::size_t at, std::string_view text) {
    std::memcpy(head.data() + at, text.data(), text.size());
}

// Where ds64's payload is or may come to lie; 0: nowhere.
std::size_t roomForDs64(const WavScan& wav, const std::vector<std::byte>& head) {
    if (wav.ds64Offset != 0) return static_cast<std::size_t>(wav.ds64Offset);
    constexpr std::size_t kFirst = 12;
    if (head.size() < kFirst + 8 + kDs64Bytes) return 0;
    const std::string_view id(reinterpret_cast<const char*>(head.data()) + kFirst, 4);
    const bool filler = id == "JUNK" || id == "junk" || id == "PAD " || id == "FLLR";
    return filler && loadLe<std::uint32_t>(head.data() + kFirst + 4) >= kDs64Bytes ? kFirst + 8 : 0;
}

void putSizesOf64Bits(const WavScan& wav, std::vector<std::byte>& head, std::size_t ds64) {
    put(head, 0, wav.container == WavContainer::bw64 ? "BW64" : "RF64");
    put(head, ds64 - 8, "ds64");
    if (wav.ds64Offset == 0) storeLe(head.data() + ds64 + 24, std::uint32_t{0});
    storeLe(head.data() + 4, kSeeDs64);
    storeLe(head.data() + ds64, trueEnd(wav) - 8);
    storeLe(head.data() + ds64 + 8, wav.dataBytes);
    storeLe(head.data() + ds64 + 16, wav.dataBytes / wav.format->bytesPerFrame());
    storeLe(head.data() + head.size() - 4, kSeeDs64);
}

}  // namespace

std::uint64_t trueEnd(const WavScan& wav) {
    if (wav.chunksBehind) return wav.chunksEnd;
    const std::uint64_t end = wav.dataOffset + wav.dataBytes;
    if (wav.container != WavContainer::w64) return end + wav.dataBytes % 2;
    return end + (8 - end % 8) % 8;
}

std::string inPlaceProblem(const WavScan& wav) {
    constexpr std::uint64_t kMaxHeadBytes = 64 << 10;
    if (wav.state != WavState::sizesWrong) return "more than its sizes is wrong";
    if (wav.dataOffset > kMaxHeadBytes) return "its header is too long";
    return "";
}

Result<std::vector<std::byte>> headWithSizes(const WavScan& wav, std::vector<std::byte> head) {
    const std::uint64_t riffBytes = trueEnd(wav) - 8;
    if (wav.container == WavContainer::w64) {
        storeLe(head.data() + 16, trueEnd(wav));
        storeLe(head.data() + head.size() - 8, wav.dataBytes + kW64HeadBytes);
        return head;
    }
    const bool fits = riffBytes < kSeeDs64;
    const bool was64 = wav.container != WavContainer::riff && wav.ds64Offset != 0;
    if (!fits || was64) {
        const std::size_t ds64 = roomForDs64(wav, head);
        if (ds64 == 0) {
            return fail(Stage::recovery, "its header has no room for sizes above 4 GiB");
        }
        putSizesOf64Bits(wav, head, ds64);
        return head;
    }
    put(head, 0, "RIFF");
    storeLe(head.data() + 4, static_cast<std::uint32_t>(riffBytes));
    storeLe(head.data() + head.size() - 4, static_cast<std::uint32_t>(wav.dataBytes));
    return head;
}

}  // namespace holdfast
