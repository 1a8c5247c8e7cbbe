#include "iocore/recovery/wav_container.h"

#include <algorithm>
#include <cstring>

#include "iocore/base/little_endian.h"

namespace holdfast {
namespace {

constexpr std::uint32_t kSeeDs64 = 0xFFFF'FFFF;
constexpr std::size_t kWindowBytes = 4'096;
constexpr std::size_t kDs64Bytes = 28;  // without its table

// W64's GUIDs. Most begin with the name that RIFF gives to the same contents; these three hold
// what a WAV has in another form.
using Guid = std::array<std::uint8_t, 16>;
constexpr Guid kRiff = {'r',  'i',  'f',  'f',  0x2E, 0x91, 0xCF, 0x11,
                        0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00, 0x00};
constexpr Guid kWave = {'w',  'a',  'v',  'e',  0xF3, 0xAC, 0xD3, 0x11,
                        0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A};
constexpr Guid kList = {'l',  'i',  's',  't',  0x2F, 0x91, 0xCF, 0x11,
                        0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00, 0x00};
constexpr Guid kMarker = {0x56, 0x62, 0xF7, 0xAB, 0x2D, 0x39, 0xD2, 0x11,
                          0x86, 0xC7, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A};
constexpr Guid kSummary = {0xBC, 0x94, 0x5F, 0x92, 0x5A, 0x52, 0xD2, 0x11,
                           0x86, 0xDC, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A};
constexpr ChunkId kOnlyInW64 = {'w', '6', '4', ' '};

bool isGuid(std::span<const std::byte> bytes, const Guid& guid) {
    return std::memcmp(bytes.data(), guid.data(), guid.size()) == 0;
}

ChunkId idOfGuid(std::span<const std::byte> bytes) {
    ChunkId id{};
    for (const Guid* guid : {&kList, &kMarker, &kSummary}) {
        if (isGuid(bytes, *guid)) return kOnlyInW64;
    }
    if (std::memcmp(bytes.data() + 4, kWave.data() + 4, kWave.size() - 4) != 0) return id;
    std::memcpy(id.data(), bytes.data(), id.size());
    return id;
}

template <std::size_t N>
bool isOneOf(const ChunkId& id, const std::array<std::string_view, N>& names) {
    return std::ranges::find(names, textOf(id)) != names.end();
}

}  // namespace

std::string_view wavContainerName(WavContainer container) {
    switch (container) {
        case WavContainer::none:
            return "raw audio";
        case WavContainer::riff:
            return "WAV";
        case WavContainer::rf64:
            return "RF64";
        case WavContainer::bw64:
            return "BW64";
        case WavContainer::w64:
            return "W64";
    }
    return "unknown";
}

bool isPlausibleId(const ChunkId& id) {
    return std::ranges::all_of(id, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

bool isKnownTrailer(const ChunkId& id) {
    static constexpr std::array<std::string_view, 16> kNames = {
        "LIST", "cue ", "bext", "iXML", "id3 ", "ID3 ", "smpl", "inst",
        "PEAK", "_PMX", "chna", "axml", "plst", "acid", "levl", "cart"};
    return isOneOf(id, kNames) || id == kOnlyInW64;
}

bool isKnownChunk(const ChunkId& id) {
    static constexpr std::array<std::string_view, 10> kNames = {
        "fmt ", "data", "fact", "ds64", "JUNK", "junk", "PAD ", "FLLR", "hfst", "afsp"};
    return isOneOf(id, kNames) || isKnownTrailer(id);
}

void ChunkList::add(const ChunkHead& head) {
    static constexpr std::array<std::string_view, 9> kMadeAnew = {
        "fmt ", "data", "fact", "ds64", "hfst", "JUNK", "junk", "PAD ", "FLLR"};
    if (isOneOf(head.id, kMadeAnew)) return;
    const bool fits = isPlausibleId(head.id) && head.id != kOnlyInW64 && head.bytes < 0xFFFF'FFFF;
    if (extents.size() >= kMaxListedChunks || !fits) {
        ++notListed;
        return;
    }
    extents.push_back({head.id, head.payload, head.bytes});
}

bool isPlaceholderSize(std::uint64_t bytes) {
    const auto isNear = [bytes](std::uint64_t value) {
        return bytes >= value - 0x2000 && bytes <= value + 0x1000;
    };
    return isNear(0x7FFF'FFFF) || (bytes >= 0xFFFF'E000 && bytes <= 0xFFFF'FFFF) ||
           bytes >= (std::uint64_t{1} << 62);
}

Result<std::span<const std::byte>> ChunkReader::bytesAt(std::uint64_t offset, std::size_t count) {
    if (offset > size_ || count > size_ - offset) return std::span<const std::byte>{};
    const bool inside = offset >= windowStart_ && offset - windowStart_ <= window_.size() &&
                        window_.size() - (offset - windowStart_) >= count;
    if (!inside) {
        const auto want =
            std::min<std::uint64_t>(std::max<std::uint64_t>(count, kWindowBytes), size_ - offset);
        window_.resize(static_cast<std::size_t>(want));
        windowStart_ = offset;
        const auto got = file_.readAt(offset, window_);
        if (!got) return fail(got.error());
        window_.resize(*got);
        if (*got < count) return std::span<const std::byte>{};
    }
    return std::span<const std::byte>(window_).subspan(
        static_cast<std::size_t>(offset - windowStart_), count);
}

Result<bool> ChunkReader::identify(std::uint64_t at) {
    const auto head = bytesAt(at, 12);
    if (!head) return fail(head.error());
    if (head->empty()) return false;
    const std::string_view text(reinterpret_cast<const char*>(head->data()), head->size());
    auto found = WavContainer::none;
    if (text.starts_with("RIFF")) found = WavContainer::riff;
    if (text.starts_with("RF64")) found = WavContainer::rf64;
    if (text.starts_with("BW64")) found = WavContainer::bw64;
    if (found != WavContainer::none) {
        if (text.substr(8) != "WAVE") return false;
        claimedBytes_ = loadLe<std::uint32_t>(head->data() + 4);
    } else {
        const auto guids = bytesAt(at, 40);
        if (!guids) return fail(guids.error());
        if (guids->empty() || !isGuid(*guids, kRiff) || !isGuid(guids->subspan(24), kWave)) {
            return false;
        }
        found = WavContainer::w64;
        claimedBytes_ = loadLe<std::uint64_t>(guids->data() + 16);
    }
    container_ = found;
    start_ = at;
    return true;
}

std::uint64_t ChunkReader::claimedBytes() const {
    return claimedBytes_ == kSeeDs64 && ds64_ != 0 ? ds64RiffBytes_ : claimedBytes_;
}

std::uint64_t ChunkReader::claimedEnd() const {
    const std::uint64_t from = start_ + (isW64() ? 0 : 8);
    return claimedBytes() > UINT64_MAX - from ? UINT64_MAX : from + claimedBytes();
}

std::uint64_t ChunkReader::resolved(const ChunkId& id, std::uint64_t bytes) const {
    if (bytes != kSeeDs64 || ds64_ == 0) return bytes;
    if (textOf(id) == "data") return ds64DataBytes_;
    for (const auto& [name, size] : sizeTable_) {
        if (name == id) return size;
    }
    return bytes;
}

ChunkHead ChunkReader::parse(std::uint64_t offset, std::span<const std::byte> bytes) const {
    ChunkHead head;
    head.payload = offset + headBytes();
    if (isW64()) {
        const auto whole = loadLe<std::uint64_t>(bytes.data() + 16);
        head.id = idOfGuid(bytes);
        head.bytes = whole - std::min<std::uint64_t>(whole, headBytes());
    } else {
        std::memcpy(head.id.data(), bytes.data(), head.id.size());
        head.bytes = resolved(head.id, loadLe<std::uint32_t>(bytes.data() + 4));
    }
    return head;
}

Result<std::optional<ChunkHead>> ChunkReader::chunkAt(std::uint64_t offset) {
    const auto bytes = bytesAt(offset, headBytes());
    if (!bytes) return fail(bytes.error());
    if (bytes->empty()) return std::optional<ChunkHead>{};
    return std::optional<ChunkHead>{parse(offset, *bytes)};
}

std::uint64_t ChunkReader::paddedEnd(const ChunkHead& head) const {
    const std::uint64_t end = head.payload + head.bytes;
    if (!isW64()) return end + head.bytes % 2;
    return end + (8 - (end - start_) % 8) % 8;
}

Result<std::uint64_t> ChunkReader::next(const ChunkHead& head) {
    const std::uint64_t padded = paddedEnd(head);
    if (isW64() || head.bytes % 2 == 0) return padded;
    const auto ruled = chunkAt(padded);
    if (!ruled) return fail(ruled.error());
    if (*ruled && isKnownChunk((*ruled)->id)) return padded;
    const auto bare = chunkAt(padded - 1);
    if (!bare) return fail(bare.error());
    if (!*bare || !isKnownChunk((*bare)->id)) return padded;
    metNoPad_ = true;
    return padded - 1;
}

Result<> ChunkReader::readDs64(const ChunkHead& head) {
    if (head.bytes < kDs64Bytes || ds64_ != 0) return {};
    const auto fixed = bytesAt(head.payload, kDs64Bytes);
    if (!fixed) return fail(fixed.error());
    if (fixed->empty()) return {};
    ds64_ = head.payload;
    ds64RiffBytes_ = loadLe<std::uint64_t>(fixed->data());
    ds64DataBytes_ = loadLe<std::uint64_t>(fixed->data() + 8);
    const std::uint64_t claimed = loadLe<std::uint32_t>(fixed->data() + 24);
    const std::uint64_t room = (head.bytes - kDs64Bytes) / 12;
    const std::uint64_t entries = std::min({claimed, room, std::uint64_t{kMaxSizeTable}});
    for (std::uint64_t i = 0; i < entries; ++i) {
        const auto entry = bytesAt(head.payload + kDs64Bytes + i * 12, 12);
        if (!entry) return fail(entry.error());
        if (entry->empty()) return {};
        ChunkId id{};
        std::memcpy(id.data(), entry->data(), id.size());
        sizeTable_.emplace_back(id, loadLe<std::uint64_t>(entry->data() + 4));
    }
    return {};
}

}  // namespace holdfast
