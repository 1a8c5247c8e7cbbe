// StatusLine: one line that says all a person at the terminal needs; pure text, no terminal.
//
//   ● REC 0:12:34.5  L -18.2 R -17.9 dBFS  CLIP 0  gaps 0  ring 3%  safe to 0:12:34.1  3h12m left
//   take.wav
//
// (on one line). What does not fit is left out, least important first.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "iocore/recorder/recorder_status.h"

namespace holdfast {

struct StatusLook {
    std::size_t columns = 80;
    bool color = false;
    bool utf8 = true;
    bool meter = true;
};

// Peaks are linear, one for each channel. [any thread]
std::string statusLine(const RecorderStatus& status, const PcmFormat& format,
                       std::span<const float> peaks, const StatusLook& look);

}  // namespace holdfast
