#include "iocore/recorder/silence_watch.h"

namespace holdfast {

std::string_view silenceName(Silence silence) {
    switch (silence) {
        case Silence::signal:
            return "signal";
        case Silence::noSignal:
            return "no_signal";
        case Silence::digitalZero:
            return "digital_zero";
    }
    return "unknown";
}

std::optional<Silence> SilenceWatch::look(float peak, Clock::time_point now) {
    if (peak > 0) lastNonZero_ = now;
    if (peak >= kQuietPeak) lastLoud_ = now;
    Silence heard = Silence::signal;
    if (now - lastNonZero_ >= kPatience) {
        heard = Silence::digitalZero;
    } else if (now - lastLoud_ >= kPatience) {
        heard = Silence::noSignal;
    }
    if (heard == told_) return std::nullopt;
    told_ = heard;
    return heard;
}

}  // namespace holdfast
