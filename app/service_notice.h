// ServiceNotice: tells the service manager how the recording stands, as sd_notify(3) describes.
//
// Where no manager asks (NOTIFY_SOCKET) nothing is sent. Nothing waits: a message that the manager
// does not take at once is dropped.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace holdfast {

// This one tells nobody. All calls: [control thread]
class ServiceNotice {
  public:
    // From NOTIFY_SOCKET and WATCHDOG_USEC, which are taken out of the environment: what a hook
    // starts is no service. REQUIRES that there are no other threads yet.
    static std::unique_ptr<ServiceNotice> fromEnvironment();
    virtual ~ServiceNotice() = default;

    // Capture is under way: the recording, or the wait for its start.
    virtual void ready() {}
    // One line for `systemctl status`.
    virtual void status(const std::string& /*text*/) {}
    virtual void stopping() {}
    // The control thread is alive; called at each of its looks.
    virtual void alive() {}
    // How often alive() has to be called at least; none: the manager does not watch.
    [[nodiscard]] virtual std::optional<std::chrono::milliseconds> watchInterval() const {
        return std::nullopt;
    }
};

}  // namespace holdfast
