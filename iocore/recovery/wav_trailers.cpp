#include "iocore/recovery/wav_trailers.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace holdfast {
namespace {

// A file of empty chunks is walked this far and no further.
constexpr std::uint64_t kMaxWalkedChunks = 1 << 20;
constexpr std::uint64_t kSearchedBytes = 1 << 20;

// The search goes backwards, so that each place is asked once: does a chunk here lead to the end?
class BackwardSearch {
  public:
    BackwardSearch(const ChunkReader& reader, std::span<const std::byte> window,
                   std::uint64_t offset)
        : reader_(reader), window_(window), offset_(offset), leads_(window.size()) {}

    std::optional<std::uint64_t> earliest() {
        std::optional<std::uint64_t> found;
        const std::size_t head = reader_.headBytes();
        if (window_.size() < head) return found;
        for (std::size_t at = window_.size() - head + 1; at-- > 0;) {
            const ChunkHead chunk = reader_.parse(offset_ + at, window_.subspan(at));
            if (!isPlausibleId(chunk.id)) continue;
            leads_[at] = leadsToEnd(chunk) || isListCutShort(chunk);
            if (leads_[at] && isKnownTrailer(chunk.id)) found = offset_ + at;
        }
        return found;
    }

  private:
    bool leadsToEnd(const ChunkHead& chunk) const {
        if (chunk.payload > reader_.size() || chunk.bytes > reader_.size() - chunk.payload) {
            return false;
        }
        // Some writers leave the last pad byte out, some every one.
        const std::uint64_t padded = reader_.paddedEnd(chunk);
        if (padded >= reader_.size()) return true;
        return leads_[static_cast<std::size_t>(padded - offset_)] ||
               leads_[static_cast<std::size_t>(chunk.payload + chunk.bytes - offset_)];
    }

    // Its form is part of its name: that is enough where the end is missing.
    bool isListCutShort(const ChunkHead& chunk) const {
        if (textOf(chunk.id) != "LIST" || chunk.payload + 4 > reader_.size()) return false;
        if (chunk.bytes <= reader_.size() - chunk.payload || isPlaceholderSize(chunk.bytes)) {
            return false;
        }
        const auto form = window_.subspan(static_cast<std::size_t>(chunk.payload - offset_), 4);
        const std::string_view text(reinterpret_cast<const char*>(form.data()), form.size());
        return text == "INFO" || text == "adtl";
    }

    const ChunkReader& reader_;
    std::span<const std::byte> window_;
    std::uint64_t offset_;
    std::vector<bool> leads_;
};

}  // namespace

Result<Trailers> walkTrailers(ChunkReader& reader, std::uint64_t from, bool claimed) {
    Trailers found;
    found.end = from;
    for (std::uint64_t step = 0; step < kMaxWalkedChunks; ++step) {
        if (found.end >= reader.size()) {
            found.stand = found.stand || found.end != from;
            break;
        }
        const auto head = reader.chunkAt(found.end);
        if (!head) return fail(head.error());
        if (!*head || !isPlausibleId((*head)->id)) break;
        const ChunkHead& chunk = **head;
        if (chunk.bytes > reader.size() - chunk.payload) {
            if (isKnownTrailer(chunk.id)) {
                found.stand = true;
                found.end = reader.size();
                found.missingBytes = chunk.bytes - (reader.size() - chunk.payload);
                found.notes.push_back(
                    fmt::format("the chunk '{}' behind the audio is cut short", textOf(chunk.id)));
            }
            break;
        }
        if (isKnownTrailer(chunk.id) && claimed) found.stand = true;
        found.secondData = found.secondData || textOf(chunk.id) == "data";
        found.chunks.add(chunk);
        const auto next = reader.next(chunk);
        if (!next) return fail(next.error());
        found.end = *next;
    }
    // Chunks that end where the header does are what it counted; stray bytes may follow.
    found.stand = found.stand || (found.end != from && found.end == reader.claimedEnd());
    found.end = std::min(found.end, reader.size());
    return found;
}

Result<std::optional<std::uint64_t>> findTrailers(ChunkReader& reader, std::uint64_t dataOffset) {
    const std::uint64_t room = reader.size() - std::min(reader.size(), dataOffset);
    const std::uint64_t bytes = std::min(room, kSearchedBytes);
    if (bytes == 0) return std::optional<std::uint64_t>{};
    const std::uint64_t offset = reader.size() - bytes;
    const auto window = reader.bytesAt(offset, static_cast<std::size_t>(bytes));
    if (!window) return fail(window.error());
    return BackwardSearch(reader, *window, offset).earliest();
}

}  // namespace holdfast
