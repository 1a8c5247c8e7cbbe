#include "iocore/capture/alsa_reader_alsa.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace holdfast {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// As long as the kernel waits for a card that gives no sign, for those who wait in it.
constexpr std::uint64_t kLeastLostAfterNs = 10'000'000'000;
constexpr std::uint64_t kLostAfterBuffers = 3;
// Of the time between two looks no more counts as silence: where this thread itself was away, for
// the machine slept or had no processor for it, the driver gets its time after that.
constexpr std::uint64_t kMostSilencePerLookNs = 250'000'000;
constexpr milliseconds kLongestLook{100};
// A driver that has just woken up may need some time before it can go on.
constexpr milliseconds kResumeLook{50};

std::uint64_t inNs(std::uint64_t frames, std::uint32_t rate) {
    return frames / rate * 1'000'000'000 + frames % rate * 1'000'000'000 / rate;
}

}  // namespace

AlsaReader::AlsaReader(AlsaOpened& opened, CaptureFeed& feed)
    : pcm_(*opened.pcm),
      feed_(feed),
      device_(fmt::format("{} ({})", opened.grant.name, opened.grant.id)),
      unpacker_(opened.setup.format, opened.grant.format.sampleType),
      periodFrames_(opened.setup.periodFrames),
      bufferFrames_(opened.setup.bufferFrames),
      sampleRate_(opened.setup.rate),
      paced_(opened.grant.paced),
      raw_(periodFrames_ * opened.setup.channels * unpacker_.bytesFrom()),
      unpacked_(unpacker_.isPlain() ? 0
                                    : periodFrames_ * opened.setup.channels * unpacker_.bytesTo()),
      clock_(sampleRate_, periodFrames_),
      look_(kLongestLook),
      lostAfterNs_(
          std::max(kLeastLostAfterNs, kLostAfterBuffers * inNs(bufferFrames_, sampleRate_))) {}

void AlsaReader::stop() {
    // Release pairs with the acquire in isStopping(); nothing else is read through it.
    stopping_.store(true, std::memory_order_release);
    pcm_.wake();
}

bool AlsaReader::isStopping() const {
    // Acquire pairs with the release in stop().
    return stopping_.load(std::memory_order_acquire);
}

AlsaReader::End AlsaReader::run() {
    lastLookNs_ = pcm_.nowNs();
    const AlsaStanding begin = pcm_.standing();
    knownFrames_ = begin.waitingFrames;
    knownNs_ = begin.atNs;
    while (!isStopping()) {
        if (!waitForMore()) break;
        if (takeWaiting() == Fate::ends) return End::deviceLost;
    }
    return End::stopped;
}

// False: the reader is to stop.
bool AlsaReader::waitForMore() {
    if (paced_) {
        // A device that is lost again at once must not keep a processor busy.
        cameSinceRestart_ ? pcm_.wait(look_) : pcm_.pause(look_);
        return true;
    }
    if (!gate_.enter()) return false;
    const bool hasSpace = feed_.waitForSpace(periodFrames_, stopping_);
    gate_.leave();
    return hasSpace;
}

AlsaReader::Fate AlsaReader::takeWaiting() {
    bool anyCame = false;
    snd_pcm_sframes_t frames = 0;
    do {
        frames = pcm_.read(raw_.data(), periodFrames_);
        if (frames <= 0) break;
        anyCame = true;
        if (!deliver(static_cast<std::uint64_t>(frames))) return Fate::ends;
        // A device without a clock has no end.
    } while (paced_ && static_cast<std::uint64_t>(frames) == periodFrames_ && !isStopping());
    if (anyCame && !watchClock()) return Fate::ends;
    if (frames < 0 && frames != -EAGAIN && frames != -EINTR) {
        if (recover(static_cast<int>(frames)) == Fate::ends) return Fate::ends;
    }
    if (!isSilentForTooLong(anyCame)) return Fate::goesOn;
    return endLost(0, fmt::format("no audio for {:.0f} s, the device is gone",
                                  static_cast<double>(silentNs_) / 1e9));
}

bool AlsaReader::deliver(std::uint64_t frames) {
    const std::span raw =
        std::span<const std::byte>(raw_).first(raw_.size() / periodFrames_ * frames);
    std::span<const std::byte> audio = raw;
    if (!unpacker_.isPlain()) {
        unpacker_.unpack(raw, unpacked_);
        audio =
            std::span<const std::byte>(unpacked_).first(unpacked_.size() / periodFrames_ * frames);
    }
    if (!gate_.enter()) return false;
    feed_.deliver(audio);
    gate_.leave();
    position_ += frames;
    cameSinceRestart_ = true;
    return true;
}

bool AlsaReader::tellGap(std::uint64_t frames, GapCause cause) {
    if (frames == 0) return true;
    if (!gate_.enter()) return false;
    feed_.gap(frames, cause);
    gate_.leave();
    position_ += frames;
    return true;
}

// What the driver did not say: audio that a plug-in or its server threw away.
bool AlsaReader::watchClock() {
    if (!paced_) return true;
    const AlsaStanding now = pcm_.standing();
    const std::uint64_t frames = position_ + now.waitingFrames;
    if (!tellGap(clock_.observe(now.atNs, frames, FrameClock::Suspicion::none), GapCause::clock)) {
        return false;
    }
    knownFrames_ = position_ + now.waitingFrames;
    knownNs_ = now.atNs;
    return true;
}

bool AlsaReader::isSilentForTooLong(bool anyCame) {
    if (!paced_) return false;
    const std::uint64_t nowNs = pcm_.nowNs();
    silentNs_ += std::min(nowNs - lastLookNs_, kMostSilencePerLookNs);
    lastLookNs_ = nowNs;
    if (anyCame) silentNs_ = 0;
    return silentNs_ >= lostAfterNs_;
}

AlsaReader::Fate AlsaReader::recover(int code) {
    switch (code) {
        case -EPIPE:
            return restart(GapCause::driverOverrun);
        case -ESTRPIPE:
            return wakeUp();
        case -ENODEV:
        case -ENXIO:
            return endLost(code, "the device is gone");
        default:
            return endLost(code, snd_strerror(code));
    }
}

// What was in the driver's buffer is gone with it.
AlsaReader::Fate AlsaReader::restart(GapCause cause) {
    int done = pcm_.prepare();
    if (done >= 0) done = pcm_.start();
    if (done < 0) {
        const AlsaStanding now{0, pcm_.nowNs()};
        if (!enterMissing(now, cause)) return Fate::ends;
        return endLost(done, fmt::format("does not go on: {}", snd_strerror(done)));
    }
    cameSinceRestart_ = false;
    return enterMissing(pcm_.standing(), cause) ? Fate::goesOn : Fate::ends;
}

// The system was suspended. Some drivers go on where they stood, with what they had.
AlsaReader::Fate AlsaReader::wakeUp() {
    std::uint64_t kept = pcm_.standing().waitingFrames;
    int done = pcm_.resume();
    while (done == -EAGAIN && !isStopping()) {
        pcm_.pause(kResumeLook);
        done = pcm_.resume();
    }
    if (done == -EAGAIN) {
        return enterMissing({0, pcm_.nowNs()}, GapCause::suspended) ? Fate::goesOn : Fate::ends;
    }
    if (done < 0) return restart(GapCause::suspended);
    while (kept > 0) {
        const auto frames = pcm_.read(raw_.data(), std::min(kept, periodFrames_));
        if (frames <= 0) break;
        if (!deliver(static_cast<std::uint64_t>(frames))) return Fate::ends;
        kept -= std::min(kept, static_cast<std::uint64_t>(frames));
    }
    return enterMissing(pcm_.standing(), GapCause::suspended) ? Fate::goesOn : Fate::ends;
}

// The device has run again, or was given up, with `now`. A loss is never nothing.
bool AlsaReader::enterMissing(const AlsaStanding& now, GapCause cause) {
    const auto elapsed = nanoseconds(now.atNs - std::min(now.atNs, knownNs_));
    const std::uint64_t due = knownFrames_ + framesIn(elapsed, sampleRate_);
    const std::uint64_t have = position_ + now.waitingFrames;
    if (!tellGap(std::max<std::uint64_t>(due - std::min(due, have), 1), cause)) return false;
    knownFrames_ = position_ + now.waitingFrames;
    knownNs_ = now.atNs;
    return true;
}

void AlsaReader::drain() {
    if (paced_) {
        std::uint64_t most = bufferFrames_;
        while (most > 0) {
            const auto frames = pcm_.read(raw_.data(), std::min(most, periodFrames_));
            if (frames == -EPIPE || frames == -ESTRPIPE) {
                (void)enterMissing({0, pcm_.nowNs()}, frames == -EPIPE ? GapCause::driverOverrun
                                                                       : GapCause::suspended);
            }
            if (frames <= 0 || !deliver(static_cast<std::uint64_t>(frames))) break;
            most -= std::min(most, static_cast<std::uint64_t>(frames));
        }
        (void)tellGap(clock_.unsettled(), GapCause::clock);
    }
    pcm_.drop();
}

AlsaReader::Fate AlsaReader::endLost(int code, const std::string& what) {
    if (!gate_.enter()) return Fate::ends;
    feed_.end(CaptureEnd::deviceLost,
              Error{Stage::device, -code, fmt::format("{}: {}", device_, what)});
    gate_.leave();
    return Fate::ends;
}

}  // namespace holdfast
