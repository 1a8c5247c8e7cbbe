#include "iocore/recovery/result_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "iocore/base/checksum.h"
#include "iocore/base/little_endian.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kSealedBytes = 1 << 20;

// Markers and gaps in the order of their frames.
std::vector<CueMark> marksOf(const RecoveryReport& report) {
    std::vector<CueMark> marks;
    for (const TakeMarker& marker : report.markers) marks.push_back({marker.frame, marker.text});
    for (const TakeGap& gap : report.gaps) {
        marks.push_back({gap.frame, gapLabel(gap.frames, gapCauseName(gap.cause))});
    }
    std::ranges::stable_sort(marks, {}, &CueMark::frame);
    return marks;
}

void append(std::vector<std::byte>& to, const std::vector<std::byte>& chunk) {
    to.insert(to.end(), chunk.begin(), chunk.end());
}

std::uint64_t chunkBytes(const KeptChunk& chunk) {
    return 8 + chunk.bytes + chunk.bytes % 2;
}

// Reads back what was written, with one buffer for all of it.
class ReadBack {
  public:
    explicit ReadBack(DiskFile& file) : file_(file) {}

    Result<> expect(std::uint64_t offset, std::span<const std::byte> expected) {
        there_.resize(expected.size());
        const auto got = file_.readAt(offset, there_);
        if (!got) return fail(got.error());
        // Byte by byte it would take longer than the reading.
        if (*got != there_.size() ||
            (*got != 0 && std::memcmp(there_.data(), expected.data(), *got) != 0)) {
            return fail(Stage::recovery,
                        fmt::format("what was written at byte {} reads back differently", offset));
        }
        return {};
    }

  private:
    DiskFile& file_;
    std::vector<std::byte> there_;
};

}  // namespace

Result<> copyBytes(DiskFile& from, std::uint64_t offset, std::uint64_t bytes,
                   const std::function<Result<>(std::uint64_t, std::span<const std::byte>)>& to) {
    std::vector<std::byte> buffer(
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes, 256 << 10)));
    for (std::uint64_t done = 0; done < bytes;) {
        const auto part = std::span(buffer).first(
            static_cast<std::size_t>(std::min<std::uint64_t>(bytes - done, buffer.size())));
        const auto got = from.readAt(offset + done, part);
        if (!got) return fail(got.error());
        if (*got < part.size()) return fail(Stage::recovery, "the file became shorter while read");
        if (auto put = to(done, part); !put) return put;
        done += part.size();
    }
    return {};
}

Result<ResultFile> ResultFile::plan(const ScannedTake& take) {
    ResultFile result(take);
    const RecoveryReport& report = take.report;
    result.dataBytes_ = report.recoverableFrames * report.format.bytesPerFrame();
    std::vector<std::byte>& rendered = result.rendered_;
    if (take.report.ours && take.evidence.journal) {
        for (const ChunkRecord& chunk : take.evidence.journal->chunks) {
            append(rendered, encodeChunk(chunk.id, chunk.payload));
        }
    }
    const CueChunks marks =
        encodeCueChunks(marksOf(report), kTrailerReserveBytes - rendered.size());
    append(rendered, marks.cue);
    append(rendered, marks.labels);
    result.kept_ = report.keptChunks;
    if (!marks.cue.empty()) {
        std::erase_if(result.kept_, [](const KeptChunk& chunk) {
            return std::string_view(chunk.id.data(), 4) == "cue ";
        });
    }
    result.trailerBytes_ = rendered.size();
    for (const KeptChunk& chunk : result.kept_) result.trailerBytes_ += chunkBytes(chunk);
    // What was RF64 stays it, so that a repair in place changes no more of the header than it must.
    const DecodedHeader& before = take.evidence.header;
    const bool wasRf64 = before.state == SealState::sound && before.block.sizes == SizeForm::rf64;
    const bool tooLong =
        result.dataBytes_ > kMaxRiffDataBytes || result.fileBytes() > 0xFFFF'FFFFULL;
    if (wasRf64 || tooLong) result.sizes_ = SizeForm::rf64;
    return result;
}

HeaderBlock ResultFile::block() const {
    const RecoveryReport& report = take_->report;
    HeaderBlock block;
    block.format = report.format;
    block.sizes = sizes_;
    block.seal.takeId = report.takeId;
    block.seal.salt = report.salt;
    block.seal.partIndex = report.partIndex;
    block.seal.flags = HeaderFlags::recovered;
    return block;
}

HeaderImage ResultFile::emptyHeader() const {
    return encodeHeaderBlock(block());
}

HeaderImage ResultFile::header() const {
    const RecoveryReport& report = take_->report;
    const DecodedHeader& before = take_->evidence.header;
    HeaderBlock full = block();
    full.dataBytes = dataBytes_;
    full.trailerBytes = trailerBytes_;
    full.seal.flags |= HeaderFlags::finished;
    if (report.damageLeft) full.seal.flags |= HeaderFlags::damageLeft;
    full.seal.sequence =
        before.state == SealState::sound ? before.block.seal.sequence + 1 : std::uint64_t{1};
    full.seal.frames = report.recoverableFrames;
    std::uint64_t filled = 0;
    for (const TakeGap& gap : report.gaps) filled += gap.filledFrames;
    full.seal.ringFrame = report.recoverableFrames - std::min(report.recoverableFrames, filled);
    full.seal.gapCount = report.gaps.size();
    full.seal.segmentStart = segmentStart_;
    full.seal.segmentChecksum = segmentChecksum_;
    return encodeHeaderBlock(full);
}

Result<> ResultFile::sealLastAudio() {
    const std::uint64_t frameBytes = take_->report.format.bytesPerFrame();
    const std::uint64_t frames = take_->report.recoverableFrames;
    const std::uint64_t first = std::max(frames - std::min(frames, kSealedBytes / frameBytes),
                                         std::min(take_->report.vouchedFrom, frames));
    segmentStart_ = kHeaderBlockBytes + first * frameBytes;
    StreamingChecksum sum(segmentSeed(take_->report.salt, segmentStart_));
    auto read =
        readPlan(*take_, first, [&](std::uint64_t, std::span<const std::byte> audio) -> Result<> {
            sum.update(audio);
            return {};
        });
    if (read) segmentChecksum_ = sum.value();
    return read;
}

Result<> ResultFile::writeTrailer(DiskFile& file) const {
    const std::array<std::byte, 1> zero{};
    if (dataBytes_ % 2 != 0) {
        if (auto put = file.writeAt(trailerOffset() - 1, zero); !put) return put;
    }
    std::uint64_t at = trailerOffset();
    if (!rendered_.empty()) {
        if (auto put = file.writeAt(at, rendered_); !put) return put;
        at += rendered_.size();
    }
    for (const KeptChunk& chunk : kept_) {
        std::array<std::byte, 8> head{};
        std::ranges::copy(std::as_bytes(std::span(chunk.id)), head.begin());
        storeLe(head.data() + 4, static_cast<std::uint32_t>(chunk.bytes));
        if (auto put = file.writeAt(at, head); !put) return put;
        const std::uint64_t payload = at + head.size();
        auto copied = copyBytes(take_->evidence.audio(), chunk.offset, chunk.bytes,
                                [&](std::uint64_t done, std::span<const std::byte> bytes) {
                                    return file.writeAt(payload + done, bytes);
                                });
        if (!copied) return copied;
        at += chunkBytes(chunk);
        if (chunk.bytes % 2 != 0) {
            if (auto put = file.writeAt(at - 1, zero); !put) return put;
        }
    }
    return {};
}

Result<> ResultFile::verifyContents(DiskFile& file, std::uint64_t fromFrame,
                                    RepairProgress& progress) const {
    const auto size = file.size();
    if (!size) return fail(size.error());
    if (*size != fileBytes()) {
        return fail(Stage::recovery,
                    fmt::format("the result has {} bytes instead of {}", *size, fileBytes()));
    }
    ReadBack there(file);
    const std::uint64_t frameBytes = take_->report.format.bytesPerFrame();
    auto audio =
        readPlan(*take_, fromFrame, [&](std::uint64_t frame, std::span<const std::byte> bytes) {
            if (auto same = there.expect(kHeaderBlockBytes + frame * frameBytes, bytes); !same) {
                return same;
            }
            return progress.advance(bytes.size());
        });
    if (!audio) return audio;
    return there.expect(trailerOffset(), rendered_);
}

Result<> ResultFile::verify(DiskFile& file, std::uint64_t fromFrame,
                            RepairProgress& progress) const {
    if (auto same = ReadBack(file).expect(0, header()); !same) return same;
    if (auto same = verifyContents(file, fromFrame, progress); !same) return same;
    const auto frames = countFramesBySndfile(file);
    if (!frames) return fail(frames.error());
    if (*frames != take_->report.recoverableFrames) {
        return fail(Stage::recovery,
                    fmt::format("libsndfile finds {} frames in the result instead of {}", *frames,
                                take_->report.recoverableFrames));
    }
    return {};
}

}  // namespace holdfast
