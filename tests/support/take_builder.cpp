#include "tests/support/take_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "iocore/base/byte_codec.h"
#include "iocore/base/checksum.h"

namespace holdfast {
namespace {

const PcmFormat kFormat{48'000, 1, SampleType::S16, 0};

void put(Bytes& to, std::span<const std::byte> bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

SegmentRecord segmentOf(const BuiltTake& take, std::uint64_t first, std::uint64_t frames,
                        std::uint64_t commit, std::uint64_t gaps) {
    SegmentRecord segment;
    segment.start = kHeaderBlockBytes + first * 2;
    segment.bytes = frames * 2;
    const Bytes audio = rampAudio(first, frames);
    segment.checksum = checksum(audio, segmentSeed(take.salt, segment.start));
    segment.fileFrameEnd = segment.ringFrameEnd = segment.deviceFrameEnd = first + frames;
    segment.gapCount = gaps;
    segment.commit = commit;
    return segment;
}

HeaderImage headerOf(const BuiltTake& take, const TakeSpec& spec) {
    HeaderBlock block;
    block.format = kFormat;
    block.dataBytes = spec.committedFrames * 2;
    block.seal.takeId = take.takeId;
    block.seal.salt = take.salt;
    block.seal.sequence = (spec.committedFrames + spec.segmentFrames - 1) / spec.segmentFrames;
    block.seal.frames = block.seal.ringFrame = spec.committedFrames;
    block.seal.gapCount = spec.gapRecords.size();
    block.seal.flags = spec.finished ? HeaderFlags::finished : 0;
    const std::uint64_t first =
        spec.committedFrames == 0
            ? 0
            : (spec.committedFrames - 1) / spec.segmentFrames * spec.segmentFrames;
    block.seal.segmentStart = kHeaderBlockBytes + first * 2;
    block.seal.segmentChecksum = checksum(rampAudio(first, spec.committedFrames - first),
                                          segmentSeed(take.salt, block.seal.segmentStart));
    return encodeHeaderBlock(block);
}

Bytes journalOf(const BuiltTake& take, const TakeSpec& spec) {
    const JournalHeader header{take.takeId, take.takeId, take.salt, spec.writer, 1};
    Bytes bytes = encodeJournalHeader(header);
    std::uint64_t sequence = 0;
    const auto add = [&](RecordType type, std::span<const std::byte> payload) {
        put(bytes, encodeRecord(type, sequence++, bytes.size(), take.salt, payload));
    };
    StartRecord start;
    start.format = kFormat;
    start.startedAtNs = 1'700'000'000'000'000'000;
    start.fillGaps = spec.fillGaps;
    start.fillLimitFrames = spec.fillLimit;
    start.wavName = "take.wav";
    start.ringPath = take.ringPath;
    add(RecordType::start, encodePayload(start));
    for (const ChunkRecord& chunk : spec.chunks) add(RecordType::chunk, encodePayload(chunk));
    const std::uint64_t last = spec.journalFrames != 0 ? spec.journalFrames : spec.committedFrames;
    std::uint64_t commit = 1;
    for (std::uint64_t at = 0; at < last; at += spec.segmentFrames) {
        const std::uint64_t frames = std::min(spec.segmentFrames, last - at);
        add(RecordType::segment,
            encodePayload(segmentOf(take, at, frames, commit++, spec.gapRecords.size())));
    }
    for (const MarkerRecord& marker : spec.markers) add(RecordType::marker, encodePayload(marker));
    for (const GapRecord& gap : spec.gapRecords) add(RecordType::gap, encodePayload(gap));
    if (spec.dataEndBytes) {
        add(RecordType::dataEnd, encodePayload(DataEndRecord{*spec.dataEndBytes}));
    }
    return bytes;
}

Bytes ringOf(const BuiltTake& take, const TakeSpec& spec) {
    Bytes bytes(ringImageBytes(2, spec.ringCapacity));
    ProcessIdentity writer;
    writer.bootId = currentBootId();
    if (!spec.ringOfThisBoot) writer.bootId[0] ^= std::byte{1};
    const RingFixedPart fixed =
        sealedRingFixedPart(kFormat, spec.ringCapacity, take.takeId, writer);
    std::memcpy(bytes.data(), &fixed, sizeof fixed);
    const auto set = [&](std::size_t at, std::uint64_t value) {
        storeLe(bytes.data() + at, value);
    };
    storeLe(bytes.data() + offsetof(RingHeader, use), static_cast<std::uint32_t>(spec.ringUse));
    storeLe(bytes.data() + offsetof(RingHeader, part), spec.ringPart);
    set(offsetof(RingHeader, published), spec.ringFrames);
    set(offsetof(RingHeader, written), std::min(spec.ringFrames, spec.committedFrames));
    set(offsetof(RingHeader, durable), std::min(spec.ringFrames, spec.committedFrames));
    set(offsetof(RingHeader, gapsPublished), spec.ringGaps.size());
    set(offsetof(RingHeader, pendingLost), spec.pendingGap.frames);
    set(offsetof(RingHeader, pendingNumber), spec.ringGaps.size());
    storeLe(bytes.data() + offsetof(RingHeader, pendingCause),
            static_cast<std::uint32_t>(spec.pendingGap.cause));
    for (std::size_t i = 0; i < spec.ringGaps.size(); ++i) {
        const std::size_t at = offsetof(RingHeader, gaps) + i * sizeof(RingGapSlot);
        set(at, spec.ringGaps[i].atFrame);
        set(at + 8, spec.ringGaps[i].frames);
        storeLe(bytes.data() + at + 16, static_cast<std::uint32_t>(spec.ringGaps[i].cause));
    }
    const std::uint64_t oldest =
        spec.ringFrames > spec.ringCapacity ? spec.ringFrames - spec.ringCapacity : 0;
    for (std::uint64_t frame = oldest; frame < spec.ringFrames; ++frame) {
        const Bytes one = rampAudio(frame, 1);
        std::ranges::copy(
            one, bytes.begin() +
                     static_cast<std::ptrdiff_t>(kRingAudioOffset + frame % spec.ringCapacity * 2));
    }
    return bytes;
}

}  // namespace

Bytes rampAudio(std::uint64_t first, std::uint64_t frames) {
    Bytes bytes(frames * 2);
    for (std::uint64_t i = 0; i < frames; ++i) {
        storeLe(bytes.data() + 2 * i, static_cast<std::uint16_t>(first + i));
    }
    return bytes;
}

ScanOptions BuiltTake::options() const {
    ScanOptions options;
    const Bytes bytes = ring;
    const std::string path = ringPath;
    options.openRing = [bytes,
                        path](const std::string& asked) -> Result<std::unique_ptr<DiskFile>> {
        if (asked != path || bytes.empty()) return fail(Stage::disk, ENOENT, "no ring");
        FaultDisk memory =
            FaultDisk::fromImage(FileMap{{"ring", std::make_shared<const Bytes>(bytes)}});
        return memory.open("ring", Access::read);
    };
    return options;
}

void BuiltTake::edit(const std::string& name, const std::function<void(Bytes&)>& change) {
    Bytes bytes = *files.at(name);
    change(bytes);
    files[name] = std::make_shared<const Bytes>(std::move(bytes));
}

BuiltTake buildTake(const TakeSpec& spec) {
    BuiltTake take;
    for (std::size_t i = 0; i < 16; ++i) take.takeId.bytes[i] = static_cast<std::byte>(i + 1);
    take.salt = 0x1234'5678'9ABC'DEF0;
    take.wavName = spec.wavName;
    take.journalName = spec.journalName;
    take.ringPath = "/run/test/" + take.takeId.hex() + ".ring";
    Bytes wav;
    put(wav, headerOf(take, spec));
    put(wav, rampAudio(0, spec.committedFrames + spec.tailFrames));
    put(wav, spec.behindAudio);
    if (spec.journal) {
        take.files[spec.journalName] = std::make_shared<const Bytes>(journalOf(take, spec));
    }
    take.files[spec.wavName] = std::make_shared<const Bytes>(std::move(wav));
    if (spec.ringFrames != 0) take.ring = ringOf(take, spec);
    return take;
}

Bytes chunkOf(const std::string& id, const std::string& payload) {
    ByteWriter out;
    out.put(std::as_bytes(std::span(id.data(), 4)));
    out.put(std::string_view(payload));
    out.zeros(payload.size() % 2);
    return out.take();
}

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) put(all, part);
    return all;
}

Bytes buildForeign(const ForeignSpec& spec) {
    const Bytes fmt = encodeFmt(kFormat);
    const std::uint64_t dataBytes = spec.frames * 2;
    const std::uint64_t riff =
        4 + 8 + fmt.size() + spec.before.size() + 8 + dataBytes + spec.after.size();
    ByteWriter out;
    const auto text = [&](std::string_view id) { out.put(std::as_bytes(std::span(id.data(), 4))); };
    text("RIFF");
    out.put(spec.riffBytes.value_or(static_cast<std::uint32_t>(riff)));
    text("WAVE");
    text("fmt ");
    out.put(static_cast<std::uint32_t>(fmt.size())).put(std::span<const std::byte>(fmt));
    out.put(std::span<const std::byte>(spec.before));
    text("data");
    out.put(spec.dataBytes.value_or(static_cast<std::uint32_t>(dataBytes)));
    out.put(std::span<const std::byte>(rampAudio(0, spec.frames)));
    out.put(std::span<const std::byte>(spec.after));
    return out.take();
}

Bytes fileOf(const FaultDisk& disk, const std::string& name) {
    const FileMap files = disk.files();
    const auto found = files.find(name);
    return found == files.end() ? Bytes{} : *found->second;
}

Bytes audioOf(const FaultDisk& disk, const std::string& name) {
    const Bytes file = fileOf(disk, name);
    if (file.size() < kHeaderBlockBytes) {
        ADD_FAILURE() << name << " has " << file.size() << " bytes";
        return {};
    }
    const DecodedHeader header = decodeHeaderBlock(file);
    EXPECT_EQ(header.state, SealState::sound) << name;
    const HeaderBlock& block = header.block;
    EXPECT_EQ(file.size(),
              kHeaderBlockBytes + block.dataBytes + block.dataBytes % 2 + block.trailerBytes)
        << name;
    if (file.size() < kHeaderBlockBytes + block.dataBytes) return {};
    const auto begin = file.begin() + kHeaderBlockBytes;
    return {begin, begin + static_cast<std::ptrdiff_t>(block.dataBytes)};
}

}  // namespace holdfast
