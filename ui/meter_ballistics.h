// MeterBallistics: how one channel's meter moves. Pure: levels and times come from outside.
//
// Peak meter: rises at once, falls 20 dB in 1.7 s (IEC 60268-18). The highest peak stands for 20 s,
// the number beside it until it is reset.
#pragma once

#include <limits>

namespace holdfast {

// Levels in dBFS; silence is minus infinity.
class MeterBallistics {
  public:
    static constexpr double kFallDbPerSecond = 20 / 1.7;
    static constexpr double kHoldSeconds = 20;
    static constexpr double kFloorDb = -60;  // where the scale ends

    // The loudest sample since the last call, linear (1 is full scale), and the time since then.
    void advance(float peak, double seconds);
    // The number and the hold begin anew.
    void reset();

    [[nodiscard]] double level() const { return level_; }
    [[nodiscard]] double hold() const { return hold_; }
    [[nodiscard]] double maximum() const { return maximum_; }

  private:
    static constexpr double kSilence = -std::numeric_limits<double>::infinity();
    double level_ = kSilence;
    double hold_ = kSilence;
    double holdAge_ = 0;  // seconds
    double maximum_ = kSilence;
};

// Of full scale; 0 and what is no number are silence.
double decibelsOf(float linear);

}  // namespace holdfast
