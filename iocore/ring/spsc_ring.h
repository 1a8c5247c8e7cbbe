// SpscRing: the lock-free way from the capture thread to the writer thread, in memory that outlives
// the process.
//
// Single producer, single consumer, wait-free at both ends. It never overwrites: audio that does
// not fit is counted and becomes a gap at its position. Space is freed only when the consumer says
// *durable*, so audio whose write or sync failed can be written again. Alternatives dropped and
// figures: README.md of iocore, "Ring". Layout: ring_format.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "iocore/base/gap.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/base/take_id.h"
#include "iocore/ring/ring_format.h"
#include "iocore/ring/ring_memory.h"

namespace holdfast {

class SpscRing {
  public:
    class Producer;
    class Consumer;

    // Bytes of memory that a ring of `capacityFrames` needs.
    static std::uint64_t memoryBytes(const PcmFormat& format, std::uint64_t capacityFrames);
    // Takes `memory` (at least memoryBytes()) and writes a fresh header into it.
    // Errors: Stage::ring. [control thread]
    static Result<std::unique_ptr<SpscRing>> create(RingMemory memory, const PcmFormat& format,
                                                    std::uint64_t capacityFrames,
                                                    const TakeId& takeId);
    ~SpscRing();

    // Each end once in the ring's life (asserted); the ring outlives both.
    Producer producer();
    Consumer consumer();

    void setUse(RingUse use);  // [control thread]
    [[nodiscard]] RingMemory& memory() { return memory_; }

    // A snapshot for status, by value; any thread, real-time safe. Frames.
    struct Fill {
        std::uint64_t published = 0;
        std::uint64_t written = 0;
        std::uint64_t durable = 0;
        std::uint64_t capacity = 0;
        std::uint64_t pendingLost = 0;
    };
    [[nodiscard]] Fill fill() const;

  private:
    SpscRing() = default;
    RingMemory memory_;
    RingHeader* header_ = nullptr;
    std::byte* audio_ = nullptr;
    // producer() and consumer() handed out already.
    bool producerTaken_ = false;
    bool consumerTaken_ = false;
};

// The capture thread's end. Every call is wait-free. Move-only.
class SpscRing::Producer {
  public:
    Producer(Producer&&) noexcept;
    Producer& operator=(Producer&&) noexcept;

    // Frames that fit now. [capture thread] [real-time]
    [[nodiscard]] std::uint64_t freeFrames();
    // Contiguous space for at most `frames`; fewer at the wrap, none when full or while a gap
    // cannot be entered because the gap table is full. [capture thread] [real-time]
    std::span<std::byte> reserve(std::uint64_t frames);
    // Makes `frames` of the reserved space visible to the consumer: one release store.
    void publish(std::uint64_t frames);
    // Copies whole frames in; what does not fit is counted into a ring-full gap that is closed when
    // audio fits again. Returns the frames stored. [capture thread] [real-time]
    std::uint64_t write(std::span<const std::byte> interleaved);
    // Enters a gap at the present position (merged with an open one of the same cause).
    void gap(std::uint64_t frames, GapCause cause);
    // Closes an open gap, so that the consumer sees it although no audio follows. For the end.
    void closeGap();

  private:
    friend class SpscRing;
    Producer() = default;
    // Implementation's members follow.
};

// The writer thread's end. Move-only. Audio and gaps come out in order: at a gap's position peek()
// yields nothing until takeGap() was called.
class SpscRing::Consumer {
  public:
    Consumer(Consumer&&) noexcept;
    Consumer& operator=(Consumer&&) noexcept;

    // Frames published and not yet written (gaps not counted). [writer thread] [real-time]
    [[nodiscard]] std::uint64_t readableFrames();
    // The gap that lies exactly at the written position, if one does.
    [[nodiscard]] std::optional<Gap> gapHere();
    // Steps over it. REQUIRES gapHere().
    void takeGap();
    // Contiguous audio at the written position, at most `maxFrames`, up to the wrap or the next
    // gap.
    [[nodiscard]] std::span<const std::byte> peek(std::uint64_t maxFrames);
    // `frames` of it were handed to the file; their space stays taken.
    void advanceWritten(std::uint64_t frames);
    // All that was written (audio and gaps) is durable: frees its space.
    void markDurable();
    // Back to the last durable position, to write audio and gaps again.
    void rewindToDurable();
    // Frames captured before the written position; gaps taken so far.
    [[nodiscard]] std::uint64_t writtenFrame() const;
    [[nodiscard]] std::uint64_t gapsTaken() const;

  private:
    friend class SpscRing;
    Consumer() = default;
    // Implementation's members follow.
};

}  // namespace holdfast
