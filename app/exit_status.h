// Exit codes of the programs: part of the contract with scripts, never renumbered.
#pragma once

namespace holdfast {

// holdfast-capture.
enum CaptureExit : int {
    kExitComplete = 0,      // stopped as asked; the file is complete and verified
    kExitNothing = 1,       // nothing usable was written
    kExitUsage = 2,         // bad option or taken name; nothing was touched
    kExitAudioMissing = 3,  // the file is valid, but frames were lost
    kExitNoDevice = 4,      // the device cannot be opened
    kExitDisk = 5,          // disk full or failing; what was written is valid
    kExitInterrupted = 130  // second Ctrl-C: the journal was left for recovery
};

// holdfast-recover: fsck's bits, joined by OR over the files.
enum RecoverExit : int {
    kRecoverSound = 0,
    kRecoverRepaired = 1,
    kRecoverDamageLeft = 4,
    kRecoverOperational = 8,
    kRecoverUsage = 16,
    kRecoverCancelled = 32
};

// The table for --help.
const char* captureExitText();
const char* recoverExitText();

}  // namespace holdfast
