// What the window says about a recording, as text. Pure.
#pragma once

#include <QString>

#include "iocore/base/pcm_format.h"
#include "iocore/recorder/recorder_status.h"
#include "ui/recorder_deck.h"

namespace holdfast {

// "Recording", "Device lost (waiting)", …
QString phaseText(RecorderDeck::Phase phase);
// "0:12:34.5"
QString clockOf(std::uint64_t frames, const PcmFormat& format);
// "48000 Hz, 2 channels, S24"
QString formatText(const PcmFormat& format);
// "3 h 12 min left"; empty where nothing is known yet.
QString leftText(std::uint64_t seconds);
// "12.3 MB, 48 commits, the last one 0.1 s ago, ring 3 %"
QString detailText(const RecorderStatus& status, const PcmFormat& format);

// How much is left: nothing to say, a warning, an alarm.
enum class Room { plenty, low, veryLow };
Room roomOf(const RecorderStatus& status);

// Empty for a signal.
QString silenceText(Silence heard);

// How a recording ended: what is in the file, what is missing, what to do.
QString endText(const StoppedEvent& event, const PcmFormat& format);

}  // namespace holdfast
