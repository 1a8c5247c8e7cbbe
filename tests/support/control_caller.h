// ControlCaller: another program that talks to a recorder's local port.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "app/local_port.h"

namespace holdfast {

class ControlCaller {
  public:
    // `path`: of LocalPort::open().
    explicit ControlCaller(const std::string& path) {
        if (auto stream = LocalStream::connect(path)) stream_ = std::move(*stream);
    }
    [[nodiscard]] bool isConnected() const { return stream_ != nullptr; }
    // Bytes as they are; false: nobody listens any more.
    bool send(std::string_view text) { return stream_ && stream_->write(text); }
    // The next line without its end; empty: hung up.
    std::string answer() {
        while (stream_) {
            const std::size_t end = read_.find('\n');
            if (end != std::string::npos) {
                std::string line = read_.substr(0, end);
                read_.erase(0, end + 1);
                return line;
            }
            std::array<char, 256> piece{};
            const std::size_t got = stream_->read(piece);
            if (got == 0) return {};
            read_.append(piece.data(), got);
        }
        return {};
    }
    std::string ask(const std::string& line) {
        send(line + "\n");
        return answer();
    }

  private:
    std::unique_ptr<LocalStream> stream_;
    std::string read_;
};

}  // namespace holdfast
