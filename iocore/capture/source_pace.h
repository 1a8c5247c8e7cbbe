// SourcePace: whether a source delivers by the clock at all.
//
// A pipe or a file behind a sound server delivers as fast as somebody writes; by the clock audio
// would be missing there, or too much of it, and nothing is. Judged by the lower edge of the lag in
// each second (frame_clock.h): a source with a clock keeps it but where audio was lost, which is a
// step in one second; one without a clock moves it in most. [capture thread] [real-time]
#pragma once

#include <cstddef>
#include <cstdint>

namespace holdfast {

class SourcePace {
  public:
    enum class Verdict { unknown, steady, unpaced };

    explicit SourcePace(std::uint32_t sampleRate) : rate_(sampleRate) {}

    // Frames that are late by the clock, in `seconds`.
    void observe(double seconds, double lag);
    [[nodiscard]] Verdict verdict() const;

  private:
    static constexpr std::size_t kSeconds = 4;

    double rate_;
    bool started_ = false;
    double windowEnd_ = 0;
    double edge_ = 0;      // of the present second
    double lastEdge_ = 0;  // of the one before
    std::size_t seconds_ = 0;
    std::uint32_t steady_ = 0;  // a bit for each of the last ones
};

}  // namespace holdfast
