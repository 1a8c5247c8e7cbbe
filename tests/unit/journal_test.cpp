#include "iocore/journal/journal.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/support/fault_disk.h"

namespace holdfast {
namespace {

JournalHeader someHeader(std::uint64_t salt) {
    JournalHeader header;
    header.takeId = TakeId::random();
    header.sessionId = TakeId::random();
    header.salt = salt;
    header.writer = {currentBootId(), 17, 18};
    header.partIndex = 3;
    return header;
}

StartRecord someStart() {
    StartRecord start;
    start.format = {44'100, 6, SampleType::S24, 0x3F};
    start.startedAtNs = 1;
    start.commitIntervalMs = 250;
    start.fillGaps = 1;
    start.fillLimitFrames = 99;
    start.wavName = "Übung 東京.wav";
    start.ringPath = "/somewhere/ring";
    start.deviceId = "id";
    start.deviceName = "name";
    return start;
}

template <typename Record>
void expectRoundTrip(const Record& record) {
    const auto payload = encodePayload(record);
    Record back;
    ASSERT_TRUE(decodePayload(payload, back));
    EXPECT_EQ(back, record);
    for (std::size_t cut = 0; cut < payload.size(); ++cut) {
        Record ignored;
        EXPECT_FALSE(decodePayload(std::span(payload).first(cut), ignored)) << cut;
    }
}

TEST(JournalFormat, EveryRecordComesBackAndNoneWhenCutShort) {
    expectRoundTrip(someStart());
    expectRoundTrip(SegmentRecord{512, 100, 0xFEED, 25, 24, 26, 1, 2});
    expectRoundTrip(MarkerRecord{77, "marker"});
    expectRoundTrip(GapRecord{{5, 6, GapCause::driverOverrun}, 1, 5, 6});
    expectRoundTrip(DataEndRecord{4096});
    expectRoundTrip(RepairedRecord{900, Bytes(512, std::byte{3})});
    expectRoundTrip(UndoRecord{900, -5, Bytes(512, std::byte{1}), 600, Bytes(300, std::byte{2})});
    expectRoundTrip(RingTailRecord{12, Bytes(64, std::byte{3})});
    expectRoundTrip(ErrorRecord{6, 28, 100, "no space"});
}

TEST(JournalFormat, ChunkComesBackUnlessItsNameIsTheFilesOwn) {
    const ChunkRecord bext{{'b', 'e', 'x', 't'}, Bytes(77, std::byte{4})};
    const auto payload = encodePayload(bext);
    ChunkRecord back;
    ASSERT_TRUE(decodePayload(payload, back));
    EXPECT_EQ(back, bext);
    EXPECT_FALSE(decodePayload(std::span(payload).first(3), back));
    const std::vector<std::array<char, 4>> taken = {{'d', 'a', 't', 'a'}, {'f', 'm', 't', ' '},
                                                    {'R', 'I', 'F', 'F'}, {'c', 'u', 'e', ' '},
                                                    {'d', 's', '6', '4'}, {'b', '\0', 'x', 't'}};
    for (const auto& id : taken) {
        EXPECT_FALSE(decodePayload(encodePayload(ChunkRecord{id, Bytes(4)}), back)) << id[0];
    }
    const ChunkRecord endless{bext.id, Bytes(kMaxChunkRecordBytes + 1)};
    EXPECT_FALSE(decodePayload(encodePayload(endless), back));
}

// A journal of three markers on a fault disk, as raw bytes.
struct Written {
    Written() {
        auto journal = Journal::create(std::move(*disk.create("j", true)), header, someStart());
        for (std::uint64_t n = 0; n < 3; ++n) {
            (*journal)->append(RecordType::marker, MarkerRecord{n, "marker"});
        }
        EXPECT_TRUE((*journal)->sync());
        bytes = *disk.files().at("j");
    }
    JournalHeader header = someHeader(42);
    FaultDisk disk;
    Bytes bytes;
};

struct Read {
    JournalReading reading;
    std::vector<std::uint64_t> markers;
    bool ok = false;
};

Read read(const Bytes& bytes) {
    FaultDisk disk = FaultDisk::fromImage(FileMap{{"j", std::make_shared<Bytes>(bytes)}});
    Read result;
    auto file = disk.open("j", Access::read);
    const auto reading = readJournal(**file, [&](const JournalRecord& record) {
        MarkerRecord marker;
        if (record.type == RecordType::marker && decodePayload(record.payload, marker)) {
            result.markers.push_back(marker.fileFrame);
        }
    });
    result.ok = reading.has_value();
    if (reading) result.reading = *reading;
    return result;
}

using Markers = std::vector<std::uint64_t>;

TEST(JournalReader, WholeJournalIsRead) {
    const Written written;
    const Read result = read(written.bytes);
    ASSERT_TRUE(result.ok);
    EXPECT_EQ(result.reading.header, written.header);
    EXPECT_EQ(result.markers, (Markers{0, 1, 2}));
    EXPECT_EQ(result.reading.records, 4u);
    EXPECT_EQ(result.reading.tornBytes + result.reading.damagedBytes, 0u);
    EXPECT_EQ(result.reading.endOfRecords, written.bytes.size());
}

TEST(JournalReader, TornTailIsANormalEndAtEveryByte) {
    const Written written;
    const std::size_t recordBytes = 56;
    for (std::size_t cut = 1; cut < recordBytes; ++cut) {
        Bytes torn = written.bytes;
        torn.resize(torn.size() - cut);
        const Read result = read(torn);
        ASSERT_TRUE(result.ok);
        EXPECT_EQ(result.reading.damagedBytes, 0u);
        const bool onlyPaddingGone = cut <= 6;
        EXPECT_EQ(result.markers.size(), onlyPaddingGone ? 3u : 2u) << cut;
    }
}

TEST(JournalReader, ZerosBehindAreUnwrittenSpace) {
    const Written written;
    Bytes longer = written.bytes;
    longer.resize(longer.size() + 4096);
    const Read result = read(longer);
    EXPECT_EQ(result.markers, (Markers{0, 1, 2}));
    EXPECT_EQ(result.reading.tornBytes, 0u);
    EXPECT_EQ(result.reading.endOfRecords, written.bytes.size());
}

TEST(JournalReader, DamageInTheMiddleIsSteppedOverAndCounted) {
    const Written written;
    Bytes damaged = written.bytes;
    damaged[damaged.size() - 80] ^= std::byte{1};  // in the second marker
    const Read result = read(damaged);
    ASSERT_TRUE(result.ok);
    EXPECT_EQ(result.markers, (Markers{0, 2}));
    EXPECT_GT(result.reading.damagedBytes, 0u);
}

TEST(JournalReader, RecordOfAnotherTakeOrPlaceNeverPasses) {
    const Written written;
    const auto foreign = encodeRecord(RecordType::marker, 9, written.bytes.size(), 43,
                                      encodePayload(MarkerRecord{9, "other salt"}));
    Bytes withForeign = written.bytes;
    withForeign.insert(withForeign.end(), foreign.begin(), foreign.end());
    EXPECT_EQ(read(withForeign).markers, (Markers{0, 1, 2}));

    Bytes moved = written.bytes;  // the last record once more, behind itself
    moved.insert(moved.end(), written.bytes.end() - 56, written.bytes.end());
    EXPECT_EQ(read(moved).markers, (Markers{0, 1, 2}));
}

TEST(JournalReader, DamagedOrForeignHeaderIsAnErrorThatSaysWhich) {
    const Written written;
    Bytes damaged = written.bytes;
    damaged[20] ^= std::byte{1};
    EXPECT_FALSE(read(damaged).ok);
    EXPECT_FALSE(read({}).ok);
    EXPECT_FALSE(read(Bytes(4096)).ok);
}

TEST(Journal, ResumedJournalGoesOnBehindItsLastSoundRecord) {
    const Written written;
    Bytes torn = written.bytes;
    torn.resize(torn.size() - 10);
    FaultDisk disk = FaultDisk::fromImage(FileMap{{"j", std::make_shared<Bytes>(torn)}});
    {
        auto file = disk.open("j", Access::readWrite);
        const auto reading = readJournal(**file, [](const JournalRecord&) {});
        auto journal = Journal::resume(std::move(*file), *reading);
        (*journal)->append(RecordType::marker, MarkerRecord{7, "more"});
        EXPECT_TRUE((*journal)->sync());
    }
    EXPECT_EQ(read(*disk.files().at("j")).markers, (Markers{0, 1, 7}));
}

TEST(Journal, FailedSyncIsFinalAlthoughTheNextWouldSucceed) {
    FaultDisk disk;
    auto journal = Journal::create(std::move(*disk.create("j", true)), someHeader(1), someStart());
    (*journal)->append(RecordType::marker, MarkerRecord{1, "lost?"});
    disk.failKind(DiskOp::Kind::sync, 0, EIO);
    EXPECT_FALSE((*journal)->sync());
    EXPECT_FALSE((*journal)->sync());
    ASSERT_TRUE((*journal)->error());
    EXPECT_EQ((*journal)->error()->code, EIO);
}

}  // namespace
}  // namespace holdfast
