#include "tests/support/child_process_posix.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace holdfast {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kDeadline{60};
constexpr int kLookMs = 20;

struct Pipe {
    int reader = -1;
    int writer = -1;
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
        reader = ends[0];
        writer = ends[1];
    }
};

void closeOnce(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
}

[[noreturn]] void becomeChild(const ChildOptions& options) {
    for (const auto& [name, value] : options.environment) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }
    if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(126);
    for (const int number : options.ignoredSignals) ::signal(number, SIG_IGN);
    std::vector<char*> argv;
    for (const std::string& word : options.argv) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
}

// Appends what is there; closes the descriptor at its end.
void drain(int& fd, std::string& text) {
    std::array<char, 65536> block{};
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got > 0) {
        text.append(block.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
        closeOnce(fd);
    }
}

}  // namespace

ChildProcess::ChildProcess(const ChildOptions& options) : readsOut_(!options.nobodyReadsStdout) {
    Pipe in;
    Pipe out;
    Pipe err;
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ == 0) {
        const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        ::dup2(options.keepsStdinOpen ? in.reader : null, STDIN_FILENO);
        ::dup2(out.writer, STDOUT_FILENO);
        ::dup2(err.writer, STDERR_FILENO);
        becomeChild(options);
    }
    ::close(in.reader);
    ::close(out.writer);
    ::close(err.writer);
    inFd_ = in.writer;
    outFd_ = out.reader;
    errFd_ = err.reader;
}

ChildProcess::~ChildProcess() {
    if (!end_ && !reap()) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    closeOnce(inFd_);
    closeOnce(outFd_);
    closeOnce(errFd_);
}

void ChildProcess::signal(int number) const {
    if (!end_) ::kill(pid_, number);
}

void ChildProcess::type(std::string_view text) const {
    if (::write(inFd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw std::runtime_error("nobody reads what is typed");
    }
}

void ChildProcess::closeStdout() {
    closeOnce(outFd_);
}

bool ChildProcess::reap() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
    end_ = ChildEnd{WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                    WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    return true;
}

bool ChildProcess::read(int timeoutMs) {
    std::array<pollfd, 2> ready{{{readsOut_ ? outFd_ : -1, POLLIN, 0}, {errFd_, POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), timeoutMs) <= 0) return false;
    if (ready[0].revents != 0) drain(outFd_, out_);
    if (ready[1].revents != 0) drain(errFd_, err_);
    return true;
}

// Not until the pipes end: what the child started (on Wine, services of the system) may hold them
// open for as long as it likes. What the child wrote is in them when it has ended.
void ChildProcess::readWhatIsLeft() {
    while (((readsOut_ && outFd_ >= 0) || errFd_ >= 0) && read(0)) {
    }
}

bool ChildProcess::waitUntil(const std::function<bool()>& isTrue) {
    const auto deadline = Clock::now() + kDeadline;
    while (!isTrue()) {
        if (Clock::now() > deadline) return false;
        const bool ended = end_.has_value() || reap();
        read(ended ? 0 : kLookMs);
        if (ended) {
            readWhatIsLeft();
            return isTrue();
        }
    }
    return true;
}

std::optional<std::string> ChildProcess::waitForLineIn(const std::string& text,
                                                       std::string_view part) {
    std::optional<std::string> line;
    waitUntil([&] {
        const std::size_t at = text.find(part);
        const std::size_t end = at == std::string::npos ? at : text.find('\n', at);
        if (end == std::string::npos) return false;
        const std::size_t before = text.rfind('\n', at);
        const std::size_t begin = before == std::string::npos ? 0 : before + 1;
        line = text.substr(begin, end - begin);
        return true;
    });
    return line;
}

std::optional<std::string> ChildProcess::waitForLine(std::string_view text) {
    return waitForLineIn(out_, text);
}

std::optional<std::string> ChildProcess::waitForErrorLine(std::string_view text) {
    return waitForLineIn(err_, text);
}

ChildEnd ChildProcess::wait() {
    if (!waitUntil([&] { return end_.has_value(); }) && !end_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        end_ = ChildEnd{-1, SIGKILL};
    }
    readWhatIsLeft();
    return *end_;
}

}  // namespace holdfast
