#include "iocore/base/gap.h"

namespace holdfast {

std::string_view gapCauseName(GapCause cause) {
    switch (cause) {
        case GapCause::ringFull:
            return "ring_full";
        case GapCause::driverOverrun:
            return "driver_overrun";
        case GapCause::deviceLost:
            return "device_lost";
        case GapCause::suspended:
            return "suspended";
        case GapCause::moved:
            return "moved";
        case GapCause::clock:
            return "clock";
        case GapCause::paused:
            return "paused";
        case GapCause::injected:
            return "injected";
        case GapCause::restarted:
            return "restarted";
    }
    return "unknown";
}

}  // namespace holdfast
