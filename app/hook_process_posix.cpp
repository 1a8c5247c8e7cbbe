#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "app/hook_process.h"

extern "C" char** environ;  // POSIX leaves its declaration to the program

namespace holdfast {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{50};
// Between the polite signal and the other one.
constexpr milliseconds kPatience{2000};
constexpr std::string_view kVariable = "HOLDFAST_FILE=";

class SpawnSettings {
  public:
    SpawnSettings() {
        ::posix_spawnattr_init(&attributes);
        ::posix_spawn_file_actions_init(&files);
        // Our threads block the signals that StopSignal takes, and ignore some: not so a command.
        sigset_t none;
        ::sigemptyset(&none);
        sigset_t ordinary;
        ::sigemptyset(&ordinary);
        for (const int signal : {SIGPIPE, SIGXFSZ}) ::sigaddset(&ordinary, signal);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &ordinary);
        ::posix_spawnattr_setpgroup(&attributes, 0);
        ::posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
        ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    }
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&attributes);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    posix_spawnattr_t attributes{};
    posix_spawn_file_actions_t files{};
};

Result<pid_t> spawn(const HookCommand& hook) {
    std::string variable = std::string(kVariable) + hook.path;
    std::vector<char*> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (!std::string_view(*entry).starts_with(kVariable)) environment.push_back(*entry);
    }
    environment.push_back(variable.data());
    environment.push_back(nullptr);
    std::string shell = "sh";
    std::string option = "-c";
    std::string command = hook.command;
    std::string path = hook.path;
    const std::array<char*, 6> arguments = {shell.data(), option.data(), command.data(),
                                            shell.data(), path.data(),   nullptr};
    SpawnSettings settings;
    pid_t child = 0;
    const int code = ::posix_spawn(&child, "/bin/sh", &settings.files, &settings.attributes,
                                   arguments.data(), environment.data());
    if (code != 0) return fail(Stage::usage, code, "/bin/sh: " + systemErrorText(code));
    return child;
}

// None: it has not ended.
std::optional<int> statusOf(pid_t child) {
    int status = 0;
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
    if (ended < 0) return 127;  // somebody ignores SIGCHLD: nothing is known of it
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void end(pid_t child) {
    ::kill(-child, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!statusOf(child)) {
        if (std::chrono::steady_clock::now() >= deadline) ::kill(-child, SIGKILL);
        std::this_thread::sleep_for(kLook);
    }
}

}  // namespace

Result<int> runHook(const HookCommand& hook, const std::function<bool()>& cancelled) {
    const auto child = spawn(hook);
    if (!child) return fail(child.error());
    while (true) {
        if (const auto status = statusOf(*child)) return *status;
        if (cancelled()) {
            end(*child);
            return fail(Stage::usage, ECANCELED, "ended before it was done");
        }
        std::this_thread::sleep_for(kLook);
    }
}

}  // namespace holdfast
