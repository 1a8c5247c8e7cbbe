// PulseDaemon: a private sound server for one test, with nothing in it but what the test loads.
//
// It has its own home, runtime folder and socket, so it neither meets nor harms the user's server.
// While it lives, this process and its children are its clients (PULSE_SERVER and the folders).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"

namespace holdfast::test {

class PulseDaemon {
  public:
    // Starts the server and waits for its socket. Throws std::runtime_error with its log.
    PulseDaemon();
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

    // Stops and continues the whole server; ends it hard.
    void freeze();
    void thaw();
    void kill();

  private:
    void setVariable(const std::string& name, const std::string& value);

    std::string folder_;
    pid_t process_ = -1;
    std::map<std::string, std::optional<std::string>> oldVariables_;
};

}  // namespace holdfast::test
