#include "iocore/riff/riff_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

#include "iocore/base/byte_codec.h"
#include "iocore/base/checksum.h"
#include "iocore/base/gap.h"
#include "iocore/riff/wav_encoding.h"

namespace holdfast {
namespace {

constexpr std::uint16_t kTagPcm = 1;
constexpr std::uint16_t kTagFloat = 3;
constexpr std::uint16_t kTagExtensible = 0xFFFE;
// The last 14 bytes of KSDATAFORMAT_SUBTYPE_PCM and _IEEE_FLOAT; the first two are the tag.
constexpr std::array<std::uint8_t, 14> kSubtypeTail = {0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80,
                                                       0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71};
// In an RF64 file: "the size is in ds64" (EBU Tech 3306).
constexpr std::uint32_t kInDs64 = 0xFFFF'FFFF;
constexpr std::uint32_t kDs64Bytes = 28;
constexpr std::size_t kDs64Offset = 20;  // of its payload
constexpr std::string_view kSealMagic = "HOLDFAST";
constexpr std::string_view kNote =
    "Holdfast take. The sizes in this file are those of the last commit. If the recording was cut "
    "short, `holdfast-recover repair` brings back what came after it.";

std::span<const std::byte> textBytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

void putChunkHeader(ByteWriter& out, std::string_view id, std::uint64_t size) {
    out.put(textBytes(id)).put(static_cast<std::uint32_t>(size));
}

// Seed 0: the block's own salt is inside the bytes.
std::uint64_t blockChecksum(std::span<const std::byte> block) {
    StreamingChecksum sum(0);
    sum.update(block.first(kBlockChecksumOffset));
    sum.update(block.subspan(kBlockChecksumOffset + 8, 8));
    return sum.value();
}

void putSeal(ByteWriter& out, const HeaderSeal& seal) {
    out.put(textBytes(kSealMagic)).put(kSealVersion).put(seal.flags);
    out.put(std::span<const std::byte>(seal.takeId.bytes));
    out.put(seal.sequence).put(seal.frames).put(seal.ringFrame).put(seal.gapCount);
    out.put(seal.segmentStart).put(seal.segmentChecksum);
    out.put(seal.partIndex).put(kChecksumXxh3).put(seal.salt);
}

SizeForm sizeFormOf(std::span<const std::byte> block) {
    if (std::memcmp(block.data(), "RF64", 4) == 0) return SizeForm::rf64;
    return std::memcmp(block.data() + 12, "ds64", 4) == 0 ? SizeForm::riffWithDs64 : SizeForm::riff;
}

bool getSeal(ByteReader in, HeaderSeal& seal) {
    in.getBytes(kSealMagic.size());
    if (in.get<std::uint32_t>() != kSealVersion) return false;
    seal.flags = in.get<std::uint32_t>();
    const auto id = in.getBytes(seal.takeId.bytes.size());
    std::copy(id.begin(), id.end(), seal.takeId.bytes.begin());
    seal.sequence = in.get<std::uint64_t>();
    seal.frames = in.get<std::uint64_t>();
    seal.ringFrame = in.get<std::uint64_t>();
    seal.gapCount = in.get<std::uint64_t>();
    seal.segmentStart = in.get<std::uint64_t>();
    seal.segmentChecksum = in.get<std::uint64_t>();
    seal.partIndex = in.get<std::uint32_t>();
    const bool known = in.get<std::uint32_t>() == kChecksumXxh3;
    seal.salt = in.get<std::uint64_t>();
    return known && in.ok();
}

}  // namespace

bool needsExtensible(const PcmFormat& format) {
    return format.channels > 2;
}

std::vector<std::byte> encodeFmt(const PcmFormat& format) {
    const bool isFloat = format.sampleType == SampleType::F32;
    const bool extensible = needsExtensible(format);
    const std::uint16_t tag = isFloat ? kTagFloat : kTagPcm;
    const auto bits = static_cast<std::uint16_t>(8 * bytesPerSample(format.sampleType));
    ByteWriter out;
    out.put(extensible ? kTagExtensible : tag);
    out.put(static_cast<std::uint16_t>(format.channels)).put(format.sampleRate);
    out.put(static_cast<std::uint32_t>(format.bytesPerSecond()));
    out.put(static_cast<std::uint16_t>(format.bytesPerFrame())).put(bits);
    if (extensible) {
        out.put(std::uint16_t{22}).put(bits).put(format.channelMask).put(tag);
        out.put(std::as_bytes(std::span(kSubtypeTail)));
    } else if (isFloat) {
        out.put(std::uint16_t{0});
    }
    return out.take();
}

Result<PcmFormat> decodeFmt(std::span<const std::byte> payload) {
    if (payload.size() < 16) {
        return fail(Stage::format,
                    fmt::format("fmt chunk of {} bytes is too short", payload.size()));
    }
    ByteReader in(payload);
    auto tag = in.get<std::uint16_t>();
    PcmFormat format;
    format.channels = in.get<std::uint16_t>();
    format.sampleRate = in.get<std::uint32_t>();
    in.get<std::uint32_t>();  // bytes per second: follows from the rest, often wrong in the wild
    const auto blockAlign = in.get<std::uint16_t>();
    const auto bits = in.get<std::uint16_t>();
    if (tag == kTagExtensible) {
        in.get<std::uint16_t>();
        in.get<std::uint16_t>();
        format.channelMask = in.get<std::uint32_t>();
        tag = in.get<std::uint16_t>();
        const auto tail = in.getBytes(kSubtypeTail.size());
        if (!in.ok() || std::memcmp(tail.data(), kSubtypeTail.data(), tail.size()) != 0) {
            return fail(Stage::format, "fmt chunk has a sub-format that is not PCM or float");
        }
    }
    if (tag == kTagPcm && bits == 16) {
        format.sampleType = SampleType::S16;
    } else if (tag == kTagPcm && bits == 24) {
        format.sampleType = SampleType::S24;
    } else if (tag == kTagPcm && bits == 32) {
        format.sampleType = SampleType::S32;
    } else if (tag == kTagFloat && bits == 32) {
        format.sampleType = SampleType::F32;
    } else {
        return fail(Stage::format, ENOTSUP,
                    fmt::format("its audio is {}; PCM of 16, 24 and 32 bits and 32-bit float are "
                                "what this program takes",
                                wavEncodingName(tag, bits)));
    }
    if (auto valid = validate(format); !valid) return fail(valid.error());
    if (blockAlign != format.bytesPerFrame()) {
        return fail(Stage::format, fmt::format("fmt chunk says {} bytes a frame, its channels and "
                                               "bits make {}",
                                               blockAlign, format.bytesPerFrame()));
    }
    return format;
}

HeaderImage encodeHeaderBlock(const HeaderBlock& block) {
    const bool large = block.sizes == SizeForm::rf64;
    const std::uint64_t riffSize = riffSizeOf(block);
    const std::uint64_t frames = block.dataBytes / block.format.bytesPerFrame();
    assert(large || riffSize < kInDs64);
    const auto fmtPayload = encodeFmt(block.format);
    ByteWriter out;
    putChunkHeader(out, large ? "RF64" : "RIFF", large ? kInDs64 : riffSize);
    out.put(textBytes("WAVE"));
    if (block.sizes == SizeForm::riff) {
        putChunkHeader(out, "JUNK", kDs64Bytes);
        out.zeros(kDs64Bytes);
    } else {
        putChunkHeader(out, "ds64", kDs64Bytes);
        out.put(riffSize).put(block.dataBytes).put(frames).put(std::uint32_t{0});
    }
    putChunkHeader(out, "fmt ", fmtPayload.size());
    out.put(std::span<const std::byte>(fmtPayload));
    if (block.format.sampleType == SampleType::F32) {
        putChunkHeader(out, "fact", 4);
        out.put(large ? kInDs64 : static_cast<std::uint32_t>(frames));
    }
    putChunkHeader(out, "hfst", kHeaderBlockBytes - 8 - 8 - out.bytes().size());
    out.put(textBytes(kNote));
    out.zeros(kSealOffset - out.bytes().size());
    putSeal(out, block.seal);
    out.put(std::uint64_t{0});
    putChunkHeader(out, "data", large ? kInDs64 : block.dataBytes);
    assert(out.bytes().size() == kHeaderBlockBytes);

    HeaderImage image;
    std::copy(out.bytes().begin(), out.bytes().end(), image.begin());
    storeLe(image.data() + kBlockChecksumOffset, blockChecksum(image));
    return image;
}

DecodedHeader decodeHeaderBlock(std::span<const std::byte> block) {
    assert(block.size() >= kHeaderBlockBytes);
    block = block.first(kHeaderBlockBytes);
    DecodedHeader decoded;
    if (std::memcmp(block.data() + kSealOffset, kSealMagic.data(), kSealMagic.size()) != 0) {
        return decoded;
    }
    decoded.state = SealState::torn;
    HeaderBlock& to = decoded.block;
    if (!getSeal(ByteReader(block.subspan(kSealOffset)), to.seal)) return decoded;
    if (to.seal.takeId.isZero()) return decoded;  // zero means unknown everywhere else
    if (loadLe<std::uint64_t>(block.data() + kBlockChecksumOffset) != blockChecksum(block)) {
        return decoded;
    }
    // The checksum holds, so the block is byte for byte what encodeHeaderBlock() made.
    const auto fmtBytes = loadLe<std::uint32_t>(block.data() + 52);
    if (fmtBytes > 40) return decoded;
    const auto format = decodeFmt(block.subspan(56, fmtBytes));
    if (!format) return decoded;
    to.format = *format;
    to.sizes = sizeFormOf(block);
    std::uint64_t riffSize = loadLe<std::uint32_t>(block.data() + 4);
    to.dataBytes = loadLe<std::uint32_t>(block.data() + 508);
    if (to.sizes == SizeForm::rf64) {
        riffSize = loadLe<std::uint64_t>(block.data() + kDs64Offset);
        to.dataBytes = loadLe<std::uint64_t>(block.data() + kDs64Offset + 8);
    }
    if (riffSize > kMaxDataBytes || to.dataBytes > kMaxDataBytes) return decoded;
    // Forged otherwise: a commit writes both.
    const std::uint64_t frameBytes = to.format.bytesPerFrame();
    if (to.dataBytes % frameBytes != 0 || to.dataBytes / frameBytes != to.seal.frames) {
        return decoded;
    }
    if (riffSize < riffSizeOf(to)) return decoded;
    to.trailerBytes = riffSize - riffSizeOf(to);
    decoded.state = SealState::sound;
    return decoded;
}

bool isDs64Torn(std::span<const std::byte> block, std::uint64_t bytesPerFrame) {
    if (sizeFormOf(block) != SizeForm::rf64) return false;
    const auto dataBytes = loadLe<std::uint64_t>(block.data() + kDs64Offset + 8);
    const auto frames = loadLe<std::uint64_t>(block.data() + kDs64Offset + 16);
    return frames != 0 && frames != dataBytes / bytesPerFrame;
}

std::vector<std::byte> encodeChunk(const std::array<char, 4>& id,
                                   std::span<const std::byte> payload) {
    ByteWriter out;
    putChunkHeader(out, {id.data(), id.size()}, payload.size());
    out.put(payload).zeros(payload.size() % 2);
    return out.take();
}

CueChunks encodeCueChunks(std::span<const CueMark> marks, std::uint64_t maxBytes) {
    CueChunks chunks;
    ByteWriter points;
    ByteWriter labels;
    std::uint32_t count = 0;
    std::uint64_t total = 8 + 4 + 8 + 4;
    for (const CueMark& mark : marks) {
        const std::uint64_t textSize = mark.label.size() + 1;
        const std::uint64_t cost = 24 + 8 + 4 + textSize + textSize % 2;
        if (mark.frame > 0xFFFF'FFFF || total + cost > maxBytes) {
            ++chunks.left;
            continue;
        }
        total += cost;
        ++count;
        const auto frame = static_cast<std::uint32_t>(mark.frame);
        points.put(count).put(frame).put(textBytes("data"));
        points.put(std::uint32_t{0}).put(std::uint32_t{0}).put(frame);
        putChunkHeader(labels, "labl", 4 + textSize);
        labels.put(count).put(textBytes(mark.label)).zeros(1 + textSize % 2);
    }
    if (count == 0) return chunks;
    ByteWriter cue;
    putChunkHeader(cue, "cue ", 4 + points.bytes().size());
    cue.put(count).put(std::span<const std::byte>(points.bytes()));
    ByteWriter list;
    putChunkHeader(list, "LIST", 4 + labels.bytes().size());
    list.put(textBytes("adtl")).put(std::span<const std::byte>(labels.bytes()));
    chunks.cue = cue.take();
    chunks.labels = list.take();
    return chunks;
}

std::string gapLabel(std::uint64_t frames, std::string_view cause) {
    if (cause == gapCauseName(GapCause::paused)) return fmt::format("pause of {} frames", frames);
    return fmt::format("gap of {} frames ({})", frames, cause);
}

}  // namespace holdfast
