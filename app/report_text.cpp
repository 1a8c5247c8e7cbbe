#include "app/report_text.h"

#include <fmt/format.h>

#include "app/report_words.h"
#include "iocore/base/duration.h"
#include "iocore/base/path_text.h"
#include "iocore/base/printable.h"

namespace holdfast {
namespace {

// Marks and gaps listed without -v.
constexpr std::size_t kListed = 8;

std::string repairCommandOf(const std::string& path, const RecoveryReport& report) {
    const bool inPlace = report.ours && !report.wavName.empty();
    return fmt::format("holdfast-recover repair {}{}", inPlace ? "--in-place " : "",
                       fileWord(path));
}

bool isReadable(const RecoveryReport& report) {
    return report.verdict != Verdict::unusable && report.verdict != Verdict::leftover;
}

// What to do about it: a command, or the way out where there is none.
std::string nextStep(const std::string& path, const RecoveryReport& report) {
    switch (report.verdict) {
        case Verdict::sound:
            return "";
        case Verdict::unfinished:
        case Verdict::damaged:
            if (report.alreadyRecovered) return "";
            return line("next", repairCommandOf(path, report));
        case Verdict::live:
            return line("next", "stop the recorder; its file is then finished, or can be repaired");
        case Verdict::leftover:
            if (report.empty) {
                return line("next", "holdfast-recover repair " + fileWord(path) +
                                        "  (removes it: no audio is lost by that)");
            }
            return line("way out", "it can be deleted: no audio is lost by that");
        case Verdict::rewritten:
            if (report.journalName.empty()) return "";
            return line("way out", fmt::format("{} is of no more use and can be deleted",
                                               printable(besides(path, report.journalName))));
        case Verdict::unusable:
            break;
    }
    if (report.reason == "it is empty") {
        return line("way out", "nothing was ever written to it; it is left as it is");
    }
    if (report.otherEncoding) {
        return line("way out", fmt::format("ffmpeg reads what it has, also where its sizes are "
                                           "wrong:\n{}ffmpeg -ignore_length 1 -i {} OUT.wav",
                                           std::string(15, ' '), fileWord(path)));
    }
    if (report.formatMissing) {
        return line("way out", fmt::format("say its format: --assume RATE,CHANNELS,FORMAT, or "
                                           "--reference with a\n{}sound file of the same recorder",
                                           std::string(15, ' ')));
    }
    return line("way out", "it is left as it is; what others may read in it: ffmpeg, sox, or\n" +
                               std::string(15, ' ') + "Audacity (File > Import > Raw Data)");
}

std::string originText(const RecoveryReport& report) {
    std::string text = report.format.describe();
    if (!report.ours) return text + "; " + report.container + " of another program";
    if (report.startedAtNs != 0) text += ", begun " + timeText(report.startedAtNs);
    if (!report.deviceName.empty()) text += ", from " + printable(report.deviceName);
    if (report.partIndex > 1) text += fmt::format(", part {}", report.partIndex);
    return text;
}

enum class Moment { before, after };  // of the repair

std::string audioLines(const RecoveryReport& report, Moment moment) {
    const PcmFormat& format = report.format;
    const bool after = moment == Moment::after;
    std::string text =
        line(after ? "recovered" : "recoverable", lengthText(report.recoverableFrames, format));
    if (report.verifiedFrames > 0) {
        std::string verified = lengthText(report.verifiedFrames, format) + ", by checksum";
        if (report.ringFrames > 0) {
            verified += fmt::format("; {} of them not yet in the file", report.ringFrames);
        }
        text += line("  verified", verified);
    }
    if (report.uncheckedFrames > 0) {
        text += line("  not read", lengthText(report.uncheckedFrames, format) +
                                       ", safe once; `check` reads their checksums");
    }
    if (const auto unverified = report.readableFrames - report.uncheckedFrames; unverified > 0) {
        text += line("  unverified", lengthText(unverified, format) +
                                         (report.ours ? ", readable, but no checksum confirms them"
                                                      : ", readable; there are no checksums"));
    }
    for (const DroppedBytes& dropped : report.dropped) {
        const std::uint64_t frames = dropped.bytes / format.bytesPerFrame();
        text += line("dropped",
                     fmt::format("{} ({}): {}", plural(dropped.bytes, "byte"),
                                 clockText(frames, format.sampleRate), printable(dropped.reason)));
    }
    for (const DamagedRange& damaged : report.damaged) {
        text += line("damaged",
                     fmt::format("{}  {}: {}", clockText(damaged.frame, format.sampleRate),
                                 plural(damaged.frames, "frame"), printable(damaged.reason)));
    }
    if (report.ours) text += line("last safe", lengthText(report.lastSafeFrame, format));
    if (!after) text += line("plays now", lengthText(report.headerFrames, format));
    return text;
}

std::string gapText(const TakeGap& gap, const PcmFormat& format) {
    const bool pause = gap.cause == GapCause::paused;
    std::string text = fmt::format("{}  {} {} ({})", clockText(gap.frame, format.sampleRate),
                                   plural(gap.frames, "frame"), pause ? "not recorded" : "missing",
                                   gapCauseName(gap.cause));
    if (gap.filledFrames > 0) {
        text += gap.filledFrames == gap.frames
                    ? ", filled with silence"
                    : fmt::format(", {} of silence put in", plural(gap.filledFrames, "frame"));
    }
    return text;
}

std::string markLines(const RecoveryReport& report, const ReportLook& look) {
    const auto listed = [&](std::size_t count) {
        return look.verbose ? count : std::min(count, kListed);
    };
    const auto rest = [&](std::size_t count) {
        if (listed(count) == count) return std::string();
        return line("", fmt::format("and {} more (-v lists all)", count - listed(count)));
    };
    std::string text;
    std::uint64_t missing = 0;
    for (const TakeGap& gap : report.gaps) {
        if (gap.cause != GapCause::paused) missing += gap.frames;
    }
    if (!report.gaps.empty()) {
        text += line("gaps",
                     fmt::format("{}, {} missing", report.gaps.size(), plural(missing, "frame")));
    }
    for (std::size_t i = 0; i < listed(report.gaps.size()); ++i) {
        text += line("", gapText(report.gaps[i], report.format));
    }
    text += rest(report.gaps.size());
    if (!report.markers.empty()) text += line("markers", fmt::format("{}", report.markers.size()));
    for (std::size_t i = 0; i < listed(report.markers.size()); ++i) {
        const TakeMarker& marker = report.markers[i];
        text += line("", fmt::format("{}  {}", clockText(marker.frame, report.format.sampleRate),
                                     printable(marker.text)));
    }
    return text + rest(report.markers.size());
}

std::string_view sourceName(AudioPiece::Source source) {
    switch (source) {
        case AudioPiece::Source::wav:
            return "the file";
        case AudioPiece::Source::ring:
            return "the ring";
        case AudioPiece::Source::journal:
            return "the journal";
        case AudioPiece::Source::silence:
            return "silence";
    }
    return "";
}

std::string witnessLines(const std::string& path, const RecoveryReport& report) {
    std::string text;
    if (report.ours) text += line("take", report.takeId.hex());
    if (!report.journalName.empty()) {
        text += line("journal", printable(besides(path, report.journalName)));
    }
    if (!report.ringPath.empty()) text += line("ring", printable(report.ringPath));
    if (report.writerProcess != 0) text += line("process", std::to_string(report.writerProcess));
    for (const AudioPiece& piece : report.plan) {
        const bool silence = piece.source == AudioPiece::Source::silence;
        text += line("piece", fmt::format("{} from {}{}", plural(piece.frames, "frame"),
                                          sourceName(piece.source),
                                          silence ? "" : fmt::format(", byte {}", piece.offset)));
    }
    return text;
}

// All but headline and next step.
std::string details(const std::string& path, const RecoveryReport& report, const ReportLook& look,
                    Moment moment = Moment::before) {
    std::string text;
    if (isReadable(report)) {
        text += line("format", originText(report));
        text += audioLines(report, moment) + markLines(report, look);
    }
    if (!report.reason.empty() && report.verdict == Verdict::unfinished && !report.ours) {
        text += line("why", printable(report.reason));
    }
    if (report.undoInForce) text += line("note", "a repair in place was begun and not ended");
    for (const std::string& note : report.notes) text += line("note", printable(note));
    if (look.verbose) text += witnessLines(path, report);
    return text;
}

std::string recoveredLine(const std::string& path, const RecoveryReport& report) {
    if (!report.alreadyRecovered || report.recoveredName == report.wavName) return "";
    return line("recovered",
                fmt::format("already, as {} ({}{})", printable(besides(path, report.recoveredName)),
                            clockText(report.recoveredFrames, report.format.sampleRate),
                            report.recoveredDamageLeft ? ", with damage left" : ""));
}

std::string soundLine(const std::string& path, const RecoveryReport& report,
                      const ReportLook& look) {
    VerdictWords words = verdictWords(report);
    std::string text = fmt::format("{}, {} ({}{})", words.text,
                                   clockText(report.recoverableFrames, report.format.sampleRate),
                                   plural(report.recoverableFrames, "frame"),
                                   report.alreadyRecovered ? ", recovered earlier" : "");
    return headline(path, {text, words.color}, look);
}

std::string writeLines(const std::string& path, const RecoveryReport& report,
                       const RepairPlan& plan) {
    std::string text;
    if (plan.inPlace && !report.inPlaceProblem.empty()) {
        text += line("cannot", fmt::format("be repaired in place: {}; repair it as a copy",
                                           report.inPlaceProblem));
    } else if (plan.inPlace) {
        const std::string audio =
            plan.audioBytes > 0 ? fmt::format(", {} of audio", sizeText(plan.audioBytes)) : "";
        text +=
            line("would write",
                 fmt::format("{}, in place: its header{}{}", printable(plan.resultPath), audio,
                             report.markers.empty() && report.gaps.empty() ? "" : ", its marks"));
        text += line("undo file", printable(plan.undoPath) + ", written first");
    } else {
        text += line("would write", fmt::format("{}, {} ({} free)", printable(plan.resultPath),
                                                sizeText(plan.bytes), sizeText(plan.freeBytes)));
        if (plan.freeBytes < plan.bytes) text += line("note", "there is not enough room for it");
        if (report.ours && !report.damageLeft && !report.journalName.empty()) {
            text += line("then remove",
                         fmt::format("{}{}", printable(besides(path, report.journalName)),
                                     report.ringSpent ? " and its ring" : ""));
        }
    }
    return text;
}

std::string removedText(const std::string& path, const RepairResult& result,
                        const ReportLook& look) {
    std::string text = headline(path, {"nothing was recorded in it; removed", kGreen}, look);
    if (look.quiet) return text;
    for (const std::string& name : result.removed) {
        text += line("removed", printable(besides(path, name)));
    }
    for (const std::string& note : result.notes) text += line("note", printable(note));
    return text;
}

}  // namespace

std::string checkText(const std::string& path, const RecoveryReport& report,
                      const ReportLook& look) {
    if (report.verdict == Verdict::sound) {
        if (look.quiet) return "";
        return soundLine(path, report, look) + (look.verbose ? details(path, report, look) : "");
    }
    const std::string head = headline(path, verdictWords(report), look);
    if (look.quiet) return head;
    return head + details(path, report, look) + recoveredLine(path, report) +
           nextStep(path, report);
}

std::string planText(const std::string& path, const RecoveryReport& report, const RepairPlan& plan,
                     const ReportLook& look) {
    if (!look.quiet && report.empty) {
        return headline(path, verdictWords(report), look) +
               line("would remove", "what there is of it: no audio is lost by that") +
               line("dry run", "nothing was written");
    }
    if (look.quiet || !hasWork(report)) return checkText(path, report, look);
    std::string text = headline(path, verdictWords(report), look) + details(path, report, look);
    const std::string recovered = plan.inPlace ? "" : recoveredLine(path, report);
    return text + (recovered.empty() ? writeLines(path, report, plan) : recovered) +
           line("dry run", "nothing was written");
}

std::string repairText(const std::string& path, const RepairDone& done, const ReportLook& look) {
    if (done.result.outcome == RepairOutcome::removed) {
        return removedText(path, done.result, look);
    }
    const RepairResult& result = done.result;
    const RecoveryReport& report = result.report;
    std::string text;
    if (result.outcome == RepairOutcome::nothingToDo ||
        result.outcome == RepairOutcome::leftAlone) {
        text = checkText(path, report, look);
    } else {
        const bool earlier = result.outcome == RepairOutcome::alreadyRecovered;
        const std::uint64_t frames = earlier && report.recoveredFrames != 0
                                         ? report.recoveredFrames
                                         : report.recoverableFrames;
        const bool itself = done.inPlace || result.resultName == report.wavName;
        const std::string words =
            fmt::format("{}{}, {} ({}){}", earlier ? "already recovered" : "recovered",
                        !itself   ? " as " + printable(done.resultPath)
                        : earlier ? ""
                                  : " in place",
                        clockText(frames, report.format.sampleRate), plural(frames, "frame"),
                        result.damageLeft ? "; damage is left"
                        : earlier         ? ""
                                          : ", read back and verified");
        if (look.quiet && earlier && !result.damageLeft) return "";
        text = headline(path, {words, result.damageLeft ? kRed : kGreen}, look);
        if (look.quiet) return text;
        if (!earlier) text += details(path, report, look, Moment::after);
    }
    if (look.quiet) return text;
    if (done.inPlace && result.outcome == RepairOutcome::recovered) {
        if (done.resultPath != path) text += line("name now", printable(done.resultPath));
        text += line("take back", "holdfast-recover repair --undo " + fileWord(done.resultPath));
    }
    for (const std::string& note : result.notes) text += line("note", printable(note));
    return text;
}

std::string extractText(const std::string& path, const RecoveryReport& report,
                        const std::string& resultPath, const ReportLook& look) {
    const PcmFormat& format = report.format;
    const bool isFloat = format.sampleType == SampleType::F32;
    const auto bits = 8 * bytesPerSample(format.sampleType);
    const std::string words = fmt::format(
        "{} of raw audio ({}) written to {}{}", plural(report.recoverableFrames, "frame"),
        format.describe(), printable(resultPath), report.damageLeft ? "; damage is left" : "");
    std::string text = headline(path, {words, report.damageLeft ? kRed : kGreen}, look);
    if (look.quiet || resultPath == "-") return text;
    return text +
           line("hear it", fmt::format("play -t raw -e {} -b {} -r {} -c {} {}",
                                       isFloat ? "floating-point" : "signed-integer", bits,
                                       format.sampleRate, format.channels, fileWord(resultPath)));
}

std::string undoText(const std::string& path, const UndoResult& undone, const ReportLook& look) {
    if (look.quiet) return "";
    if (!undone.undone) {
        return headline(path, {"nothing to take back: no repair in place is on record", ""}, look);
    }
    return headline(path, {"as it was before the repair in place", kGreen}, look) +
           line("next", "holdfast-recover check " + fileWord(path));
}

std::string foundText(const std::string& path, const RecoveryReport& report,
                      const ReportLook& look) {
    if (look.verbose) return checkText(path, report, look);
    VerdictWords words = verdictWords(report);
    // Not every checksum was looked at, so nothing is promised.
    if (report.ours && report.verdict == Verdict::unfinished) words.text = "unfinished";
    std::string text = headline(path, words, look);
    if (look.quiet) return text;
    if (isReadable(report) && report.format.sampleRate != 0) {
        std::string length = clockText(report.recoverableFrames, report.format.sampleRate);
        if (report.startedAtNs != 0) length += ", begun " + timeText(report.startedAtNs);
        if (!report.gaps.empty()) length += ", " + plural(report.gaps.size(), "gap");
        text += line("recoverable", length + ", last safe " +
                                        clockText(report.lastSafeFrame, report.format.sampleRate));
    }
    return text + nextStep(path, report);
}

std::string errorText(const std::string& path, const Error& error) {
    // The texts of the disk begin with the file's name, which stands here already.
    const std::string name = nameOfPath(path) + ": ";
    std::string text = error.text.starts_with(name) ? error.text.substr(name.size()) : error.text;
    if (path.empty()) return printable(text) + "\n";
    return fmt::format("{}: {}\n", printable(path), printable(text));
}

}  // namespace holdfast
