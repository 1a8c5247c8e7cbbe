#include "app/recover_console.h"

#include <fmt/format.h>

#include <utility>

#include "app/exit_status.h"
#include "app/output_descriptor.h"
#include "app/recover_exit.h"
#include "app/recover_extract.h"
#include "app/selftest_text.h"
#include "app/terminal.h"
#include "iocore/base/path_text.h"
#include "iocore/base/printable.h"

namespace holdfast {
namespace {

constexpr const char* kEraseLine = "\r\x1b[K";
constexpr std::chrono::milliseconds kProgressEvery{200};

// A reader that has gone (head, less) is no reason to leave a repair half done.
void write(int descriptor, const std::string& text) {
    (void)writeAll(descriptor, text);
}

}  // namespace

RecoverConsole::RecoverConsole(const RecoverOptions& options) : json_(options.json) {
    const bool terminal = isSmartTerminal(kStdout);
    look_.color = options.color == ColorMode::always ||
                  (options.color == ColorMode::automatic && terminal && environmentWantsColor());
    look_.quiet = options.quiet;
    look_.verbose = options.verbose;
    showsProgress_ = !options.quiet && isSmartTerminal(kStderr);
    nextProgress_ = Clock::now() + kProgressEvery;
}

ReportStamp RecoverConsole::stamp(const std::string& path, int exitStatus) {
    join(exitStatus);
    const auto now = Clock::now().time_since_epoch();
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
    return {static_cast<std::uint64_t>(ns), path, exitStatus};
}

void RecoverConsole::check(const std::string& path, const RecoveryReport& report) {
    const ReportStamp at = stamp(path, exitOfCheck(report));
    print(json_ ? checkJson(at, report) : checkText(path, report, look_));
}

void RecoverConsole::found(const std::string& path, const RecoveryReport& report) {
    const ReportStamp at = stamp(path, kRecoverDamageLeft);
    print(json_ ? foundJson(at, report) : foundText(path, report, look_));
}

void RecoverConsole::plan(const std::string& path, const RecoveryReport& report,
                          const RepairPlan& plan) {
    const ReportStamp at = stamp(path, exitOfCheck(report));
    print(json_ ? planJson(at, report, plan) : planText(path, report, plan, look_));
}

void RecoverConsole::repaired(const std::string& path, const RepairDone& done) {
    const ReportStamp at = stamp(path, exitOfRepair(done.result));
    print(json_ ? repairJson(at, done) : repairText(path, done, look_));
}

void RecoverConsole::extracted(const std::string& path, const RecoveryReport& report,
                               const std::string& resultPath) {
    if (!wasExtracted(report)) {
        const ReportStamp at = stamp(path, exitOfCheck(report));
        if (json_) return print(checkJson(at, report));
        return warn(checkText(path, report, look_));
    }
    const ReportStamp at = stamp(path, exitOfExtract(report));
    if (json_) return print(extractJson(at, report, resultPath));
    const std::string text = extractText(path, report, resultPath, look_);
    if (resultPath == "-") return look_.quiet ? void() : warn(text);
    print(text);
}

void RecoverConsole::undone(const std::string& path, const UndoResult& undone) {
    const ReportStamp at = stamp(path, kRecoverSound);
    print(json_ ? undoJson(at, undone) : undoText(path, undone, look_));
}

void RecoverConsole::selfTested(const std::string& path, const SelfTestReport& report) {
    const ReportStamp at = stamp(path, exitOfSelfTest(report));
    print(json_ ? selfTestJson(at, report) : selfTestText(path, report, look_.quiet));
}

void RecoverConsole::failed(const std::string& path, const Error& error) {
    const ReportStamp at = stamp(path, exitOfError(error));
    if (json_) return print(failureJson(at, error));
    warn("holdfast-recover: " + errorText(path, error));
}

void RecoverConsole::say(const std::string& text) {
    if (!json_ && !look_.quiet) print(text);
}

void RecoverConsole::warn(const std::string& text) {
    clearProgress();
    write(kStderr, text);
}

void RecoverConsole::progress(const std::string& path, std::uint64_t done, std::uint64_t total) {
    if (json_) {
        const auto told = pace_.at(path, done, total, Clock::now());
        return told ? print(progressJson(stamp(path, 0), *told)) : void();
    }
    if (!showsProgress_ || total == 0 || Clock::now() < nextProgress_) return;
    nextProgress_ = Clock::now() + kProgressEvery;
    const std::string percent = fmt::format(": {} %", done >= total ? 100 : done * 100 / total);
    const std::string name = printable(nameOfPath(path));
    const std::size_t room = terminalColumns(kStderr) - 1;
    const std::size_t rest = room > percent.size() ? room - percent.size() : 0;
    write(kStderr, kEraseLine + std::string(fitColumns(name, rest)) + percent);
    progressShown_ = true;
}

void RecoverConsole::print(const std::string& text) {
    clearProgress();
    write(kStdout, text);
}

void RecoverConsole::clearProgress() {
    if (std::exchange(progressShown_, false)) write(kStderr, kEraseLine);
}

}  // namespace holdfast
