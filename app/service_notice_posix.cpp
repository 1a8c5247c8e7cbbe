// Written from sd_notify(3): a datagram of NAME=VALUE lines to a local socket.
#include "app/service_notice.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace holdfast {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

class Manager final : public ServiceNotice {
  public:
    Manager(int socket, sockaddr_un address, socklen_t length, std::optional<milliseconds> interval)
        : socket_(socket), address_(address), length_(length), interval_(interval) {}
    ~Manager() override { ::close(socket_); }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    void ready() override {
        if (!std::exchange(isReady_, true)) send("READY=1");
    }
    void status(const std::string& text) override {
        if (text == status_) return;
        status_ = text;
        send("STATUS=" + text);
    }
    void stopping() override { send("STOPPING=1"); }
    void alive() override {
        if (!interval_ || Clock::now() - lastAlive_ < *interval_) return;
        lastAlive_ = Clock::now();
        send("WATCHDOG=1");
    }
    [[nodiscard]] std::optional<milliseconds> watchInterval() const override { return interval_; }

  private:
    void send(const std::string& text) const {
        (void)::sendto(socket_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                       reinterpret_cast<const sockaddr*>(&address_), length_);
    }

    int socket_;
    sockaddr_un address_;
    socklen_t length_;
    std::optional<milliseconds> interval_;
    bool isReady_ = false;
    std::string status_;
    Clock::time_point lastAlive_;
};

std::string taken(const char* name) {
    const char* value = std::getenv(name);
    std::string text = value != nullptr ? value : "";
    ::unsetenv(name);
    return text;
}

std::optional<std::uint64_t> numberIn(const std::string& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// Half of what the manager waits, as it advises. Only where this process is the one it watches.
std::optional<milliseconds> watchIntervalFrom(const std::string& usec, const std::string& pid) {
    const auto limit = numberIn(usec);
    if (!limit || *limit == 0) return std::nullopt;
    if (!pid.empty() && numberIn(pid) != static_cast<std::uint64_t>(::getpid()))
        return std::nullopt;
    return std::chrono::duration_cast<milliseconds>(microseconds(*limit / 2));
}

}  // namespace

std::unique_ptr<ServiceNotice> ServiceNotice::fromEnvironment() {
    const std::string path = taken("NOTIFY_SOCKET");
    const auto interval = watchIntervalFrom(taken("WATCHDOG_USEC"), taken("WATCHDOG_PID"));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const bool isPath = path.size() > 1 && path.size() < sizeof address.sun_path &&
                        (path[0] == '/' || path[0] == '@');
    if (!isPath) return std::make_unique<ServiceNotice>();
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path[0] == '@') address.sun_path[0] = '\0';  // a name of the kernel's, not a file's
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return std::make_unique<ServiceNotice>();
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    return std::make_unique<Manager>(socket, address, length, interval);
}

}  // namespace holdfast
