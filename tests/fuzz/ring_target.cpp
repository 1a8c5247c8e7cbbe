// Target "ring": the input is the head of a ring file, beside a sound take. Decoded, and read by a
// scan as recovery does.
//
// Input: flags (1: seal it), 3 bytes unused, bytes missing at the file's end (4), the header's
// first 320 bytes, slots of the gap table. Nothing of the boot or the audio is in it: the boot's id
// is exchanged for this one's (XOR), the audio is a ramp.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "iocore/base/checksum.h"
#include "iocore/base/little_endian.h"
#include "iocore/recovery/plan_reader.h"
#include "iocore/ring/ring_format.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

constexpr std::size_t kPrefixBytes = 8;
constexpr std::byte kSealIt{1};
constexpr std::uint64_t kCommitted = 100;
constexpr std::uint64_t kCapacity = 256;
constexpr std::uint64_t kMostFramesRead = 1 << 20;
constexpr std::size_t kBootOffset = offsetof(RingFixedPart, writer);
constexpr std::size_t kSealAt = offsetof(RingFixedPart, sealChecksum);

TakeSpec spec() {
    TakeSpec take;
    take.committedFrames = kCommitted;
    take.tailFrames = 10;
    take.ringFrames = 180;
    take.ringCapacity = kCapacity;
    return take;
}

void exchangeBoot(std::span<std::byte> ring) {
    const auto boot = currentBootId();
    for (std::size_t i = 0; i < boot.size(); ++i) ring[kBootOffset + i] ^= boot[i];
}

Bytes imageOf(std::span<const std::byte> input) {
    static const Bytes whole = buildTake(spec()).ring;
    Bytes ring = whole;
    if (input.size() <= kPrefixBytes) return ring;
    const auto missing = loadLe<std::uint32_t>(input.data() + 4);
    const auto head = input.subspan(kPrefixBytes);
    std::copy_n(head.begin(), std::min<std::size_t>(head.size(), kRingAudioOffset), ring.begin());
    exchangeBoot(ring);
    if (input[0] == kSealIt) {
        storeLe(ring.data() + kSealAt,
                checksum(std::span<const std::byte>(ring).first(kSealAt), 0));
    }
    ring.resize(ring.size() - std::min<std::size_t>(ring.size(), missing));
    return ring;
}

std::string defectOfSnapshot(const RingSnapshot& ring, std::uint64_t fileBytes) {
    if (ring.durable > ring.written || ring.written > ring.published ||
        ring.published - ring.durable > ring.capacityFrames) {
        return "cursors that cannot be were accepted";
    }
    for (std::uint64_t frame = ring.durable; frame < ring.published; ++frame) {
        if (frame - ring.durable > kMostFramesRead) break;
        if (ring.audioOffset(frame) + ring.format.bytesPerFrame() > fileBytes) {
            return fmt::format("frame {} lies outside the file", frame);
        }
    }
    std::uint64_t previous = 0;
    for (const Gap& gap : ring.gaps) {
        if (gap.atFrame < previous || gap.atFrame > ring.published || gap.frames == 0) {
            return "a gap that cannot be was accepted";
        }
        previous = gap.atFrame;
    }
    return "";
}

std::string defectOfScan(BuiltTake take, const std::string& name) {
    FaultDisk disk = take.disk();
    ScanOptions options = take.options();
    options.ignoreLivingProcess = true;
    options.ringFolders = {"/run/test"};
    const auto scanned = scanWithSources(disk, name, options);
    if (!scanned) return "an error for a damaged ring: " + scanned.error().message();
    const RecoveryReport& report = scanned->report;
    if (report.verdict == Verdict::unusable) return "";
    if (report.recoverableFrames < kCommitted) {
        return fmt::format("{} of {} safe frames", report.recoverableFrames, kCommitted);
    }
    if (report.recoverableFrames > kMostFramesRead) return "";
    std::uint64_t bytes = 0;
    const auto read = readPlan(*scanned, 0, [&](std::uint64_t, std::span<const std::byte> audio) {
        bytes += audio.size();
        return Result<>{};
    });
    if (!read) return "the plan cannot be read: " + read.error().message();
    if (bytes != report.recoverableFrames * report.format.bytesPerFrame()) {
        return fmt::format("{} bytes of {} frames", bytes, report.recoverableFrames);
    }
    return "";
}

std::string defectOfRing(std::span<const std::byte> input) {
    static const BuiltTake withJournal = buildTake(spec());
    BuiltTake take = withJournal;
    take.ring = imageOf(input);
    const auto head = std::span<const std::byte>(take.ring).first(
        std::min<std::size_t>(take.ring.size(), 40'960));
    const auto snapshot = decodeRing(head, take.ring.size());
    if (snapshot) {
        if (auto defect = defectOfSnapshot(*snapshot, take.ring.size()); !defect.empty()) {
            return defect;
        }
    }
    if (auto defect = defectOfScan(take, take.wavName); !defect.empty()) return defect;
    take.files.erase(take.journalName);
    return defectOfScan(take, take.wavName);
}

Bytes seedOf(const TakeSpec& of) {
    Bytes head = buildTake(of).ring;
    exchangeBoot(head);
    const std::size_t slots = std::max<std::size_t>(of.ringGaps.size(), 1) * sizeof(RingGapSlot);
    head.resize(offsetof(RingHeader, gaps) + slots);
    Bytes prefix(kPrefixBytes);
    prefix[0] = kSealIt;
    return joined({prefix, head});
}

std::vector<FuzzSeed> ringSeeds() {
    TakeSpec wrapped = spec();
    wrapped.ringFrames = 340;
    TakeSpec gaps = spec();
    gaps.ringGaps = {{110, 40, GapCause::ringFull}, {120, 9, GapCause::paused}};
    gaps.pendingGap = {0, 7, GapCause::deviceLost};
    TakeSpec monitoring = spec();
    monitoring.ringUse = RingUse::monitoring;
    Bytes cut = seedOf(spec());
    storeLe(cut.data() + 4, std::uint32_t{300});
    return {{"plain", seedOf(spec())},
            {"wrapped", seedOf(wrapped)},
            {"gaps", seedOf(gaps)},
            {"monitoring", seedOf(monitoring)},
            {"cut_short", cut}};
}

}  // namespace

FuzzTarget ringTarget() {
    return {"ring", defectOfRing, nullptr, ringSeeds};
}

}  // namespace holdfast
