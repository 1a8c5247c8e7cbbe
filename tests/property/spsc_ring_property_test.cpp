// The ring against a model made of plain vectors: whatever the two ends do in whatever order, each
// sees what the model says, and so would recovery after every single step.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "iocore/ring/spsc_ring.h"
#include "tests/support/ring_frames.h"

namespace holdfast {
namespace {

using test::framesOf;
using test::kNumberedFormat;
using test::NumberedFrame;
using test::numberedRing;
using test::snapshotOf;

// What a ring of `capacity` is promised to do, without a thought for memory.
struct Model {
    std::uint64_t capacity;
    std::vector<NumberedFrame> audio;  // all ever published
    std::vector<Gap> gaps;             // all ever entered
    std::optional<Gap> open;
    std::uint64_t device = 0;  // frames that the device gave or lost
    std::uint64_t written = 0;
    std::uint64_t durable = 0;
    std::uint64_t gapsTaken = 0;
    std::uint64_t gapsDurable = 0;

    [[nodiscard]] bool tableHasRoom() const { return gaps.size() - gapsDurable < kRingGapSlots; }
    [[nodiscard]] std::uint64_t free() const {
        return open && !tableHasRoom() ? 0 : capacity - (audio.size() - durable);
    }
    [[nodiscard]] std::uint64_t contiguousFree() const {
        return std::min(free(), capacity - audio.size() % capacity);
    }
    bool close() {
        if (!open) return true;
        if (!tableHasRoom()) return false;
        gaps.push_back(*open);
        open.reset();
        return true;
    }
    void lose(std::uint64_t frames, GapCause cause) {
        if (frames == 0) return;
        if (open && open->cause != cause && tableHasRoom()) close();
        if (!open) open = Gap{audio.size(), 0, cause};
        open->frames += frames;
        if (open->cause == GapCause::paused) open->cause = cause;
        device += frames;
    }
    // The next `count` frames as the device gives them.
    [[nodiscard]] std::vector<NumberedFrame> next(std::uint64_t count) const {
        std::vector<NumberedFrame> frames(count);
        for (std::uint64_t i = 0; i < count; ++i) frames[i] = {audio.size() + i, device + i};
        return frames;
    }
    void publish(const std::vector<NumberedFrame>& frames) {
        if (frames.empty()) return;
        close();
        audio.insert(audio.end(), frames.begin(), frames.end());
        device += frames.size();
    }
    std::uint64_t write(std::vector<NumberedFrame> frames) {
        const std::uint64_t all = frames.size();
        frames.resize(std::min(all, free()));
        publish(frames);
        lose(all - frames.size(), GapCause::ringFull);
        return frames.size();
    }
    [[nodiscard]] std::optional<Gap> gapHere() const {
        if (gapsTaken == gaps.size() || gaps[gapsTaken].atFrame != written) return std::nullopt;
        return gaps[gapsTaken];
    }
    [[nodiscard]] std::vector<NumberedFrame> peek(std::uint64_t most) const {
        std::uint64_t end = std::min<std::uint64_t>(audio.size(), written + most);
        end = std::min(end, written + capacity - written % capacity);
        if (gapsTaken < gaps.size()) end = std::min(end, gaps[gapsTaken].atFrame);
        return {audio.begin() + static_cast<std::ptrdiff_t>(written),
                audio.begin() + static_cast<std::ptrdiff_t>(end)};
    }
};

enum class Op { write, fillInPlace, gap, closeGap, takeGap, advance, drain, durable, rewind };

struct Step {
    Op op;
    std::uint64_t count;
    GapCause cause;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
    return out << "op " << static_cast<int>(step.op) << " of " << step.count << ' '
               << gapCauseName(step.cause);
}

rc::Gen<Step> anyStep(std::uint64_t capacity) {
    const auto op = rc::gen::weightedElement<Op>({{6, Op::write},
                                                  {4, Op::fillInPlace},
                                                  {3, Op::gap},
                                                  {1, Op::closeGap},
                                                  {3, Op::takeGap},
                                                  {4, Op::advance},
                                                  {2, Op::drain},
                                                  {3, Op::durable},
                                                  {1, Op::rewind}});
    const auto cause =
        rc::gen::element(GapCause::ringFull, GapCause::driverOverrun, GapCause::paused);
    return rc::gen::construct<Step>(op, rc::gen::inRange<std::uint64_t>(0, capacity + 3), cause);
}

class RingBesideModel {
  public:
    explicit RingBesideModel(std::uint64_t capacity)
        : model_{capacity, {}, {}, {}}, ring_(numberedRing(capacity)) {}

    // Fills all but `left` slots of the gap table and leaves the ring empty.
    void nearlyFullTable(std::uint64_t left) {
        for (std::uint64_t i = left; i < kRingGapSlots; ++i) {
            const GapCause cause = i % 2 == 0 ? GapCause::clock : GapCause::injected;
            producer_.gap(1, cause);
            model_.lose(1, cause);
        }
        RC_ASSERT(producer_.closeGap() == model_.close());
    }

    void apply(const Step& step) {
        if (step.op <= Op::closeGap) {
            produce(step);
        } else {
            consume(step);
        }
    }

    void check(std::uint64_t most) {
        RC_ASSERT(producer_.freeFrames() == model_.free());
        RC_ASSERT(consumer_.readableFrames() == model_.audio.size() - model_.written);
        RC_ASSERT(consumer_.gapHere() == model_.gapHere());
        RC_ASSERT(framesOf(consumer_.peek(most)) == model_.peek(most));
        RC_ASSERT(consumer_.writtenFrame() == model_.written);
        RC_ASSERT(consumer_.gapsTaken() == model_.gapsTaken);
        const SpscRing::Fill fill = ring_->fill();
        RC_ASSERT(fill.published == model_.audio.size());
        RC_ASSERT(fill.written == model_.written);
        RC_ASSERT(fill.durable == model_.durable);
        RC_ASSERT(fill.capacity == model_.capacity);
        RC_ASSERT(fill.pendingLost == (model_.open ? model_.open->frames : 0));
        checkImage();
    }

  private:
    void produce(const Step& step) {
        switch (step.op) {
            case Op::write: {
                const auto frames = model_.next(step.count);
                RC_ASSERT(producer_.write(std::as_bytes(std::span(frames))) ==
                          model_.write(frames));
                break;
            }
            case Op::fillInPlace: {
                const auto space = producer_.reserve(step.count);
                const std::uint64_t room = space.size() / sizeof(NumberedFrame);
                RC_ASSERT(room == std::min(step.count, model_.contiguousFree()));
                // All that was reserved is scribbled on, and one frame fewer is published.
                std::fill(space.begin(), space.end(), std::byte{0xEE});
                const auto frames = model_.next(room - std::min<std::uint64_t>(room, 1));
                if (!frames.empty()) {
                    std::memcpy(space.data(), frames.data(), frames.size() * sizeof frames[0]);
                }
                producer_.publish(frames.size());
                model_.publish(frames);
                break;
            }
            case Op::gap:
                producer_.gap(step.count, step.cause);
                model_.lose(step.count, step.cause);
                break;
            default:
                RC_ASSERT(producer_.closeGap() == model_.close());
        }
    }

    void consume(const Step& step) {
        switch (step.op) {
            case Op::takeGap:
                takeGapIfHere();
                break;
            case Op::advance:
                advance(step.count);
                break;
            case Op::drain:
                while (model_.gapHere() || model_.written < model_.audio.size()) {
                    takeGapIfHere();
                    advance(model_.capacity);
                }
                break;
            case Op::durable:
                consumer_.markDurable();
                model_.durable = model_.written;
                model_.gapsDurable = model_.gapsTaken;
                break;
            default:
                consumer_.rewindToDurable();
                model_.written = model_.durable;
                model_.gapsTaken = model_.gapsDurable;
        }
    }

    void takeGapIfHere() {
        if (!model_.gapHere()) return;
        RC_ASSERT(consumer_.gapHere() == model_.gapHere());
        consumer_.takeGap();
        ++model_.gapsTaken;
    }

    void advance(std::uint64_t most) {
        const auto frames = model_.peek(most);
        RC_ASSERT(framesOf(consumer_.peek(most)) == frames);
        consumer_.advanceWritten(frames.size());
        model_.written += frames.size();
    }

    void checkImage() {
        const auto image = snapshotOf(*ring_);
        RC_ASSERT(image.has_value());
        RC_ASSERT(image->published == model_.audio.size());
        RC_ASSERT(image->written == model_.written);
        RC_ASSERT(image->durable == model_.durable);
        RC_ASSERT(image->gapsWritten == model_.gapsTaken);
        RC_ASSERT(image->gapsDurable == model_.gapsDurable);
        RC_ASSERT(image->pending == model_.open.value_or(Gap{}));
        RC_ASSERT(image->gapsPublished == model_.gaps.size());
        RC_ASSERT(image->firstGap <= model_.gapsDurable);
        RC_ASSERT(std::equal(image->gaps.begin(), image->gaps.end(),
                             model_.gaps.begin() + static_cast<std::ptrdiff_t>(image->firstGap),
                             model_.gaps.end()));
        for (std::uint64_t at = image->oldestFrame(); at < image->published; ++at) {
            const auto frame = ring_->memory().bytes().subspan(image->audioOffset(at), 16);
            RC_ASSERT(framesOf(frame).front() == model_.audio[at]);
        }
    }

    Model model_;
    std::unique_ptr<SpscRing> ring_;
    SpscRing::Producer producer_ = ring_->producer();
    SpscRing::Consumer consumer_ = ring_->consumer();
};

TEST(SpscRingProperty, BothEndsAndRecoverySeeWhatTheModelSays) {
    EXPECT_TRUE(rc::check("any order of steps", [] {
        const auto capacity = *rc::gen::inRange<std::uint64_t>(1, 20);
        RingBesideModel ring(capacity);
        const auto steps = *rc::gen::container<std::vector<Step>>(anyStep(capacity));
        for (const Step& step : steps) {
            ring.apply(step);
            ring.check(step.count);
        }
    }));
}

TEST(SpscRingProperty, TheSameHoldsAroundAFullGapTable) {
    EXPECT_TRUE(rc::check("any order of steps, few free slots", [] {
        const auto capacity = *rc::gen::inRange<std::uint64_t>(1, 20);
        RingBesideModel ring(capacity);
        ring.nearlyFullTable(*rc::gen::inRange<std::uint64_t>(0, 4));
        const auto steps = *rc::gen::container<std::vector<Step>>(anyStep(capacity));
        for (const Step& step : steps) {
            ring.apply(step);
            ring.check(step.count);
        }
    }));
}

}  // namespace
}  // namespace holdfast
