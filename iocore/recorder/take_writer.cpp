#include "iocore/recorder/take_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <chrono>

#include "iocore/base/little_endian.h"
#include "iocore/base/process_identity.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kSmallCommitBytes = 64u << 10;

bool isOutOfSpace(const Error& error) {
    return error.code == ENOSPC;
}

std::uint64_t wallClockNs() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

// The mark of a living writer; a take without it could be repaired while it grows.
Result<> lockFile(DiskFile& file, const std::string& name) {
    const auto locked = file.tryLock();
    if (!locked) return fail(locked.error());
    if (*locked) return {};
    return fail(Stage::disk, EBUSY, name + ": another program has locked it; try again");
}

JournalHeader newJournalHeader(const TakeOptions& options) {
    JournalHeader header;
    header.takeId = options.sessionId.forPart(options.partIndex);
    header.sessionId = options.sessionId;
    header.partIndex = options.partIndex;
    header.salt = loadLe<std::uint64_t>(TakeId::random().bytes.data());
    header.writer = currentProcess();
    return header;
}

}  // namespace

TakeWriter::TakeWriter(DiskFolder& folder, SpscRing::Consumer& consumer, TakeOptions options,
                       TakeObserver observer)
    : folder_(folder),
      consumer_(consumer),
      options_(std::move(options)),
      observer_(std::move(observer)),
      pastGapFrames_(options_.origin.pastGapFrames),
      committedPastGapFrames_(pastGapFrames_),
      nextGapNumber_(consumer_.gapsTaken()) {}

TakeWriter::~TakeWriter() = default;

// FORMAT.md section 3, "Start", steps 2 to 4.
Result<> TakeWriter::begin() {
    auto opened =
        orOutOfMemory([this] { return openFiles().and_then([this] { return probe(); }); });
    if (opened) return opened;
    if (opened.error().code == EMFILE) {
        opened.error().text += "; raise the limit on open files (ulimit -n) and start again";
    }
    // Only what was made here goes: the names were free before.
    discard();
    return opened;
}

Result<> TakeWriter::openFiles() {
    auto journalFile = folder_.create(options_.names.journal, true);
    if (!journalFile) {
        options_.names = {};  // not ours: nothing to discard
        return fail(journalFile.error());
    }
    begun_ = true;
    if (auto locked = lockFile(**journalFile, options_.names.journal); !locked) return locked;

    StartRecord start;
    start.format = options_.format;
    start.startedAtNs = wallClockNs() - options_.startedEarlierNs;
    start.commitIntervalMs = options_.commitIntervalMs;
    start.fillGaps = options_.gapMode == GapMode::fill ? 1 : 0;
    start.fillLimitFrames = kMaxFillSeconds * options_.format.sampleRate;
    start.wavName = options_.names.final;
    start.ringPath = options_.ringPath;
    start.deviceId = options_.deviceId;
    start.deviceName = options_.deviceName;
    start.firstFileFrame = options_.origin.fileFrame;
    start.firstRingFrame = consumer_.writtenFrame();
    start.firstGap = consumer_.gapsTaken();
    start.previousPart = options_.origin.previousPart;
    if (options_.bext) {
        chunks_ = {{{'b', 'e', 'x', 't'},
                    encodeBext(*options_.bext, options_.format,
                               options_.origin.fileFrame + options_.origin.skippedFrames)}};
    }
    auto journal =
        Journal::create(std::move(*journalFile), newJournalHeader(options_), start, chunks_);
    if (!journal) return fail(journal.error());
    journal_ = std::move(*journal);
    if (auto kept = journal_->keepReserve(options_.reserveBytes); !kept) return kept;

    auto wav = folder_.create(options_.names.part, false);
    if (!wav) {
        options_.names.part.clear();
        return fail(wav.error());
    }
    wav_ = std::move(*wav);
    if (auto locked = lockFile(*wav_, options_.names.part); !locked) return locked;

    ioProc_ = std::make_unique<JournalingIoProc>(*wav_, journal_.get());
    auto file = MmioFile::open(ioProc_->binding());
    if (!file) return fail(file.error());
    const TakeIdentity identity{journal_->header().takeId, journal_->header().salt,
                                options_.partIndex, start.firstRingFrame, start.firstGap};
    riff_ =
        std::make_unique<RiffWriter>(std::move(*file), options_.format, identity, options_.growth);
    if (auto written = riff_->writeHeader(); !written) return written;
    return folder_.sync();
}

// A first name that is durable and the look at the finished file need one more descriptor: a take
// that could not get it is better not begun.
Result<> TakeWriter::probe() {
    const auto second = folder_.open(options_.names.part, Access::read);
    return second ? Result<>{} : fail(second.error());
}

Result<> TakeWriter::commit() {
    if (failed_) return fail(Stage::disk, "the take has ended after a disk error");
    auto done = commitOnce(Ending::no, kMaxCommitBytes);
    if (!done) done = tryAgain(done.error(), Ending::no);
    reportJournalOnce();
    if (named_) reportMissingOnce();
    return done;
}

// A failed write or sync leaves its range unknown: it is written again from the ring, once.
Result<> TakeWriter::tryAgain(const Error& first, Ending ending) {
    report(first);
    auto done = rewind().and_then([&] { return commitOnce(ending, kMaxCommitBytes); });
    if (done) return done;
    failed_ = true;
    failure_ = done.error();
    report(done.error());
    const bool tooLong = done.error().code == EFBIG;
    outOfSpace_ = tooLong || isOutOfSpace(done.error());
    if (options_.isRelieved || (tooLong && committedFileFrame_ > 0)) {
        abandon();
    } else if (outOfSpace_) {
        full_ = true;
        (void)commitWhatFits();
    }
    return done;
}

// In small pieces, each a commit of its own, until the first that does not fit.
bool TakeWriter::commitWhatFits() {
    while (rewind()) {
        const std::uint64_t before = riff_->committedDataBytes();
        if (!commitOnce(Ending::no, kSmallCommitBytes)) break;
        if (riff_->committedDataBytes() > before) continue;
        return wantsToStop_ != StopReason::none || framesWaiting() <= 1;
    }
    (void)rewind();
    return false;
}

// The one way of a commit: FORMAT.md section 3, steps 1 to 4, then the name and the ring's space.
Result<> TakeWriter::commitOnce(Ending ending, std::uint64_t maxBytes) {
    return orOutOfMemory([&] { return commitSteps(ending, maxBytes); });
}

Result<> TakeWriter::commitSteps(Ending ending, std::uint64_t maxBytes) {
    if (auto taken = takeFromRing(ending, maxBytes); !taken) return taken;
    if (ending == Ending::yes) {
        // Durable before the first byte that is not audio. A failed journal does not stop the take.
        journal_->append(RecordType::dataEnd, DataEndRecord{riff_->dataBytes()});
        journal_->sync();
        if (auto committed = riff_->commitEnd(position()); !committed) return committed;
        freeRing();
    } else if (riff_->dataBytes() != riff_->committedDataBytes()) {
        if (riff_->dataBytes() % 2 != 0) return {};
        if (auto committed = riff_->commit(position()); !committed) return committed;
        freeRing();
    }
    return named_ || committedFileFrame_ == 0 ? Result<>{} : giveName();
}

// All that was taken from the ring is durable, and the header says so.
void TakeWriter::freeRing() {
    consumer_.markDurable();
    committedFileFrame_ = fileFrame_;
    committedPastGapFrames_ = pastGapFrames_;
    committedWantsToStop_ = wantsToStop_;
}

Result<> TakeWriter::takeFromRing(Ending ending, std::uint64_t maxBytes) {
    const std::uint64_t bytesPerFrame = options_.format.bytesPerFrame();
    const std::uint64_t begin = riff_->dataBytes();
    while (wantsToStop_ == StopReason::none) {
        const std::uint64_t fits = framesThatFit();
        const bool isLimited = consumer_.writtenFrame() >= options_.ringLimit;
        const auto gap = isLimited ? std::nullopt : consumer_.gapHere();
        const bool nextFollows = options_.continues && !(options_.isLastByFrames && endsByFrames());
        const bool gapIsForTheNext = gap && nextFollows && fileFrame_ > 0 && fillOf(*gap) > fits;
        if (fits == 0 || gapIsForTheNext) {
            wantsToStop_ = endsByFrames() ? StopReason::duration : StopReason::sizeLimit;
            break;
        }
        const bool full = ending == Ending::no && riff_->dataBytes() - begin >= maxBytes;
        if (full && riff_->dataBytes() % 2 == 0) break;
        if (gap) {
            if (auto taken = takeGap(*gap); !taken) return taken;
            continue;
        }
        // An odd full commit takes one frame more, to be even.
        const std::uint64_t room = full ? 1 : std::max<std::uint64_t>(maxBytes / bytesPerFrame, 2);
        const auto audio = consumer_.peek(std::min({fits, room, framesWaiting()}));
        std::uint64_t frames = audio.size() / bytesPerFrame;
        if (frames == 0) break;
        // Commits end on an even count of bytes: an odd last frame waits for the next one.
        const bool odd = (riff_->dataBytes() + frames * bytesPerFrame) % 2 != 0;
        if (ending == Ending::no && odd && frames == framesWaiting() && frames < fits) {
            --frames;
        }
        if (frames == 0) break;
        if (auto wrote = riff_->writeAudio(audio.first(frames * bytesPerFrame)); !wrote) {
            return wrote;
        }
        consumer_.advanceWritten(frames);
        fileFrame_ += frames;
    }
    return {};
}

std::uint64_t TakeWriter::fillOf(const Gap& gap) const {
    if (options_.gapMode != GapMode::fill || gap.cause == GapCause::paused) return 0;
    return std::min(gap.frames, kMaxFillSeconds * options_.format.sampleRate);
}

Result<> TakeWriter::takeGap(const Gap& gap) {
    const bool pause = gap.cause == GapCause::paused;
    GapRecord record;
    record.gap = gap;
    record.number = consumer_.gapsTaken();
    record.fileFrame = fileFrame_;
    record.filledFrames = std::min(fillOf(gap), framesThatFit());
    // A gap that is met again after a failed commit was logged already.
    if (record.number >= nextGapNumber_) {
        logGap(record);
        nextGapNumber_ = record.number + 1;  // told: whoever goes on behind it tells no more of it
    }
    if (auto silent = writeSilence(record.filledFrames); !silent) return silent;
    consumer_.takeGap();
    pastGapFrames_ += gap.frames;
    if (options_.gapMode == GapMode::stop && !pause) wantsToStop_ = StopReason::gap;
    return {};
}

// What needs memory comes first: where there is none the gap is met again as if for the first time.
void TakeWriter::logGap(const GapRecord& record) {
    const std::string label = gapLabel(record.gap.frames, gapCauseName(record.gap.cause));
    gapMarks_.push_back({record.number, {record.fileFrame, label}});
    journal_->append(RecordType::gap, record);
    journal_->sync();
    // The part before met it too, failed, and told of it.
    if (record.number < options_.origin.toldGaps) return;
    if (record.gap.cause != GapCause::paused) {
        lostFrames_ += record.gap.frames;
        ++gapsTold_;
    }
    (void)orOutOfMemory([&]() -> Result<> {
        if (observer_.gap) observer_.gap(record);
        return {};
    });
}

Result<> TakeWriter::writeSilence(std::uint64_t frames) {
    static constexpr std::array<std::byte, kSmallCommitBytes> zeros{};
    const std::uint64_t bytesPerFrame = options_.format.bytesPerFrame();
    while (frames > 0) {
        const std::uint64_t piece = std::min(frames, zeros.size() / bytesPerFrame);
        const auto wrote =
            riff_->writeAudio(std::span<const std::byte>(zeros).first(piece * bytesPerFrame));
        if (!wrote) return wrote;
        fileFrame_ += piece;
        frames -= piece;
    }
    return {};
}

Result<> TakeWriter::giveName() {
    if (!renamed_) {
        auto given = renameToFinal(folder_, options_.names, options_.existing);
        // A rename may have been done although nobody heard of it: as on a network file system.
        const bool isGone = !given && !folder_.exists(options_.names.part);
        if (!given && !(isGone && verify())) return given;
        renamed_ = true;
    }
    auto durable = folder_.sync();
    named_ = durable.has_value();
    return durable;
}

Result<> TakeWriter::rewind() {
    const auto back = orOutOfMemory([this] { return riff_->rewindToCommit(); });
    if (!back) return back;
    consumer_.rewindToDurable();
    fileFrame_ = committedFileFrame_;
    pastGapFrames_ = committedPastGapFrames_;
    wantsToStop_ = committedWantsToStop_;
    return {};
}

bool TakeWriter::addMarker(const std::string& text, std::uint64_t fileFrame) {
    const auto added = orOutOfMemory([&]() -> Result<> {
        adoptMarkers({{fileFrame, text}});
        return {};
    });
    if (!added) report(added.error());
    reportJournalOnce();
    return added && journalWorks();
}

// Without memory even for that, the take comes first.
void TakeWriter::report(const Error& error) {
    (void)orOutOfMemory([&]() -> Result<> {
        if (journal_) {
            journal_->append(RecordType::error, ErrorRecord{static_cast<std::uint32_t>(error.stage),
                                                            static_cast<std::uint32_t>(error.code),
                                                            fileFrame_, error.text});
            journal_->sync();
        }
        if (observer_.error) observer_.error(error);
        return {};
    });
}

void TakeWriter::reportJournalOnce() {
    if (journalReported_ || !journal_ || !journal_->error()) return;
    journalReported_ = true;
    (void)orOutOfMemory([&]() -> Result<> {
        Error error = *journal_->error();
        error.stage = Stage::journal;
        error.text += "; the take goes on without checksums and durable markers";
        if (observer_.error) observer_.error(error);
        return {};
    });
}

bool TakeWriter::moreThanOneCommitWaits() {
    return framesWaiting() * options_.format.bytesPerFrame() >= kMaxCommitBytes;
}

std::uint64_t TakeWriter::framesWaiting() {
    const std::uint64_t readable = consumer_.readableFrames();
    const std::uint64_t here = consumer_.writtenFrame();
    const std::uint64_t last = std::min(lastRingFrame_.value_or(UINT64_MAX), options_.ringLimit);
    return std::min(readable, last - std::min(last, here));
}

std::uint64_t TakeWriter::safeFrames() const {
    return named_ ? committedFileFrame_ : 0;
}

std::uint64_t TakeWriter::bytesLeft() const {
    if (!riff_) return 0;
    return std::min(options_.maxDataBytes, riff_->maxDataBytes()) - riff_->dataBytes();
}

bool TakeWriter::endsByFrames() const {
    return options_.maxFrames && *options_.maxFrames <= fileFrame_ + framesThatFit();
}

std::uint64_t TakeWriter::framesThatFit() const {
    const std::uint64_t bySize = bytesLeft() / options_.format.bytesPerFrame();
    if (!options_.maxFrames) return bySize;
    return std::min(bySize, *options_.maxFrames - std::min(*options_.maxFrames, fileFrame_));
}

CommitPosition TakeWriter::position() const {
    const std::uint64_t ringFrame = consumer_.writtenFrame();
    return {riff_->commits() + 1, fileFrame_, ringFrame, ringFrame + pastGapFrames_,
            consumer_.gapsTaken()};
}

}  // namespace holdfast
