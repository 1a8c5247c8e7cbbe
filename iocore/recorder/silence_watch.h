// SilenceWatch: tells when a recording hears nothing, and which nothing it is.
//
// A weak signal and a muted or dead input need different hands, so they are two messages: below
// -60 dBFS, and exactly zero. Pure, with the time handed in.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace holdfast {

enum class Silence { signal, noSignal, digitalZero };

// "signal", "no_signal", "digital_zero". [any thread]
std::string_view silenceName(Silence silence);

class SilenceWatch {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kPatience{5};
    static constexpr float kQuietPeak = 0.001F;  // -60 dBFS, linear

    explicit SilenceWatch(Clock::time_point start) : lastLoud_(start), lastNonZero_(start) {}

    // `peak`: the loudest sample since the last call, linear. Returns what is new. [control thread]
    std::optional<Silence> look(float peak, Clock::time_point now);

  private:
    Clock::time_point lastLoud_;
    Clock::time_point lastNonZero_;
    Silence told_ = Silence::signal;
};

}  // namespace holdfast
