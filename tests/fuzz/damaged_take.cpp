#include "tests/fuzz/damaged_take.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <map>

#include "iocore/base/byte_codec.h"
#include "iocore/base/checksum.h"
#include "tests/fuzz/fuzz_target.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kDiskBytes = 4 << 20;
constexpr std::size_t kMostFileBytes = 48 << 10;
constexpr std::size_t kBehindEnd = 64;  // damage may begin so far behind a file's end
constexpr std::byte kSealHeader{1};
constexpr std::byte kSealJournal{2};
constexpr std::byte kSealRing{4};

TakeSpec specOf(TakeKind kind) {
    TakeSpec spec{.committedFrames = 300, .tailFrames = 40, .segmentFrames = 100};
    spec.ringCapacity = 256;
    switch (kind) {
        case TakeKind::ringGapsMarkers:
            spec.ringGaps = {{310, 40, GapCause::ringFull}, {330, 9, GapCause::paused}};
            spec.pendingGap = {0, 7, GapCause::deviceLost};
            spec.markers = {{100, "here"}, {340, "there"}};
            [[fallthrough]];
        case TakeKind::ring:
        case TakeKind::repairedInPlace:
        case TakeKind::killedInPlace:
            spec.ringFrames = 400;
            break;
        case TakeKind::finished:
            spec.tailFrames = 0;
            spec.finished = true;
            spec.dataEndBytes = 600;
            break;
        case TakeKind::withoutJournal:
            spec.journal = false;
            break;
        case TakeKind::cutTrailer:
            spec.dataEndBytes = 680;
            spec.behindAudio = chunkOf("LIST", "adtl and so on, cut short here");
            spec.behindAudio.resize(20);
            break;
        case TakeKind::withChunk:
            spec.ringFrames = 400;
            spec.markers = {{100, "here"}};
            spec.chunks = {{{'b', 'e', 'x', 't'}, Bytes(77, std::byte{0x42})}};
            break;
        case TakeKind::partFile:
            spec.wavName = "take.part.wav";
            break;
        default:
            break;
    }
    return spec;
}

DamagedTake foreign(const ForeignSpec& spec) {
    DamagedTake take;
    take.wavName = "take.wav";
    take.files["take.wav"] = std::make_shared<const Bytes>(buildForeign(spec));
    return take;
}

void findLog(DamagedTake& take) {
    take.logName.clear();
    for (const auto& [name, bytes] : take.files) {
        if (name.ends_with(".journal") || name.ends_with(".undo")) take.logName = name;
    }
}

// Repaired in place; killed after `operations`, where there are as many.
void repairFirst(DamagedTake& take, std::size_t operations) {
    FaultDisk disk = take.disk();
    bool ringGone = false;
    disk.failAt(operations, EIO, Repeat::forEver);
    (void)repairInPlace(disk, take.wavName, take.options(ringGone));
    take.files = disk.files();
    if (ringGone) take.ring.clear();
}

DamagedTake madeTake(TakeKind kind, std::size_t argument) {
    const Bytes list = chunkOf("LIST", "INFOISFT");
    if (kind == TakeKind::foreignZeroSizes) {
        return foreign({.frames = 200, .riffBytes = 0, .dataBytes = 0});
    }
    if (kind == TakeKind::foreignStale) {
        return foreign({.frames = 200, .riffBytes = 76, .dataBytes = 40, .before = list});
    }
    BuiltTake built = buildTake(specOf(kind));
    DamagedTake take{built.wavName, "", std::move(built.files), std::move(built.ring),
                     built.ringPath};
    if (kind == TakeKind::repairedInPlace) repairFirst(take, 1'000);
    if (kind == TakeKind::killedInPlace) repairFirst(take, argument);
    return take;
}

void damage(Bytes& bytes, DamageAction action, std::size_t offset, std::span<const std::byte> with,
            std::size_t count) {
    if (bytes.empty()) return;
    offset %= bytes.size() + kBehindEnd;
    switch (action) {
        case DamageAction::overwrite:
            if (bytes.size() < offset + with.size()) bytes.resize(offset + with.size());
            std::ranges::copy(with, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
            break;
        case DamageAction::flip:
            bytes[offset % bytes.size()] ^= static_cast<std::byte>(count);
            break;
        case DamageAction::cut:
            bytes.resize(std::min(bytes.size(), offset));
            break;
        case DamageAction::zeros:
            if (bytes.size() < offset + 16 * count) bytes.resize(offset + 16 * count);
            std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), 16 * count,
                        std::byte{0});
            break;
        default:
            break;
    }
    bytes.resize(std::min(bytes.size(), kMostFileBytes));
}

void sealRing(Bytes& ring) {
    constexpr std::size_t kSealAt = offsetof(RingFixedPart, sealChecksum);
    if (ring.size() < kSealAt + 8) return;
    storeLe(ring.data() + kSealAt, checksum(std::span<const std::byte>(ring).first(kSealAt), 0));
}

}  // namespace

FaultDisk DamagedTake::disk() const {
    FaultDisk disk = FaultDisk::fromImage(files);
    disk.setCapacity(kDiskBytes);
    return disk;
}

RepairOptions DamagedTake::options(bool& ringGone) const {
    RepairOptions options;
    options.scan.ignoreLivingProcess = true;  // what runs here now is not the input's to say
    options.scan.openRing =
        [this, &ringGone](const std::string& path) -> Result<std::unique_ptr<DiskFile>> {
        if (path != ringPath || ring.empty() || ringGone) {
            return fail(Stage::disk, ENOENT, "no ring");
        }
        return FaultDisk::fromImage({{"ring", std::make_shared<const Bytes>(ring)}})
            .open("ring", Access::read);
    };
    options.removeRing = [&ringGone](const std::string&) -> Result<> {
        ringGone = true;
        return {};
    };
    return options;
}

DamagedTake damagedTake(std::span<const std::byte> input) {
    ByteReader in(input);
    const auto kind =
        static_cast<TakeKind>(in.get<std::uint8_t>() % static_cast<unsigned>(TakeKind::count));
    const std::size_t argument = in.get<std::uint8_t>() % 32;
    const auto flags = static_cast<std::byte>(in.get<std::uint8_t>());
    static std::map<std::pair<TakeKind, std::size_t>, DamagedTake> made;
    const auto key = std::pair(kind, kind == TakeKind::killedInPlace ? argument : 0);
    if (!made.contains(key)) made.emplace(key, madeTake(kind, argument));
    DamagedTake take = made.at(key);
    findLog(take);
    Bytes wav = take.files.contains(take.wavName) ? *take.files.at(take.wavName) : Bytes{};
    Bytes log = take.logName.empty() ? Bytes{} : *take.files.at(take.logName);
    while (!in.rest().empty()) {
        const auto what = in.get<std::uint8_t>();
        const std::size_t offset = in.get<std::uint16_t>();
        const std::size_t count = in.get<std::uint8_t>();
        const auto action =
            static_cast<DamageAction>(what / 3 % static_cast<unsigned>(DamageAction::count));
        const auto with = action == DamageAction::overwrite
                              ? in.getBytes(std::min(count, in.rest().size()))
                              : std::span<const std::byte>{};
        damage(what % 3 == 0 ? wav : what % 3 == 1 ? log : take.ring, action, offset, with, count);
    }
    if ((flags & kSealHeader) != std::byte{0}) wavTarget().mend(wav);
    if ((flags & kSealJournal) != std::byte{0}) journalTarget().mend(log);
    if ((flags & kSealRing) != std::byte{0}) sealRing(take.ring);
    take.files[take.wavName] = std::make_shared<const Bytes>(std::move(wav));
    if (!take.logName.empty()) {
        take.files[take.logName] = std::make_shared<const Bytes>(std::move(log));
    }
    return take;
}

}  // namespace holdfast
