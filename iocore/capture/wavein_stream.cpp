#include "iocore/capture/wavein_stream.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <utility>

#include "iocore/capture/wavein_format.h"

namespace holdfast {

namespace {

// The driver writes the flags from another thread or process, without a word that C++ knows.
bool isDone(const WAVEHDR& header) {
    const DWORD flags = static_cast<const volatile WAVEHDR&>(header).dwFlags;
    // Pairs with the driver's own barrier before it sets the flag: the audio is there.
    std::atomic_thread_fence(std::memory_order_acquire);
    return (flags & WHDR_DONE) != 0;
}

}  // namespace

WaveInStream::WaveInStream(std::shared_ptr<WaveInApi> api, const PcmFormat& format,
                           const HeaderPlan& plan)
    : api_(std::move(api)),
      format_(format),
      plan_(plan),
      memory_(std::make_unique<Memory>()),
      event_(::CreateEventW(nullptr, FALSE, FALSE, nullptr)) {
    memory_->audio.resize(std::size_t{plan.count} * plan.bytes);
    memory_->headers.resize(plan.count);
    for (std::uint32_t i = 0; i < plan.count; ++i) {
        WAVEHDR& header = memory_->headers[i];
        header.lpData =
            reinterpret_cast<LPSTR>(memory_->audio.data() + std::size_t{i} * plan.bytes);
        header.dwBufferLength = plan.bytes;
    }
}

WaveInStream::~WaveInStream() {
    if (prepared_ > 0) {
        // The driver may still write there.
        (void)memory_.release();
    }
    // It may also still set the event.
    if (handle_ == nullptr && event_ != nullptr) ::CloseHandle(event_);
}

MMRESULT WaveInStream::open(UINT number) {
    if (event_ == nullptr) return MMSYSERR_NOMEM;
    const WAVEFORMATEXTENSIBLE wave = toWaveFormat(format_);
    HWAVEIN handle = nullptr;
    MMRESULT result = api_->open(handle, number, wave.Format, event_);
    if (result != MMSYSERR_NOERROR) return result;
    handle_ = handle;
    while (result == MMSYSERR_NOERROR && prepared_ < plan_.count) {
        result = api_->prepare(handle_, memory_->headers[prepared_]);
        if (result == MMSYSERR_NOERROR) ++prepared_;
    }
    return result;
}

MMRESULT WaveInStream::start() {
    MMRESULT result = MMSYSERR_NOERROR;
    for (std::uint32_t i = 0; i < plan_.count && result == MMSYSERR_NOERROR; ++i) result = add(i);
    return result == MMSYSERR_NOERROR ? api_->start(handle_) : result;
}

MMRESULT WaveInStream::add(std::uint32_t index) {
    WAVEHDR& header = memory_->headers[index];
    header.dwBytesRecorded = 0;
    header.dwFlags &= ~static_cast<DWORD>(WHDR_DONE);
    const MMRESULT result = api_->addBuffer(handle_, header);
    if (result == MMSYSERR_NOERROR) ++queued_;
    return result;
}

void WaveInStream::wait(std::chrono::milliseconds atMost) {
    api_->wait(event_, atMost);
}

void WaveInStream::wake() {
    ::SetEvent(event_);
}

const WAVEHDR& WaveInStream::fromOldest(std::uint32_t place) const {
    return memory_->headers[(oldest_ + place) % plan_.count];
}

std::uint32_t WaveInStream::doneHeaders() const {
    std::uint32_t done = 0;
    while (done < queued_ && isDone(fromOldest(done))) ++done;
    return done;
}

std::span<const std::byte> WaveInStream::doneAudio(std::uint32_t place) const {
    const WAVEHDR& header = fromOldest(place);
    const std::uint32_t bytes = std::min<std::uint32_t>(header.dwBytesRecorded, plan_.bytes);
    return std::as_bytes(std::span(header.lpData, bytes - bytes % format_.bytesPerFrame()));
}

MMRESULT WaveInStream::addAgain() {
    const std::uint32_t index = oldest_;
    keep();
    return add(index);
}

void WaveInStream::keep() {
    assert(queued_ > 0);
    oldest_ = (oldest_ + 1) % plan_.count;
    --queued_;
}

MMRESULT WaveInStream::stopAndReset() {
    (void)api_->stop(handle_);
    return api_->reset(handle_);
}

bool WaveInStream::close() {
    if (handle_ == nullptr) return true;
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < prepared_; ++i) {
        if (api_->unprepare(handle_, memory_->headers[i]) != MMSYSERR_NOERROR) ++kept;
    }
    prepared_ = kept;
    if (api_->close(handle_) == MMSYSERR_NOERROR) handle_ = nullptr;
    return prepared_ == 0 && handle_ == nullptr;
}

}  // namespace holdfast
