// ClockReading: how long this machine has been awake, and how long it has slept.
//
// A sound device stands still while the machine sleeps, and so does a monotonic clock that counts
// the time awake: the other one tells how much audio nobody could record meanwhile.
#pragma once

#include <chrono>
#include <cstdint>

namespace holdfast {

struct ClockReading {
    std::chrono::nanoseconds awake{0};   // monotonic, from any origin
    std::chrono::nanoseconds asleep{0};  // system sleep that `awake` leaves out, from any origin
};

// Reads both; no system call where the kernel maps its clocks. [any thread] [real-time]
ClockReading readClock();

// `time` as frames, rounded to the nearest; 0 for a time that is negative. [any thread] [real-time]
std::uint64_t framesIn(std::chrono::nanoseconds time, std::uint32_t sampleRate);

}  // namespace holdfast
