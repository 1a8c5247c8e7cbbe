// PulseDaemon: a private sound server for one test, with nothing in it but what the test loads.
//
// PulseAudio, or PipeWire with its server for PulseAudio's clients and a session manager that sees
// no hardware. It has its own home, runtime folder, bus and socket, so it neither meets nor harms
// the user's server. While it lives, this process and its children are its clients (PULSE_SERVER
// and the folders).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"

namespace holdfast::test {

enum class SoundServer { pulseAudio, pipeWire };
// "PulseAudio", "PipeWire": also of test parameters.
std::string soundServerName(SoundServer server);
// Programs of it that are not installed; empty when all are.
std::string missingPrograms(SoundServer server);

class PulseDaemon {
  public:
    // Starts the server and waits until it answers. Throws std::runtime_error with its log.
    explicit PulseDaemon(SoundServer server = SoundServer::pulseAudio);
    // Ends it, and takes its folder away.
    ~PulseDaemon();
    PulseDaemon(const PulseDaemon&) = delete;
    PulseDaemon& operator=(const PulseDaemon&) = delete;

    // Adds a virtual cable: what is played into sink `name` can be recorded from `name`.monitor.
    // `map` is in the server's words; empty: the server's default. Returns the module's number.
    std::string addCable(const std::string& name, const PcmFormat& format,
                         const std::string& map = {});
    void unload(const std::string& module);

    // Plays raw frames of `format` into `sink`, in time, to the end.
    void play(const std::string& sink, const PcmFormat& format,
              const std::vector<std::byte>& frames);

    // pactl with these arguments: its output. Throws when it fails.
    std::string pactl(std::vector<std::string> arguments);

    // Stops and continues the whole server; ends it hard; begins it anew, with nothing in it.
    void freeze();
    void thaw();
    void kill();
    void restart();

  private:
    void setVariable(const std::string& name, const std::string& value);
    void start();
    void startPulseAudio();
    void startPipeWire();
    void spawnPart(const std::vector<std::string>& arguments);
    void waitUntil(const std::string& what, const std::function<bool()>& done);
    void signal(int number);
    [[nodiscard]] std::string logs() const;

    SoundServer server_;
    std::string folder_;
    std::string socket_;
    struct Part {
        std::string name;
        pid_t process;
    };
    std::vector<Part> parts_;  // in the order of their start
    std::map<std::string, std::optional<std::string>> oldVariables_;
};

}  // namespace holdfast::test
