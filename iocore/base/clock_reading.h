// ClockReading: how long this machine has been awake, and how long it has slept.
//
// A sound device stands still while the machine sleeps, and so does the monotonic clock: only the
// difference of the two tells how much audio nobody could record.
#pragma once

#include <chrono>
#include <cstdint>

namespace holdfast {

struct ClockReading {
    std::chrono::nanoseconds awake{0};   // monotonic, from any origin
    std::chrono::nanoseconds asleep{0};  // time of system sleep, from any origin
};

// Reads both; no system call where the kernel maps its clocks. [any thread] [real-time]
ClockReading readClock();

// `time` as frames, rounded to the nearest; 0 for a time that is negative. [any thread] [real-time]
std::uint64_t framesIn(std::chrono::nanoseconds time, std::uint32_t sampleRate);

}  // namespace holdfast
