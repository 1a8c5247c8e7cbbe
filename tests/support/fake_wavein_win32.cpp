#include "tests/support/fake_wavein_win32.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tests/support/allocation_guard.h"

namespace holdfast::test {

namespace {

const HWAVEIN kHandle = reinterpret_cast<HWAVEIN>(std::uintptr_t{0xFEED});

constexpr UINT kQueryId = 0x811;
constexpr UINT kQueryIdSize = 0x812;

}  // namespace

void FakeWaveIn::at(std::chrono::milliseconds when, std::function<void()> what) {
    const Action action{begin_ + nsOf(when), std::move(what)};
    const auto later = std::ranges::upper_bound(actions_, action.when, {}, &Action::when);
    actions_.insert(later, action);
}

void FakeWaveIn::holdAt(std::chrono::milliseconds when) {
    at(when, [this] {
        {
            const std::lock_guard lock(mutex_);
            held_ = true;
            changed_.notify_all();
        }
        ::WaitForSingleObject(event_, INFINITE);
        // For wait(), which is to see it too.
        ::SetEvent(event_);
    });
}

void FakeWaveIn::waitUntilHeld() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_; });
}

void FakeWaveIn::loseInSilence(std::uint64_t frames) {
    captured_ += frames;
    lost_ += frames;
}

void FakeWaveIn::handOverShort(std::uint64_t framesLost) {
    if (!queue_.empty()) handOver();
    loseInSilence(framesLost);
}

void FakeWaveIn::fail(Call call, MMRESULT result) {
    const std::lock_guard lock(mutex_);
    failures_[call] = result;
}

void FakeWaveIn::hang(Call call) {
    const std::lock_guard lock(mutex_);
    hanging_ = call;
}

void FakeWaveIn::release() {
    const std::lock_guard lock(mutex_);
    hanging_.reset();
    changed_.notify_all();
}

std::vector<FakeWaveIn::Call> FakeWaveIn::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

std::vector<const void*> FakeWaveIn::queuedMemory() const {
    std::vector<const void*> memory;
    for (const WAVEHDR* header : queue_) memory.push_back(header->lpData);
    return memory;
}

std::optional<MMRESULT> FakeWaveIn::begin(Call call) {
    const AllocationPause pause;
    std::unique_lock lock(mutex_);
    if (call != Call::addBuffer && call != Call::prepare && call != Call::unprepare) {
        calls_.push_back(call);
        changed_.notify_all();
    }
    changed_.wait(lock, [&] { return hanging_ != call; });
    const auto failure = failures_.find(call);
    return failure != failures_.end() ? std::optional(failure->second) : std::nullopt;
}

MMRESULT FakeWaveIn::capabilities(UINT device, WAVEINCAPSW& caps) {
    if (device >= devices.size()) return MMSYSERR_BADDEVICEID;
    caps = {};
    const std::wstring name = devices[device].shortName.substr(0, std::size(caps.szPname) - 1);
    std::copy(name.begin(), name.end(), caps.szPname);
    caps.wChannels = devices[device].channels;
    return MMSYSERR_NOERROR;
}

MMRESULT FakeWaveIn::message(UINT device, UINT message, DWORD_PTR first, DWORD_PTR second) {
    if (device >= devices.size()) return MMSYSERR_BADDEVICEID;
    const std::wstring& id = devices[device].id;
    const std::size_t bytes = (id.size() + 1) * sizeof(wchar_t);
    if (id.empty()) return MMSYSERR_NOTSUPPORTED;
    if (message == kQueryIdSize) {
        // More than the ULONG of the documentation, as Wine does.
        *reinterpret_cast<DWORD_PTR*>(first) = bytes;
        return MMSYSERR_NOERROR;
    }
    if (message != kQueryId || second < bytes) return MMSYSERR_INVALPARAM;
    std::memcpy(reinterpret_cast<void*>(first), id.c_str(), bytes);
    return MMSYSERR_NOERROR;
}

std::optional<EndpointFacts> FakeWaveIn::endpoint(const std::wstring& id) {
    const auto found = std::ranges::find(devices, id, &Device::id);
    return found != devices.end() ? found->facts : std::nullopt;
}

MMRESULT FakeWaveIn::open(HWAVEIN& handle, UINT device, const WAVEFORMATEX& format, HANDLE event) {
    if (const auto failure = begin(Call::open)) return *failure;
    if (device >= devices.size()) return MMSYSERR_BADDEVICEID;
    const auto& accepts = devices[device].accepts;
    if (const MMRESULT answer = accepts ? accepts(format) : MMSYSERR_NOERROR; answer != 0) {
        return answer;
    }
    format_ = {};
    std::memcpy(&format_, &format, sizeof format + format.cbSize);
    handle = kHandle;
    event_ = event;
    isOpen_ = true;
    return MMSYSERR_NOERROR;
}

MMRESULT FakeWaveIn::prepare(HWAVEIN, WAVEHDR& header) {
    if (const auto failure = begin(Call::prepare)) return *failure;
    header.dwFlags |= WHDR_PREPARED;
    ++prepared_;
    return MMSYSERR_NOERROR;
}

MMRESULT FakeWaveIn::start(HWAVEIN) {
    if (const auto failure = begin(Call::start)) return *failure;
    running_ = true;
    startedNs_ = now_;
    return MMSYSERR_NOERROR;
}

MMRESULT FakeWaveIn::addBuffer(HWAVEIN, WAVEHDR& header) {
    if (const auto failure = begin(Call::addBuffer)) return *failure;
    const AllocationPause pause;
    if ((header.dwFlags & WHDR_PREPARED) == 0) return WAVERR_UNPREPARED;
    if ((header.dwFlags & WHDR_INQUEUE) != 0) return WAVERR_STILLPLAYING;
    header.dwFlags |= WHDR_INQUEUE;
    header.dwFlags &= ~static_cast<DWORD>(WHDR_DONE);
    header.dwBytesRecorded = 0;
    queue_.push_back(&header);
    ++added_;
    return MMSYSERR_NOERROR;
}

MMRESULT FakeWaveIn::stop(HWAVEIN) {
    if (const auto failure = begin(Call::stop)) return *failure;
    running_ = false;
    return MMSYSERR_NOERROR;
}

MMRESULT FakeWaveIn::reset(HWAVEIN) {
    if (const auto failure = begin(Call::reset)) return *failure;
    running_ = false;
    while (!queue_.empty()) handOver();
    return MMSYSERR_NOERROR;
}

MMRESULT FakeWaveIn::unprepare(HWAVEIN, WAVEHDR& header) {
    if (const auto failure = begin(Call::unprepare)) return *failure;
    if ((header.dwFlags & WHDR_INQUEUE) != 0) return WAVERR_STILLPLAYING;
    if ((header.dwFlags & WHDR_PREPARED) != 0) --prepared_;
    header.dwFlags &= ~static_cast<DWORD>(WHDR_PREPARED);
    return MMSYSERR_NOERROR;
}

MMRESULT FakeWaveIn::close(HWAVEIN) {
    if (const auto failure = begin(Call::close)) return *failure;
    if (!queue_.empty()) return WAVERR_STILLPLAYING;
    isOpen_ = false;
    return MMSYSERR_NOERROR;
}

void FakeWaveIn::wait(HANDLE event, std::chrono::milliseconds atMost) {
    const AllocationPause pause;
    const std::uint64_t deadline = now_ + nsOf(atMost);
    while (now_ < deadline) {
        if (::WaitForSingleObject(event, 0) == WAIT_OBJECT_0) break;
        std::uint64_t next = std::min(deadline, now_ - now_ % periodNs_ + periodNs_);
        if (!actions_.empty()) next = std::clamp(actions_.front().when, now_, next);
        now_ = next;
        captureUntil(now_);
        doActions();
        if (std::exchange(handedOver_, false) && events_) break;
    }
    now_ += std::exchange(oversleptNs_, 0);
    captureUntil(now_);
}

void FakeWaveIn::doActions() {
    while (!actions_.empty() && actions_.front().when <= now_) {
        const auto what = std::move(actions_.front().what);
        actions_.pop_front();
        what();
    }
}

// In whole periods, as drivers do.
void FakeWaveIn::captureUntil(std::uint64_t timeNs) {
    if (!running_ || unplugged_ || timeNs < standsUntilNs_) return;
    const std::uint64_t time = timeNs - timeNs % periodNs_;
    if (time <= startedNs_) return;
    const double rate = format_.Format.nSamplesPerSec * (1 + drift_);
    const auto frames =
        static_cast<std::uint64_t>(static_cast<double>(time - startedNs_) * rate / 1e9);
    if (frames > captured_) fill(frames - captured_);
}

void FakeWaveIn::fill(std::uint64_t frames) {
    const std::uint64_t frameBytes = format_.Format.nBlockAlign;
    while (frames > 0) {
        if (queue_.empty()) {
            loseInSilence(frames);
            return;
        }
        WAVEHDR& header = *queue_.front();
        const std::uint64_t room = (header.dwBufferLength - header.dwBytesRecorded) / frameBytes;
        const std::uint64_t now = std::min(room, frames);
        for (std::uint64_t i = 0; i < now; ++i, ++captured_) {
            const auto number = static_cast<std::uint32_t>(captured_);
            for (WORD channel = 0; channel < format_.Format.nChannels; ++channel) {
                std::memcpy(header.lpData + header.dwBytesRecorded, &number, sizeof number);
                header.dwBytesRecorded += sizeof number;
            }
        }
        frames -= now;
        if (now == room) handOver();
    }
}

void FakeWaveIn::handOver() {
    WAVEHDR& header = *queue_.front();
    queue_.pop_front();
    header.dwFlags &= ~static_cast<DWORD>(WHDR_INQUEUE);
    header.dwFlags |= WHDR_DONE;
    handedOver_ = true;
}

}  // namespace holdfast::test
