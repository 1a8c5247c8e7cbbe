// TakeBuilder: the files of a take as a crash left them, made by hand from the formats.
//
// The audio is a ramp: frame n of the file holds n, so that any frame out of place is seen. What a
// recorder would have had to do to leave these files does not matter here.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "iocore/journal/journal_format.h"
#include "iocore/recovery/scan_options.h"
#include "iocore/riff/riff_format.h"
#include "iocore/ring/ring_format.h"
#include "tests/support/disk_op.h"
#include "tests/support/fault_disk.h"

namespace holdfast {

// `frames` frames of a mono S16 ramp from `first`.
Bytes rampAudio(std::uint64_t first, std::uint64_t frames);

struct TakeSpec {
    std::string wavName = "take.wav";
    std::string journalName = "take.wav.journal";
    std::uint64_t committedFrames = 1'000;  // the header's
    std::uint64_t tailFrames = 0;           // in the file behind the header's commit
    std::uint64_t segmentFrames = 250;      // a commit's
    std::uint64_t journalFrames = 0;        // segments up to here; 0: committedFrames
    bool journal = true;
    bool finished = false;
    // The ring holds frames up to here; 0: there is none. Its gaps count in ring frames.
    std::uint64_t ringFrames = 0;
    std::uint64_t ringCapacity = 4'096;
    std::vector<Gap> ringGaps = {};
    Gap pendingGap = {};
    bool ringOfThisBoot = true;
    std::uint32_t ringPart = 1;  // of the session, that the ring feeds
    RingUse ringUse = RingUse::recording;
    std::uint32_t fillGaps = 1;
    std::uint64_t fillLimit = 1'000;
    std::vector<MarkerRecord> markers = {};
    std::vector<GapRecord> gapRecords = {};
    std::optional<std::uint64_t> dataEndBytes = {};
    Bytes behindAudio = {};  // foreign bytes, trailing chunks cut short
    std::vector<ChunkRecord> chunks = {};
    ProcessIdentity writer{{}, 0, 0};
};

struct BuiltTake {
    TakeId takeId;
    std::uint64_t salt = 0;
    std::string wavName;
    std::string journalName;
    std::string ringPath;
    FileMap files;  // WAV and journal
    Bytes ring;     // empty: none

    // The ring as the scan asks for it; counts the times it was removed.
    [[nodiscard]] ScanOptions options() const;
    [[nodiscard]] FaultDisk disk() const { return FaultDisk::fromImage(files); }
    // Changes a file's bytes.
    void edit(const std::string& name, const std::function<void(Bytes&)>& change);
};

BuiltTake buildTake(const TakeSpec& spec);

// A WAV as other programs leave it, mono S16 at 48 kHz, with the sizes given.
struct ForeignSpec {
    std::uint64_t frames = 1'000;
    std::optional<std::uint32_t> riffBytes = {};  // nothing: right
    std::optional<std::uint32_t> dataBytes = {};
    Bytes before = {};  // whole chunks in front of the data
    Bytes after = {};
};
Bytes buildForeign(const ForeignSpec& spec);
// A chunk with header and pad.
Bytes chunkOf(const std::string& id, const std::string& payload);
Bytes joined(std::initializer_list<Bytes> parts);

Bytes fileOf(const FaultDisk& disk, const std::string& name);
// The audio of a result, by its header block; fails the test when it is not whole and sound.
Bytes audioOf(const FaultDisk& disk, const std::string& name);

}  // namespace holdfast
