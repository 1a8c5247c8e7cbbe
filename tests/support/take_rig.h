// TakeRig: a TakeWriter on a FaultDisk, fed by the test step by step, without threads.
//
// The rig keeps what the file must hold in the end (`expected`): the ramp as delivered, silence for
// filled gaps.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "iocore/recorder/take_writer.h"
#include "iocore/ring/spsc_ring.h"
#include "tests/support/fault_disk.h"

namespace holdfast {

struct RigOptions {
    PcmFormat format{48'000, 2, SampleType::S16, 0};
    std::uint64_t ringFrames = 4096;
    GapMode gapMode = GapMode::fill;
    std::optional<std::uint64_t> maxFrames = {};
    std::uint64_t maxDataBytes = kMaxDataBytes;
    GrowthPolicy growth = {};
    Existing existing = Existing::refuse;
    std::optional<BextInfo> bext = {};
};

class TakeRig {
  public:
    TakeRig(FaultDisk disk, const RigOptions& options);

    // The device delivers `frames` of the ramp (every byte depends on its place).
    void deliver(std::uint64_t frames);
    void lose(std::uint64_t frames, GapCause cause = GapCause::injected);
    // A commit, then the promise of safeFrames() goes to the disk's log.
    Result<> commit();
    Result<bool> finish();

    FaultDisk disk;
    RigOptions options;
    std::unique_ptr<SpscRing> ring;
    std::unique_ptr<SpscRing::Producer> producer;
    std::unique_ptr<SpscRing::Consumer> consumer;
    std::unique_ptr<TakeWriter> take;
    Bytes expected;
    std::vector<Error> errors;
    std::vector<GapRecord> gaps;

  private:
    std::uint64_t delivered_ = 0;
};

// Bytes of ramp frame `frame`, appended to `to`: its number, spread so that every byte tells.
void appendRampFrame(Bytes& to, const PcmFormat& format, std::uint64_t frame);

// The audio of take.wav as a strict reader sees it; empty when it is not sound.
Bytes audioOf(const FaultDisk& disk, std::string* defect = nullptr);

// What is wrong with the take named take.wav in a crash image; empty when nothing is. `expected`:
// all audio of the finished take; `promised`: frames that must be there.
std::string defectOfTake(const CrashImage& image, const PcmFormat& format, const Bytes& expected);

// What is wrong with a repair that removed `name` as empty.
std::string defectOfRemoval(const CrashImage& image, const std::string& name);

// What is wrong with what recovery makes of the image, without a ring: fewer frames than promised
// or than a plain reader sees, other frames, a result that is no sound WAV, one without `chunk`
// (where there is one) although audio was promised. Empty when nothing is.
std::string defectOfRecovery(const CrashImage& image, const PcmFormat& format,
                             const Bytes& expected, const Bytes& chunk = {});

// How often the WAV holds exactly these bytes as a chunk of its own.
std::size_t timesThere(const Bytes& file, const Bytes& chunk);

}  // namespace holdfast
