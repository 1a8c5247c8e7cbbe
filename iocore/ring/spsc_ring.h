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
#include <utility>

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

    // Bytes of memory that a ring of `capacityFrames` needs; the largest number when it cannot be.
    static std::uint64_t memoryBytes(const PcmFormat& format, std::uint64_t capacityFrames);
    // Takes `memory` (at least memoryBytes()) and writes a fresh header into it.
    // Errors: Stage::ring (no such format or capacity, too little memory). [control thread]
    static Result<std::unique_ptr<SpscRing>> create(RingMemory memory, const PcmFormat& format,
                                                    std::uint64_t capacityFrames,
                                                    const TakeId& takeId);
    ~SpscRing();

    // Each end once in the ring's life (asserted); the ring outlives both. [control thread]
    Producer producer();
    Consumer consumer();

    void setUse(RingUse use);  // [control thread]
    // From here on the audio that is not durable belongs to this part of the session (from 1).
    // REQUIRES that the part's journal is there. [writer thread] [real-time]
    void setPart(std::uint32_t part);
    [[nodiscard]] RingMemory& memory() { return memory_; }

    // A snapshot for status, by value; any thread, real-time safe. Frames.
    struct Fill {
        std::uint64_t published = 0;
        std::uint64_t written = 0;
        std::uint64_t durable = 0;
        std::uint64_t capacity = 0;
        std::uint64_t pendingLost = 0;  // of the open gap
        GapCause pendingCause = GapCause::ringFull;
    };
    [[nodiscard]] Fill fill() const;

  private:
    explicit SpscRing(RingMemory memory) : memory_(std::move(memory)) {}
    RingMemory memory_;
    RingHeader* header_ = nullptr;
    std::byte* audio_ = nullptr;
    // producer() and consumer() handed out already.
    bool producerTaken_ = false;
    bool consumerTaken_ = false;
};

// The capture thread's end. Every call is wait-free and makes no system call. Move-only. A cache
// line of its own, because the control thread's words must not lie beside it.
class alignas(64) SpscRing::Producer {
  public:
    Producer(Producer&& other) noexcept;
    Producer& operator=(Producer&& other) noexcept;

    // Frames that fit now. [capture thread] [real-time]
    [[nodiscard]] std::uint64_t freeFrames();
    // Contiguous space for at most `frames`; fewer at the wrap, none when full or while a gap
    // cannot be entered because the gap table is full. [capture thread] [real-time]
    std::span<std::byte> reserve(std::uint64_t frames);
    // Makes `frames` of the reserved space visible to the consumer: one release store. REQUIRES
    // that they were reserved, with no write() or gap() since. [capture thread] [real-time]
    void publish(std::uint64_t frames);
    // Copies whole frames in; what does not fit is counted into a ring-full gap that is closed when
    // audio fits again. Returns the frames stored. [capture thread] [real-time]
    std::uint64_t write(std::span<const std::byte> interleaved);
    // Enters a gap at the present position (merged with an open one of the same cause). Zero frames
    // are no gap. While the table is full, gaps of different causes merge too; of a pause and a
    // loss that is a loss. [capture thread] [real-time]
    void gap(std::uint64_t frames, GapCause cause);
    // Closes an open gap, so that the consumer sees it although no audio follows. For the end.
    // False while the table is full: the gap stays open. [capture thread] [real-time]
    bool closeGap();

  private:
    friend class SpscRing;
    Producer(RingHeader* header, std::byte* audio);
    Producer(const Producer&) = default;
    Producer& operator=(const Producer&) = default;

    std::uint64_t fitting(std::uint64_t frames);
    void publishFrames(std::uint64_t frames);
    bool tableHasRoom();
    void enterOpenGap();

    RingHeader* header_;
    std::byte* audio_;
    std::uint64_t capacity_;
    std::uint64_t bytesPerFrame_;
    std::uint64_t published_ = 0;        // as in the header, which only we write
    std::uint64_t index_ = 0;            // published_ modulo capacity_
    std::uint64_t reserved_ = 0;         // frames that publish() may make visible
    std::uint64_t durableSeen_ = 0;      // the consumer's cursors as last looked at: reading them
    std::uint64_t gapsDurableSeen_ = 0;  // anew costs a cache miss
    std::uint64_t gapsPublished_ = 0;
    Gap open_;  // frames == 0: none
};

// The writer thread's end. Every call is wait-free. Move-only. Audio and gaps come out in order: at
// a gap's position peek() yields nothing until takeGap() was called.
class alignas(64) SpscRing::Consumer {
  public:
    Consumer(Consumer&& other) noexcept;
    Consumer& operator=(Consumer&& other) noexcept;

    // Frames published and not yet written (gaps not counted). [writer thread] [real-time]
    [[nodiscard]] std::uint64_t readableFrames();
    // The gap that lies exactly at the written position, if one does. [writer thread] [real-time]
    [[nodiscard]] std::optional<Gap> gapHere();
    // Steps over it. REQUIRES gapHere(). [writer thread] [real-time]
    void takeGap();
    // Contiguous audio at the written position, at most `maxFrames`, up to the wrap or the next
    // gap. Valid until markDurable() frees it. [writer thread] [real-time]
    [[nodiscard]] std::span<const std::byte> peek(std::uint64_t maxFrames);
    // How many frames that is. [writer thread] [real-time]
    [[nodiscard]] std::uint64_t framesHere(std::uint64_t maxFrames);
    // Captured audio from `ringFrame` on, gaps left aside, up to the wrap or the newest frame: to
    // be looked at alone. REQUIRES that it is not freed. [writer thread] [real-time]
    [[nodiscard]] std::span<const std::byte> audioAt(std::uint64_t ringFrame);
    // Frames of the gaps from the written position on that lie before `ringFrame`.
    // [writer thread] [real-time]
    [[nodiscard]] std::uint64_t gapFramesBefore(std::uint64_t ringFrame);
    // `frames` of it were handed to the file; their space stays taken. REQUIRES that peek() showed
    // them. [writer thread] [real-time]
    void advanceWritten(std::uint64_t frames);
    // All that was written (audio and gaps) is durable: frees its space. [writer thread]
    // [real-time]
    void markDurable();
    // Back to the last durable position, to write audio and gaps again. [writer thread] [real-time]
    void rewindToDurable();
    // Another consumer, which stands at the durable position and touches nothing before its first
    // call that does. For a writer that takes over; until detach() only one of the two may be used.
    // [while the writer thread is held] [real-time]
    [[nodiscard]] Consumer successor() const;
    // Leaves the ring to the successor: this end goes on with cursors of its own, on what was
    // published until now, and nothing that it does is seen. [while the writer thread is held]
    void detach();
    // Frames captured before the written position; gaps taken so far. [writer thread] [real-time]
    [[nodiscard]] std::uint64_t writtenFrame() const { return written_; }
    [[nodiscard]] std::uint64_t gapsTaken() const { return gapsTaken_; }

  private:
    friend class SpscRing;
    Consumer(RingHeader* header, const std::byte* audio);
    Consumer(const Consumer&) = default;
    Consumer& operator=(const Consumer&) = default;

    void lookAtProducer();
    // Frames before the wrap or the next known gap, all of them published.
    [[nodiscard]] std::uint64_t contiguousFrames() const;

    RingHeader* header_;
    std::shared_ptr<RingHeader> ownHeader_;  // when detached
    const std::byte* audio_;
    std::uint64_t capacity_;
    std::uint64_t bytesPerFrame_;
    std::uint64_t written_ = 0;  // as in the header, which only we write
    std::uint64_t index_ = 0;    // written_ modulo capacity_
    std::uint64_t gapsTaken_ = 0;
    std::uint64_t durable_ = 0;
    std::uint64_t gapsDurable_ = 0;
    std::uint64_t publishedSeen_ = 0;  // the producer's cursors as last looked at
    std::uint64_t gapsSeen_ = 0;
};

}  // namespace holdfast
