#include "iocore/capture/wavein_api.h"

#include "iocore/base/clock_reading.h"
#include "iocore/capture/wavein_endpoint.h"

namespace holdfast {

namespace {

class SystemWaveIn final : public WaveInApi {
  public:
    UINT deviceCount() override { return ::waveInGetNumDevs(); }
    MMRESULT capabilities(UINT device, WAVEINCAPSW& caps) override {
        return ::waveInGetDevCapsW(device, &caps, sizeof caps);
    }
    MMRESULT message(UINT device, UINT message, DWORD_PTR first, DWORD_PTR second) override {
        // The handle may be a device's number, as documented.
        return ::waveInMessage(reinterpret_cast<HWAVEIN>(static_cast<UINT_PTR>(device)), message,
                               first, second);
    }
    std::optional<EndpointFacts> endpoint(const std::wstring& id) override {
        return readEndpoint(id);
    }
    std::wstring defaultEndpoint() override { return readDefaultEndpoint(); }
    MMRESULT open(HWAVEIN& handle, UINT device, const WAVEFORMATEX& format, HANDLE event) override {
        return ::waveInOpen(&handle, device, &format, reinterpret_cast<DWORD_PTR>(event), 0,
                            CALLBACK_EVENT | WAVE_FORMAT_DIRECT);
    }
    MMRESULT prepare(HWAVEIN handle, WAVEHDR& header) override {
        return ::waveInPrepareHeader(handle, &header, sizeof header);
    }
    MMRESULT start(HWAVEIN handle) override { return ::waveInStart(handle); }
    MMRESULT addBuffer(HWAVEIN handle, WAVEHDR& header) override {
        return ::waveInAddBuffer(handle, &header, sizeof header);
    }
    MMRESULT stop(HWAVEIN handle) override { return ::waveInStop(handle); }
    MMRESULT reset(HWAVEIN handle) override { return ::waveInReset(handle); }
    MMRESULT unprepare(HWAVEIN handle, WAVEHDR& header) override {
        return ::waveInUnprepareHeader(handle, &header, sizeof header);
    }
    MMRESULT close(HWAVEIN handle) override { return ::waveInClose(handle); }
    void wait(HANDLE event, std::chrono::milliseconds atMost) override {
        ::WaitForSingleObject(event, static_cast<DWORD>(atMost.count()));
    }
    std::uint64_t nowNs() override { return static_cast<std::uint64_t>(readClock().awake.count()); }
};

}  // namespace

std::shared_ptr<WaveInApi> WaveInApi::system() {
    return std::make_shared<SystemWaveIn>();
}

std::string waveInErrorText(MMRESULT result) {
    switch (result) {
        case MMSYSERR_ALLOCATED:
            return "another program has it for itself";
        case MMSYSERR_BADDEVICEID:
        case MMSYSERR_NODRIVER:
        case MMSYSERR_INVALHANDLE:
            return "it is not there any more";
        case MMSYSERR_ERROR:
        case MMSYSERR_NOTENABLED:
            return "the driver refuses (may desktop apps use the microphone? see Settings, "
                   "Privacy, Microphone)";
        case MMSYSERR_NOMEM:
            return "not enough memory";
        case WAVERR_BADFORMAT:
            return "it does not record this format";
        case WAVERR_STILLPLAYING:
            return "it still has buffers";
        default:
            return "the driver reports an error";
    }
}

}  // namespace holdfast
