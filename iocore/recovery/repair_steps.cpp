#include "iocore/recovery/repair_steps.h"

#include <fmt/format.h>

#include <cerrno>

#include "iocore/base/path_text.h"

namespace holdfast {
namespace {

Result<> removeSystemRing(const std::string& path) {
    const SplitPath split = splitPath(path);
    auto folder = openFolder(split.folder);
    if (!folder) return fail(folder.error());
    return (*folder)->remove(split.name);
}

}  // namespace

std::optional<RepairOutcome> outcomeWithoutWork(const RecoveryReport& report) {
    switch (report.verdict) {
        case Verdict::live:
        case Verdict::leftover:
        case Verdict::rewritten:
        case Verdict::unusable:
            return RepairOutcome::leftAlone;
        case Verdict::sound:
        case Verdict::unfinished:
        case Verdict::damaged:
            break;
    }
    if (report.alreadyRecovered && report.recoveredName == report.wavName) {
        return RepairOutcome::alreadyRecovered;
    }
    if (report.verdict == Verdict::sound) return RepairOutcome::nothingToDo;
    return std::nullopt;
}

Result<bool> lockInput(const ScannedTake& take) {
    DiskFile* const files[] = {take.evidence.wav.get(),
                               take.evidence.journal ? take.evidence.journal->file.get() : nullptr,
                               take.evidence.unwritten.get()};
    for (DiskFile* file : files) {
        if (file == nullptr) continue;
        const auto locked = file->tryLock();
        if (!locked) return fail(locked.error());
        if (!*locked) return false;
    }
    return true;
}

void removeRing(const ScannedTake& take, const RepairOptions& options, RepairResult& result) {
    const auto& ring = take.evidence.ring;
    if (!ring || !take.report.ringSpent) return;
    // The path stands in a journal that anybody may have written: nothing else is ever removed.
    if (splitPath(ring->path).name != ring->snapshot.takeId.hex() + ".ring") {
        result.notes.push_back(
            fmt::format("the ring at {} is left: it has a strange name", ring->path));
        return;
    }
    const auto removed =
        options.removeRing ? options.removeRing(ring->path) : removeSystemRing(ring->path);
    if (!removed && removed.error().code != ENOENT) {
        result.notes.push_back(
            fmt::format("the ring could not be removed: {}", removed.error().message()));
    }
}

void removeWitnesses(DiskFolder& folder, ScannedTake& take, const RepairOptions& options,
                     RepairResult& result) {
    const auto& journal = take.evidence.journal;
    if (!take.report.ours || (journal && (journal->undo || !journal->start))) return;
    // Of a file whose header no longer says whose it is, the journal alone does.
    if (take.evidence.wav && take.evidence.header.block.seal.takeId != take.report.takeId) return;
    removeRing(take, options, result);
    if (!journal) return;
    auto removed = folder.remove(journal->name);
    if (removed) removed = folder.sync();
    if (!removed) {
        result.notes.push_back(
            fmt::format("the journal could not be removed: {}", removed.error().message()));
    }
}

std::uint64_t framesInPlace(const RecoveryReport& report) {
    const std::uint64_t frameBytes = report.format.bytesPerFrame();
    std::uint64_t frame = 0;
    for (const AudioPiece& piece : report.plan) {
        const bool there = piece.source == AudioPiece::Source::wav &&
                           piece.offset == kHeaderBlockBytes + frame * frameBytes;
        if (!there) break;
        frame += piece.frames;
    }
    return frame;
}

Result<> requireSpace(DiskFolder& folder, std::uint64_t bytes) {
    const auto free = folder.freeBytes();
    if (!free) return fail(free.error());
    if (*free >= bytes) return {};
    return fail(
        Stage::disk, ENOSPC,
        fmt::format("{}: {} bytes are needed and {} are free", folder.path(), bytes, *free));
}

}  // namespace holdfast
