// RecorderStatus and RecorderEvent: all that a window, a status line or a script may know of a
// running recording. Passed by value; nobody outside looks into the recorder.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "iocore/base/gap.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/base/take_id.h"
#include "iocore/capture/channel_pick.h"
#include "iocore/recorder/recorder_state.h"

namespace holdfast {

// Positions and counts in frames.
struct RecorderStatus {
    RecorderState state = RecorderState::starting;
    std::uint64_t timeNs = 0;           // monotonic clock
    std::uint64_t fileFrames = 0;       // written to the file, filled gaps included
    std::uint64_t headFrames = 0;       // where in the file the newest captured frame will stand
    std::uint64_t capturedFrames = 0;   // returned by the device to the process, of this take
    std::uint64_t deliveredFrames = 0;  // the same since the device was opened
    std::uint64_t prerollFrames = 0;    // while monitoring: how many are kept
    std::uint64_t safeFrames = 0;       // in the file and sure to survive a power cut now
    std::uint64_t lostFrames = 0;
    std::uint64_t gaps = 0;
    std::uint64_t commits = 0;
    std::uint64_t commitMsLast = 0;   // how long the last commit took
    std::uint64_t commitAgeMs = 0;    // since it was done
    std::uint64_t diskWaitMs = 0;     // for how long the disk has not answered to what is asked now
    double ringFill = 0;              // 0..1
    double ringPeak = 0;              // highest so far
    std::uint64_t stallBudgetMs = 0;  // a disk stall of this length costs nothing, from now
    std::uint64_t diskFreeBytes = 0;
    std::uint64_t secondsLeft = 0;  // until the disk or the file format ends the take
    std::uint64_t clippedSamples = 0;
    bool journalWorks = true;
    std::string path;  // as it is now, of the file that is being written
    std::uint32_t parts = 1;
    std::uint64_t bytesLeftInFile = 0;  // until the format's limit
    std::optional<std::uint64_t> mirrorSafeFrames;
};

struct StartedEvent {
    std::uint64_t frame = 0;  // safe frames at this instant
    std::string path;
    TakeId takeId;  // of the file
    std::uint32_t part = 1;
    std::string continues;  // the part before, of a recording that was killed
    std::string deviceId;
    std::string deviceName;
    PcmFormat deviceFormat;
    PcmFormat fileFormat;
    bool converted = false;
    ChannelMap channelMap;  // of the device's channels; empty: all of them
    std::uint32_t commitMs = 0;
    std::uint32_t fragmentMs = 0;
    std::string journal;
    std::string ring;
    bool ringPersistent = false;
    std::string ringWhyNot;
    std::uint64_t stallBudgetMs = 0;
    std::string mirror;                          // path; empty: none
    std::optional<std::uint64_t> prerollFrames;  // how many of the first are older than the start
};
// Nothing is recorded before the start is asked for; the last frames are kept for it.
struct MonitoringEvent {
    std::uint64_t prerollFrames = 0;
    std::string deviceId;
    std::string deviceName;
    PcmFormat fileFormat;
};
struct GapEvent {
    std::uint64_t frame = 0;  // in the file
    std::uint64_t frames = 0;
    std::uint64_t filledFrames = 0;
    GapCause cause{};
};
// The device is gone, and is waited for or replaced.
struct DeviceLostEvent {
    std::uint64_t frame = 0;  // in the file, where its audio ends
    std::string deviceId;
    std::string text;       // why, for people
    bool fallback = false;  // the system's default device may take its place
};
// A device delivers again, or could.
struct DeviceBackEvent {
    std::uint64_t frame = 0;  // in the file, of its first audio
    std::string deviceId;
    std::string deviceName;
    std::optional<PcmFormat> deviceFormat;  // none: it is there, and another one is recorded
    bool converted = false;
    bool moved = false;         // another device than before
    std::uint64_t missing = 0;  // frames lost between the two
};
struct MarkerEvent {
    std::uint64_t frame = 0;
    std::string text;
    bool durable = false;
};
struct PausedEvent {
    std::uint64_t frame = 0;
    bool paused = true;
};
// A sound has ended, its file is finished, and the next sound is waited for.
struct WaitingEvent {
    std::uint64_t frame = 0;  // in the recording, where the next part will begin
};
// The recording goes on in another file: split or, after a failure, spilled.
struct PartEvent {
    std::uint64_t frame = 0;  // the first of the new file
    PartReason reason{};
    std::string path;  // of the new file, as it is called from its first commit on
    std::uint32_t part = 0;
    TakeId takeId;  // of the new file
};
// A file of the recording (not of its mirror) is finished and verified.
struct FileClosedEvent {
    std::uint64_t frame = 0;  // of the recording, behind the file's last
    std::string path;
    TakeId takeId;
    std::uint32_t part = 1;
};
struct LowSpaceEvent {
    std::uint64_t frame = 0;
    std::uint64_t freeBytes = 0;
};
struct ErrorEvent {
    std::uint64_t frame = 0;
    Error error;
};
struct StoppedEvent {
    StopReason reason = StopReason::none;
    std::uint64_t frames = 0;  // in the file
    std::uint64_t gaps = 0;
    std::uint64_t lostFrames = 0;
    std::uint64_t onlyInRing = 0;  // captured, not in the file: recovery has them
    bool complete = false;         // finished and verified; the journal is gone
    bool onlyMonitored = false;    // no file was made
    std::string path;              // of the last file; empty when nothing usable was written
    std::uint32_t parts = 1;
    std::uint32_t unfinishedParts = 0;  // before the last one: they wait for recovery
    std::string text;                   // what ended it, for people; may be empty
    std::string missingDevice;          // how it was lost, when it had not come back; or empty
    std::string mirrorPath;             // of the mirror's last file; empty: none
    std::uint64_t mirrorFrames = 0;
    bool mirrorComplete = true;  // finished and verified, to the same end
    // Of `path` and `mirrorPath`, where they were asked for and could be made.
    std::string sha256;
    std::string mirrorSha256;
    bool unreadable = false;      // a finished file could not be read back for its digest
    std::size_t digestsLeft = 0;  // left out, as asked
};

struct RecorderEvent {
    using What = std::variant<MonitoringEvent, StartedEvent, GapEvent, DeviceLostEvent,
                              DeviceBackEvent, MarkerEvent, PausedEvent, WaitingEvent, PartEvent,
                              FileClosedEvent, LowSpaceEvent, ErrorEvent, StoppedEvent>;
    std::uint64_t timeNs = 0;  // monotonic clock
    What what;
};

}  // namespace holdfast
