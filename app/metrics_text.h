// A recording's figures as Prometheus text, for the textfile collector or any scraper of files.
// Pure.
#pragma once

#include <string>

#include "iocore/base/pcm_format.h"
#include "iocore/recorder/recorder_status.h"

namespace holdfast {

// `unixSeconds`: when the figures were taken. Times are seconds of audio. [any thread]
std::string metricsText(const RecorderStatus& status, const PcmFormat& format, double unixSeconds);

}  // namespace holdfast
