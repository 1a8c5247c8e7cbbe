// ServiceManager: the socket that a service of systemd tells how it stands.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace holdfast {

class ServiceManager {
  public:
    // `path`: of the socket; shorter than 108 bytes.
    explicit ServiceManager(const std::string& path)
        : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        bound_ = ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~ServiceManager() { ::close(socket_); }
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    [[nodiscard]] bool isBound() const { return bound_; }
    // All that was told so far.
    const std::vector<std::string>& told() {
        std::array<char, 4096> text{};
        while (true) {
            const ssize_t got = ::recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
            if (got < 0) return told_;
            told_.emplace_back(text.data(), static_cast<std::size_t>(got));
        }
    }
    std::size_t count(const std::string& line) {
        return static_cast<std::size_t>(std::ranges::count(told(), line));
    }

  private:
    int socket_;
    bool bound_ = false;
    std::vector<std::string> told_;
};

}  // namespace holdfast
