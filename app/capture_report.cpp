#include "app/capture_report.h"

#include <fmt/format.h>

#include "iocore/base/duration.h"
#include "iocore/base/path_text.h"
#include "iocore/base/printable.h"
#include "iocore/base/shell_quoted.h"

namespace holdfast {
namespace {

std::string plural(std::uint64_t count, const char* noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string lengthText(std::uint64_t frames, const PcmFormat& format) {
    return fmt::format("{} ({:.3f} s)", plural(frames, "frame"),
                       static_cast<double>(frames) / format.sampleRate);
}

std::string baseName(const std::string& path) {
    return printable(nameOfPath(path));
}

std::string reasonText(StopReason reason) {
    switch (reason) {
        case StopReason::none:
        case StopReason::asked:
        case StopReason::duration:
        case StopReason::endOfInput:
            return "";
        case StopReason::deviceLost:
            return "the device was lost";
        case StopReason::deviceError:
            return "the device failed";
        case StopReason::gap:
            return "stopped at a gap, as --gaps stop asks for";
        case StopReason::lowSpace:
            return "the disk is nearly full";
        case StopReason::sizeLimit:
            return "the file has the greatest length that WAV allows (4 GiB)";
        case StopReason::diskError:
            return "the disk is full or fails";
    }
    return "";
}

std::string whyItEnded(const StoppedEvent& event) {
    if (!event.missingDevice.empty()) {
        return "the device had not come back: " + printable(event.missingDevice);
    }
    const std::string reason = reasonText(event.reason);
    if (reason.empty() || event.text.empty()) return reason;
    return reason + ": " + printable(event.text);
}

// Empty: there is none, or it is as complete as the recording.
std::string mirrorReport(const StoppedEvent& event, const PcmFormat& format) {
    if (event.mirrorComplete) return "";
    if (event.mirrorPath.empty()) return "\nthe mirror holds nothing";
    return fmt::format("\nthe mirror {} holds {}", printable(event.mirrorPath),
                       clockText(event.mirrorFrames, format.sampleRate));
}

std::string digestReport(const StoppedEvent& event) {
    std::string text;
    if (!event.sha256.empty()) text += "\nSHA-256 " + event.sha256;
    if (event.digestsLeft > 0) {
        text += fmt::format("\n{} without a SHA-256", plural(event.digestsLeft, "file"));
    }
    return text;
}

}  // namespace

std::vector<std::string> monitoringReport(const MonitoringEvent& event) {
    return {fmt::format("Monitoring {}, {}; nothing is recorded yet", printable(event.deviceName),
                        event.fileFormat.describe()),
            fmt::format("the last {} will be in the recording",
                        lengthText(event.prerollFrames, event.fileFormat))};
}

std::vector<std::string> startReport(const StartedEvent& event) {
    std::vector<std::string> lines;
    lines.push_back(
        fmt::format("Recording {}, {}", printable(event.path), event.fileFormat.describe()));
    if (event.prerollFrames) {
        lines.push_back(fmt::format("begun {} before the start",
                                    lengthText(*event.prerollFrames, event.fileFormat)));
    }
    std::string device = fmt::format("from {}", printable(event.deviceName));
    if (event.deviceId != event.deviceName)
        device += fmt::format(" [{}]", printable(event.deviceId));
    device += ", " + event.deviceFormat.describe();
    if (!event.channelMap.empty()) {
        device += fmt::format("; channel{} {} of it", event.channelMap.size() == 1 ? "" : "s",
                              fmt::join(event.channelMap, ","));
    }
    if (event.converted) device += "; converted on the way, samples change";
    lines.push_back(device);
    if (!event.mirror.empty()) lines.push_back("mirrored to " + printable(event.mirror));
    if (!event.ringPersistent) {
        lines.push_back(
            fmt::format("note: the ring is in plain memory ({}): a killed process loses "
                        "what a power cut would",
                        printable(event.ringWhyNot)));
    }
    return lines;
}

std::string startDetails(const StartedEvent& event) {
    return fmt::format(
        "a commit each {} ms, blocks of {} ms, the disk may stand still for {:.1f} s\n"
        "journal {}\nring {}",
        event.commitMs, event.fragmentMs, static_cast<double>(event.stallBudgetMs) / 1000,
        printable(event.journal), event.ring.empty() ? "in memory" : printable(event.ring));
}

std::string partReport(const PartEvent& event, const PcmFormat& format) {
    const std::string at = clockText(event.frame, format.sampleRate);
    const std::string path = printable(event.path);
    switch (event.reason) {
        case PartReason::diskFailure:
            return fmt::format("the disk fails or is full: goes on in {} from {}", path, at);
        case PartReason::lowSpace:
            return fmt::format("the disk is nearly full: goes on in {} from {}", path, at);
        case PartReason::diskHang:
            return fmt::format("the disk does not answer: goes on in {} from {}", path, at);
        case PartReason::diskLimit:
            return fmt::format("this disk holds no longer file: goes on in {} from {}", path, at);
        default:
            return fmt::format("new file {} from {}", path, at);
    }
}

std::string gapReport(const GapEvent& event, const PcmFormat& format) {
    std::string treated = "not filled";
    if (event.filledFrames == event.frames) {
        treated = "filled with silence";
    } else if (event.filledFrames > 0) {
        treated = fmt::format("{} of silence put in", lengthText(event.filledFrames, format));
    }
    return fmt::format("gap at {}: {} lost, {} ({})", clockText(event.frame, format.sampleRate),
                       lengthText(event.frames, format), treated, gapCauseName(event.cause));
}

std::string deviceLostReport(const DeviceLostEvent& event, const PcmFormat& format) {
    return fmt::format(
        "the device is lost at {}: {}; {}", clockText(event.frame, format.sampleRate),
        printable(event.text),
        event.fallback ? "looking for it, or for the system's default device" : "waiting for it");
}

std::string deviceBackReport(const DeviceBackEvent& event, const PcmFormat& format) {
    std::string device = printable(event.deviceName);
    if (event.deviceId != event.deviceName) {
        device += fmt::format(" [{}]", printable(event.deviceId));
    }
    if (!event.deviceFormat) {
        return fmt::format("{} is there again; another device is recorded", device);
    }
    std::string text = fmt::format(
        "{} at {}: {}, {}", event.moved ? "goes on with another device" : "device back",
        clockText(event.frame, format.sampleRate), device, event.deviceFormat->describe());
    if (event.converted) text += "; converted on the way, samples change";
    return text;
}

std::string silenceReport(Silence silence) {
    switch (silence) {
        case Silence::signal:
            return "signal again";
        case Silence::noSignal:
            return "no signal: below -60 dBFS for 5 s";
        case Silence::digitalZero:
            return "digital zero for 5 s: is the input muted?";
    }
    return "";
}

std::string errorReport(const Error& error) {
    return printable(error.stage == Stage::usage ? error.text : error.message());
}

std::string repairCommand(const std::string& path) {
    return "holdfast-recover repair --in-place " + shellQuoted(path);
}

EndReport endReport(const StoppedEvent& event, const PcmFormat& format,
                    const std::string& repairPath) {
    EndReport report;
    const std::string why = whyItEnded(event);
    std::string because =
        (why.empty() ? "" : "\n" + why) + mirrorReport(event, format) + digestReport(event);
    if (event.unfinishedParts > 0) {
        because +=
            fmt::format("\n{} could not be finished; `holdfast-recover scan` names what to do",
                        plural(event.unfinishedParts, "earlier file"));
    }
    const std::string repair =
        repairPath.empty() ? "" : "\nRecover the rest:  " + repairCommand(repairPath);
    if (event.frames == 0 && event.onlyInRing == 0) {
        report.text = event.onlyMonitored ? "nothing was recorded: it was not started"
                                          : "nothing was recorded: no audio arrived";
        report.text += because;
        return report;
    }
    std::string name = baseName(event.path.empty() ? repairPath : event.path);
    if (event.parts > 1) name += fmt::format(" (the last of {} files)", event.parts);
    const std::string length =
        fmt::format("{}: {}", name, clockText(event.frames, format.sampleRate));
    const std::string frames = plural(event.frames, "frame");
    if (!event.complete) {
        report.text = fmt::format("{} is playable, {}; not finished", length, frames);
        if (event.onlyInRing > 0) {
            report.text +=
                fmt::format("\n{} more are in the ring, until this computer is switched off",
                            lengthText(event.onlyInRing, format));
        }
        report.text += because + repair;
        return report;
    }
    if (event.gaps == 0 && event.lostFrames == 0) {
        report.isGood =
            why.empty() && event.mirrorComplete && event.unfinishedParts == 0 && !event.unreadable;
        report.text = fmt::format("{} {}{}, no gaps, verified{}", length,
                                  report.isGood ? "complete, " : "", frames, because);
        return report;
    }
    report.text =
        fmt::format("{} verified, {}; {} missing in {}{}", length, frames,
                    lengthText(event.lostFrames, format), plural(event.gaps, "gap"), because);
    return report;
}

}  // namespace holdfast
