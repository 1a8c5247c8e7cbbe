// FakeAlsa: a card that a test runs, by a clock that only it moves.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>

#include "iocore/capture/alsa_pcm_alsa.h"

namespace holdfast::test {

// S32, mono; each sample is the number of its frame in the device's time.
class FakeAlsa final : public AlsaPcm {
  public:
    static constexpr std::uint32_t kRate = 48'000;

    AlsaAbilities abilities(const AlsaFixed&) override {
        return {{SND_PCM_FORMAT_S32_LE}, kRate, kRate, 1, 1};
    }
    int configure(AlsaSetup& setup) override {
        setup.significantBits = 32;
        return 0;
    }
    snd_pcm_type_t type() override { return SND_PCM_TYPE_HW; }
    std::string fullName() override { return "Fake"; }

    int start() override { return startAnswer; }
    snd_pcm_sframes_t read(std::byte* to, std::uint64_t frames) override {
        if (fault != 0) return std::exchange(fault, 0);
        const std::uint64_t count = std::min(frames, waiting);
        if (count == 0) return -EAGAIN;
        for (std::uint64_t i = 0; i < count; ++i, ++next) {
            const auto sample = static_cast<std::uint32_t>(next);
            std::memcpy(to + 4 * i, &sample, 4);
        }
        waiting -= count;
        return static_cast<snd_pcm_sframes_t>(count);
    }
    int prepare() override {
        next += std::exchange(waiting, 0);  // what was in the buffer is gone
        return prepareAnswer;
    }
    int resume() override { return resumeAnswer; }
    void drop() override {}
    AlsaStanding standing() override { return {waiting, ns}; }
    void wait(std::chrono::milliseconds) override { onWait(); }
    void pause(std::chrono::milliseconds) override { onWait(); }
    std::uint64_t nowNs() override { return ns; }
    void close() override {}
    void wake() override {}

    // The device runs for so many frames; those that nobody can have are `lost`.
    void run(std::uint64_t frames, std::uint64_t lost = 0) {
        ns += frames * 1'000'000'000 / kRate;
        next += lost;
        waiting += frames - lost;
    }

    std::function<void()> onWait;
    std::uint64_t waiting = 0;
    std::uint64_t next = 0;
    std::uint64_t ns = 3'600'000'000'000;
    int fault = 0;  // of the next read
    int startAnswer = 0;
    int prepareAnswer = 0;
    int resumeAnswer = -ENOSYS;
};

}  // namespace holdfast::test
