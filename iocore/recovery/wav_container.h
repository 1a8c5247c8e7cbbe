// ChunkReader: the chunks of a WAV, whichever of its containers holds them.
//
// RIFF (RIFF MCI), RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088: sizes of 64 bits in `ds64`), W64
// (Sony: GUIDs, sizes of 64 bits that count the chunk's own head, chunks aligned to 8). The file is
// hostile: sizes are only reported here; the caller compares them with what is there before it
// steps over a chunk.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"

namespace holdfast {

enum class WavContainer { none, riff, rf64, bw64, w64 };
std::string_view wavContainerName(WavContainer container);

using ChunkId = std::array<char, 4>;
inline std::string_view textOf(const ChunkId& id) {
    return {id.data(), id.size()};
}
// Four printable characters: what a chunk's name may be.
bool isPlausibleId(const ChunkId& id);
// Names that stand behind the audio in real files.
bool isKnownTrailer(const ChunkId& id);
// Any name that a WAV is known to hold.
bool isKnownChunk(const ChunkId& id);
// Sizes that writers to a pipe leave, and those that no disk holds.
bool isPlaceholderSize(std::uint64_t bytes);

struct ChunkHead {
    ChunkId id{};               // of a W64 chunk: its RIFF name; zeros where it is unknown
    std::uint64_t payload = 0;  // offset in the file
    std::uint64_t bytes = 0;    // as claimed, with ds64's word where the head refers to it
};

// A chunk that is kept: all of it is in the file.
struct ChunkExtent {
    ChunkId id{};
    std::uint64_t offset = 0;  // of the payload
    std::uint64_t bytes = 0;   // of the payload
};

// Chunks listed on each side of the audio; more are counted only.
inline constexpr std::size_t kMaxListedChunks = 256;
struct ChunkList {
    std::vector<ChunkExtent> extents;
    std::uint64_t notListed = 0;
    // Leaves out what a result has anew: fmt, data, fact, filler.
    void add(const ChunkHead& head);
};

// A table of more entries is not read further.
inline constexpr std::size_t kMaxSizeTable = 256;

class ChunkReader {
  public:
    // `file` outlives the reader. `size` of it in bytes, when it was opened.
    ChunkReader(DiskFile& file, std::uint64_t size) : file_(file), size_(size) {}

    // True when a container's head stands at `at`: it is taken. [any thread] [blocks]
    Result<bool> identify(std::uint64_t at);
    // The head is lost: chunks as RIFF has them.
    void assumeRiff() { container_ = WavContainer::riff; }

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] WavContainer container() const { return container_; }
    [[nodiscard]] std::uint64_t start() const { return start_; }
    [[nodiscard]] std::uint64_t firstChunk() const { return start_ + formBytes(); }
    [[nodiscard]] std::uint32_t headBytes() const { return isW64() ? 24 : 8; }
    // Bytes that stand between chunks at most.
    [[nodiscard]] std::uint32_t mostPadding() const { return isW64() ? 7 : 1; }
    // The size in the container's head, and the offset in the file where it says that all ends.
    [[nodiscard]] std::uint64_t claimedBytes() const;
    [[nodiscard]] std::uint64_t claimedEnd() const;
    // Payload of `ds64`; 0: there is none.
    [[nodiscard]] std::uint64_t ds64Offset() const { return ds64_; }

    // Exactly `count` bytes at `offset`, or none where the file has fewer; valid until the next
    // call. [any thread] [blocks]
    Result<std::span<const std::byte>> bytesAt(std::uint64_t offset, std::size_t count);
    // Nothing at the file's end. [any thread] [blocks]
    Result<std::optional<ChunkHead>> chunkAt(std::uint64_t offset);
    // From memory, for searches. REQUIRES bytes.size() >= headBytes().
    [[nodiscard]] ChunkHead parse(std::uint64_t offset, std::span<const std::byte> bytes) const;
    // The rule's place of the next chunk. REQUIRES head.bytes <= size() - head.payload.
    [[nodiscard]] std::uint64_t paddedEnd(const ChunkHead& head) const;
    // The same, but some writers leave the pad byte out: known by the chunk that stands there.
    Result<std::uint64_t> next(const ChunkHead& head);
    // A chunk was stepped over so: other readers lose their way there.
    [[nodiscard]] bool metNoPad() const { return metNoPad_; }
    // Sizes of 64 bits for what comes. [any thread] [blocks]
    Result<> readDs64(const ChunkHead& head);

  private:
    [[nodiscard]] bool isW64() const { return container_ == WavContainer::w64; }
    [[nodiscard]] std::uint32_t formBytes() const { return isW64() ? 40 : 12; }
    [[nodiscard]] std::uint64_t resolved(const ChunkId& id, std::uint64_t bytes) const;

    DiskFile& file_;
    std::uint64_t size_;
    std::vector<std::byte> window_;
    std::uint64_t windowStart_ = 0;
    WavContainer container_ = WavContainer::none;
    std::uint64_t start_ = 0;
    bool metNoPad_ = false;
    std::uint64_t claimedBytes_ = 0;
    std::uint64_t ds64_ = 0;
    std::uint64_t ds64RiffBytes_ = 0;
    std::uint64_t ds64DataBytes_ = 0;
    std::vector<std::pair<ChunkId, std::uint64_t>> sizeTable_;
};

}  // namespace holdfast
