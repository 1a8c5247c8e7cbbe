// CablePlayer: plays what it is given into a virtual cable, at the server's own pace, until it is
// destroyed.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace holdfast::test {

class CablePlayer {
  public:
    // `format`: in pacat's words, of 48 kHz stereo. `fill`: appends some whole frames.
    CablePlayer(const std::string& format, std::function<void(std::vector<char>& block)> fill)
        : pacat_(::popen(fmt::format("pacat --raw --device=cable --format={} --rate=48000 "
                                     "--channels=2",
                                     format)
                             .c_str(),
                         "w")),
          fill_(std::move(fill)),
          thread_([this](const std::stop_token& over) { run(over); }) {}
    ~CablePlayer() {
        thread_.request_stop();
        thread_.join();
        ::pclose(pacat_);
    }
    CablePlayer(const CablePlayer&) = delete;
    CablePlayer& operator=(const CablePlayer&) = delete;

  private:
    void run(const std::stop_token& over) {
        std::vector<char> block;
        while (!over.stop_requested()) {
            block.clear();
            fill_(block);
            if (std::fwrite(block.data(), 1, block.size(), pacat_) != block.size()) return;
        }
    }

    std::FILE* pacat_;
    std::function<void(std::vector<char>& block)> fill_;
    std::jthread thread_;
};

}  // namespace holdfast::test
