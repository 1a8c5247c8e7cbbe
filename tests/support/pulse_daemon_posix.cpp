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
#include <sstream>
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

void writeFile(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
}

bool isInstalled(const std::string& program) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(path != nullptr ? path : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
    }
    return false;
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

std::string soundServerName(SoundServer server) {
    return server == SoundServer::pulseAudio ? "PulseAudio" : "PipeWire";
}

std::string missingPrograms(SoundServer server) {
    std::vector<std::string> needed{"pactl", "pacat"};
    if (server == SoundServer::pulseAudio) {
        needed.emplace_back("pulseaudio");
    } else {
        needed.insert(needed.end(), {"pipewire", "pipewire-pulse", "wireplumber", "dbus-daemon"});
    }
    std::string missing;
    for (const std::string& program : needed) {
        if (!isInstalled(program)) missing += (missing.empty() ? "" : ", ") + program;
    }
    return missing;
}

PulseDaemon::PulseDaemon(SoundServer server) : server_(server) {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast_pulse_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    socket_ = folder_ + (server == SoundServer::pulseAudio ? "/socket" : "/pulse/native");
    for (const char* variable :
         {"HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"}) {
        setVariable(variable, folder_);
    }
    setVariable("PULSE_SERVER", "unix:" + socket_);
    // Never the session's own bus: the server must not meet the user's services.
    setVariable("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + folder_ + "/bus");
    try {
        start();
    } catch (const std::exception& problem) {
        const std::string text = fmt::format("{}\n{}", problem.what(), logs());
        kill();
        throw std::runtime_error(text);
    }
}

void PulseDaemon::start() {
    std::filesystem::remove(socket_);
    server_ == SoundServer::pulseAudio ? startPulseAudio() : startPipeWire();
}

void PulseDaemon::startPulseAudio() {
    spawnPart({"pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
               "--system=false", "--log-target=stderr", "-L",
               fmt::format("module-native-protocol-unix socket={} auth-anonymous=1", socket_)});
    waitUntil("its socket", [this] { return std::filesystem::exists(socket_); });
}

void PulseDaemon::startPipeWire() {
    // The session manager's older and newer way to be told that hardware is not its business.
    writeFile(folder_ + "/wireplumber/main.lua.d/51-no-hardware.lua",
              "alsa_monitor.enabled = false\nv4l2_monitor.enabled = false\n"
              "libcamera_monitor.enabled = false\n");
    writeFile(folder_ + "/wireplumber/bluetooth.lua.d/51-no-hardware.lua",
              "bluez_monitor.enabled = false\n");
    writeFile(
        folder_ + "/wireplumber/wireplumber.conf.d/no-hardware.conf",
        "wireplumber.profiles = { main = { monitor.alsa = disabled, monitor.bluez = disabled, "
        "monitor.alsa-midi = disabled, monitor.v4l2 = disabled, "
        "monitor.libcamera = disabled } }\n");
    const auto there = [this](const char* name) {
        return [path = folder_ + "/" + name] { return std::filesystem::exists(path); };
    };
    spawnPart({"dbus-daemon", "--session", "--nofork", "--address=unix:path=" + folder_ + "/bus"});
    waitUntil("its bus", there("bus"));
    spawnPart({"pipewire"});
    waitUntil("its socket", there("pipewire-0"));
    spawnPart({"wireplumber"});
    spawnPart({"pipewire-pulse"});
    waitUntil("its server for PulseAudio", there("pulse/native"));
    // The session manager is there when it has given a server without devices an empty sink.
    waitUntil("its session manager",
              [this] { return pactl({"info"}).find("Sink: @") == std::string::npos; });
}

void PulseDaemon::spawnPart(const std::vector<std::string>& arguments) {
    parts_.push_back({arguments[0], spawn(arguments, folder_ + "/" + arguments[0] + ".log")});
}

// The condition or an exception: a part has ended, or it takes too long.
void PulseDaemon::waitUntil(const std::string& what, const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + kStartDeadline;
    while (!done()) {
        for (Part& part : parts_) {
            if (::waitpid(part.process, nullptr, WNOHANG) != part.process) continue;
            const std::string name = part.name;
            std::erase_if(parts_, [&](const Part& other) { return other.name == name; });
            throw std::runtime_error(name + " does not start");
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error(soundServerName(server_) + " does not start: no " + what);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

std::string PulseDaemon::logs() const {
    std::string text;
    for (const char* name :
         {"pulseaudio", "dbus-daemon", "pipewire", "wireplumber", "pipewire-pulse"}) {
        text += readFile(folder_ + "/" + name + ".log");
    }
    return text;
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

void PulseDaemon::signal(int number) {
    for (const Part& part : parts_) ::kill(part.process, number);
}

void PulseDaemon::freeze() {
    signal(SIGSTOP);
}

void PulseDaemon::thaw() {
    signal(SIGCONT);
}

void PulseDaemon::kill() {
    signal(SIGKILL);
    for (const Part& part : parts_) ::waitpid(part.process, nullptr, 0);
    parts_.clear();
}

void PulseDaemon::restart() {
    kill();
    for (const char* left : {"bus", "pipewire-0", "pipewire-0.lock", "pulse"}) {
        std::filesystem::remove_all(folder_ + "/" + left);
    }
    start();
}

}  // namespace holdfast::test
