// SeriesRig: a TakeSeries on a FaultDisk, fed by the test step by step, without threads.
//
// One disk stands for both folders unless told otherwise: the spill folder has its own names on it,
// so that a hook can fail the first part alone, and one log holds the true order over both.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "iocore/disk/disk_gate.h"
#include "iocore/recorder/preroll_window.h"
#include "iocore/recorder/take_series.h"
#include "iocore/ring/spsc_ring.h"
#include "tests/support/fault_disk.h"

namespace holdfast {

struct SeriesRigOptions {
    PcmFormat format{48'000, 2, SampleType::S16, 0};
    std::uint64_t ringFrames = 4096;
    std::optional<std::uint64_t> prerollFrames = {};  // set: monitors until start()
    GapMode gapMode = GapMode::fill;
    std::optional<std::uint64_t> maxFrames = {};
    std::optional<std::uint64_t> splitFrames = {};
    std::uint64_t splitBytes = 0;
    std::uint64_t maxDataBytes = kMaxRiffDataBytes;
    std::uint64_t reserveBytes = 0;
    bool splitAtSizeLimit = false;
    bool spills = false;
    std::shared_ptr<DiskGate> gate = {};  // the first folder is watched by it
    std::optional<BextInfo> bext = {};
    // Where it spills to; none: the same disk, under other names.
    std::optional<FaultDisk> spillDisk = {};
    GrowthPolicy growth = {};
};

// The audio of each part by its number, from 1.
using PartAudio = std::map<std::size_t, Bytes>;

class SeriesRig {
  public:
    SeriesRig(FaultDisk disk, const SeriesRigOptions& options);

    // The device delivers `frames` of the ramp.
    void deliver(std::uint64_t frames);
    void lose(std::uint64_t frames, GapCause cause = GapCause::injected);
    // `frames` are dropped by a pause that has not ended.
    void pause(std::uint64_t frames);
    // While monitoring: lets go of what is too old.
    void slide() { window_->slide(); }
    // Begins the recording that was only monitored so far.
    Result<> start();
    Result<> commit();
    Result<bool> finish();

    // The audio of all parts, one behind the other; a defect is told and ends it.
    [[nodiscard]] Bytes audio(std::string* defect = nullptr) const;
    [[nodiscard]] PartAudio partAudio() const;
    // Of both disks, where there are two.
    [[nodiscard]] FileMap files() const;
    // The names of the parts that are there, in their order.
    [[nodiscard]] std::vector<std::string> partNames() const;
    // Of each part that is there.
    [[nodiscard]] std::vector<std::uint64_t> partFrames() const;

    FaultDisk disk;
    SeriesRigOptions options;
    TakeId sessionId = TakeId::random();
    std::unique_ptr<SpscRing> ring;
    std::unique_ptr<SpscRing::Producer> producer;
    std::unique_ptr<TakeSeries> series;
    Bytes expected;
    std::vector<Error> errors;
    std::vector<GapRecord> gaps;
    std::vector<PartReason> reasons;
    std::vector<std::uint64_t> begins = {0};  // first frames of the parts in the recording

  private:
    SeriesOptions seriesOptions_;
    SeriesObserver observer_;
    std::shared_ptr<DiskFolder> folder_;
    std::optional<PrerollWindow> window_;
    std::uint64_t delivered_ = 0;
};

// What a strict reader and recovery make of the parts of a crashed series, in their order.
struct RecoveredSeries {
    Bytes audio;  // of all parts
    PartAudio parts;
    std::string defect;             // empty: none
    std::vector<std::string> left;  // part files that are still there
    FileMap files;
};
// Repairs every part that is not finished, in place, with the ring as it is in `ringImage` (empty:
// there is none), as a user would after `holdfast-recover scan`.
RecoveredSeries recoverSeries(FaultDisk disk, const Bytes& ringImage);
// The same where the parts lie on several disks, the first ones first.
RecoveredSeries recoverSeries(std::vector<FaultDisk> disks, const Bytes& ringImage);

}  // namespace holdfast
