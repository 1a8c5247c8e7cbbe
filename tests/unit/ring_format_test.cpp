#include "iocore/ring/ring_format.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "iocore/base/checksum.h"
#include "iocore/base/little_endian.h"
#include "tests/support/ring_frames.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kCapacity = 1000;
constexpr PcmFormat kFormat{96'000, 3, SampleType::S24, 0x7};

// The first bytes of a ring file, to be set as some process may have left them.
class Image {
  public:
    Image() : head(kRingAudioOffset) {
        TakeId takeId;
        takeId.bytes.fill(std::byte{7});
        seal(sealedRingFixedPart(kFormat, kCapacity, takeId, writer));
        set32(offsetof(RingHeader, part), 1);
    }
    void seal(const RingFixedPart& fixed) { std::memcpy(head.data(), &fixed, sizeof fixed); }
    // `change` on the fixed part, sealed anew: what a bug would write, and no damage.
    template <typename Change>
    Image& sealed(Change change) {
        RingFixedPart fixed;
        std::memcpy(&fixed, head.data(), sizeof fixed);
        change(fixed);
        const auto bytes = std::as_bytes(std::span(&fixed, 1));
        fixed.sealChecksum = checksum(bytes.first(offsetof(RingFixedPart, sealChecksum)), 0);
        seal(fixed);
        return *this;
    }
    Image& set(std::size_t offset, std::uint64_t value) {
        storeLe(head.data() + offset, value);
        return *this;
    }
    Image& set32(std::size_t offset, std::uint32_t value) {
        storeLe(head.data() + offset, value);
        return *this;
    }
    // Frames published, written, durable.
    Image& cursors(std::uint64_t published, std::uint64_t written, std::uint64_t durable) {
        set(offsetof(RingHeader, published), published);
        set(offsetof(RingHeader, written), written);
        return set(offsetof(RingHeader, durable), durable);
    }
    Image& gapCursors(std::uint64_t published, std::uint64_t written, std::uint64_t durable) {
        set(offsetof(RingHeader, gapsPublished), published);
        set(offsetof(RingHeader, gapsWritten), written);
        return set(offsetof(RingHeader, gapsDurable), durable);
    }
    Image& gap(std::uint64_t number, const Gap& gap) {
        const std::size_t at =
            offsetof(RingHeader, gaps) + number % kRingGapSlots * sizeof(RingGapSlot);
        set(at + offsetof(RingGapSlot, atFrame), gap.atFrame);
        set(at + offsetof(RingGapSlot, frames), gap.frames);
        return set32(at + offsetof(RingGapSlot, cause), static_cast<std::uint32_t>(gap.cause));
    }
    Image& pending(std::uint64_t number, std::uint64_t lost, GapCause cause) {
        set(offsetof(RingHeader, pendingNumber), number);
        set(offsetof(RingHeader, pendingLost), lost);
        return set32(offsetof(RingHeader, pendingCause), static_cast<std::uint32_t>(cause));
    }
    [[nodiscard]] Result<RingSnapshot> decode() const {
        return decodeRing(head, kRingAudioOffset + kCapacity * kFormat.bytesPerFrame());
    }
    // What decoding complains of; empty when it does not.
    [[nodiscard]] std::string complaint() const {
        const auto ring = decode();
        if (ring) return {};
        EXPECT_EQ(ring.error().stage, Stage::ring);
        return ring.error().text;
    }

    const ProcessIdentity writer{{}, 42, 4711};
    std::vector<std::byte> head;
};

#define EXPECT_COMPLAINT(image, word) \
    EXPECT_NE((image).complaint().find(word), std::string::npos) << (image).complaint()

TEST(RingFormatTest, EverythingWrittenIsDecoded) {
    Image image;
    image.cursors(1500, 900, 700).gapCursors(2, 1, 0).gap(0, {5, 6, GapCause::clock});
    image.gap(1, {1200, 7, GapCause::paused}).pending(2, 9, GapCause::ringFull);
    image.set32(offsetof(RingHeader, use), 1);
    const auto ring = image.decode();
    ASSERT_TRUE(ring) << ring.error().message();
    EXPECT_EQ(ring->format, kFormat);
    EXPECT_EQ(ring->takeId.hex(), "07070707070707070707070707070707");
    EXPECT_EQ(ring->writer, image.writer);
    EXPECT_EQ(ring->use, RingUse::recording);
    EXPECT_EQ(ring->capacityFrames, kCapacity);
    EXPECT_EQ(ring->published, 1500u);
    EXPECT_EQ(ring->written, 900u);
    EXPECT_EQ(ring->durable, 700u);
    EXPECT_EQ(ring->gapsPublished, 2u);
    EXPECT_EQ(ring->gapsWritten, 1u);
    EXPECT_EQ(ring->gapsDurable, 0u);
    EXPECT_EQ(ring->firstGap, 0u);
    EXPECT_EQ(ring->gaps, (std::vector<Gap>{{5, 6, GapCause::clock}, {1200, 7, GapCause::paused}}));
    EXPECT_EQ(ring->pending, (Gap{1500, 9, GapCause::ringFull}));
    EXPECT_EQ(ring->audioOffset(1200), kRingAudioOffset + 200 * 9);
}

TEST(RingFormatTest, SpaceBeforeDurableIsNotTrusted) {
    const auto ring = Image().cursors(1500, 900, 700).decode();
    ASSERT_TRUE(ring);
    EXPECT_EQ(ring->oldestFrame(), 700u);
}

// A gap of 6 frames is open before gap number 1, then entered: the image between any two stores
// tells 6 frames once.
TEST(RingFormatTest, OpenGapIsToldOnceBetweenAnyTwoStores) {
    const Gap before{50, 3, GapCause::clock};
    const Gap gap{80, 6, GapCause::ringFull};
    Image image;
    image.cursors(80, 0, 0).gapCursors(1, 0, 0).gap(0, before);
    image.pending(0, 0, GapCause::clock);  // as the earlier gap left it
    const auto expect = [&](const char* after, const std::vector<Gap>& table, const Gap& pending) {
        const auto ring = image.decode();
        ASSERT_TRUE(ring) << after << ": " << ring.error().message();
        EXPECT_EQ(ring->gaps, table) << after;
        EXPECT_EQ(ring->pending, pending) << after;
    };
    expect("before", {before}, {});
    image.set32(offsetof(RingHeader, pendingCause), static_cast<std::uint32_t>(gap.cause));
    expect("cause", {before}, {});
    image.set(offsetof(RingHeader, pendingNumber), 1);
    expect("number", {before}, {});
    image.set(offsetof(RingHeader, pendingLost), 4);
    expect("opened", {before}, {80, 4, GapCause::ringFull});
    image.set(offsetof(RingHeader, pendingLost), 6);
    expect("grown", {before}, gap);
    image.gap(1, gap);
    expect("slot", {before}, gap);
    image.set(offsetof(RingHeader, gapsPublished), 2);
    expect("entered", {before, gap}, {});
    image.set(offsetof(RingHeader, pendingLost), 0);
    expect("closed", {before, gap}, {});
    image.set(offsetof(RingHeader, published), 90);
    expect("audio", {before, gap}, {});
}

// The same loss twice at one place is two losses, not one told twice.
TEST(RingFormatTest, EqualGapsAtOnePlaceAreBothTold) {
    const Gap gap{80, 6, GapCause::ringFull};
    Image image;
    image.cursors(80, 0, 0).gapCursors(1, 0, 0).gap(0, gap).pending(1, 6, GapCause::ringFull);
    const auto ring = image.decode();
    ASSERT_TRUE(ring);
    EXPECT_EQ(ring->gaps, std::vector<Gap>{gap});
    EXPECT_EQ(ring->pending, gap);
}

// 1030 gaps, of which the last 1024 have a slot: frame 10 x number.
Image longTable(std::uint64_t gapsDurable) {
    Image image;
    image.cursors(20'000, 20'000, 19'500);
    for (std::uint64_t number = 0; number < 1030; ++number) {
        image.gap(number, {10 * number, 1, GapCause::clock});
    }
    image.gapCursors(1030, 1030, gapsDurable);
    return image;
}

TEST(RingFormatTest, FullTableIsReadWhole) {
    const auto ring = longTable(6).decode();
    ASSERT_TRUE(ring) << ring.error().message();
    EXPECT_EQ(ring->firstGap, 6u);
    ASSERT_EQ(ring->gaps.size(), 1024u);
    EXPECT_EQ(ring->gaps.front().atFrame, 60u);
    EXPECT_EQ(ring->gaps.back().atFrame, 10'290u);
}

TEST(RingFormatTest, ReleasedSlotThatComesNextIsNotTrusted) {
    Image image = longTable(7);
    image.gap(1030, {19'000, 0, GapCause::clock});  // killed while it was filled
    const auto ring = image.decode();
    ASSERT_TRUE(ring) << ring.error().message();
    EXPECT_EQ(ring->firstGap, 7u);
    ASSERT_EQ(ring->gaps.size(), 1023u);
    EXPECT_EQ(ring->gaps.front().atFrame, 70u);
}

TEST(RingFormatTest, ShortFilesAreNamed) {
    const Image image;
    EXPECT_FALSE(decodeRing({}, 0));
    EXPECT_FALSE(decodeRing(std::span(image.head).first(100), 1 << 20));
    EXPECT_FALSE(decodeRing(image.head, kRingAudioOffset - 1));
    const std::uint64_t whole = kRingAudioOffset + kCapacity * kFormat.bytesPerFrame();
    EXPECT_TRUE(decodeRing(image.head, whole));
    EXPECT_TRUE(decodeRing(image.head, whole + 1));
    const auto ring = decodeRing(image.head, whole - 1);
    ASSERT_FALSE(ring);
    EXPECT_NE(ring.error().text.find("cut short: 49959 of 49960 bytes"), std::string::npos)
        << ring.error().text;
}

TEST(RingFormatTest, DamagedFixedPartIsRefused) {
    for (std::size_t at = 0; at < sizeof(RingFixedPart); ++at) {
        Image image;
        image.head[at] ^= std::byte{0x10};
        EXPECT_FALSE(image.complaint().empty()) << "byte " << at;
    }
    EXPECT_COMPLAINT(Image().set(0, 0), "not a ring");
    EXPECT_COMPLAINT(Image().set32(8, 2), "version 2");
    EXPECT_COMPLAINT(Image().set(offsetof(RingFixedPart, capacityFrames), 7), "seal");
}

TEST(RingFormatTest, SealedNonsenseIsRefused) {
    using F = RingFixedPart;
    EXPECT_COMPLAINT(Image().sealed([](F& f) { f.capacityFrames = 0; }), "capacity");
    EXPECT_COMPLAINT(Image().sealed([](F& f) { f.capacityFrames = ~0ULL / 9 + 2; }), "capacity");
    EXPECT_COMPLAINT(Image().sealed([](F& f) { f.capacityFrames = kRingMaxFrames; }), "cut short");
    EXPECT_COMPLAINT(Image().sealed([](F& f) { f.sampleType = 0; }), "sample type 0");
    EXPECT_COMPLAINT(Image().sealed([](F& f) { f.sampleType = 5; }), "sample type 5");
    EXPECT_COMPLAINT(Image().sealed([](F& f) { f.sampleType = 258; }), "sample type 258");
    EXPECT_COMPLAINT(Image().sealed([](F& f) { f.channels = 0; }), "channels");
    EXPECT_COMPLAINT(Image().sealed([](F& f) { f.channels = 0x55555558; }), "channels");
    EXPECT_COMPLAINT(Image().sealed([](F& f) { f.sampleRate = 0; }), "rate");
    EXPECT_COMPLAINT(Image().sealed([](F& f) { f.bytesPerFrame = 0; }), "bytes per frame");
    EXPECT_COMPLAINT(Image().sealed([](F& f) { f.bytesPerFrame = 8; }), "bytes per frame");
    EXPECT_COMPLAINT(Image().set32(offsetof(RingHeader, use), 2), "use");
}

TEST(RingFormatTest, CursorsThatCannotBeAreRefused) {
    EXPECT_EQ(Image().cursors(1000, 1000, 0).complaint(), "");
    EXPECT_COMPLAINT(Image().cursors(1001, 1001, 0), "frames");
    EXPECT_COMPLAINT(Image().cursors(10, 11, 5), "frames");
    EXPECT_COMPLAINT(Image().cursors(10, 4, 5), "frames");
    EXPECT_COMPLAINT(Image().cursors(5, 5, ~0ULL - 3), "frames");
    EXPECT_COMPLAINT(Image().cursors(~0ULL, ~0ULL, ~0ULL), "frames");
    EXPECT_COMPLAINT(Image().gapCursors(0, 1, 0), "gaps");
    EXPECT_COMPLAINT(Image().gapCursors(1, 0, 1), "gaps");
    EXPECT_COMPLAINT(Image().gapCursors(1025, 0, 0), "gaps");
    EXPECT_COMPLAINT(Image().gapCursors(~0ULL, ~0ULL, ~0ULL), "gaps");
}

TEST(RingFormatTest, GapsThatCannotBeAreRefused) {
    const auto one = [](const Gap& gap) {
        return Image().cursors(80, 0, 0).gapCursors(1, 0, 0).gap(0, gap);
    };
    EXPECT_EQ(one({80, kRingMaxFrames, GapCause::restarted}).complaint(), "");
    EXPECT_COMPLAINT(one({81, 1, GapCause::clock}), "order");
    EXPECT_COMPLAINT(one({80, 0, GapCause::clock}), "0 frames");
    EXPECT_COMPLAINT(one({80, kRingMaxFrames + 1, GapCause::clock}), "cannot be");
    EXPECT_COMPLAINT(one({80, 1, static_cast<GapCause>(0)}), "cause 0");
    EXPECT_COMPLAINT(one({80, 1, static_cast<GapCause>(10)}), "cause 10");
    auto two = one({80, 1, GapCause::clock});
    EXPECT_COMPLAINT(two.gapCursors(2, 0, 0).gap(1, {79, 1, GapCause::clock}), "order");
    EXPECT_COMPLAINT(Image().pending(1, 1, GapCause::clock), "open gap");
    EXPECT_COMPLAINT(Image().pending(0, kRingMaxFrames + 1, GapCause::clock), "open gap");
    EXPECT_COMPLAINT(Image().pending(0, 1, static_cast<GapCause>(0)), "cause 0");
}

// Whatever the cursors and the table hold, what is decoded can be computed with.
TEST(RingFormatTest, WhatIsDecodedFromNoiseIsSound) {
    std::mt19937_64 random(3);
    constexpr std::array<std::size_t, 8> kFields{
        offsetof(RingHeader, published),   offsetof(RingHeader, gapsPublished),
        offsetof(RingHeader, pendingLost), offsetof(RingHeader, pendingNumber),
        offsetof(RingHeader, written),     offsetof(RingHeader, gapsWritten),
        offsetof(RingHeader, durable),     offsetof(RingHeader, gapsDurable)};
    int decoded = 0;
    for (int trial = 0; trial < 20'000; ++trial) {
        Image image = longTable(10);
        for (int change = 0; change < 3; ++change) {
            const std::size_t at = random() % 4 != 0 ? kFields[random() % kFields.size()]
                                                     : 8 * (random() % (sizeof(RingHeader) / 8));
            const std::uint64_t old = loadLe<std::uint64_t>(image.head.data() + at);
            image.set(at, random() % 2 == 0 ? random() : old + random() % 5 - 2);
        }
        const auto ring = image.decode();
        if (!ring) continue;
        ++decoded;
        ASSERT_LE(ring->durable, ring->written);
        ASSERT_LE(ring->written, ring->published);
        ASSERT_LE(ring->published - ring->oldestFrame(), kCapacity);
        ASSERT_EQ(ring->firstGap + ring->gaps.size(), ring->gapsPublished);
        for (const Gap& gap : ring->gaps) ASSERT_LE(gap.atFrame, ring->published);
    }
    EXPECT_GT(decoded, 100);
}

TEST(RingFormatTest, ImageSizeSaturates) {
    EXPECT_EQ(ringImageBytes(6, 10), kRingAudioOffset + 60);
    EXPECT_EQ(ringImageBytes(256, ~0ULL / 256 + 1), ~0ULL);
    EXPECT_EQ(ringImageBytes(2, ~0ULL), ~0ULL);
}

}  // namespace
}  // namespace holdfast
