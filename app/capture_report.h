// What people are told about a recording: its start, its accidents, its end. Pure text.
//
// The end always says three things: what is in the file, what is not, and what to do about it.
#pragma once

#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/recorder/recorder_status.h"
#include "iocore/recorder/silence_watch.h"

namespace holdfast {

// One text a line, names made printable. [any thread]
std::vector<std::string> monitoringReport(const MonitoringEvent& event);
std::vector<std::string> startReport(const StartedEvent& event);
std::string startDetails(const StartedEvent& event);
std::string partReport(const PartEvent& event, const PcmFormat& format);
std::string gapReport(const GapEvent& event, const PcmFormat& format);
std::string deviceLostReport(const DeviceLostEvent& event, const PcmFormat& format);
std::string deviceBackReport(const DeviceBackEvent& event, const PcmFormat& format);
std::string silenceReport(Silence silence);
std::string errorReport(const Error& error);

struct EndReport {
    std::string text;
    bool isGood = false;  // nothing is missing and nothing is to do
};
// `repairPath`: of a take whose journal stays; empty when nothing is to repair.
EndReport endReport(const StoppedEvent& event, const PcmFormat& format,
                    const std::string& repairPath);
// "holdfast-recover repair --in-place 'PATH'"
std::string repairCommand(const std::string& path);

}  // namespace holdfast
