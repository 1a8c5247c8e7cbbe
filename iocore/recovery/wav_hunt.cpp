#include "iocore/recovery/wav_hunt.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kHuntedBytes = 1 << 20;
constexpr std::size_t kFmtBytes = 40;
// More places called "data" than any text has; bounds the reads that judge them.
constexpr int kMaxCandidates = 256;

Result<std::vector<std::byte>> firstBytes(ChunkReader& reader) {
    const auto count = std::min(reader.size(), kHuntedBytes);
    const auto bytes = reader.bytesAt(0, static_cast<std::size_t>(count));
    if (!bytes) return fail(bytes.error());
    return std::vector<std::byte>(bytes->begin(), bytes->end());
}

std::string_view asText(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// How well the size of a data chunk fits the file: the word "data" also stands in texts.
Result<int> fitOf(ChunkReader& reader, const ChunkHead& data) {
    const std::uint64_t there = reader.size() - data.payload;
    if (data.bytes > there) return isPlaceholderSize(data.bytes) ? 2 : 1;
    if (data.bytes == 0) return 2;
    const std::uint64_t end = reader.paddedEnd(data);
    if (end >= reader.size() || end == reader.claimedEnd()) return 3;
    const auto behind = reader.chunkAt(end);
    if (!behind) return fail(behind.error());
    return *behind && isKnownChunk((*behind)->id) ? 3 : 1;
}

Result<> huntData(ChunkReader& reader, const std::vector<std::byte>& bytes, HuntedChunks& found) {
    int bestFit = 0;
    int candidates = 0;
    const std::string_view text = asText(bytes);
    for (std::size_t at = text.find("data"); at != std::string_view::npos;
         at = text.find("data", at + 1)) {
        if (text.size() - at < reader.headBytes() || ++candidates > kMaxCandidates) break;
        const ChunkHead head = reader.parse(at, std::span(bytes).subspan(at));
        if (textOf(head.id) != "data") continue;  // the word, without its GUID
        const auto fit = fitOf(reader, head);
        if (!fit) return fail(fit.error());
        if (*fit > bestFit) {
            found.data = head;
            found.dataFits = *fit >= 2;
            bestFit = *fit;
        }
    }
    return {};
}

}  // namespace

Result<bool> huntContainer(ChunkReader& reader) {
    const auto bytes = firstBytes(reader);
    if (!bytes) return fail(bytes.error());
    const std::string_view text = asText(*bytes);
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto rest = text.substr(at, 4);
        if (rest != "RIFF" && rest != "RF64" && rest != "BW64" && rest != "riff") continue;
        if (rest != "riff" && text.substr(std::min(at + 8, text.size()), 4) != "WAVE") continue;
        const auto taken = reader.identify(at);
        if (!taken || *taken) return taken;
    }
    return false;
}

Result<HuntedChunks> huntChunks(ChunkReader& reader) {
    HuntedChunks found;
    const auto bytes = firstBytes(reader);
    if (!bytes) return fail(bytes.error());
    const std::string_view text = asText(*bytes);
    for (std::size_t at = text.find("fmt "); at != std::string_view::npos && !found.format;
         at = text.find("fmt ", at + 1)) {
        // Its size may be what is damaged.
        const std::size_t payload = std::min(at + reader.headBytes(), text.size());
        auto format = decodeFmt(
            std::span(*bytes).subspan(payload, std::min(kFmtBytes, text.size() - payload)));
        if (format) {
            found.format = *format;
        } else if (found.formatProblem.empty()) {
            found.formatProblem = format.error().text;
        }
    }
    if (auto hunted = huntData(reader, *bytes, found); !hunted) return fail(hunted.error());
    return found;
}

}  // namespace holdfast
