// The part of the plan that comes from the ring, or from the ring tail records that took its place.
//
// Behind the base the ring has every captured frame and the table of gaps, so the file's timeline
// is laid anew from both: FORMAT.md, "What recovery does".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "iocore/recovery/recovery_report.h"
#include "iocore/recovery/take_evidence.h"

namespace holdfast {

inline constexpr std::string_view kMissingAudio = "neither the file nor the ring has it";

// Up to here the file's own audio is taken: three counts of the same place.
struct PlanBase {
    std::uint64_t frames = 0;     // in the file
    std::uint64_t ringFrame = 0;  // captured
    std::uint64_t gapCount = 0;
    bool ringKnown = true;  // ringFrame and gapCount are
};

// Pieces one after the other, neighbours joined.
class PiecePlan {
  public:
    explicit PiecePlan(std::uint64_t frameBytes) : frameBytes_(frameBytes) {}

    void addWav(std::uint64_t offset, std::uint64_t frames) {
        add({AudioPiece::Source::wav, offset, frames});
    }
    void add(AudioPiece piece);
    void cutTo(std::uint64_t frames);
    [[nodiscard]] std::uint64_t frames() const { return frames_; }
    [[nodiscard]] std::uint64_t frameBytes() const { return frameBytes_; }

    std::vector<AudioPiece> pieces;
    std::vector<TakeGap> gaps;
    std::vector<DamagedRange> damaged;
    std::vector<std::string> notes;
    std::uint64_t takenFromRing = 0;

  private:
    std::uint64_t frameBytes_;
    std::uint64_t frames_ = 0;
};

// Adds the ring's frames from the base on, gaps filled as the start record says, and all gaps that
// are known. `availableFrames` of the file bridge what the ring no longer holds.
void layRing(const TakeEvidence& take, const PlanBase& base, std::uint64_t availableFrames,
             PiecePlan& plan);
// Adds the ring tail records that go on from the plan's end, or from frames of the file behind it,
// and the journal's gaps. A record that begins before the plan's end and reaches it takes the place
// of what is there: a repair that had the ring found the file's audio wrong from that frame on.
void layRingTails(const JournalEvidence& journal, std::uint64_t availableFrames, PiecePlan& plan);

}  // namespace holdfast
