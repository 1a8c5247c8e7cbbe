// ControlPort: what other programs ask of a running recording, over a local port (local_port.h).
//
// Each line is a command, each command gets one line: "ok", "error WHY", or for `status` that event
// as JSON. "ok" comes when the thing is done, for a marker when it is on the disk. A thread for
// each caller reads and writes, and may stand in it for ever; the control thread looks at what was
// asked when it likes, and never waits for a caller.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "app/control_command.h"
#include "iocore/base/result.h"

namespace holdfast {

// What was asked, and the caller who waits for its answer; destroyed without one, it says that the
// recording has ended.
class ControlRequest {
  public:
    ControlRequest(ControlCommand command, std::promise<std::string> answer)
        : command_(std::move(command)), answer_(std::move(answer)) {}
    [[nodiscard]] const ControlCommand& command() const { return command_; }
    // Once each, one of them. [control thread]
    void done() { answer_.set_value("ok\n"); }
    void refuse(const std::string& why) { answer_.set_value("error " + why + "\n"); }
    void reply(std::string line) { answer_.set_value(std::move(line)); }

  private:
    ControlCommand command_;
    std::promise<std::string> answer_;
};

class ControlPort {
  public:
    static constexpr std::size_t kMaxLineBytes = 1024;
    static constexpr std::size_t kMaxCallers = 16;

    // As LocalPort::open(). [control thread]
    static Result<std::unique_ptr<ControlPort>> open(const std::string& path);
    // Takes no more callers; those that are there are left behind.
    ~ControlPort();
    ControlPort(const ControlPort&) = delete;
    ControlPort& operator=(const ControlPort&) = delete;

    // Called on another thread after each request; empty = none. [control thread]
    void onRequest(std::function<void()> wake);
    // What was asked since the last look, in order. [control thread]
    std::vector<ControlRequest> take();
    // Until every answer is written, or `patience` is over. [control thread] [blocks]
    void drain(std::chrono::milliseconds patience);

  private:
    struct Shared;
    explicit ControlPort(std::shared_ptr<Shared> shared);
    std::shared_ptr<Shared> shared_;
};

}  // namespace holdfast
