// RecoverConsole: where the recovery tool's words go: reports on stdout, errors and progress on
// stderr; with --json every object on stdout, one a line.
#pragma once

#include <chrono>
#include <string>

#include "app/progress_pace.h"
#include "app/recover_options.h"
#include "app/report_json.h"
#include "app/report_text.h"
#include "iocore/selftest/self_test.h"

namespace holdfast {

class RecoverConsole {
  public:
    explicit RecoverConsole(const RecoverOptions& options);

    // Each joins the exit status into the program's. [control thread] [blocks]
    void check(const std::string& path, const RecoveryReport& report);
    void found(const std::string& path, const RecoveryReport& report);
    void plan(const std::string& path, const RecoveryReport& report, const RepairPlan& plan);
    void repaired(const std::string& path, const RepairDone& done);
    // To `resultPath`, "-" for standard output, which then belongs to the audio.
    void extracted(const std::string& path, const RecoveryReport& report,
                   const std::string& resultPath);
    void undone(const std::string& path, const UndoResult& undone);
    void selfTested(const std::string& path, const SelfTestReport& report);
    void failed(const std::string& path, const Error& error);
    // For people alone.
    void say(const std::string& text);
    void warn(const std::string& text);
    // On a terminal a few times a second, as JSON as ProgressPace says, else not at all.
    void progress(const std::string& path, std::uint64_t done, std::uint64_t total);

    void join(int bits) { exitStatus_ |= bits; }
    [[nodiscard]] int exitStatus() const { return exitStatus_; }

  private:
    using Clock = std::chrono::steady_clock;

    ReportStamp stamp(const std::string& path, int exitStatus);
    void print(const std::string& text);
    void clearProgress();

    bool json_;
    ReportLook look_;
    bool showsProgress_;
    bool progressShown_ = false;
    Clock::time_point nextProgress_;
    ProgressPace pace_;
    int exitStatus_ = 0;
};

}  // namespace holdfast
