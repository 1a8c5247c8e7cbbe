// What tests of live recordings share: a signal that is known frame by frame, and what came of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "iocore/capture/synthetic_signal.h"
#include "tests/support/child_process_posix.h"

namespace holdfast::test {

using Audio = std::vector<std::byte>;

inline constexpr PcmFormat kStereo24{48'000, 2, SampleType::S24, 0x3};

// `seconds` of it: noise, which no stretch of silence or of itself can be mistaken for, or the
// ramp, in which each frame carries its number.
Audio liveSignal(SyntheticKind kind, const PcmFormat& format, std::uint32_t seconds);
// The data of a WAV file, which has to be sound.
Audio audioOf(const std::string& path);
// Where `wanted` begins in `audio`, in bytes; audio.size() when it is not there.
std::size_t find(const Audio& audio, std::span<const std::byte> wanted);
// All of `signal` is in `audio`, sample for sample, in one piece.
void expectHolds(const Audio& audio, const Audio& signal, const PcmFormat& format);

// captured_frames of the last status event of `child` that has arrived whole.
std::uint64_t capturedFrames(const ChildProcess& child);
// Until `more` frames were captured beyond those of now: what was on its way is in.
void waitForMoreFrames(ChildProcess& child, std::uint64_t more);

}  // namespace holdfast::test
