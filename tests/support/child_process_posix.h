// ChildProcess: a program under test, with its pipes, its signals and a deadline.
//
// Waiting is for a condition (a line, the end), never for a time: a deadline only catches a hang.
// Whatever happens to the test, the child is killed by its own process id and reaped.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

struct ChildOptions {
    std::vector<std::string> argv;  // argv[0]: a path, or a name in PATH
    std::vector<std::pair<std::string, std::string>> environment;  // besides the test's own
    std::string folder;                                            // current one; empty: the test's
    std::vector<int> ignoredSignals;                               // as nohup does
    bool keepsStdinOpen = false;                                   // else /dev/null
    bool nobodyReadsStdout = false;                                // the pipe is there, and fills
};

// How it ended: exit status, or the signal that killed it.
struct ChildEnd {
    int status = -1;
    int signal = 0;
};

class ChildProcess {
  public:
    explicit ChildProcess(const ChildOptions& options);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    void signal(int number) const;
    // Into its stdin, with keepsStdinOpen.
    void type(std::string_view text) const;
    // Closes the reader's end: the child's next write meets EPIPE.
    void closeStdout();

    // Reads until a line of stdout holds `text`; the line, or nothing when the child ended or 60 s
    // passed before.
    std::optional<std::string> waitForLine(std::string_view text);
    std::optional<std::string> waitForErrorLine(std::string_view text);
    // Reads until `isTrue`; false when the child ended or 60 s passed before.
    bool waitUntil(const std::function<bool()>& isTrue);
    // Its end; killed after 60 s (signal 9 then).
    ChildEnd wait();

    [[nodiscard]] const std::string& out() const { return out_; }
    [[nodiscard]] const std::string& err() const { return err_; }

  private:
    std::optional<std::string> waitForLineIn(const std::string& text, std::string_view part);
    bool reap();
    // False when nothing came.
    bool read(int timeoutMs);
    void readWhatIsLeft();

    pid_t pid_ = -1;
    int outFd_ = -1;
    int errFd_ = -1;
    int inFd_ = -1;
    bool readsOut_ = true;
    std::string out_;
    std::string err_;
    std::optional<ChildEnd> end_;
};

}  // namespace holdfast
