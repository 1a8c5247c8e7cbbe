// ScriptedDevices: devices that do what a test says, when it says it.
//
// The test is the capture thread: it delivers into the source that was started last, by the time of
// a clock that only it moves.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "iocore/base/clock_reading.h"
#include "iocore/capture/capture_source.h"

namespace holdfast::test {

// A source keeps them: one that a thread opened too late may outlive the test.
class ScriptedDevices : public std::enable_shared_from_this<ScriptedDevices> {
  public:
    static constexpr PcmFormat kFormat{48'000, 1, SampleType::S32, 0};

    // What the next calls of open() find, in order; the last one holds for all that follow. A grant
    // with an empty id: nothing, an error.
    void plug(std::vector<CaptureGrant> found);
    static CaptureGrant device(const std::string& id);
    static CaptureGrant nothing() { return {}; }

    Result<std::unique_ptr<CaptureSource>> open(const CaptureRequest& request);
    // The one device of which isThere() says so.
    void putThere(const std::string& id);
    [[nodiscard]] bool isThere(const std::string& id) const;
    [[nodiscard]] std::vector<CaptureRequest> requests() const;
    // Waits until so many sources have been started; false at a deadline that only a hang meets.
    bool waitForStarts(std::size_t count);
    bool waitForOpens(std::size_t count);
    // How many sources were let go.
    [[nodiscard]] std::size_t gone() const;

    // As the capture thread of the present source.
    void deliver(std::uint64_t frames);
    void lose();

    void passTime(std::chrono::nanoseconds awake, std::chrono::nanoseconds asleep = {});
    [[nodiscard]] std::function<ClockReading()> clock();

  private:
    class Source;
    bool waitFor(const std::function<bool()>& done);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<CaptureGrant> found_;
    std::vector<CaptureRequest> requests_;
    std::string there_;
    std::size_t starts_ = 0;
    std::size_t gone_ = 0;
    CaptureFeed* feed_ = nullptr;  // of the source that was started last
    std::uint32_t nextSample_ = 0;
    std::atomic<std::int64_t> awakeNs_{3'600'000'000'000};
    std::atomic<std::int64_t> asleepNs_{0};
};

}  // namespace holdfast::test
