// AlsaPcm: the calls of libasound that capture makes on one open device.
//
// An interface, because what matters here (a driver that overruns, that sleeps, that is pulled out)
// cannot be had from a real card when a test wants it. Results are libasound's: negative errno
// values are errors.
#pragma once

#include <alsa/asoundlib.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {

// What has been decided; the rest is open.
struct AlsaFixed {
    std::optional<std::uint32_t> rate{};
    std::optional<std::uint32_t> channels{};
    std::optional<snd_pcm_format_t> format{};
};

// What a device can do beside that. Ranges may have holes.
struct AlsaAbilities {
    std::vector<snd_pcm_format_t> formats;  // those of kAlsaFormats, in that order; empty: nothing
    std::uint32_t leastRate = 0;
    std::uint32_t mostRate = 0;
    std::uint32_t leastChannels = 0;
    std::uint32_t mostChannels = 0;
};

// How a device is set up: wished, then granted.
struct AlsaSetup {
    snd_pcm_format_t format = SND_PCM_FORMAT_UNKNOWN;
    std::uint32_t rate = 0;
    std::uint32_t channels = 0;
    std::uint64_t periodFrames = 0;  // one wake-up
    std::uint64_t bufferFrames = 0;  // for so long nobody needs to read
    // Granted only.
    int significantBits = 0;                // of one sample
    std::vector<unsigned int> positions{};  // SND_CHMAP_*; empty: the device does not say
};

// Frames that wait to be read, and when that was so.
struct AlsaStanding {
    std::uint64_t waitingFrames = 0;
    std::uint64_t atNs = 0;  // monotonic clock; the driver's own reading where it has one
};

class AlsaPcm {
  public:
    // Closes the device, if close() did not. [blocks]
    virtual ~AlsaPcm() = default;

    // [control thread] [blocks]
    virtual AlsaAbilities abilities(const AlsaFixed& fixed) = 0;
    virtual int configure(AlsaSetup& setup) = 0;
    virtual snd_pcm_type_t type() = 0;
    // What the card calls it; empty for a device without a card.
    virtual std::string fullName() = 0;

    // [capture thread], but for the first start()
    virtual int start() = 0;
    // Frames read, at most `frames`; -EAGAIN: none yet.
    virtual snd_pcm_sframes_t read(std::byte* to, std::uint64_t frames) = 0;
    virtual int prepare() = 0;
    virtual int resume() = 0;
    virtual void drop() = 0;
    virtual AlsaStanding standing() = 0;
    // Until there is something to read or to learn, or wake(), or `atMost` is over.
    virtual void wait(std::chrono::milliseconds atMost) = 0;
    // Until wake(), or `atMost` is over.
    virtual void pause(std::chrono::milliseconds atMost) = 0;
    // The monotonic clock.
    virtual std::uint64_t nowNs() = 0;

    // The last call, but for wake(). [blocks]
    virtual void close() = 0;

    // Ends all waits from now on, also of a device that is closed. [any thread]
    virtual void wake() = 0;
};

// Whether plug-ins between us and the device may convert.
enum class AlsaConversion { never, allowed };

// Opens `name` for capture into `pcm`, without waiting for another program to let go of it. 0 or a
// negative errno. [control thread] [blocks]
int openAlsaPcm(std::unique_ptr<AlsaPcm>& pcm, const std::string& name, AlsaConversion conversion);
using AlsaOpener = std::function<int(std::unique_ptr<AlsaPcm>& pcm, const std::string& name,
                                     AlsaConversion conversion)>;

// libasound prints its complaints unless told not to; ours are Errors. [any thread]
void silenceAlsa();

}  // namespace holdfast
