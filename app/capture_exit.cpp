#include "app/capture_exit.h"

#include <cerrno>

namespace holdfast {
namespace {

// A folder or name that cannot be used is the caller's to change; a disk that is full or broken is
// not.
CaptureExit exitOfDisk(int code) {
    switch (code) {
        case EACCES:
        case EPERM:
        case EROFS:
        case ENOENT:
        case ENOTDIR:
        case EISDIR:
        case EEXIST:
        case ENAMETOOLONG:
        case ELOOP:
        case EINVAL:
        case EILSEQ:
            return kExitUsage;
        default:
            return kExitDisk;
    }
}

}  // namespace

CaptureExit exitOfStart(const Error& error) {
    switch (error.stage) {
        case Stage::usage:
            return kExitUsage;
        case Stage::device:
        case Stage::format:  // the command line's own is checked before: this one is the device's
            return kExitNoDevice;
        case Stage::disk:
        case Stage::journal:
        case Stage::mmio:
            return exitOfDisk(error.code);
        case Stage::ring:
        case Stage::recovery:
            return kExitNothing;
    }
    return kExitNothing;
}

CaptureExit exitOfEnd(const StoppedEvent& stopped, bool journalWorked) {
    if (stopped.frames == 0 && stopped.onlyInRing == 0) return kExitNothing;
    switch (stopped.reason) {
        case StopReason::lowSpace:
        case StopReason::sizeLimit:
        case StopReason::diskError:
            return kExitDisk;
        default:
            break;
    }
    if (stopped.unfinishedParts > 0) return kExitDisk;
    if (stopped.unreadable) return kExitDisk;
    if (!stopped.complete || !journalWorked || !stopped.mirrorComplete) return kExitDisk;
    switch (stopped.reason) {
        case StopReason::deviceLost:
        case StopReason::deviceError:
        case StopReason::gap:
            return kExitAudioMissing;
        default:
            break;
    }
    return stopped.gaps > 0 || stopped.lostFrames > 0 ? kExitAudioMissing : kExitComplete;
}

}  // namespace holdfast
