#include "app/exit_status.h"

namespace holdfast {

const char* captureExitText() {
    return "Exit status:\n"
           "  0    complete and verified\n"
           "  1    nothing usable was written\n"
           "  2    bad option or taken name; nothing was touched\n"
           "  3    the file is valid, but frames were lost (a gap, or a lost device, also\n"
           "       when it came back)\n"
           "  4    the device cannot be opened\n"
           "  5    disk full or failing; what was written is valid\n"
           "  130  second Ctrl-C: the journal is left for recovery\n";
}

const char* recoverExitText() {
    return "Exit status (OR over the files):\n"
           "  0    sound, nothing to do\n"
           "  1    damage, fully recovered\n"
           "  4    damage left (also what check and --dry-run find)\n"
           "  8    operational error (cannot read, write, still recording)\n"
           "  16   bad option\n"
           "  32   cancelled\n";
}

}  // namespace holdfast
