#include "iocore/recovery/wav_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "iocore/base/little_endian.h"
#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kChunkHeaderBytes = 8;
// A file of empty chunks is walked this far and no further.
constexpr std::uint64_t kMaxWalkedChunks = 1 << 20;
constexpr std::uint64_t kHuntBytes = 64 << 10;
// Sizes from here on are what streaming writers leave: 0x7FFFF000 (sox), 0x7FFFFFFF, 0xFFFFFFFF
// less a header. A file that is that long is no longer than it says.
constexpr std::uint64_t kPlaceholderFrom = 0x7FFF'F000;

bool isId(const std::array<char, 4>& id, std::string_view name) {
    return std::string_view(id.data(), id.size()) == name;
}

// Four printable characters: what a chunk's name may be.
bool isPlausible(const std::array<char, 4>& id) {
    return std::ranges::all_of(id, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

// Names that stand behind the data in real files: believed even when the chunk is cut short.
bool isKnownTrailer(const std::array<char, 4>& id) {
    static constexpr std::array<std::string_view, 12> kNames = {"LIST", "cue ", "bext", "iXML",
                                                                "id3 ", "ID3 ", "smpl", "inst",
                                                                "PEAK", "_PMX", "chna", "axml"};
    return std::ranges::any_of(kNames, [&](std::string_view name) { return isId(id, name); });
}

bool isFiller(const std::array<char, 4>& id) {
    for (std::string_view name : {"JUNK", "junk", "PAD ", "FLLR", "fact", "hfst", "ds64"}) {
        if (isId(id, name)) return true;
    }
    return false;
}

struct ChunkHead {
    std::array<char, 4> id{};
    std::uint64_t bytes = 0;
};

// The scan of one file: a window for the small reads, and the findings.
class Scanner {
  public:
    Scanner(DiskFile& file, const std::optional<PcmFormat>& assumed)
        : file_(file), assumed_(assumed) {}

    Result<WavScan> run() {
        const auto size = file_.size();
        if (!size) return fail(size.error());
        found_.fileBytes = *size;
        if (auto walked = scan(); !walked) return fail(walked.error());
        return std::move(found_);
    }

  private:
    std::uint64_t size() const { return found_.fileBytes; }

    // Exactly `count` bytes at `offset`, or nothing where the file has fewer.
    Result<std::span<const std::byte>> bytesAt(std::uint64_t offset, std::size_t count) {
        if (offset > size() || count > size() - offset) return std::span<const std::byte>{};
        if (offset < start_ || offset - start_ > window_.size() ||
            window_.size() - (offset - start_) < count) {
            const auto want =
                std::min<std::uint64_t>(std::max<std::uint64_t>(count, 4096), size() - offset);
            window_.resize(static_cast<std::size_t>(want));
            start_ = offset;
            const auto got = file_.readAt(offset, window_);
            if (!got) return fail(got.error());
            window_.resize(*got);
            if (*got < count) return std::span<const std::byte>{};
        }
        return std::span<const std::byte>(window_).subspan(
            static_cast<std::size_t>(offset - start_), count);
    }

    Result<std::optional<ChunkHead>> chunkAt(std::uint64_t offset) {
        const auto bytes = bytesAt(offset, kChunkHeaderBytes);
        if (!bytes) return fail(bytes.error());
        if (bytes->empty()) return std::optional<ChunkHead>{};
        ChunkHead head;
        std::memcpy(head.id.data(), bytes->data(), 4);
        head.bytes = loadLe<std::uint32_t>(bytes->data() + 4);
        return std::optional<ChunkHead>{head};
    }

    void conclude(WavState state, std::string reason) {
        found_.state = state;
        found_.reason = std::move(reason);
    }

    Result<> scan();
    bool identify(std::span<const std::byte> head);
    Result<> walkToData();
    Result<> hunt();
    Result<> readFmt(std::uint64_t offset, std::uint64_t bytes);
    Result<> placeData();
    Result<bool> walkTrailers(std::uint64_t from, bool claimed);
    void classify(bool sizesHold);
    void list(std::vector<ChunkExtent>& to, const ChunkHead& head, std::uint64_t payload);

    DiskFile& file_;
    std::optional<PcmFormat> assumed_;
    WavScan found_;
    std::vector<std::byte> window_;
    std::uint64_t start_ = 0;
};

// Sets the state where there is nothing to walk.
bool Scanner::identify(std::span<const std::byte> head) {
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    if (text.starts_with("RF64") || text.starts_with("BW64")) {
        conclude(WavState::unsupported,
                 fmt::format("it is {}, which is not supported yet", text.substr(0, 4)));
        return false;
    }
    if (text.starts_with("riff") && head.size() >= 12) {
        conclude(WavState::unsupported, "it is W64 (Sony Wave64), which is not supported yet");
        return false;
    }
    if (!text.starts_with("RIFF") || text.size() < 12 || text.substr(8, 4) != "WAVE") {
        conclude(WavState::notWav, size() == 0 ? "it is empty" : "it is not a WAV file");
        return false;
    }
    found_.claimedRiffBytes = loadLe<std::uint32_t>(head.data() + 4);
    return true;
}

Result<> Scanner::scan() {
    const auto head = bytesAt(0, static_cast<std::size_t>(std::min<std::uint64_t>(size(), 12)));
    if (!head) return fail(head.error());
    if (!identify(*head)) return {};
    if (auto walked = walkToData(); !walked) return walked;
    if (found_.dataOffset == 0 || (!found_.format && !assumed_)) {
        if (auto hunted = hunt(); !hunted) return hunted;
    }
    if (assumed_ && !found_.format) {
        found_.format = assumed_;
        found_.notes.push_back(fmt::format("format assumed: {}", assumed_->describe()));
    }
    if (found_.dataOffset == 0) {
        conclude(WavState::noData, "it has no data chunk");
        return {};
    }
    if (auto placed = placeData(); !placed) return placed;
    return {};
}

void Scanner::list(std::vector<ChunkExtent>& to, const ChunkHead& head, std::uint64_t payload) {
    if (isFiller(head.id) || isId(head.id, "fmt ") || isId(head.id, "data")) return;
    if (to.size() >= kMaxListedChunks) {
        ++found_.chunksNotListed;
        return;
    }
    to.push_back({head.id, payload, head.bytes});
}

Result<> Scanner::readFmt(std::uint64_t offset, std::uint64_t bytes) {
    if (found_.format) {
        found_.notes.emplace_back("it has a second fmt chunk, which is ignored");
        return {};
    }
    const auto take = static_cast<std::size_t>(
        std::min({bytes, std::uint64_t{40}, size() - std::min(offset, size())}));
    const auto payload = bytesAt(offset, take);
    if (!payload) return fail(payload.error());
    auto format = decodeFmt(*payload);
    if (format) {
        found_.format = *format;
    } else {
        found_.formatProblem = format.error().text;
    }
    return {};
}

// Chunks up to the data chunk, or as far as they make sense.
Result<> Scanner::walkToData() {
    std::uint64_t at = 12;
    for (std::uint64_t step = 0; step < kMaxWalkedChunks; ++step) {
        const auto head = chunkAt(at);
        if (!head) return fail(head.error());
        if (!*head || !isPlausible((*head)->id)) return {};
        const std::uint64_t payload = at + kChunkHeaderBytes;
        if (isId((*head)->id, "data")) {
            found_.dataOffset = payload;
            found_.claimedDataBytes = (*head)->bytes;
            return {};
        }
        if (isId((*head)->id, "fmt ")) {
            if (auto read = readFmt(payload, (*head)->bytes); !read) return read;
        }
        if ((*head)->bytes > size() - payload) return {};
        list(found_.chunksBefore, **head, payload);
        at = payload + (*head)->bytes + (*head)->bytes % 2;
    }
    found_.notes.push_back(
        fmt::format("more than {} chunks: not walked further", kMaxWalkedChunks));
    return {};
}

// A damaged chunk header hides what follows it: looks for the two names that matter.
Result<> Scanner::hunt() {
    const auto head =
        bytesAt(0, static_cast<std::size_t>(std::min<std::uint64_t>(size(), kHuntBytes)));
    if (!head) return fail(head.error());
    const std::vector<std::byte> copy(head->begin(), head->end());
    const std::string_view text(reinterpret_cast<const char*>(copy.data()), copy.size());
    if (!found_.format) {
        const auto at = text.find("fmt ");
        if (at != std::string_view::npos && text.size() - at >= kChunkHeaderBytes + 16) {
            const auto bytes = loadLe<std::uint32_t>(copy.data() + at + 4);
            if (auto read = readFmt(at + kChunkHeaderBytes, bytes); !read) return read;
        }
    }
    if (found_.dataOffset == 0) {
        const auto at = text.find("data");
        if (at != std::string_view::npos && text.size() - at >= kChunkHeaderBytes) {
            found_.dataOffset = at + kChunkHeaderBytes;
            found_.claimedDataBytes = loadLe<std::uint32_t>(copy.data() + at + 4);
            found_.notes.emplace_back("a chunk before the data is damaged");
        }
    }
    return {};
}

// True when chunks stand from `from` to the file's end or the RIFF size's. They are listed then.
// `claimed`: the RIFF size says that something stands here.
Result<bool> Scanner::walkTrailers(std::uint64_t from, bool claimed) {
    std::vector<ChunkExtent> chunks;
    const std::uint64_t notListed = found_.chunksNotListed;
    std::uint64_t at = from;
    bool stands = false;
    for (std::uint64_t step = 0; step < kMaxWalkedChunks; ++step) {
        if (at >= size()) {
            stands = stands || at != from;
            break;
        }
        const auto head = chunkAt(at);
        if (!head) return fail(head.error());
        if (!*head || !isPlausible((*head)->id)) break;
        const std::uint64_t payload = at + kChunkHeaderBytes;
        if ((*head)->bytes > size() - payload) {
            if (isKnownTrailer((*head)->id)) {
                stands = true;
                at = size();
                found_.notes.push_back(fmt::format("the chunk '{}' behind the audio is cut short",
                                                   std::string_view((*head)->id.data(), 4)));
                found_.missingBytes = (*head)->bytes - (size() - payload);
            }
            break;
        }
        if (isKnownTrailer((*head)->id) && claimed) stands = true;
        if (isId((*head)->id, "data")) {
            found_.notes.emplace_back("it has a second data chunk, which is ignored");
        }
        list(chunks, **head, payload);
        at = payload + (*head)->bytes + (*head)->bytes % 2;
    }
    // Chunks that end where the RIFF size does are what it counted; stray bytes may follow.
    stands = stands || (at != from && at == found_.claimedRiffBytes + 8);
    if (!stands) {
        found_.chunksNotListed = notListed;
        return false;
    }
    found_.chunksAfter = std::move(chunks);
    found_.strayBytes = size() - std::min(at, size());
    return true;
}

// Decides where the audio ends: the header's word, if what follows bears it out; else the file's
// end.
Result<> Scanner::placeData() {
    const std::uint64_t there = size() - found_.dataOffset;
    const std::uint64_t claimed = found_.claimedDataBytes;
    const std::uint64_t riffEnd = found_.claimedRiffBytes + 8;
    bool holds = claimed == there || (claimed < there && claimed % 2 == 1 && claimed + 1 == there);
    if (claimed < there && !holds) {
        const std::uint64_t end = found_.dataOffset + claimed;
        const auto padded = walkTrailers(end + claimed % 2, riffEnd > end + 1);
        if (!padded) return fail(padded.error());
        holds = *padded;
        if (!holds && claimed % 2 == 1) {
            const auto bare = walkTrailers(end, riffEnd > end + 1);
            if (!bare) return fail(bare.error());
            holds = *bare;
        }
    }
    found_.dataBytes = holds ? claimed : there;
    if (claimed > there && claimed < kPlaceholderFrom) found_.missingBytes = claimed - there;
    if (found_.format) {
        const std::uint64_t partial = found_.dataBytes % found_.format->bytesPerFrame();
        if (partial != 0) {
            found_.dataBytes -= partial;
            found_.notes.push_back(fmt::format("{} bytes at the end are no whole frame", partial));
        }
    }
    classify(holds);
    return {};
}

void Scanner::classify(bool sizesHold) {
    if (!found_.format) {
        conclude(WavState::noFormat,
                 found_.formatProblem.empty() ? "it has no fmt chunk" : found_.formatProblem);
        return;
    }
    if (found_.missingBytes != 0) {
        conclude(WavState::cutShort,
                 fmt::format("{} bytes that its header claims are not there", found_.missingBytes));
        return;
    }
    const std::uint64_t riffEnd = found_.claimedRiffBytes + 8;
    const std::uint64_t chunksEnd = size() - found_.strayBytes;
    // Whether the pad byte of the last chunk is there and counted differs between writers.
    const std::uint64_t apart = riffEnd > chunksEnd ? riffEnd - chunksEnd : chunksEnd - riffEnd;
    if (sizesHold && apart <= 1) return conclude(WavState::sound, "");
    conclude(WavState::sizesWrong,
             fmt::format("its header says RIFF {} and data {} bytes, the file has {} and {}",
                         found_.claimedRiffBytes, found_.claimedDataBytes, chunksEnd - 8,
                         found_.dataBytes));
}

}  // namespace

std::string_view wavStateName(WavState state) {
    switch (state) {
        case WavState::sound:
            return "sound";
        case WavState::sizesWrong:
            return "sizes wrong";
        case WavState::cutShort:
            return "cut short";
        case WavState::noFormat:
            return "no format";
        case WavState::noData:
            return "no data";
        case WavState::unsupported:
            return "not supported";
        case WavState::notWav:
            return "not a WAV";
    }
    return "unknown";
}

Result<WavScan> scanWav(DiskFile& file, const std::optional<PcmFormat>& assumed) {
    return Scanner(file, assumed).run();
}

}  // namespace holdfast
