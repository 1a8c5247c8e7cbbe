// TakeWriter: what the writer thread does, one step a call: from the ring to one file of a take.
//
//   begin()  ->  commit() … commit()  ->  finish()
//                                     ->  endData(), the next part begins, seal()
//                                     ->  a commit that failed, the next part begins, endAtCommit()
//
// It owns the order of things: which file is made when, when a name is given, when space in the
// ring is freed, what is tried again. It has no thread and no clock, so the tests drive it against
// FaultDisk step by step. FORMAT.md, "The commit", is its specification.
#pragma once

#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "iocore/base/gap.h"
#include "iocore/base/path_text.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/base/take_id.h"
#include "iocore/disk/disk_file.h"
#include "iocore/journal/journal.h"
#include "iocore/journal/journaling_io_proc.h"
#include "iocore/recorder/recorder_state.h"
#include "iocore/recorder/take_files.h"
#include "iocore/riff/bext_format.h"
#include "iocore/riff/riff_writer.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast {

enum class GapMode { mark, fill, stop };

// Where a part begins in its session. All zero for the first.
struct TakeOrigin {
    std::uint64_t fileFrame = 0;      // frames in the parts before
    std::uint64_t pastGapFrames = 0;  // of all gaps and pauses before
    std::uint64_t skippedFrames = 0;  // captured or lost in between, and of no part
    std::uint64_t toldGaps = 0;       // number of the first gap that the observer has not heard of
    std::string previousPart;         // path
};

struct TakeOptions {
    TakeNames names;
    Existing existing = Existing::refuse;
    TakeId sessionId;
    std::uint32_t partIndex = 1;
    TakeOrigin origin;
    PcmFormat format;
    GapMode gapMode = GapMode::fill;
    std::uint32_t commitIntervalMs = 250;    // for the journal; the caller keeps the clock
    std::uint64_t startedEarlierNs = 0;      // the first frame is older than begin() by this
    std::optional<std::uint64_t> maxFrames;  // of this part
    std::uint64_t maxDataBytes = kMaxDataBytes;
    std::uint64_t ringLimit = UINT64_MAX;  // frame of the ring: as limitTo()
    GrowthPolicy growth;
    // Room kept on the disk from the start, so that the end fits when the disk is full.
    std::uint64_t reserveBytes = 0;
    // Another part takes over where this one fails: then it stops at its last commit at once,
    // instead of fitting in what it can.
    bool isRelieved = false;
    // Another part follows when this one is full: a gap whose silence does not fit is left to it.
    bool continues = false;
    // Not behind maxFrames, though: the recording has its length there.
    bool isLastByFrames = false;
    std::string ringPath;  // empty when the ring does not outlive the process
    std::string deviceId;
    std::string deviceName;
    std::optional<BextInfo> bext;  // the chunk is made for where the part begins
};

// Told from the writer thread as things happen; each may be empty.
struct TakeObserver {
    std::function<void(const GapRecord&)> gap;
    // Something failed and the take goes on (or, with commit() failing after it, ends).
    std::function<void(const Error&)> error;
};

class TakeWriter {
  public:
    // Silence written for one gap is never longer.
    static constexpr std::uint64_t kMaxFillSeconds = 60;
    static constexpr std::uint64_t kMaxCommitBytes = 8u << 20;

    // `consumer` stands where this part begins, and is this part's alone until it has ended.
    TakeWriter(DiskFolder& folder, SpscRing::Consumer& consumer, TakeOptions options,
               TakeObserver observer);
    ~TakeWriter();

    // Journal and part file, durable; nothing is left behind on failure.
    Result<> begin();
    // Takes at most kMaxCommitBytes from the ring and makes them durable; with the first audio the
    // take gets its name. Nothing to do is no error. A failed write or sync is tried once more from
    // the ring; fails when that fails too: then only finish() may follow.
    Result<> commit();
    // Takes all that is left, ends the data, writes markers and gaps as chunks, verifies, and
    // removes the journal. After a failed commit() it writes nothing more. Returns false when
    // frames stay in the ring only (the journal is then left for recovery).
    Result<bool> finish();
    // The two halves of finish(), between which the next part begins. endData(): all that is in
    // the ring now (as far as it belongs to this part) is in the file, and `data` ends; false when
    // that failed. The consumer then stands where the next part begins.
    bool endData();
    // After endData(), when no next part can be made: the part goes on, with these limits.
    Result<> reopenData(std::optional<std::uint64_t> maxFrames, std::uint64_t maxDataBytes);
    Result<bool> seal();
    // Instead of endData(), after it or a commit failed: the file ends at its last commit, where
    // the consumer stands too.
    void abandon();
    // After abandon(), when there is no next part after all: a part that was well goes on, and one
    // whose disk is full ends by its reserve.
    void carryOnAlone(bool wasWell);
    [[nodiscard]] bool hasFailed() const { return failed_; }
    // Why, when commit() or endData() did.
    [[nodiscard]] const Error& failure() const { return failure_; }
    // After abandon(), when the next part has begun and owns the ring: ends the file there, with
    // trailing chunks, as far as the disk still takes that. False when it does not: then the
    // journal stays.
    Result<bool> endAtCommit();
    // Without any audio: the part file and the journal go.
    void discard();

    // A marker at a frame of the file, which may still wait in the ring; durable when it returns
    // true.
    bool addMarker(const std::string& text, std::uint64_t fileFrame);
    // Markers behind the last commit, taken out of the part: they are the next one's.
    std::vector<CueMark> takeLateMarkers();
    // Such markers of the part before, in frames of this one.
    void adoptMarkers(const std::vector<CueMark>& markers);

    [[nodiscard]] std::uint32_t partIndex() const { return options_.partIndex; }
    // Behind its last frame, in the recording.
    [[nodiscard]] std::uint64_t endFrame() const {
        return options_.origin.fileFrame + committedFrames();
    }
    // From this frame of the ring on nothing is this part's, until it is called again.
    void limitTo(std::uint64_t ringFrame) { options_.ringLimit = ringFrame; }
    // All before it is in the file, but for a frame that only the part's end takes.
    [[nodiscard]] bool isAtLimit() const {
        return consumer_.writtenFrame() + 1 >= options_.ringLimit;
    }

    // Set when the take must end: duration, gap, size limit. Then call finish().
    [[nodiscard]] StopReason wantsToStop() const { return wantsToStop_; }
    // The same, as far as it is committed.
    [[nodiscard]] StopReason committedWish() const { return committedWantsToStop_; }
    // Nobody is told of anything any more.
    void silence() { observer_ = {}; }
    [[nodiscard]] bool named() const { return named_; }
    [[nodiscard]] const TakeNames& names() const { return options_.names; }
    // What the file is called now.
    [[nodiscard]] const std::string& presentName() const {
        return renamed_ ? options_.names.final : options_.names.part;
    }
    [[nodiscard]] std::string presentPath() const {
        return joinPath(folder_.path(), presentName());
    }
    // Frames that the durable header covers, under whichever name.
    [[nodiscard]] std::uint64_t committedFrames() const { return committedFileFrame_; }
    // Frames that survive a power cut; 0 before the name is durable.
    [[nodiscard]] std::uint64_t safeFrames() const;
    [[nodiscard]] std::uint64_t writtenFrames() const { return fileFrame_; }
    [[nodiscard]] std::uint64_t commits() const { return riff_ ? riff_->commits() : 0; }
    [[nodiscard]] std::uint64_t lostFrames() const { return lostFrames_; }
    [[nodiscard]] std::uint64_t gapCount() const { return gapsTold_; }
    // Where a next part would begin: behind the last commit.
    [[nodiscard]] TakeOrigin nextOrigin() const;
    // Frames of the ring that belong to this part and are in no durable file yet.
    [[nodiscard]] std::uint64_t framesWaiting();
    [[nodiscard]] bool journalWorks() const { return !journal_ || !journal_->error(); }
    // Bytes of audio that the file can still take.
    [[nodiscard]] std::uint64_t bytesLeft() const;
    // Bytes that wait in the ring for the next commit.
    [[nodiscard]] bool moreThanOneCommitWaits();

  private:
    enum class Ending { no, yes };
    Result<> openFiles();
    Result<> probe();
    Result<> commitOnce(Ending ending, std::uint64_t maxBytes);
    Result<> commitSteps(Ending ending, std::uint64_t maxBytes);
    // A shortage of memory is an error as a disk's is: what was left half done is done again.
    template <typename Step>
    static auto orOutOfMemory(Step step) -> decltype(step()) {
        try {
            return step();
        } catch (const std::bad_alloc&) {
            return fail(Stage::disk, ENOMEM, "out of memory");
        }
    }
    Result<> tryAgain(const Error& first, Ending ending);
    Result<> takeFromRing(Ending ending, std::uint64_t maxBytes);
    [[nodiscard]] std::uint64_t fillOf(const Gap& gap) const;
    Result<> takeGap(const Gap& gap);
    Result<> writeSilence(std::uint64_t frames);
    void freeRing();
    Result<> giveName();
    bool commitWhatFits();
    bool tryToEnd();
    Result<> rewind();
    Result<> cutAtCommit();
    bool sealOnce();
    Result<> sealNow();
    Result<> removeJournal();
    Result<> writeTrailers();
    Result<> verify();
    void logGap(const GapRecord& record);
    void report(const Error& error);
    void reportJournalOnce();
    void reportMissingOnce();
    [[nodiscard]] std::string missingText() const;
    [[nodiscard]] bool endsByFrames() const;
    [[nodiscard]] std::uint64_t framesThatFit() const;
    [[nodiscard]] CommitPosition position() const;

    DiskFolder& folder_;
    SpscRing::Consumer& consumer_;
    TakeOptions options_;
    TakeObserver observer_;

    std::unique_ptr<DiskFile> wav_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<JournalingIoProc> ioProc_;
    std::unique_ptr<RiffWriter> riff_;

    // Of what is written to the file; back to the committed ones on a rewind.
    std::uint64_t fileFrame_ = 0;
    std::uint64_t pastGapFrames_ = 0;  // frames of all gaps and pauses taken
    std::uint64_t committedPastGapFrames_ = 0;
    std::uint64_t committedFileFrame_ = 0;

    std::uint64_t gapsTold_ = 0;  // gaps (no pauses)
    std::uint64_t lostFrames_ = 0;
    std::uint64_t nextGapNumber_ = 0;  // of all entries, pauses included; never goes back
    struct GapMark {
        std::uint64_t number = 0;
        CueMark mark;
    };
    std::vector<GapMark> gapMarks_;
    std::vector<CueMark> markers_;
    std::vector<ChunkRecord> chunks_;             // behind the audio, before the marks
    std::optional<std::uint64_t> lastRingFrame_;  // set by finish(): what comes later is not taken
    bool begun_ = false;                          // files under these names are ours
    bool renamed_ = false;
    bool named_ = false;  // renamed, and that is durable
    bool failed_ = false;
    Error failure_{Stage::disk, 0, "the part could not be ended"};
    bool outOfSpace_ = false;
    bool ended_ = false;  // endData() is done
    bool full_ = false;   // failed for want of space: the end may still fit
    bool journalReported_ = false;
    bool missingReported_ = false;
    StopReason wantsToStop_ = StopReason::none;
    StopReason committedWantsToStop_ = StopReason::none;
};

}  // namespace holdfast
