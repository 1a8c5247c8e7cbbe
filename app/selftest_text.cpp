#include "app/selftest_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/exit_status.h"
#include "app/json_line.h"
#include "iocore/base/printable.h"

namespace holdfast {
namespace {

constexpr double kNsPerMs = 1e6;
constexpr double kNsPerSecond = 1e9;

bool has(const SelfTestReport& report, Problem problem) {
    return std::ranges::find(report.problems, problem) != report.problems.end();
}

std::string syncSentence(const SelfTestReport& report) {
    const FileSystemFacts& system = report.fileSystem;
    if (has(report, Problem::memoryFolder)) {
        return fmt::format(
            "It lies in memory ({}): a power cut or a reboot takes every recording with it.",
            system.type);
    }
    if (has(report, Problem::syncsTooFast)) {
        return fmt::format(
            "Syncs seem not to reach the disk: half of them took less than {:.1f} us, and no disk\n"
            "is as fast. A power cut may cost all that the system has not written by itself yet.",
            static_cast<double>(std::min(report.probe.audioSync.p50, report.probe.headerSync.p50)) /
                1e3);
    }
    std::string loss = fmt::format(
        "A power cut costs up to {:.2f} s of a recording, in 99 of 100 cases: {:.2f} s between "
        "two\n"
        "commits, and one commit. With the slowest of the {} commits made here: {:.2f} s.\n",
        static_cast<double>(report.usualLossNs()) / kNsPerSecond, kProbeCommitMs / 1e3,
        report.probe.commit.count, static_cast<double>(report.worstLossNs()) / kNsPerSecond);
    if (report.syncsAreOthers()) {
        return loss + fmt::format(
                          "That is if {} hands syncs on to its disk, which cannot be seen "
                          "from here.",
                          system.type.empty() ? "the file system" : system.type);
    }
    return loss +
           "Syncs seem to reach the disk. Whether it keeps what it has confirmed, only a power\n"
           "cut can show.";
}

std::string ringSentence(const SelfTestReport& report) {
    if (report.ring.persistent) return "A killed program costs no captured audio.";
    return fmt::format(
        "A killed program costs the same: there is no place for the ring that outlives it\n({}).",
        printable(report.ring.whyNot));
}

std::string latencyRow(std::string_view label, const Latency& latency) {
    std::string row = fmt::format("  {:<16}", label);
    for (const std::int64_t ns : {latency.p50, latency.p95, latency.p99, latency.worst}) {
        row += fmt::format(" {:>10.3f}", static_cast<double>(ns) / kNsPerMs);
    }
    return row + "\n";
}

std::string row(std::string_view label, const std::string& text) {
    return fmt::format("  {:<16} {}\n", label, text);
}

std::string factRows(const SelfTestReport& report) {
    const FileSystemFacts& system = report.fileSystem;
    constexpr std::uint64_t kBytesAnHour = kProbeCommitBytes * 4 * 3'600;
    std::string rows =
        row("file system", fmt::format("{} ({}), {} at {}", system.type.empty() ? "?" : system.type,
                                       storageKindName(system.kind), printable(system.source),
                                       printable(system.mountPoint)));
    rows += row("free", fmt::format("{:.1f} GB, {} h of 48 kHz, stereo, 24 bit",
                                    static_cast<double>(report.freeBytes) / 1e9,
                                    report.freeBytes / kBytesAnHour));
    rows += row("ring", report.ring.persistent ? "in " + printable(report.ring.path)
                                               : std::string("in the program's own memory"));
    rows += row("taken names", report.probe.refusesTakenName ? "kept" : "REPLACED by a rename");
    rows += row("preallocation", system.preallocates ? "works" : "not here");
    rows +=
        row("longest file", system.maxFileBytes ? fmt::format("{} bytes", *system.maxFileBytes)
                                                : std::string("no limit that a WAV could meet"));
    return rows;
}

Json latencyJson(const Latency& latency) {
    const auto ms = [](std::int64_t ns) { return static_cast<double>(ns) / kNsPerMs; };
    return Json{{"count", latency.count},
                {"p50", ms(latency.p50)},
                {"p95", ms(latency.p95)},
                {"p99", ms(latency.p99)},
                {"max", ms(latency.worst)}};
}

Json textOrNull(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

const char* syncsJson(const SelfTestReport& report) {
    if (has(report, Problem::memoryFolder) || has(report, Problem::syncsTooFast)) return "no";
    return report.syncsAreOthers() ? "unknown" : "yes";
}

}  // namespace

int exitOfSelfTest(const SelfTestReport& report) {
    return report.problems.empty() ? kRecoverSound : kRecoverDamageLeft;
}

std::string selfTestText(const std::string& path, const SelfTestReport& report, bool quiet) {
    const bool holds = report.problems.empty();
    const std::string title =
        fmt::format("{}: {}\n", printable(path),
                    holds ? "recordings are safe here, as far as can be measured"
                          : "not every promise of a recording can be held here");
    if (quiet) return holds ? "" : title;
    std::string text = title + "\n" + syncSentence(report) + "\n" + ringSentence(report) + "\n";
    if (has(report, Problem::takenNameIsLost)) {
        text += "A rename replaces a file that is there: no second program should write here.\n";
    }
    text += fmt::format("\n  {:<16} {:>10} {:>10} {:>10} {:>10}\n", "milliseconds", "half", "95 %",
                        "99 %", "slowest");
    text += latencyRow("commit", report.probe.commit);
    text += latencyRow("  audio sync", report.probe.audioSync);
    text += latencyRow("  header sync", report.probe.headerSync);
    text += latencyRow("write, no sync", report.probe.write);
    return text + "\n" + factRows(report);
}

std::string selfTestJson(const ReportStamp& stamp, const SelfTestReport& report) {
    Json json = opening("selftest", {stamp.timeNs, 0});
    json["path"] = stamp.path;
    json["promises_hold"] = report.problems.empty();
    json["problems"] = Json::array();
    for (const Problem problem : report.problems) json["problems"].push_back(problemName(problem));
    json["syncs_seem_to_reach_disk"] = syncsJson(report);
    json["loss_bound_ms"] = Json{{"p99", static_cast<double>(report.usualLossNs()) / kNsPerMs},
                                 {"max", static_cast<double>(report.worstLossNs()) / kNsPerMs}};
    json["interval_ms"] = kProbeCommitMs;
    json["commit_bytes"] = kProbeCommitBytes;
    json["commit_ms"] = latencyJson(report.probe.commit);
    json["audio_sync_ms"] = latencyJson(report.probe.audioSync);
    json["header_sync_ms"] = latencyJson(report.probe.headerSync);
    json["write_ms"] = latencyJson(report.probe.write);
    const FileSystemFacts& system = report.fileSystem;
    json["file_system"] = Json{{"type", textOrNull(system.type)},
                               {"kind", storageKindName(system.kind)},
                               {"source", textOrNull(system.source)},
                               {"mount_point", textOrNull(system.mountPoint)}};
    json["free_bytes"] = report.freeBytes;
    json["max_file_bytes"] = system.maxFileBytes ? Json(*system.maxFileBytes) : Json(nullptr);
    json["preallocates"] = system.preallocates;
    json["keeps_taken_names"] = report.probe.refusesTakenName;
    json["ring"] = Json{{"persistent", report.ring.persistent},
                        {"folder", textOrNull(report.ring.path)},
                        {"why_not", textOrNull(report.ring.whyNot)}};
    json["exit"] = stamp.exitStatus;
    return lineOf(json);
}

}  // namespace holdfast
