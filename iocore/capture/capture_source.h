// CaptureSource: a device that delivers frames. One interface for sound servers, synthetic devices
// and files; each runs its own capture thread between start() and stop().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/capture/capture_feed.h"
#include "iocore/capture/channel_pick.h"

namespace holdfast {

// Where a device that was lost stood, for those that count their own time.
struct LostDevice {
    std::uint64_t atFrame = 0;        // of its time, from its start until it was lost
    std::uint64_t missingFrames = 0;  // since then, by the clock
};

// What the user asked for. Unset = the device's own.
struct CaptureRequest {
    std::string device;  // empty: the system's default; id, name or a part of them;
                         // synth:ramp|tone|noise[?…]; file:PATH
    std::optional<std::uint32_t> sampleRate;
    std::optional<std::uint32_t> channels;
    std::optional<SampleType> sampleType;
    ChannelMap channelMap = {};      // of the device's own channels, whatever `channels` says
    std::uint32_t fragmentMs = 125;  // wished length of one delivery
    bool maxSpeed = false;           // synthetic and file devices: as fast as the ring takes it
    // The device was lost and is looked for: `device` is its id, and no other one will do.
    std::optional<LostDevice> lost{};
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
    // With request.lost: frames that the device knows to be missing. Unset: the clock says it.
    std::optional<std::uint64_t> missedFrames;
};

class CaptureSource {
  public:
    virtual ~CaptureSource() = default;
    // The device is open and delivers nothing yet.
    [[nodiscard]] virtual const CaptureGrant& grant() const = 0;
    // Starts the capture thread, which calls `feed` until stop() or feed.end(). REQUIRES that its
    // frames are grant().format's (hasSameFrames). [control thread]
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
using CaptureOpener =
    std::function<Result<std::unique_ptr<CaptureSource>>(const CaptureRequest& request)>;

}  // namespace holdfast
