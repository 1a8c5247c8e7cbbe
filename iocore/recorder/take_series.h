// TakeSeries: one recording in as many files as it needs, without losing or repeating a frame.
//
// A part ends because it was asked to, is long enough, or its disk fails; the next one goes on at
// the ring's next frame, with the same session id, a name with its number, and the part before
// named in its journal. Which part a frame of the ring belongs to is one word in the ring, so every
// kill finds exactly one owner. FORMAT.md, "Parts".
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iocore/recorder/take_writer.h"
#include "iocore/ring/spsc_ring.h"

namespace holdfast {

// What there is of a recording already, by a process that is no more.
struct PastParts {
    std::uint32_t parts = 0;
    std::uint64_t frames = 0;  // in all of them
    std::string lastPath;
};

struct SeriesOptions {
    // Of the first part; names, maxFrames: of the recording.
    TakeOptions first;
    PastParts past;                            // the first part is the one behind these
    std::optional<std::uint64_t> splitFrames;  // a part is never longer
    std::uint64_t splitBytes = 0;              // of audio; 0: never
    bool splitAtSizeLimit = false;             // instead of ending at the format's limit
    std::shared_ptr<DiskFolder> spillFolder;   // where to go on when the first folder fails
    // Runs the end of the part that failed on another thread: its disk may hang by now. The work
    // says whether that part is complete. Empty: on this thread.
    std::function<void(std::function<bool()>)> elsewhere;
};

// A part that has ended, holds audio, and is verified.
struct FinishedPart {
    TakeId id;
    std::string path;
    std::uint64_t endFrame = 0;  // of the recording
    std::uint32_t part = 1;
};

struct SeriesObserver {
    TakeObserver take;  // positions are in the recording, all parts counted
    // The first or a next part has begun: its journal is durable. Its name may still change.
    std::function<void(const TakeId&, const std::string& journalPath)> begun;
    // A part has ended; complete: verified, and its journal is gone.
    std::function<void(const TakeId&, bool complete)> ended;
    // The same, of one that holds audio and is complete.
    std::function<void(const FinishedPart&)> finished;
    // The recording goes on in another file from this frame on.
    std::function<void(PartReason, std::uint64_t frame)> wentOn;

    // Tells `ended`, and `finished` where the part is complete and holds audio.
    void tellEnded(const TakeWriter& part, const TakeId& id, bool complete) const;
};

// As TakeWriter, for all parts; frames count from the start of the recording.
// All calls: [writer thread] [blocks].
class TakeSeries {
  public:
    // `consumer`: the ring's, which stands where the recording begins.
    TakeSeries(std::shared_ptr<DiskFolder> folder, SpscRing& ring, SpscRing::Consumer consumer,
               SeriesOptions options, SeriesObserver observer);
    ~TakeSeries();

    Result<> begin();
    // The same when the audio is flowing already: a name that was taken meanwhile becomes "-2", and
    // a folder that cannot be written gives way to the spill folder.
    Result<> beginLate();
    Result<> commit();
    // The next commit() ends the part and begins another. Without audio in the part: no effect.
    void split() { splitAsked_ = true; }
    // Goes on in the spill folder. False when there is none, or it is in use already.
    bool spill(PartReason reason);
    [[nodiscard]] bool canSpill() const { return options_.spillFolder && !spilled_; }
    Result<bool> finish();
    void discard();
    bool addMarker(const std::string& text, std::uint64_t frame);

    // Sound-activated: nothing from this frame of the ring on is taken, until it is called again.
    void limitTo(std::uint64_t ringFrame);
    [[nodiscard]] bool isAtLimit() const { return take_->isAtLimit(); }
    // Ends the present part there, as finish() does; the series then has no part that is written,
    // until goOn(). False when the part cannot be ended: then it is as after a failed commit().
    bool rest();
    [[nodiscard]] bool isResting() const { return isResting_; }
    // For a look at what comes.
    [[nodiscard]] SpscRing::Consumer& consumer() { return consumer_; }
    // The ring's end while the series rests, for what lets go of the frames in between.
    SpscRing::Consumer releaseConsumer() { return std::move(consumer_); }
    struct Resumption {
        std::uint64_t pastGapFrames = 0;     // of the gaps that were let go meanwhile
        std::uint64_t startedEarlierNs = 0;  // the first frame is older than now by this
    };
    // The next part begins where `consumer` stands. REQUIRES isResting().
    Result<> goOn(SpscRing::Consumer consumer, const Resumption& resumption);

    // While this series' thread is held: whether nothing is left to take. `captureEnded`: the ring
    // gets no more.
    [[nodiscard]] bool hasAll(bool captureEnded) const;
    // What would be left to it: "take.wav"; how many such files.
    [[nodiscard]] std::string pathLeft() const;
    [[nodiscard]] std::uint32_t partsLeft() const;
    // While this series' thread is held in a call to its disk: another series that goes on in
    // `folder`, behind the last commit. The present part is left to the thread, which may only call
    // endAtHandOver() then. On failure nothing has changed. [the thread that holds it] [blocks]
    Result<std::unique_ptr<TakeSeries>> goOnWithout(std::shared_ptr<DiskFolder> folder,
                                                    SeriesObserver observer);
    // The part that was left ends at the commit behind which the other series went on; one that was
    // just being closed is closed. Returns how many of them cannot be: their journals stay.
    std::uint32_t endAtHandOver();

    [[nodiscard]] StopReason wantsToStop() const { return wantsToStop_; }
    [[nodiscard]] bool named() const {
        return safeFrames() > options_.past.frames || take_->named();
    }
    [[nodiscard]] std::uint32_t parts() const { return parts_; }
    // Parts before the present one that could not be finished: they wait for recovery.
    [[nodiscard]] std::uint32_t unfinishedParts() const { return before_.unfinished; }
    // Of the last part that holds audio; empty when none does.
    [[nodiscard]] const std::string& lastPath() const { return lastPath_; }
    [[nodiscard]] DiskFolder& folder() const { return *folder_; }
    // As they are now, of the part that is being written.
    [[nodiscard]] std::string presentPath() const;
    [[nodiscard]] std::string journalPath() const;
    // The path that the present part has from its first commit on.
    [[nodiscard]] std::string finalPath() const;
    [[nodiscard]] std::uint64_t committedFrames() const;
    [[nodiscard]] std::uint64_t safeFrames() const;
    [[nodiscard]] std::uint64_t writtenFrames() const;
    [[nodiscard]] std::uint64_t commits() const { return before_.commits + take_->commits(); }
    [[nodiscard]] std::uint64_t lostFrames() const;
    [[nodiscard]] std::uint64_t gapCount() const { return before_.gaps + take_->gapCount(); }
    [[nodiscard]] bool journalWorks() const { return take_->journalWorks(); }
    // Bytes that the present part can still take.
    [[nodiscard]] std::uint64_t bytesLeftInPart() const { return take_->bytesLeft(); }

  private:
    // What goOnWithout() returns; it has no part yet.
    TakeSeries(const TakeSeries& left, std::shared_ptr<DiskFolder> folder, SeriesObserver observer);
    struct Part {
        std::shared_ptr<DiskFolder> folder;
        std::unique_ptr<TakeWriter> take;
    };
    [[nodiscard]] TakeNames firstNames(const std::string& wavName, int attempt = 1) const;
    [[nodiscard]] TakeOrigin firstOrigin() const;
    std::unique_ptr<TakeWriter> makePart(DiskFolder& folder, const TakeNames& names,
                                         const TakeOrigin& origin, std::uint32_t index);
    [[nodiscard]] TakeObserver partObserver(std::uint64_t firstFrame) const;
    Result<Part> beginNext(std::shared_ptr<DiskFolder> folder, const TakeOrigin& origin);
    void giveRingTo(std::uint32_t part);
    void goTo(Part next);
    void goOnIn(Part next, PartReason reason, const std::function<Result<bool>(TakeWriter&)>& end);
    void spillTo(Part next, PartReason reason);
    enum class Ending { recording, sound };
    Result<bool> endPresent(Ending ending);
    void lookAfterClosed(std::chrono::milliseconds atMost);
    void waitForClosed();
    void tellUnfinished(const std::string& path);
    bool endLeft(TakeWriter& part, const TakeId& id);
    void addToBefore(const TakeWriter& part);
    Result<> splitNow(PartReason reason);
    Result<> goOnBeyondLength(const Error& error);
    Result<> afterFailure(const Error& error);
    [[nodiscard]] std::optional<PartReason> reasonToSplit() const;
    [[nodiscard]] bool isLastPart(StopReason wish) const;
    [[nodiscard]] bool isWaiting(std::uint64_t endOfRing);
    [[nodiscard]] TakeId presentId() const;
    void report(const Error& error) const;

    std::shared_ptr<DiskFolder> folder_;
    SpscRing& ring_;
    SpscRing::Consumer consumer_;
    SeriesOptions options_;
    SeriesObserver observer_;
    bool spilled_ = false;
    std::unique_ptr<TakeWriter> take_;
    std::uint32_t parts_ = 1;
    std::uint32_t partsBegun_ = 1;  // with one that is just being begun
    struct Closed {
        std::string path;
        std::future<bool> complete;
        std::optional<std::uint64_t> safeFrames;  // of Before, once it is complete and so named
    };
    std::vector<Closed> closed_;   // elsewhere, with ends that are not known yet
    std::optional<Part> closing_;  // the part before the present one, until it is closed
    bool isLeft_ = false;          // another series goes on
    std::uint64_t ringLimit_ = UINT64_MAX;
    bool isResting_ = false;
    std::uint64_t restsFrom_ = 0;         // frame of the ring
    std::uint64_t startedEarlierNs_ = 0;  // of the part that is being begun

    // Of the parts before the present one.
    struct Before {
        std::uint64_t frames = 0;
        std::uint64_t commits = 0;
        std::uint64_t lostFrames = 0;
        std::uint64_t gaps = 0;
        std::uint32_t unfinished = 0;
        std::optional<std::uint64_t> safeFrames;  // set: one of them never got its name
    };
    Before before_;
    std::string lastPath_;  // of the last part that holds audio
    bool splitAsked_ = false;
    StopReason wantsToStop_ = StopReason::none;
};

}  // namespace holdfast
