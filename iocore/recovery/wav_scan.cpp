#include "iocore/recovery/wav_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "iocore/recovery/wav_hunt.h"
#include "iocore/recovery/wav_trailers.h"
#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kMaxWalkedChunks = 1 << 20;
constexpr std::size_t kMaxFmtBytes = 40;
constexpr const char* kNoPads = "chunks lack their pad bytes: other programs lose their way in it";

std::uint64_t apart(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : b - a;
}

// What it is instead, by its first bytes.
std::string nameOfOther(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kKinds = {{
        {"RIFX", "RIFX (big-endian WAV)"},
        {"FORM", "AIFF"},
        {"fLaC", "FLAC"},
        {"OggS", "Ogg"},
        {"ID3", "MP3"},
        {"caff", "CAF"},
        {".snd", "AU"},
        {"RIFF", "a RIFF file of another kind"},
        {"PK\x03\x04", "a ZIP archive"},
    }};
    for (const auto& [magic, name] : kKinds) {
        if (text.starts_with(magic)) return std::string(name);
    }
    return "";
}

// The scan of one file: its reader and the findings.
class Scanner {
  public:
    Scanner(ChunkReader reader, const std::optional<AssumedFormat>& assumed)
        : reader_(std::move(reader)), assumed_(assumed) {}

    Result<WavScan> run();

  private:
    std::uint64_t size() const { return reader_.size(); }
    void conclude(WavState state, std::string reason) {
        found_.state = state;
        found_.reason = std::move(reason);
    }
    void damage(std::string what) {
        if (headDamage_.empty()) headDamage_ = std::move(what);
    }

    Result<bool> findHead();
    Result<> walkToData();
    Result<> hunt();
    Result<> readFmt(const ChunkHead& head);
    Result<> readFmtBehindData();
    bool applyAssumption();
    Result<> placeData();
    Result<bool> believeClaim();
    Result<bool> takeTrailers(std::uint64_t from, bool claimed);
    Result<> searchEnd();
    void cutToFrames(bool padMayStand);
    void classify(bool sizesHold);

    ChunkReader reader_;
    const std::optional<AssumedFormat>& assumed_;
    WavScan found_;
    std::string headDamage_;
};

Result<WavScan> Scanner::run() {
    found_.fileBytes = size();
    const auto head = findHead();
    if (!head) return fail(head.error());
    if (!*head) return std::move(found_);
    found_.container = reader_.container();
    found_.start = reader_.start();
    found_.firstChunk = reader_.firstChunk();
    if (found_.container != WavContainer::none) {
        if (auto walked = walkToData(); !walked) return fail(walked.error());
        if (found_.dataOffset == 0 || !found_.format) {
            if (auto hunted = hunt(); !hunted) return fail(hunted.error());
        }
        found_.claimedRiffBytes = reader_.claimedBytes();
        found_.ds64Offset = reader_.ds64Offset();
    }
    if (!applyAssumption()) {
        const bool isWav = found_.container != WavContainer::none;
        if (isWav || found_.format) {
            conclude(WavState::noData, "it has no data chunk");
        } else {
            conclude(WavState::notWav, "it is not a WAV file");
        }
        return std::move(found_);
    }
    if (auto placed = placeData(); !placed) return fail(placed.error());
    return std::move(found_);
}

// False: it is concluded already.
Result<bool> Scanner::findHead() {
    if (size() == 0) {
        conclude(WavState::notWav, "it is empty");
        return false;
    }
    auto found = reader_.identify(0);
    if (!found || *found) return found;
    const auto first =
        reader_.bytesAt(0, static_cast<std::size_t>(std::min<std::uint64_t>(size(), 4)));
    if (!first) return fail(first.error());
    const std::string other =
        nameOfOther({reinterpret_cast<const char*>(first->data()), first->size()});
    found = huntContainer(reader_);
    if (!found) return found;
    if (*found) {
        damage(fmt::format("{} foreign bytes stand in front of it", reader_.start()));
        return true;
    }
    if (!other.empty()) {
        conclude(WavState::notWav, fmt::format("it is {}, not a WAV file", other));
        return false;
    }
    // The head itself may be what is lost.
    const auto chunks = huntChunks(reader_);
    if (!chunks) return fail(chunks.error());
    if (chunks->data && (chunks->format || (assumed_ && chunks->dataFits))) {
        reader_.assumeRiff();
        damage("its first bytes are damaged");
    }
    return true;
}

Result<> Scanner::readFmt(const ChunkHead& head) {
    if (found_.format) {
        found_.notes.emplace_back("it has a second fmt chunk, which is ignored");
        return {};
    }
    const std::uint64_t there = size() - std::min(head.payload, size());
    const auto payload = reader_.bytesAt(
        head.payload,
        static_cast<std::size_t>(std::min({head.bytes, std::uint64_t{kMaxFmtBytes}, there})));
    if (!payload) return fail(payload.error());
    auto format = decodeFmt(*payload);
    if (format) {
        found_.format = *format;
    } else {
        found_.formatProblem = format.error().text;
        found_.otherEncoding = format.error().code == ENOTSUP;
    }
    return {};
}

// Chunks up to the data chunk, or as far as they make sense.
Result<> Scanner::walkToData() {
    std::uint64_t at = reader_.firstChunk();
    for (std::uint64_t step = 0; step < kMaxWalkedChunks; ++step) {
        const auto head = reader_.chunkAt(at);
        if (!head) return fail(head.error());
        if (!*head) return {};
        const ChunkHead& chunk = **head;
        const bool isW64 = reader_.container() == WavContainer::w64;
        if (!isPlausibleId(chunk.id) && !isW64) return {};
        if (textOf(chunk.id) == "data") {
            found_.dataOffset = chunk.payload;
            found_.claimedDataBytes = chunk.bytes;
            return {};
        }
        if (textOf(chunk.id) == "fmt ") {
            if (auto read = readFmt(chunk); !read) return read;
        }
        if (chunk.bytes > size() - chunk.payload) return {};
        if (textOf(chunk.id) == "ds64") {
            if (auto read = reader_.readDs64(chunk); !read) return read;
        }
        found_.before.add(chunk);
        const auto next = reader_.next(chunk);
        if (!next) return fail(next.error());
        at = *next;
    }
    found_.notes.push_back(
        fmt::format("more than {} chunks: not walked further", kMaxWalkedChunks));
    return {};
}

Result<> Scanner::hunt() {
    const auto chunks = huntChunks(reader_);
    if (!chunks) return fail(chunks.error());
    if (!found_.format && chunks->format) {
        found_.format = chunks->format;
        damage("a chunk before its format is damaged");
    }
    if (found_.formatProblem.empty()) found_.formatProblem = chunks->formatProblem;
    if (auto read = readFmtBehindData(); !read) return read;
    if (found_.dataOffset == 0 && chunks->data) {
        found_.dataOffset = chunks->data->payload;
        found_.claimedDataBytes = chunks->data->bytes;
        damage("a chunk before the audio is damaged");
    }
    return {};
}

// The order of the two is no rule that every writer knows.
Result<> Scanner::readFmtBehindData() {
    const std::uint64_t there = size() - std::min(found_.dataOffset, size());
    if (found_.format || found_.dataOffset == 0 || found_.claimedDataBytes > there) return {};
    const auto next = reader_.next(ChunkHead{{}, found_.dataOffset, found_.claimedDataBytes});
    if (!next) return fail(next.error());
    const auto head = reader_.chunkAt(*next);
    if (!head) return fail(head.error());
    if (!*head || textOf((*head)->id) != "fmt ") return {};
    damage("its format stands behind the audio");
    return readFmt(**head);
}

// False: there is no audio to speak of.
bool Scanner::applyAssumption() {
    if (assumed_ && !found_.format) {
        found_.format = assumed_->format;
        damage("it does not say its format");
        found_.notes.push_back(fmt::format("format assumed: {}", assumed_->format.describe()));
    } else if (assumed_ && assumed_->format != *found_.format) {
        found_.notes.push_back(fmt::format("its own format counts, not the assumed one: {}",
                                           found_.format->describe()));
    }
    if (found_.dataOffset != 0) return true;
    // Without a single chunk that is known, all of it is audio: that is what was asked for.
    const bool raw = assumed_ && found_.container == WavContainer::none;
    if (!raw || assumed_->dataOffset >= size()) return false;
    found_.dataOffset = assumed_->dataOffset;
    damage("it has no header");
    return true;
}

// Chunks from `from` on, if they are what they seem.
Result<bool> Scanner::takeTrailers(std::uint64_t from, bool claimed) {
    auto walked = walkTrailers(reader_, from, claimed);
    if (!walked) return fail(walked.error());
    if (!walked->stand) return false;
    found_.after = std::move(walked->chunks);
    found_.chunksBehind = true;
    if (walked->secondData) damage("it has a second data chunk, which is left out");
    found_.missingBytes = walked->missingBytes;
    found_.chunksEnd = walked->end;
    found_.strayBytes = size() - walked->end;
    found_.notes.insert(found_.notes.end(), walked->notes.begin(), walked->notes.end());
    return true;
}

// Does what stands behind the claimed end bear the claim out?
Result<bool> Scanner::believeClaim() {
    const std::uint64_t there = size() - found_.dataOffset;
    const std::uint64_t claimed = found_.claimedDataBytes;
    if (claimed > there) return false;
    const std::uint64_t end = found_.dataOffset + claimed;
    const std::uint64_t padded = reader_.paddedEnd(ChunkHead{{}, found_.dataOffset, claimed});
    if (claimed == there || padded == size()) return true;
    const bool more = reader_.claimedEnd() > end + reader_.mostPadding();
    const auto ruled = takeTrailers(padded, more);
    if (!ruled || *ruled || padded == end) return ruled;
    const auto bare = takeTrailers(end, more);
    if (bare && *bare) damage(kNoPads);
    return bare;
}

// No size tells where the audio ends: chunks at the file's end, or the end itself. What the header
// claims and the file holds is audio to every player, so the search begins behind it.
Result<> Scanner::searchEnd() {
    const bool isThere = found_.claimedDataBytes <= size() - found_.dataOffset;
    const std::uint64_t played = isThere ? found_.claimedDataBytes : 0;
    const auto trailers = findTrailers(reader_, found_.dataOffset + played);
    if (!trailers) return fail(trailers.error());
    found_.dataBytes = size() - found_.dataOffset;
    if (!*trailers) return {};
    const auto taken = takeTrailers(**trailers, true);
    if (!taken) return fail(taken.error());
    if (*taken) found_.dataBytes = **trailers - found_.dataOffset;
    return {};
}

void Scanner::cutToFrames(bool padMayStand) {
    if (!found_.format) return;
    const std::uint64_t partial = found_.dataBytes % found_.format->bytesPerFrame();
    if (partial == 0) return;
    found_.dataBytes -= partial;
    if (padMayStand && partial <= reader_.mostPadding()) return;
    found_.notes.push_back(fmt::format("{} bytes at the end are no whole frame", partial));
}

// Decides where the audio ends: the header's word, if what follows bears it out; else the file's
// end or the chunks there.
Result<> Scanner::placeData() {
    found_.chunksEnd = size();
    const bool raw = found_.container == WavContainer::none;
    const auto holds = raw ? Result<bool>(false) : believeClaim();
    if (!holds) return fail(holds.error());
    const std::uint64_t there = size() - found_.dataOffset;
    if (*holds) {
        found_.dataBytes = found_.claimedDataBytes;
    } else if (raw) {
        found_.dataBytes = there;
    } else {
        if (auto searched = searchEnd(); !searched) return searched;
        if (found_.claimedDataBytes > there && !found_.chunksBehind &&
            !isPlaceholderSize(found_.claimedDataBytes)) {
            found_.missingBytes = found_.claimedDataBytes - there;
        }
    }
    cutToFrames(found_.chunksBehind);
    classify(*holds);
    return {};
}

void Scanner::classify(bool sizesHold) {
    if (reader_.metNoPad()) damage(kNoPads);
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
    if (!headDamage_.empty()) return conclude(WavState::headDamaged, headDamage_);
    // Whether the padding of the last chunk is there and counted differs between writers.
    if (sizesHold && apart(reader_.claimedEnd(), found_.chunksEnd) <= reader_.mostPadding()) {
        return conclude(WavState::sound, "");
    }
    conclude(
        WavState::sizesWrong,
        fmt::format("its header says {} {} and data {} bytes, the file has {} and {}",
                    wavContainerName(found_.container), found_.claimedRiffBytes,
                    found_.claimedDataBytes, found_.chunksEnd - found_.start, found_.dataBytes));
}

}  // namespace

std::string_view wavStateName(WavState state) {
    switch (state) {
        case WavState::sound:
            return "sound";
        case WavState::sizesWrong:
            return "sizes wrong";
        case WavState::headDamaged:
            return "head damaged";
        case WavState::cutShort:
            return "cut short";
        case WavState::noFormat:
            return "no format";
        case WavState::noData:
            return "no data";
        case WavState::notWav:
            return "not a WAV";
    }
    return "unknown";
}

Result<AssumedFormat> formatOfReference(DiskFile& file) {
    const auto wav = scanWav(file);
    if (!wav) return fail(wav.error());
    if (!wav->format || wav->dataOffset == 0) {
        return fail(Stage::recovery, fmt::format("is no reference: {}", wav->reason));
    }
    return AssumedFormat{*wav->format, wav->dataOffset};
}

Result<WavScan> scanWav(DiskFile& file, const std::optional<AssumedFormat>& assumed) {
    const auto size = file.size();
    if (!size) return fail(size.error());
    return Scanner(ChunkReader(file, *size), assumed).run();
}

}  // namespace holdfast
