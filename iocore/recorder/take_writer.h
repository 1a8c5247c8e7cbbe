// TakeWriter: what the writer thread does, one step a call: from the ring to a take on the disk.
//
//   begin()  ->  commit() … commit()  ->  finish()
//
// It owns the order of things: which file is made when, when a name is given, when space in the
// ring is freed, what is tried again. It has no thread and no clock, so the tests drive it against
// FaultDisk step by step. FORMAT.md, "The commit", is its specification.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iocore/base/gap.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/base/take_id.h"
#include "iocore/disk/disk_file.h"
#include "iocore/journal/journal.h"
#include "iocore/journal/journaling_io_proc.h"
#include "iocore/recorder/recorder_state.h"
#include "iocore/recorder/take_files.h"
#include "iocore/riff/riff_writer.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast {

enum class GapMode { mark, fill, stop };

struct TakeOptions {
    TakeNames names;
    Existing existing = Existing::refuse;
    TakeId takeId;
    PcmFormat format;
    GapMode gapMode = GapMode::fill;
    std::uint32_t commitIntervalMs = 250;    // for the journal; the caller keeps the clock
    std::optional<std::uint64_t> maxFrames;  // the wished duration
    std::uint64_t maxDataBytes = kMaxDataBytes;
    GrowthPolicy growth;
    std::string ringPath;  // empty when the ring does not outlive the process
    std::string deviceId;
    std::string deviceName;
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

    TakeWriter(DiskFolder& folder, SpscRing::Consumer consumer, TakeOptions options,
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
    // Without any audio: the part file and the journal go.
    void discard();

    // A marker at a frame of the file, which may still wait in the ring; durable when it returns
    // true.
    bool addMarker(const std::string& text, std::uint64_t fileFrame);

    // Set when the take must end: duration, gap, size limit. Then call finish().
    [[nodiscard]] StopReason wantsToStop() const { return wantsToStop_; }
    [[nodiscard]] bool named() const { return named_; }
    [[nodiscard]] const TakeNames& names() const { return options_.names; }
    // What the file is called now.
    [[nodiscard]] const std::string& presentName() const {
        return renamed_ ? options_.names.final : options_.names.part;
    }
    // Frames that the durable header covers, under whichever name.
    [[nodiscard]] std::uint64_t committedFrames() const { return committedFileFrame_; }
    // Frames that survive a power cut; 0 before the name is durable.
    [[nodiscard]] std::uint64_t safeFrames() const;
    [[nodiscard]] std::uint64_t writtenFrames() const { return fileFrame_; }
    [[nodiscard]] std::uint64_t commits() const { return riff_ ? riff_->commits() : 0; }
    [[nodiscard]] std::uint64_t lostFrames() const { return lostFrames_; }
    [[nodiscard]] std::uint64_t gapCount() const { return gapsLogged_; }
    [[nodiscard]] bool journalWorks() const { return journal_ && !journal_->error(); }
    // Bytes that wait in the ring for the next commit.
    [[nodiscard]] bool moreThanOneCommitWaits();

  private:
    enum class Ending { no, yes };
    Result<> openFiles();
    Result<> commitOnce(Ending ending, std::uint64_t maxBytes);
    Result<> tryAgain(const Error& first, Ending ending);
    Result<> takeFromRing(Ending ending, std::uint64_t maxBytes);
    Result<> takeGap(const Gap& gap);
    Result<> writeSilence(std::uint64_t frames);
    void freeRing();
    Result<> giveName();
    void commitWhatFits();
    Result<> rewind();
    Result<> writeTrailers();
    Result<> verify();
    void logGap(const GapRecord& record);
    void report(const Error& error);
    void reportJournalOnce();
    [[nodiscard]] std::uint64_t framesThatFit() const;
    [[nodiscard]] std::uint64_t framesWaiting();
    [[nodiscard]] CommitPosition position() const;

    DiskFolder& folder_;
    SpscRing::Consumer consumer_;
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

    std::uint64_t gapsLogged_ = 0;  // gaps (no pauses) that were journalled and told
    std::uint64_t lostFrames_ = 0;
    std::uint64_t nextGapNumber_ = 0;  // of all entries, pauses included; never goes back
    std::vector<CueMark> marks_;
    std::optional<std::uint64_t> lastRingFrame_;  // set by finish(): what comes later is not taken
    bool renamed_ = false;
    bool named_ = false;  // renamed, and that is durable
    bool failed_ = false;
    bool journalReported_ = false;
    StopReason wantsToStop_ = StopReason::none;
    StopReason committedWantsToStop_ = StopReason::none;
};

}  // namespace holdfast
