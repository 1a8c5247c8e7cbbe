// WaveInApi: the calls of winmm that capture makes, and what else it asks of the system.
//
// An interface, because what matters here (a driver that loses audio, that hangs, that is pulled
// out) cannot be had from a real device when a test wants it. Results are winmm's MMRESULT.
#pragma once

#include <windows.h>
// After it: they build on its types.
#include <mmreg.h>
#include <mmsystem.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "iocore/base/pcm_format.h"

namespace holdfast {

// What the system's device store says of an endpoint: more than winmm does.
struct EndpointFacts {
    std::string name;                 // in full; winmm's is cut at 31 characters
    std::optional<PcmFormat> format;  // the device's own
};

class WaveInApi {
  public:
    virtual ~WaveInApi() = default;

    // [control thread] [blocks]
    virtual UINT deviceCount() = 0;
    virtual MMRESULT capabilities(UINT device, WAVEINCAPSW& caps) = 0;
    virtual MMRESULT message(UINT device, UINT message, DWORD_PTR first, DWORD_PTR second) = 0;
    virtual std::optional<EndpointFacts> endpoint(const std::wstring& id) = 0;
    // Empty: there is none, or it cannot be had.
    virtual std::wstring defaultEndpoint() = 0;
    // With CALLBACK_EVENT and WAVE_FORMAT_DIRECT.
    virtual MMRESULT open(HWAVEIN& handle, UINT device, const WAVEFORMATEX& format,
                          HANDLE event) = 0;
    virtual MMRESULT prepare(HWAVEIN handle, WAVEHDR& header) = 0;
    virtual MMRESULT start(HWAVEIN handle) = 0;

    // [capture thread] Each may hang with a device that is gone, but for addBuffer() and wait().
    virtual MMRESULT addBuffer(HWAVEIN handle, WAVEHDR& header) = 0;
    virtual MMRESULT stop(HWAVEIN handle) = 0;
    virtual MMRESULT reset(HWAVEIN handle) = 0;
    virtual MMRESULT unprepare(HWAVEIN handle, WAVEHDR& header) = 0;
    virtual MMRESULT close(HWAVEIN handle) = 0;
    // Until `event` is set, but not for longer than `atMost`.
    virtual void wait(HANDLE event, std::chrono::milliseconds atMost) = 0;
    // The monotonic clock, which the feed reads too.
    virtual std::uint64_t nowNs() = 0;

    // The system's. Shared, because a thread that hangs in it is left behind with its share.
    static std::shared_ptr<WaveInApi> system();
};

// What an MMRESULT means to the user, in words.
std::string waveInErrorText(MMRESULT result);

}  // namespace holdfast
