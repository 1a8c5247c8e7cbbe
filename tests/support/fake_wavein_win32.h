// FakeWaveIn: a waveIn driver in virtual time, which does what real ones were seen to do: lose
// audio in silence, deliver late, go away, hang.
//
// Its device captures frame after frame by its own clock, and each frame of each channel carries
// its number (32-bit integers), so that what reached the feed can be told from what was lost. Time
// passes in wait() only: as far as the caller waits, or to the next thing that happens. One thread
// at a time calls it as winmm; the script belongs to that thread too, once it runs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "iocore/capture/wavein_api.h"

namespace holdfast::test {

class FakeWaveIn final : public WaveInApi {
  public:
    struct Device {
        std::wstring shortName;
        std::wstring id;  // empty: a driver without endpoints
        std::optional<EndpointFacts> facts;
        WORD channels = 2;
        std::function<MMRESULT(const WAVEFORMATEX&)> accepts;  // unset: all
    };
    enum class Call { open, prepare, start, addBuffer, stop, reset, unprepare, close };

    std::vector<Device> devices;
    std::wstring defaultId;

    // Of the device's clock against the monotonic one: 0.001 is a frame in a thousand too many.
    void setDrift(double drift) { drift_ = drift; }
    // The driver hands over what it has captured at these distances.
    void setPeriod(std::chrono::milliseconds period) { periodNs_ = nsOf(period); }
    // Without, no event is ever set, as on some conversion paths.
    void setEvents(bool events) { events_ = events; }

    // At this virtual time, counted from the construction, `what` is done.
    void at(std::chrono::milliseconds when, std::function<void()> what);
    // At this time all stands still until the event is set from outside.
    void holdAt(std::chrono::milliseconds when);
    void waitUntilHeld();

    // From within the script:
    // The thread that waits comes back so much later.
    void oversleep(std::chrono::milliseconds time) { oversleptNs_ += nsOf(time); }
    // The device goes on, the driver does not, and catches up afterwards.
    void standStill(std::chrono::milliseconds time) { standsUntilNs_ = now_ + nsOf(time); }
    // Captured, and never seen again.
    void loseInSilence(std::uint64_t frames);
    // The header that is being filled goes back as it is, and so many frames are lost behind it.
    void handOverShort(std::uint64_t framesLost);
    // Nothing is captured any more, and no header comes back.
    void unplug() { unplugged_ = true; }

    // `call` returns this from now on, without doing anything.
    void fail(Call call, MMRESULT result);
    // `call` hangs until release().
    void hang(Call call);
    void release();

    [[nodiscard]] std::uint64_t capturedFrames() const { return captured_; }
    [[nodiscard]] std::uint64_t lostFrames() const { return lost_; }
    // The calls that began so far, without addBuffer, prepare and unprepare.
    [[nodiscard]] std::vector<Call> calls() const;
    [[nodiscard]] unsigned preparedHeaders() const { return prepared_; }
    [[nodiscard]] std::uint64_t addedHeaders() const { return added_; }
    [[nodiscard]] bool isOpen() const { return isOpen_; }
    [[nodiscard]] const WAVEFORMATEXTENSIBLE& openedFormat() const { return format_; }
    // Where the driver still writes, as far as it knows.
    [[nodiscard]] std::vector<const void*> queuedMemory() const;

    UINT deviceCount() override { return static_cast<UINT>(devices.size()); }
    MMRESULT capabilities(UINT device, WAVEINCAPSW& caps) override;
    MMRESULT message(UINT device, UINT message, DWORD_PTR first, DWORD_PTR second) override;
    std::optional<EndpointFacts> endpoint(const std::wstring& id) override;
    std::wstring defaultEndpoint() override { return defaultId; }
    MMRESULT open(HWAVEIN& handle, UINT device, const WAVEFORMATEX& format, HANDLE event) override;
    MMRESULT prepare(HWAVEIN handle, WAVEHDR& header) override;
    MMRESULT start(HWAVEIN handle) override;
    MMRESULT addBuffer(HWAVEIN handle, WAVEHDR& header) override;
    MMRESULT stop(HWAVEIN handle) override;
    MMRESULT reset(HWAVEIN handle) override;
    MMRESULT unprepare(HWAVEIN handle, WAVEHDR& header) override;
    MMRESULT close(HWAVEIN handle) override;
    void wait(HANDLE event, std::chrono::milliseconds atMost) override;
    std::uint64_t nowNs() override { return now_; }

  private:
    struct Action {
        std::uint64_t when;
        std::function<void()> what;
    };
    static std::uint64_t nsOf(std::chrono::milliseconds time) {
        return static_cast<std::uint64_t>(std::chrono::nanoseconds(time).count());
    }
    // Its result when it is to fail; hangs when it is to hang.
    std::optional<MMRESULT> begin(Call call);
    void captureUntil(std::uint64_t timeNs);
    void fill(std::uint64_t frames);
    void handOver();
    void doActions();

    double drift_ = 0;
    std::uint64_t periodNs_ = 10'000'000;
    bool events_ = true;
    std::deque<Action> actions_;
    std::map<Call, MMRESULT> failures_;

    std::uint64_t now_ = 1'000'000'000;  // no clock starts at nothing
    const std::uint64_t begin_ = now_;
    std::uint64_t oversleptNs_ = 0;
    std::uint64_t standsUntilNs_ = 0;
    std::uint64_t startedNs_ = 0;
    bool running_ = false;
    bool unplugged_ = false;

    WAVEFORMATEXTENSIBLE format_{};
    HANDLE event_ = nullptr;
    bool isOpen_ = false;
    unsigned prepared_ = 0;
    std::uint64_t added_ = 0;
    std::deque<WAVEHDR*> queue_;
    bool handedOver_ = false;  // since the last look
    std::uint64_t captured_ = 0;
    std::uint64_t lost_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Call> calls_;
    std::optional<Call> hanging_;
    bool held_ = false;
};

}  // namespace holdfast::test
