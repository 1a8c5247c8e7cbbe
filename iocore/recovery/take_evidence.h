// TakeEvidence: the witnesses of one take, found, opened and read: header block, journal, ring.
//
// They are bound by the take id, not by their names, so that a moved WAV still finds its journal
// and a stranger's journal beside it counts for nothing. Nothing is written here. FORMAT.md, "What
// recovery does".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iocore/disk/disk_file.h"
#include "iocore/journal/journal_format.h"
#include "iocore/recovery/known_segment.h"
#include "iocore/recovery/recovery_report.h"
#include "iocore/recovery/scan_options.h"
#include "iocore/riff/riff_format.h"
#include "iocore/ring/ring_format.h"

namespace holdfast {

// Bytes kept in a journal for somewhere else.
struct StoredBytes {
    std::uint64_t target = 0;  // undo: byte in the WAV; ring tail: frame in the file
    std::uint64_t offset = 0;  // in the journal
    std::uint64_t bytes = 0;
};

// How the WAV was before a repair in place. Everything from `rewrittenFrom` on is in `tails`, or
// was zeros.
struct UndoState {
    std::uint64_t fileBytes = 0;
    std::int64_t modificationTime = 0;
    std::vector<std::byte> head;
    std::uint64_t rewrittenFrom = 0;
    std::vector<StoredBytes> tails;
};

struct JournalEvidence {
    std::string name;
    std::unique_ptr<DiskFile> file;
    JournalReading reading;
    std::optional<StartRecord> start;
    KnownSegments segments;  // as written
    std::vector<MarkerRecord> markers;
    std::vector<GapRecord> gaps;
    std::vector<ErrorRecord> errors;
    std::optional<std::uint64_t> dataEndBytes;
    std::vector<StoredBytes> ringTails;
    std::vector<ChunkRecord> chunks;       // to stand behind the audio; each id once
    std::optional<UndoState> undo;         // a repair in place has got so far that it counts
    std::vector<RepairedRecord> repaired;  // what it was about to make of the file
    std::uint64_t firstUndoOffset = 0;     // of its first record; 0 = none
    bool resolved = false;                 // the repair has ended, and taking it back was not begun
    std::vector<std::string> notes;
};

// Errors: as readJournal(). [any thread] [blocks]
Result<JournalEvidence> readJournalEvidence(std::unique_ptr<DiskFile> file,
                                            const std::string& name);

struct RingEvidence {
    std::string path;
    std::unique_ptr<DiskFile> file;
    RingSnapshot snapshot;
};

struct TakeEvidence {
    std::string name;                    // as asked for
    std::string wavName;                 // empty: there is no audio file
    std::unique_ptr<DiskFile> wav;       // as it lies there; null: none
    std::unique_ptr<DiskFile> original;  // as it was before a repair in place; null: it is that
    DecodedHeader header;                // of the original
    DecodedHeader headerNow;             // of the file as it lies there
    std::uint64_t fileBytes = 0;         // of the original
    std::optional<JournalEvidence> journal;
    std::unique_ptr<DiskFile> unwritten;  // the journal `name`, made and never written: see below
    std::string staleUndoLog;  // name of an undo log beside it that is of an earlier state
    std::optional<RingEvidence> ring;
    bool ringUnread = false;   // the journal's ring is there, and could not be read now
    bool ringIgnored = false;  // it is there, and is cut short or damaged
    bool handedOn = false;     // the ring is there and belongs to a later part of the session
    bool live = false;
    std::string liveReason;
    std::uint64_t writerProcess = 0;
    std::vector<std::string> notes;

    // What to read audio from.
    [[nodiscard]] DiskFile& audio() const { return original ? *original : *wav; }
};

// What a start that was killed at once leaves of a journal: no bytes, or zeros. The device starts
// after the journal is durable, so nothing was captured. `name` is without any other file of a take
// beside it. [any thread] [blocks]
bool isUnwrittenJournal(DiskFolder& folder, DiskFile& file, const std::string& name);

// `name`: a WAV, or a journal, whose WAV is then looked for.
// Errors: Stage::disk when `name` cannot be opened or read, Stage::journal when it is a journal
// that cannot be used. [any thread] [blocks]
Result<TakeEvidence> gatherEvidence(DiskFolder& folder, const std::string& name,
                                    const ScanOptions& options);

// True when the block bears the take id, even where it is torn: of a take's header blocks only
// sizes and seal differ.
bool bearsTakeId(std::span<const std::byte> block, const TakeId& takeId);

}  // namespace holdfast
