// PersistentSource: a device that may go and come back, or be followed by another one.
//
// It owns the present device's source, and a thread that sleeps as long as that delivers: on the
// data path nothing is added. When the source says that its device is lost, the thread lets it go
// and looks for the same device again by its id, with growing pauses; the feed enters what is
// missing meanwhile as a gap, and the next device delivers in the format of the first. What opens a
// device may hang with it, so each try has a thread of its own, which is left behind at a stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/capture/capture_feed.h"
#include "iocore/capture/capture_source.h"

namespace holdfast {

enum class OnLost {
    stop,      // the recording ends
    wait,      // for the same device
    fallback,  // goes on with the system's default device, if the same is not there
};

// Told from the source's own thread, never after stop() has returned.
struct PersistentObserver {
    std::function<void(const Error& why)> lost;
    // The device that was asked for delivers again, `missing` frames later.
    std::function<void(const CaptureGrant& device, std::uint64_t missing)> back;
    // Another device delivers in its place.
    std::function<void(const CaptureGrant& device, std::uint64_t missing)> moved;
    // The device that was asked for is there again, while another one is recorded.
    std::function<void()> thereAgain;
    // False: no device needs to come any more. Asked again and again while none is there.
    std::function<bool(std::uint64_t missingFrames)> mayWait;
};

// Whether the system's device list has this id. [any thread] [blocks]
bool isListed(const std::string& id);

struct PersistentOptions {
    CaptureRequest request;  // as the first device was opened
    OnLost onLost = OnLost::wait;
    PersistentObserver observer;
    CaptureOpener open = openCaptureSource;
    // Whether a device of this id is there.
    std::function<bool(const std::string& id)> isThere = isListed;
    // Between two tries, twice as long each time.
    std::chrono::milliseconds firstPause{250};
    std::chrono::milliseconds longestPause{5'000};
    // A device that was opened again and delivers nothing for so long is closed, and tried again.
    std::chrono::milliseconds firstAudioPatience{10'000};
};

class PersistentSource final : public CaptureSource {
  public:
    // `first` is open. onLost is wait or fallback.
    PersistentSource(std::unique_ptr<CaptureSource> first, PersistentOptions options);
    ~PersistentSource() override;

    // Of the first device, whatever delivers now.
    [[nodiscard]] const CaptureGrant& grant() const override { return grant_; }
    // REQUIRES that the feed watches the clock.
    Result<> start(CaptureFeed& feed) override;
    void stop() override;

  private:
    struct Desk;
    using Time = std::chrono::steady_clock::time_point;

    // All of the supervising thread. Those that return bool: false when the recording ends.
    void supervise();
    bool waitForLoss();
    bool findDevice();
    bool tryDevices();
    bool beginWith(std::unique_ptr<CaptureSource> source);
    void letGo();
    enum class Loss { grows, stands };
    bool waitUntil(Time deadline, Loss loss, const std::function<bool()>& done);
    bool mayWait();
    [[nodiscard]] std::vector<CaptureRequest> wishes() const;
    void tellWhoDelivers();
    void lookForTheFirst();

    CaptureGrant grant_;
    PersistentOptions options_;
    CaptureFeed* feed_ = nullptr;
    std::shared_ptr<Desk> desk_;
    std::thread supervisor_;

    // Of the supervising thread while it runs.
    std::unique_ptr<CaptureSource> source_;  // empty while no device is there
    Error why_;                              // of the last loss
    std::uint64_t lostAt_ = 0;               // frame of the device's time
    bool isOther_ = false;                   // not the first device delivers
    bool firstIsThere_ = false;              // and that was told
};

}  // namespace holdfast
