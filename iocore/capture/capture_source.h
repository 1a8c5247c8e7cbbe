// CaptureSource: a device that delivers frames. One interface for sound servers, synthetic devices
// and files; each runs its own capture thread between start() and stop().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/capture/capture_feed.h"
#include "iocore/capture/channel_pick.h"

namespace holdfast {

// What the user asked for. Unset = the device's own.
struct CaptureRequest {
    std::string device;  // empty: the system's default; id or full name from the device list;
                         // synth:ramp|tone|noise[?…]; file:PATH
    std::optional<std::uint32_t> sampleRate;
    std::optional<std::uint32_t> channels;
    std::optional<SampleType> sampleType;
    ChannelMap channelMap = {};      // of the device's own channels; then `channels` is unset
    std::uint32_t fragmentMs = 125;  // wished length of one delivery
    bool maxSpeed = false;           // synthetic and file devices: as fast as the ring takes it
};

// What was granted by open().
struct CaptureGrant {
    std::string id;                    // stable id, as the device list prints it
    std::string name;                  // full name for people
    PcmFormat deviceFormat;            // the device's own
    PcmFormat format;                  // what deliver() gets, and the file holds
    bool converted = false;            // some samples change between the two: the server, driver
                                       // or file reader converts (exact widening is no conversion)
    std::uint32_t fragmentFrames = 0;  // granted length of one delivery
    ChannelMap channelMap;             // empty: all of them
    bool paced = true;                 // false: not bound to a clock, may wait for the ring
};

class CaptureSource {
  public:
    virtual ~CaptureSource() = default;
    // The device is open and delivers nothing yet.
    [[nodiscard]] virtual const CaptureGrant& grant() const = 0;
    // Starts the capture thread, which calls `feed` until stop() or feed.end(). [control thread]
    virtual Result<> start(CaptureFeed& feed) = 0;
    // Stops delivering; when it returns `feed` is not touched again. Idempotent.
    // [control thread] [blocks]
    virtual void stop() = 0;
};

// Opens the device that request.device names and negotiates the format: the wished one, else the
// device's rate and channels in S24, or the nearest that loses nothing (float devices F32, 32-bit
// devices S32). Errors: Stage::device, naming the device and what to do; Stage::usage for a
// malformed synth: or file: name. [control thread] [blocks]
Result<std::unique_ptr<CaptureSource>> openCaptureSource(const CaptureRequest& request);

}  // namespace holdfast
