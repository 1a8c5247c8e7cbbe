#include "iocore/recovery/plan_reader.h"

#include <algorithm>
#include <cerrno>
#include <vector>

namespace holdfast {
namespace {

// What a core's own cache holds, so that what is read is still there when it is summed or written.
constexpr std::uint64_t kBlockBytes = 256 << 10;

DiskFile* sourceOf(const ScannedTake& take, AudioPiece::Source source) {
    switch (source) {
        case AudioPiece::Source::wav:
            return &take.evidence.audio();
        case AudioPiece::Source::ring:
            return take.evidence.ring->file.get();
        case AudioPiece::Source::journal:
            return take.evidence.journal->file.get();
        case AudioPiece::Source::silence:
            break;
    }
    return nullptr;
}

}  // namespace

Result<> readPlan(const ScannedTake& take, std::uint64_t fromFrame, const AudioVisitor& visit) {
    const std::uint64_t frameBytes = take.report.format.bytesPerFrame();
    std::vector<std::byte> buffer;
    std::uint64_t frame = 0;
    for (const AudioPiece& piece : take.report.plan) {
        DiskFile* source = sourceOf(take, piece.source);
        std::uint64_t done = fromFrame > frame ? std::min(fromFrame - frame, piece.frames) : 0;
        while (done < piece.frames) {
            const std::uint64_t frames =
                std::min(piece.frames - done, std::max<std::uint64_t>(kBlockBytes / frameBytes, 1));
            buffer.resize(static_cast<std::size_t>(frames * frameBytes));
            if (source == nullptr) {
                std::ranges::fill(buffer, std::byte{0});
            } else {
                const auto got = source->readAt(piece.offset + done * frameBytes, buffer);
                if (!got) return fail(got.error());
                if (*got < buffer.size()) {
                    return fail(Stage::recovery, "the file became shorter while it was read");
                }
            }
            if (auto seen = visit(frame + done, buffer); !seen) return seen;
            done += frames;
        }
        frame += piece.frames;
    }
    return {};
}

Result<> RepairProgress::advance(std::uint64_t bytes) {
    done_ += bytes;
    if (options_.progress && !options_.progress(std::min(done_, total_), total_)) {
        return fail(Stage::recovery, ECANCELED, "cancelled");
    }
    return {};
}

}  // namespace holdfast
