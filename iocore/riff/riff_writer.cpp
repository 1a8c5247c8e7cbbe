#include "iocore/riff/riff_writer.h"

#include <array>
#include <cassert>

namespace holdfast {
namespace {

FOURCC fourCc(const char* id) {
    return mmioFOURCC(id[0], id[1], id[2], id[3]);
}

}  // namespace

RiffWriter::RiffWriter(MmioFile file, const PcmFormat& format, const TakeIdentity& identity,
                       const GrowthPolicy& growth)
    : file_(std::move(file)), growth_(growth) {
    if (growth_.fileType == FileType::rf64) block_.sizes = SizeForm::rf64;
    block_.format = format;
    block_.seal.takeId = identity.takeId;
    block_.seal.salt = identity.salt;
    block_.seal.partIndex = identity.partIndex;
    block_.seal.ringFrame = identity.ringFrame;
    block_.seal.gapCount = identity.gapCount;
    block_.seal.segmentStart = kHeaderBlockBytes;
}

Result<> RiffWriter::addChunk(const char* id, std::span<const std::byte> payload) {
    return file_.createChunk(fourCc(id))
        .and_then([&] { return file_.write(payload); })
        .and_then([&] { return file_.ascend(); });
}

// FORMAT.md section 2. The sizes of RIFF and data stay 0 here; the block that follows sets them.
Result<> RiffWriter::writeHeader() {
    const bool isFloat = block_.format.sampleType == SampleType::F32;
    const auto fmtPayload = encodeFmt(block_.format);
    const std::array<std::byte, kHeaderBlockBytes> zeros{};
    const std::span<const std::byte> zero(zeros);
    const std::size_t before = 12 + 36 + 8 + fmtPayload.size() + (isFloat ? 12 : 0);

    return file_.createChunk(FOURCC_RIFF, fourCc("WAVE"))
        .and_then([&] { return addChunk("JUNK", zero.first(28)); })
        .and_then([&] { return addChunk("fmt ", fmtPayload); })
        .and_then([&] { return isFloat ? addChunk("fact", zero.first(4)) : Result<>{}; })
        .and_then([&] { return addChunk("hfst", zero.first(kHeaderBlockBytes - 8 - 8 - before)); })
        .and_then([&] { return file_.createChunk(fourCc("data")); })
        .and_then([&] { return file_.position(); })
        .and_then([&](std::uint64_t position) -> Result<> {
            if (position == kHeaderBlockBytes) return file_.writeFlush({});
            return fail(Stage::mmio, "the data chunk does not begin at byte 512");
        })
        .and_then([&] { return replaceHeader(block_); })
        .and_then([&] { return file_.seekTo(kHeaderBlockBytes); });
}

Result<> RiffWriter::writeAudio(std::span<const std::byte> interleaved) {
    assert(interleaved.size() % block_.format.bytesPerFrame() == 0);
    auto wrote = file_.write(interleaved);
    if (wrote) dataBytes_ += interleaved.size();
    return wrote;
}

// Steps 1 and 2 of the commit.
Result<> RiffWriter::flushAudio(const CommitPosition& position, HeaderBlock& next) {
    assert(position.fileFrame * block_.format.bytesPerFrame() == dataBytes_);
    if (auto told = file_.announce(position); !told) return told;
    if (auto flushed = file_.writeFlush({}); !flushed) return flushed;
    const auto receipt = file_.receipt();
    if (!receipt) return fail(receipt.error());
    next.dataBytes = dataBytes_;
    next.seal.sequence = position.commit;
    next.seal.frames = position.fileFrame;
    next.seal.ringFrame = position.ringFrame;
    next.seal.gapCount = position.gapCount;
    next.seal.segmentStart = receipt->segmentStart;
    next.seal.segmentChecksum = receipt->segmentChecksum;
    return {};
}

std::uint64_t RiffWriter::maxDataBytes() const {
    return growth_.fileType == FileType::wav ? growth_.riffDataLimit : kMaxDataBytes;
}

// Steps 3 and 4. Where RIFF ends, the last block that fits is first written again with ds64 filled:
// an RF64 file whose ds64 is empty, as a torn write could leave it, plays nowhere. FORMAT.md,
// "Promotion".
Result<> RiffWriter::replaceHeader(HeaderBlock next) {
    if (next.sizes != SizeForm::rf64 && next.dataBytes > growth_.riffDataLimit) {
        HeaderBlock last = block_;
        last.sizes = SizeForm::riffWithDs64;
        if (auto filled = patchHeader(last); !filled) return filled;
        next.sizes = SizeForm::rf64;
    }
    return patchHeader(next);
}

Result<> RiffWriter::patchHeader(const HeaderBlock& next) {
    auto patched = file_.patchFlush(0, encodeHeaderBlock(next));
    if (patched) block_ = next;
    return patched;
}

Result<> RiffWriter::commit(const CommitPosition& position) {
    assert(dataBytes_ % 2 == 0);
    HeaderBlock next = block_;
    return flushAudio(position, next).and_then([&] { return replaceHeader(next); });
}

Result<> RiffWriter::commitEnd(const CommitPosition& position) {
    HeaderBlock next = block_;
    if (auto flushed = flushAudio(position, next); !flushed) return flushed;
    if (dataBytes_ % 2 != 0) {
        const std::array<std::byte, 1> pad{};
        if (auto padded = file_.writeFlush(pad); !padded) return padded;
    }
    return replaceHeader(next);
}

Result<> RiffWriter::appendTrailer(std::span<const std::byte> chunk) {
    assert(chunk.size() % 2 == 0);
    if (auto flushed = file_.writeFlush(chunk); !flushed) return flushed;
    HeaderBlock next = block_;
    next.trailerBytes += chunk.size();
    return replaceHeader(next);
}

Result<> RiffWriter::markFinished() {
    HeaderBlock next = block_;
    next.seal.flags |= HeaderFlags::finished;
    return replaceHeader(next);
}

Result<> RiffWriter::restateCommit() {
    dataBytes_ = block_.dataBytes;
    HeaderBlock bare = block_;
    bare.trailerBytes = 0;
    return file_.clearError().and_then([&] { return replaceHeader(bare); }).and_then([&] {
        return file_.seekTo(fileBytes());
    });
}

Result<> RiffWriter::rewindToCommit() {
    dataBytes_ = block_.dataBytes;
    return file_.clearError().and_then(
        [&] { return file_.seekTo(kHeaderBlockBytes + block_.dataBytes); });
}

}  // namespace holdfast
