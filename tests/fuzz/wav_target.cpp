// Target "wav": the input is a file that calls itself a WAV. Read by scanWav() and, where long
// enough, by decodeHeaderBlock(); judged against the strict checker, which shares no code with
// them.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "iocore/base/checksum.h"
#include "iocore/base/little_endian.h"
#include "iocore/recovery/wav_scan.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/strict_wav_checker.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

constexpr PcmFormat kMono16{48'000, 1, SampleType::S16, 0};

std::string defectOfExtents(const WavScan& scan) {
    const auto inside = [&](std::uint64_t offset, std::uint64_t bytes) {
        return offset <= scan.fileBytes && bytes <= scan.fileBytes - offset;
    };
    if (!inside(scan.dataOffset, scan.dataBytes)) return "the audio reaches past the file's end";
    for (const ChunkList* chunks : {&scan.before, &scan.after}) {
        if (chunks->extents.size() > kMaxListedChunks)
            return "more chunks are listed than the limit";
        for (const ChunkExtent& chunk : chunks->extents) {
            if (!inside(chunk.offset, chunk.bytes)) return "a listed chunk is not all there";
        }
    }
    if (scan.strayBytes > scan.fileBytes) return "more stray bytes than the file has";
    const bool readable = scan.state == WavState::sound || scan.state == WavState::sizesWrong ||
                          scan.state == WavState::cutShort;
    if (!readable) return scan.reason.empty() ? "refused without a reason" : "";
    if (!scan.format) return "called readable without a format";
    if (scan.dataBytes % scan.format->bytesPerFrame() != 0) return "no whole frames";
    return "";
}

// Where the strict reader is content, the scan sees the same audio or more.
std::string defectAgainst(const wavcheck::Verdict& strict, const WavScan& scan) {
    if (!strict.ok || strict.isRf64 || !scan.format) return "";
    if (scan.dataOffset != strict.dataOffset || scan.dataBytes < strict.dataBytes) {
        return fmt::format("a strict reader sees {} bytes at {}, the scan {} at {}",
                           strict.dataBytes, strict.dataOffset, scan.dataBytes, scan.dataOffset);
    }
    if (scan.format->channels != strict.channels || scan.format->sampleRate != strict.sampleRate) {
        return "a strict reader sees another format";
    }
    return "";
}

std::string defectOfHeaderBlock(std::span<const std::byte> input) {
    if (input.size() < kHeaderBlockBytes) return "";
    const DecodedHeader header = decodeHeaderBlock(input);
    if (header.state != SealState::sound) return "";
    if (!validate(header.block.format)) return "a sealed block with a format that cannot be";
    if (header.block.sizes == SizeForm::riff && header.block.dataBytes > kMaxRiffDataBytes)
        return "";
    const DecodedHeader again = decodeHeaderBlock(encodeHeaderBlock(header.block));
    // The mask is written with EXTENSIBLE alone.
    HeaderBlock expected = header.block;
    if (!needsExtensible(expected.format)) expected.format.channelMask = 0;
    const std::uint64_t pad = expected.dataBytes % 2;
    if (expected.dataBytes + pad + expected.trailerBytes > 0xFFFF'FFFF - 504) return "";
    return again.block == expected ? "" : "a header block does not survive being written again";
}

std::string defectOfWav(std::span<const std::byte> input) {
    const Bytes bytes(input.begin(), input.end());
    FaultDisk disk = FaultDisk::fromImage({{"f.wav", std::make_shared<const Bytes>(bytes)}});
    auto file = disk.open("f.wav", Access::read);
    for (const auto& assumed :
         {std::optional<AssumedFormat>{}, std::optional(AssumedFormat{kMono16, 0})}) {
        const auto scan = scanWav(**file, assumed);
        if (!scan) return "an error for damage: " + scan.error().message();
        if (auto defect = defectOfExtents(*scan); !defect.empty()) return defect;
        if (auto defect = defectAgainst(wavcheck::checkWav(bytes), *scan); !defect.empty()) {
            return defect;
        }
    }
    return defectOfHeaderBlock(input);
}

void mendWav(std::span<std::byte> input) {
    if (input.size() < kHeaderBlockBytes) return;
    if (std::memcmp(input.data() + kSealOffset, "HOLDFAST", 8) != 0) return;
    // The block's checksum covers all of it but itself (FORMAT.md, "The header block").
    StreamingChecksum sum(0);
    sum.update(input.first(kBlockChecksumOffset));
    sum.update(input.subspan(kBlockChecksumOffset + 8, 8));
    storeLe(input.data() + kBlockChecksumOffset, sum.value());
}

Bytes wavOf(const TakeSpec& spec) {
    const BuiltTake take = buildTake(spec);
    return *take.files.at(take.wavName);
}

Bytes emptyTake(const PcmFormat& format, std::uint64_t frames) {
    HeaderBlock block;
    block.format = format;
    block.seal.takeId.bytes.fill(std::byte{1});
    block.dataBytes = frames * format.bytesPerFrame();
    const HeaderImage head = encodeHeaderBlock(block);
    Bytes bytes(head.begin(), head.end());
    bytes.resize(bytes.size() + block.dataBytes + block.dataBytes % 2);
    return bytes;
}

std::vector<FuzzSeed> wavSeeds() {
    const Bytes list = joined({chunkOf("LIST", "INFOISFT"), chunkOf("bext", std::string(9, 'x'))});
    return {
        {"take", wavOf({.committedFrames = 20, .tailFrames = 5})},
        {"finished", wavOf({.committedFrames = 20, .finished = true})},
        {"stereo_float", emptyTake({44'100, 2, SampleType::F32, 0}, 4)},
        {"six_channels_24_bit", emptyTake({96'000, 6, SampleType::S24, 0x3F}, 3)},
        {"mono_24_bit_padded", emptyTake({48'000, 1, SampleType::S24, 0}, 3)},
        {"foreign", buildForeign({.frames = 20})},
        {"foreign_chunks", buildForeign({.frames = 20, .before = list, .after = list})},
        {"foreign_zero_sizes", buildForeign({.frames = 20, .riffBytes = 0, .dataBytes = 0})},
        {"foreign_endless", buildForeign({.frames = 20, .riffBytes = ~0U, .dataBytes = ~0U})},
        {"foreign_stale", buildForeign({.frames = 20, .riffBytes = 56, .dataBytes = 20})},
    };
}

}  // namespace

FuzzTarget wavTarget() {
    return {"wav", defectOfWav, mendWav, wavSeeds};
}

}  // namespace holdfast
