// RecoveryReport: what can be brought back of one take, how surely, and from where.
//
// The plan in it is the result, piece by piece: a check shows it, a dry run shows it, a repair
// carries it out, so the three cannot disagree. What is believed when: FORMAT.md, "What recovery
// does".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iocore/base/gap.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/process_identity.h"
#include "iocore/base/take_id.h"

namespace holdfast {

enum class Verdict {
    sound,       // nothing to do
    unfinished,  // everything that was ever safe can be brought back
    damaged,     // audio is missing or fails its checksum; the rest can be brought back
    live,        // somebody is writing it now
    leftover,    // a journal without its audio, and nothing to bring back
    rewritten,   // once a take, changed by another program since: left alone
    unusable,    // no audio that this program can read; `reason` says why
};
std::string_view verdictName(Verdict verdict);

// One stretch of the result's audio, in frames of the format.
struct AudioPiece {
    enum class Source {
        wav,      // the file itself, from byte `offset`
        ring,     // the ring's file, from byte `offset`
        journal,  // a ring tail record, from byte `offset` of the journal
        silence,
    };
    Source source = Source::wav;
    std::uint64_t offset = 0;
    std::uint64_t frames = 0;
    bool operator==(const AudioPiece&) const = default;
};

// Bytes of the file (or known to have been meant for it) that are not in the result.
struct DroppedBytes {
    std::uint64_t bytes = 0;
    std::string reason;
};

// Audio that is in the result although it is known to be wrong.
struct DamagedRange {
    std::uint64_t frame = 0;  // first, in the result
    std::uint64_t frames = 0;
    std::string reason;
};

struct TakeMarker {
    std::uint64_t frame = 0;  // in the result
    std::string text;
};

struct TakeGap {
    std::uint64_t frame = 0;      // in the result
    std::uint64_t ringFrame = 0;  // frames captured before it
    std::uint64_t frames = 0;     // missing
    std::uint64_t filledFrames = 0;
    GapCause cause = GapCause::ringFull;
    std::uint64_t number = 0;
};

// A chunk of the input that the result keeps as it is.
struct KeptChunk {
    std::array<char, 4> id{};
    std::uint64_t offset = 0;  // of the payload, in the input
    std::uint64_t bytes = 0;
};

struct RecoveryReport {
    std::string name;         // as asked for
    std::string wavName;      // the file that holds the audio; empty: none
    std::string finalName;    // its name without ".part"
    std::string outputName;   // what a copy would be called
    std::string journalName;  // in the same folder; empty: none
    std::string ringPath;     // empty: none that counts
    Verdict verdict = Verdict::unusable;
    std::string reason;  // of the verdict, for people
    bool ours = false;   // recorded by Holdfast; else foreign, at best effort
    TakeId takeId;       // of a foreign file: derived from its first bytes and length
    std::uint64_t salt = 0;
    std::uint32_t partIndex = 1;
    std::uint64_t firstFrame = 0;  // of the recording, in this part; as long as there is a journal
    std::string previousPart;      // path, the same
    PcmFormat format;
    std::string container;       // of the input: "WAV", "RF64", "BW64", "W64", "raw audio"
    bool formatMissing = false;  // unusable for want of a format, which the user may know
    bool otherEncoding = false;  // unusable: its audio is none that this program takes

    std::uint64_t headerFrames = 0;       // as a plain reader sees it now
    std::uint64_t recoverableFrames = 0;  // frames of the result = verified + readable
    std::uint64_t verifiedFrames = 0;     // a checksum holds, or from the ring
    std::uint64_t readableFrames = 0;     // no checksum covers or confirms them
    std::uint64_t uncheckedFrames = 0;    // of the readable: they have checksums, not read now
    std::uint64_t ringFrames = 0;         // of the verified: only the ring had them
    std::vector<DroppedBytes> dropped;
    std::vector<DamagedRange> damaged;
    std::vector<TakeGap> gaps;  // pauses included
    std::vector<TakeMarker> markers;
    // Of a foreign file, at its end: silence, or space that was never written. In the result.
    std::uint64_t zeroTailFrames = 0;
    // From here on to the end no checksum that was left unread speaks of the audio: what a new
    // header may vouch for.
    std::uint64_t vouchedFrom = 0;
    std::uint64_t lastSafeFrame = 0;  // what the last commit made durable
    std::uint64_t startedAtNs = 0;    // wall clock, since 1970 UTC; 0 = unknown
    std::uint64_t writerProcess = 0;  // process id of the recorder; 0 = unknown
    std::string deviceName;

    bool alreadyRecovered = false;  // `recoveredName` is the earlier result
    std::string recoveredName;
    std::uint64_t recoveredFrames = 0;
    bool recoveredDamageLeft = false;
    bool damageLeft = false;    // the result is not all that was once safe
    bool finished = false;      // ours: the header says that the take was finished
    bool undoInForce = false;   // a repair in place was begun and not ended
    bool empty = false;         // leftover, and nothing anywhere holds a frame: a repair removes it
    bool ringSpent = false;     // the result holds everything that the ring does
    bool undoPossible = false;  // a repair in place can be taken back
    std::string inPlaceProblem;  // why a foreign file needs a copy; empty: it does not

    std::vector<AudioPiece> plan;
    std::vector<KeptChunk> keptChunks;
    std::vector<std::string> notes;
};

// "TAKE.part.wav" for "TAKE.wav"; other names unchanged.
std::string partNameOf(const std::string& name);
// "TAKE.wav" for "TAKE.part.wav" and "TAKE.wav"; other names unchanged.
std::string finalNameOf(const std::string& name);
// "TAKE.recovered.wav", whatever ending of a WAV the name has.
std::string recoveredNameOf(const std::string& name);
// Its ending, with the dot, where it is one that WAVs have in any case of letters; else empty.
std::string wavEndingOf(const std::string& name);
std::string journalNameOf(const std::string& name);  // "TAKE.wav.journal"
std::string undoNameOf(const std::string& name);     // "TAKE.wav.undo"

}  // namespace holdfast
