// The plan of a file that is no take of ours: there are no checksums, so everything is believed as
// far as it is there, and what cannot be known is said.
#include <fmt/format.h>

#include <algorithm>

#include "iocore/recovery/foreign_sizes.h"
#include "iocore/recovery/recovery_plan.h"

namespace holdfast {
namespace {

void keepChunks(const WavScan& wav, RecoveryReport& report) {
    for (const ChunkList* chunks : {&wav.before, &wav.after}) {
        for (const ChunkExtent& chunk : chunks->extents) {
            report.keptChunks.push_back({chunk.id, chunk.offset, chunk.bytes});
        }
        if (chunks->notListed == 0) continue;
        report.notes.push_back(fmt::format(
            "{} chunks {} the audio are not kept: too many, too long, or without a name in a WAV",
            chunks->notListed, chunks == &wav.before ? "before" : "behind"));
    }
}

void tellDropped(const WavScan& wav, RecoveryReport& report) {
    if (wav.start != 0) report.dropped.push_back({wav.start, "foreign bytes in front of its head"});
    if (wav.missingBytes != 0) report.dropped.push_back({wav.missingBytes, wav.reason});
    if (wav.strayBytes != 0) {
        report.dropped.push_back({wav.strayBytes, "bytes behind the last chunk"});
    }
}

void judge(const WavScan& wav, RecoveryReport& report) {
    report.reason = wav.reason;
    report.damageLeft = wav.state == WavState::cutShort;
    report.verdict = wav.state == WavState::sound      ? Verdict::sound
                     : wav.state == WavState::cutShort ? Verdict::damaged
                                                       : Verdict::unfinished;
    if (report.verdict == Verdict::unfinished && report.recoverableFrames == 0) {
        report.verdict = Verdict::leftover;
        report.reason = "it holds no audio";
    }
}

}  // namespace

Result<> planForeign(const TakeEvidence& take, const WavScan& wav, const ScanOptions& options,
                     RecoveryReport& report) {
    const std::uint64_t frameBytes = report.format.bytesPerFrame();
    report.recoverableFrames = report.readableFrames = wav.dataBytes / frameBytes;
    report.headerFrames =
        std::min(wav.claimedDataBytes, wav.fileBytes - wav.dataOffset) / frameBytes;
    report.lastSafeFrame = report.headerFrames;
    if (report.recoverableFrames > 0) {
        report.plan.push_back({AudioPiece::Source::wav, wav.dataOffset, report.recoverableFrames});
    }
    keepChunks(wav, report);
    tellDropped(wav, report);
    const auto zeros =
        zerosBefore(take.audio(), wav.dataOffset, wav.dataOffset + wav.dataBytes, options);
    if (!zeros) return fail(zeros.error());
    // As long as a commit interval of ours: what a power cut takes of a file that grew.
    if (const auto frames = *zeros / frameBytes; frames >= report.format.sampleRate / 4) {
        report.zeroTailFrames = frames;
        report.notes.push_back(fmt::format(
            "its last {} frames are zeros: silence, or space that was never written", frames));
    }
    report.notes.insert(report.notes.end(), wav.notes.begin(), wav.notes.end());
    judge(wav, report);
    report.inPlaceProblem = inPlaceProblem(wav);
    return {};
}

}  // namespace holdfast
