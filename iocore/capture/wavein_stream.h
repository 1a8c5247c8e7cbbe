// WaveInStream: an open waveIn device with its buffers ("headers").
//
// Headers go round: the driver fills them in the order in which they were added, we take them in
// that order and add each again at once. Ownership is the whole matter: between addBuffer() and
// WHDR_DONE a header and its audio are the driver's, and for longer when the device is gone. So the
// memory is freed only when Unprepare returned 0 for each of them; else it stays until the process
// ends, which costs a second of audio and can crash nothing.
#pragma once

#include <windows.h>
// After it: it builds on its types.
#include <mmsystem.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "iocore/base/pcm_format.h"
#include "iocore/capture/wavein_api.h"
#include "iocore/capture/wavein_plan.h"

namespace holdfast {

class WaveInStream {
  public:
    // A closed one. Allocates all that it will ever need. [control thread]
    WaveInStream(std::shared_ptr<WaveInApi> api, const PcmFormat& format, const HeaderPlan& plan);
    // REQUIRES that no thread is in a call of it. [any thread]
    ~WaveInStream();
    WaveInStream(const WaveInStream&) = delete;
    WaveInStream& operator=(const WaveInStream&) = delete;

    // Opens winmm's device `number` and prepares the headers. Whatever it returns, close() is to
    // follow. [control thread] [blocks]
    MMRESULT open(UINT number);
    // Gives the driver all headers and starts it. [control thread] [blocks]
    MMRESULT start();

    // Waits until the driver has filled a header, wake() was called or `atMost` has passed. Says
    // nothing of which: winmm's events coalesce, and some never come. [capture thread] [blocks]
    void wait(std::chrono::milliseconds atMost);
    void wake();  // [any thread]

    // Headers that are done, from the oldest on: as a look, they stay the caller's until taken.
    // [capture thread] [real-time]
    [[nodiscard]] std::uint32_t doneHeaders() const;
    // Headers that the driver has, those that are done among them. [capture thread] [real-time]
    [[nodiscard]] std::uint32_t queuedHeaders() const { return queued_; }
    // Audio of the done header at `place` from the oldest on: whole frames, fewer than a header has
    // when the driver left it partly filled. REQUIRES place < doneHeaders(). [capture thread]
    // [real-time]
    [[nodiscard]] std::span<const std::byte> doneAudio(std::uint32_t place) const;
    // The oldest one is the caller's no more: back to the driver. [capture thread] [real-time]
    MMRESULT addAgain();
    // The same, but it stays with us. [capture thread] [real-time]
    void keep();

    // Stop and Reset: what the driver has goes back to us as done, partly filled or empty. Either
    // may hang. Returns Reset's result. [capture thread] [blocks]
    MMRESULT stopAndReset();
    // Unprepare each header, and Close. May hang. True when all memory is ours again.
    // [capture thread] [blocks]
    bool close();

    [[nodiscard]] const HeaderPlan& plan() const { return plan_; }
    [[nodiscard]] const PcmFormat& format() const { return format_; }
    [[nodiscard]] WaveInApi& api() const { return *api_; }

  private:
    // What the driver writes into: one block, so that it is kept or freed as one.
    struct Memory {
        std::vector<WAVEHDR> headers;
        std::vector<std::byte> audio;
    };
    [[nodiscard]] const WAVEHDR& fromOldest(std::uint32_t place) const;
    MMRESULT add(std::uint32_t index);

    std::shared_ptr<WaveInApi> api_;
    PcmFormat format_;
    HeaderPlan plan_;
    std::unique_ptr<Memory> memory_;
    HANDLE event_ = nullptr;
    HWAVEIN handle_ = nullptr;
    std::uint32_t prepared_ = 0;  // the first so many headers are prepared
    std::uint32_t oldest_ = 0;    // index of the header that is done next
    std::uint32_t queued_ = 0;
};

}  // namespace holdfast
