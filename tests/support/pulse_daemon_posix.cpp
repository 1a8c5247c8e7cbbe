#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "tests/support/pulse_daemon_posix.h"

extern char** environ;

namespace holdfast::test {

namespace {

constexpr std::chrono::seconds kStartDeadline{30};

pid_t spawn(const std::vector<std::string>& arguments, const std::string& outputPath) {
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, outputPath.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    pid_t process = -1;
    const int code = posix_spawnp(&process, argv[0], &files, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (code != 0) throw std::runtime_error(arguments[0] + " cannot be started");
    return process;
}

std::string readFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Runs to the end; its output. Throws with the output when it fails.
std::string run(const std::vector<std::string>& arguments, const std::string& outputPath) {
    const pid_t process = spawn(arguments, outputPath);
    int status = 0;
    waitpid(process, &status, 0);
    std::string output = readFile(outputPath);
    if (status != 0) throw std::runtime_error(arguments[0] + " failed: " + output);
    return output;
}

std::string pulseFormat(SampleType type) {
    switch (type) {
        case SampleType::S16:
            return "s16le";
        case SampleType::S24:
            return "s24le";
        case SampleType::S32:
            return "s32le";
        case SampleType::F32:
            return "float32le";
    }
    return "";
}

}  // namespace

PulseDaemon::PulseDaemon() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast_pulse_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    const std::string socket = folder_ + "/socket";
    setVariable("HOME", folder_);
    setVariable("XDG_RUNTIME_DIR", folder_);
    setVariable("XDG_CONFIG_HOME", folder_);
    setVariable("PULSE_SERVER", "unix:" + socket);
    // No session bus: the server must not meet the user's services.
    setVariable("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + folder_ + "/none");
    const std::string log = folder_ + "/log";
    process_ =
        spawn({"pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
               "--system=false", "--log-target=stderr", "-L",
               fmt::format("module-native-protocol-unix socket={} auth-anonymous=1", socket)},
              log);
    const auto deadline = std::chrono::steady_clock::now() + kStartDeadline;
    while (!std::filesystem::exists(socket)) {
        const bool gone = ::waitpid(process_, nullptr, WNOHANG) == process_;
        if (gone) process_ = -1;
        if (gone || std::chrono::steady_clock::now() > deadline) {
            const std::string text = readFile(log);
            kill();
            throw std::runtime_error("pulseaudio does not start: " + text);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

PulseDaemon::~PulseDaemon() {
    kill();
    for (const auto& [name, value] : oldVariables_) {
        if (value) {
            ::setenv(name.c_str(), value->c_str(), 1);
        } else {
            ::unsetenv(name.c_str());
        }
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void PulseDaemon::setVariable(const std::string& name, const std::string& value) {
    const char* old = std::getenv(name.c_str());
    oldVariables_[name] = old != nullptr ? std::optional<std::string>(old) : std::nullopt;
    ::setenv(name.c_str(), value.c_str(), 1);
}

std::string PulseDaemon::addCable(const std::string& name, const PcmFormat& format,
                                  const std::string& map) {
    std::vector<std::string> arguments{
        "load-module",
        "module-null-sink",
        "sink_name=" + name,
        "format=" + pulseFormat(format.sampleType),
        fmt::format("rate={}", format.sampleRate),
        fmt::format("channels={}", format.channels),
        // With rewinds a sink takes back what its monitor has already passed on.
        "norewinds=1",
        "sink_properties=device.description=Cable-" + name,
    };
    if (!map.empty()) arguments.push_back("channel_map=" + map);
    std::string module = pactl(arguments);
    while (!module.empty() && module.back() == '\n') module.pop_back();
    return module;
}

void PulseDaemon::unload(const std::string& module) {
    pactl({"unload-module", module});
}

void PulseDaemon::play(const std::string& sink, const PcmFormat& format,
                       const std::vector<std::byte>& frames) {
    const std::string path = folder_ + "/playing.raw";
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(frames.data()),
               static_cast<std::streamsize>(frames.size()));
    run({"pacat", "--playback", "--raw", "--device=" + sink,
         "--format=" + pulseFormat(format.sampleType), fmt::format("--rate={}", format.sampleRate),
         fmt::format("--channels={}", format.channels), "--latency-msec=2000", path},
        folder_ + "/pacat.log");
}

std::string PulseDaemon::pactl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "pactl");
    return run(arguments, folder_ + "/pactl.log");
}

void PulseDaemon::freeze() {
    ::kill(process_, SIGSTOP);
}

void PulseDaemon::thaw() {
    ::kill(process_, SIGCONT);
}

void PulseDaemon::kill() {
    if (process_ < 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

}  // namespace holdfast::test
