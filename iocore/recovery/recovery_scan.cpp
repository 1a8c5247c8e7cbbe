#include "iocore/recovery/recovery_scan.h"

#include <fmt/format.h>

#include <algorithm>

#include "iocore/base/byte_codec.h"
#include "iocore/base/checksum.h"
#include "iocore/recovery/empty_take.h"
#include "iocore/recovery/recovery_plan.h"
#include "iocore/recovery/segment_check.h"
#include "iocore/recovery/wav_scan.h"
#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

constexpr std::size_t kIdentityBytes = 4'096;

// A foreign file has no take id: its first bytes and its length stand for it.
Result<TakeId> derivedId(DiskFile& file, std::uint64_t fileBytes, const PcmFormat& format) {
    std::vector<std::byte> head(kIdentityBytes);
    const auto got = file.readAt(0, head);
    if (!got) return fail(got.error());
    head.resize(*got);
    ByteWriter all;
    all.put(fileBytes).put(format.sampleRate).put(format.channels);
    all.put(static_cast<std::uint32_t>(format.sampleType)).put(std::span<const std::byte>(head));
    TakeId id;
    storeLe(id.bytes.data(), checksum(all.bytes(), 1));
    storeLe(id.bytes.data() + 8, checksum(all.bytes(), 2));
    return id;
}

class TakeScanner {
  public:
    TakeScanner(DiskFolder& folder, const ScanOptions& options, TakeEvidence evidence)
        : folder_(folder), options_(options), take_(std::move(evidence)) {}

    Result<ScannedTake> scan();

  private:
    void describe();
    Result<> planOurs();
    Result<> planOther();
    Result<bool> isRewritten();
    bool isRenderedAnew(const ChunkExtent& chunk) const;
    void checkTrailers();
    void findEarlierResult();
    void reportLive();

    DiskFolder& folder_;
    const ScanOptions& options_;
    TakeEvidence take_;
    RecoveryReport report_;
    WavScan wav_;
};

Result<ScannedTake> TakeScanner::scan() {
    describe();
    if (take_.wav) {
        auto wav = scanWav(take_.audio(), options_.assumed);
        if (!wav) return fail(wav.error());
        wav_ = std::move(*wav);
        report_.container = wavContainerName(wav_.container);
    }
    const bool sealed = take_.header.state == SealState::sound;
    const bool hasStart = take_.journal && take_.journal->start;
    Result<> planned;
    if (sealed || hasStart) {
        planned = planOurs();
    } else {
        planned = planOther();
    }
    if (!planned) return fail(planned.error());
    // Its audio may be read another day: until then the take is not done with.
    if (take_.ringUnread && report_.verdict == Verdict::unfinished) report_.damageLeft = true;
    findEarlierResult();
    const auto nothing = holdsNothing(take_, report_);
    if (!nothing) return fail(nothing.error());
    report_.empty = *nothing && !take_.live;
    reportLive();
    return ScannedTake{std::move(report_), std::move(take_)};
}

void TakeScanner::describe() {
    report_.name = take_.name;
    report_.wavName = take_.wavName;
    std::string base = take_.wavName;
    if (base.empty() && take_.journal && take_.journal->start) base = take_.journal->start->wavName;
    if (base.empty()) base = take_.name;
    report_.finalName = finalNameOf(base);
    report_.outputName = recoveredNameOf(base);
    report_.writerProcess = take_.writerProcess;
    report_.notes = take_.notes;
    if (!take_.journal) return;
    const JournalEvidence& journal = *take_.journal;
    report_.journalName = journal.name;
    report_.takeId = journal.reading.header.takeId;
    report_.salt = journal.reading.header.salt;
    report_.partIndex = journal.reading.header.partIndex;
    report_.undoInForce = take_.original != nullptr;
    report_.undoPossible = journal.undo.has_value() && take_.wav != nullptr;
    report_.notes.insert(report_.notes.end(), journal.notes.begin(), journal.notes.end());
    for (const ErrorRecord& error : journal.errors) {
        report_.notes.push_back(
            fmt::format("the recorder reported at frame {}: {}", error.fileFrame, error.text));
    }
    if (!journal.start) return;
    report_.startedAtNs = journal.start->startedAtNs;
    report_.deviceName = journal.start->deviceName;
    report_.firstFrame = journal.start->firstFileFrame;
    report_.previousPart = journal.start->previousPart;
    report_.format = journal.start->format;
}

Result<> TakeScanner::planOurs() {
    if (take_.header.state == SealState::sound) {
        const HeaderSeal& seal = take_.header.block.seal;
        report_.takeId = seal.takeId;
        report_.salt = seal.salt;
        report_.partIndex = seal.partIndex;
        report_.format = take_.header.block.format;
        report_.finished = (seal.flags & HeaderFlags::finished) != 0;
    } else if (take_.wav) {
        const auto rewritten = isRewritten();
        if (!rewritten) return fail(rewritten.error());
        if (*rewritten) {
            if (auto planned = planForeign(take_, wav_, options_, report_); !planned)
                return planned;
            report_.verdict = Verdict::rewritten;
            report_.reason = fmt::format("another program has changed it since: {} no longer fits",
                                         report_.journalName);
            return {};
        }
        report_.notes.emplace_back("its header is damaged: format and extent are the journal's");
    }
    report_.ours = true;
    if (auto planned = planTake(take_, wav_, options_, report_); !planned) return planned;
    checkTrailers();
    return {};
}

// The seal is gone although a journal of ours is beside it. When the file is in order by itself and
// the journal proves nothing more, it is somebody else's work now.
Result<bool> TakeScanner::isRewritten() {
    const bool elsewhere = wav_.dataOffset != kHeaderBlockBytes;
    if (wav_.state == WavState::cutShort && elsewhere) return true;
    if (wav_.state != WavState::sound && wav_.state != WavState::sizesWrong) return false;
    HeaderImage head{};
    if (const auto got = take_.audio().readAt(0, head); !got) return fail(got.error());
    if (isDs64Torn(head, report_.format.bytesPerFrame())) return false;
    SegmentCheck check(take_.audio(), take_.fileBytes, report_.salt, take_.journal->segments, {});
    Result<std::optional<CheckedSegments>> quick;
    if (!options_.verifyAll) quick = check.checkEnd();
    if (!quick) return fail(quick.error());
    const auto checked =
        *quick ? Result<CheckedSegments>(std::move(**quick)) : check.check(kHeaderBlockBytes);
    if (!checked) return fail(checked.error());
    if (wav_.state == WavState::sizesWrong || wav_.dataOffset != kHeaderBlockBytes) {
        return !checked->chainEnd.has_value() && wav_.dataOffset != kHeaderBlockBytes;
    }
    const std::uint64_t ringFrame = checked->chainEnd ? checked->chainEnd->ringFrameEnd : 0;
    if (take_.ring && take_.ring->snapshot.published > ringFrame) return false;
    const std::uint64_t proven = checked->chainEnd ? checked->chainEnd->end() : 0;
    return proven <= wav_.dataOffset + wav_.dataBytes;
}

// From the journal: marks as soon as it is one, other chunks where it has them. What an unfinished
// take has behind its last commit is no chunk.
bool TakeScanner::isRenderedAnew(const ChunkExtent& chunk) const {
    if (!take_.journal) return false;
    const bool ofJournal = std::ranges::find(take_.journal->chunks, chunk.id, &ChunkRecord::id) !=
                           take_.journal->chunks.end();
    if (ofJournal || !take_.journal->start) return ofJournal;
    const std::string_view id(chunk.id.data(), chunk.id.size());
    return id == "cue " || id == "LIST" || take_.header.block.trailerBytes == 0;
}

// Markers and other chunks behind the audio: kept where no journal can render them anew.
void TakeScanner::checkTrailers() {
    if (!take_.wav || take_.header.state != SealState::sound) return;
    const HeaderBlock& block = take_.header.block;
    for (const ChunkExtent& chunk : wav_.after.extents) {
        if (!isRenderedAnew(chunk)) {
            report_.keptChunks.push_back({chunk.id, chunk.offset, chunk.bytes});
        }
    }
    if (report_.verdict != Verdict::sound) return;
    const std::uint64_t end =
        kHeaderBlockBytes + block.dataBytes + block.dataBytes % 2 + block.trailerBytes;
    if (take_.fileBytes < end) {
        report_.verdict = Verdict::unfinished;
        report_.reason =
            fmt::format("{} bytes behind its audio (markers) are missing", end - take_.fileBytes);
    } else if (take_.fileBytes > end) {
        report_.notes.push_back(
            fmt::format("{} bytes that belong to nothing stand at its end", take_.fileBytes - end));
    }
}

Result<> TakeScanner::planOther() {
    if (!take_.wav) {
        report_.verdict = Verdict::leftover;
        report_.reason = "a journal without its audio file";
        if (take_.unwritten) report_.reason = "a journal that was never written";
        report_.ours = report_.ours || take_.unwritten;
        return {};
    }
    const bool readable = wav_.state == WavState::sound || wav_.state == WavState::sizesWrong ||
                          wav_.state == WavState::cutShort || wav_.state == WavState::headDamaged;
    if (!readable || !wav_.format) {
        report_.verdict = Verdict::unusable;
        report_.reason = wav_.reason;
        report_.otherEncoding = wav_.state == WavState::noFormat && wav_.otherEncoding;
        report_.formatMissing = wav_.state == WavState::noFormat && !wav_.otherEncoding;
        if (take_.header.state == SealState::torn) {
            report_.reason = "its header is damaged and there is no journal to say its format";
        }
        return {};
    }
    report_.format = *wav_.format;
    if (!take_.journal) {
        const auto id = derivedId(take_.audio(), take_.fileBytes, report_.format);
        if (!id) return fail(id.error());
        // A torn block still says whose it is: so the copy of a take whose journal went with that
        // copy is known again.
        const TakeId& torn = take_.header.block.seal.takeId;
        report_.takeId = torn.isZero() ? *id : torn;
        report_.salt = loadLe<std::uint64_t>(id->bytes.data());
    }
    if (take_.header.state == SealState::torn && wav_.state == WavState::sound) {
        report_.notes.emplace_back("recorded by Holdfast, but its header was changed since");
    }
    if (auto planned = planForeign(take_, wav_, options_, report_); !planned) return planned;
    if (take_.journal && take_.journal->undo && take_.journal->resolved && !take_.original) {
        report_.alreadyRecovered = true;
        report_.recoveredName = take_.wavName;
    }
    return {};
}

void TakeScanner::findEarlierResult() {
    if (report_.alreadyRecovered) {  // in place, as its undo log says
        report_.recoveredFrames = report_.recoverableFrames;
        return;
    }
    auto here = earlierResult(take_.headerNow, report_.takeId);
    if (take_.original) {
        // Killed at its very end, and its log was damaged since: the file as it lies there is
        // whole and holds more than the log can give back.
        here = earlierResult(folder_, take_.wavName, report_.takeId);
        if (here && here->frames <= report_.recoverableFrames) here.reset();
    }
    if (here) {
        report_.recoveredName = take_.wavName;
        report_.damageLeft = report_.damageLeft || here->damageLeft;
        if (here->damageLeft && report_.verdict == Verdict::sound) {
            report_.verdict = Verdict::damaged;
            report_.reason = "recovered before, with damage left";
        }
    }
    const auto beside = here ? here : earlierResult(folder_, report_.outputName, report_.takeId);
    if (!beside) return;
    report_.alreadyRecovered = true;
    if (!here) report_.recoveredName = report_.outputName;
    report_.recoveredFrames = beside->frames;
    report_.recoveredDamageLeft = beside->damageLeft;
}

void TakeScanner::reportLive() {
    if (!take_.live) return;
    report_.verdict = Verdict::live;
    report_.reason = take_.liveReason;
}

}  // namespace

std::optional<EarlierResult> earlierResult(const DecodedHeader& header, const TakeId& takeId) {
    if (header.state != SealState::sound || takeId.isZero()) return std::nullopt;
    const HeaderSeal& seal = header.block.seal;
    constexpr std::uint32_t kNeeded = HeaderFlags::recovered | HeaderFlags::finished;
    if (seal.takeId != takeId || (seal.flags & kNeeded) != kNeeded) return std::nullopt;
    return EarlierResult{seal.frames, (seal.flags & HeaderFlags::damageLeft) != 0};
}

std::optional<EarlierResult> earlierResult(DiskFolder& folder, const std::string& name,
                                           const TakeId& takeId) {
    if (!folder.exists(name)) return std::nullopt;
    auto file = folder.open(name, Access::read);
    HeaderImage image{};
    if (!file || !(*file)->readAt(0, image)) return std::nullopt;
    const DecodedHeader header = decodeHeaderBlock(image);
    // A header without the bytes that it tells of (a copy that was cut short) is no result.
    const HeaderBlock& block = header.block;
    const std::uint64_t whole =
        kHeaderBlockBytes + block.dataBytes + block.dataBytes % 2 + block.trailerBytes;
    if ((*file)->size().value_or(0) != whole) return std::nullopt;
    return earlierResult(header, takeId);
}

Result<RecoveryReport> RecoveryScan::check(const std::string& name) {
    auto scanned = scanWithSources(folder_, name, options_);
    if (!scanned) return fail(scanned.error());
    return std::move(scanned->report);
}

Result<ScannedTake> scanWithSources(DiskFolder& folder, const std::string& name,
                                    const ScanOptions& options) {
    auto evidence = gatherEvidence(folder, name, options);
    if (!evidence) return fail(evidence.error());
    return TakeScanner(folder, options, std::move(*evidence)).scan();
}

}  // namespace holdfast
