#include "tests/support/strict_wav_checker.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

namespace wavcheck {
namespace {

constexpr std::uint32_t kAllOnes = 0xFFFFFFFF;
constexpr std::uint64_t kLargestSmallChunk = 1 << 20;  // fmt, fact, cue, LIST, ds64
constexpr std::size_t kMostChunks = 10'000;

// Thrown with the defect's text; never leaves this file.
struct Defect : std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <typename... Args>
void require(bool holds, fmt::format_string<Args...> text, Args&&... args) {
    if (!holds) throw Defect(fmt::format(text, std::forward<Args>(args)...));
}

std::uint64_t little(std::span<const std::byte> from, std::size_t at, std::size_t count) {
    require(at + count <= from.size(), "a field lies outside its chunk");
    std::uint64_t value = 0;
    for (std::size_t i = count; i > 0; --i) {
        value = value << 8 | std::to_integer<std::uint64_t>(from[at + i - 1]);
    }
    return value;
}

std::uint32_t little32(std::span<const std::byte> from, std::size_t at) {
    return static_cast<std::uint32_t>(little(from, at, 4));
}

std::uint32_t little16(std::span<const std::byte> from, std::size_t at) {
    return static_cast<std::uint32_t>(little(from, at, 2));
}

std::string idAt(std::span<const std::byte> from, std::size_t at) {
    require(at + 4 <= from.size(), "a chunk id lies outside its chunk");
    std::string id(4, ' ');
    std::memcpy(id.data(), from.data() + at, 4);
    return id;
}

class Checker {
  public:
    Checker(std::uint64_t fileBytes, const Reader& read) : fileBytes_(fileBytes), read_(read) {}

    Verdict run() {
        try {
            readRiffHeader();
            walkChunks();
            checkOrder();
            checkFormat();
            checkData();
            checkFact();
            readLabels();
            verdict_.ok = true;
        } catch (const Defect& defect) {
            verdict_.defect = defect.what();
        }
        return verdict_;
    }

  private:
    using Content = std::vector<std::byte>;

    Content bytesAt(std::uint64_t offset, std::uint64_t count) {
        require(offset <= fileBytes_ && count <= fileBytes_ - offset,
                "the file ends at {}, inside "
                "a field at {}",
                fileBytes_, offset);
        Content bytes(count);
        require(read_(offset, bytes), "cannot read {} bytes at {}", count, offset);
        return bytes;
    }

    Content contentOf(const Chunk& chunk) {
        require(chunk.bytes <= kLargestSmallChunk, "chunk '{}' has {} bytes", chunk.id,
                chunk.bytes);
        return bytesAt(chunk.offset + 8, chunk.bytes);
    }

    const Chunk* find(const std::string& id) const {
        for (const Chunk& chunk : verdict_.chunks) {
            if (chunk.id == id) return &chunk;
        }
        return nullptr;
    }

    void readRiffHeader() {
        require(fileBytes_ >= 12, "the file has only {} bytes", fileBytes_);
        const Content header = bytesAt(0, 12);
        const std::string id = idAt(header, 0);
        require(id == "RIFF" || id == "RF64", "the file does not begin with RIFF");
        require(idAt(header, 8) == "WAVE", "the RIFF form is not WAVE");
        verdict_.isRf64 = id == "RF64";
        std::uint64_t size = little32(header, 4);
        if (verdict_.isRf64) {
            require(size == kAllOnes, "RF64 with a 32-bit RIFF size of {}", size);
            readDs64();
            size = ds64RiffSize_;
        }
        require(size != 0, "the RIFF size is 0");
        require(verdict_.isRf64 || size != kAllOnes, "the RIFF size is 0xFFFFFFFF");
        require(size % 2 == 0, "the RIFF size {} is odd", size);
        require(size >= 4 && size <= fileBytes_ - 8,
                "the RIFF size {} reaches past the end of the file at {}", size, fileBytes_);
        verdict_.riffEnd = size + 8;
        verdict_.trailing = fileBytes_ > verdict_.riffEnd;
    }

    void readDs64() {
        const Content header = bytesAt(12, 8);
        require(idAt(header, 0) == "ds64", "RF64 without ds64 as its first chunk");
        verdict_.hasDs64 = true;
        const std::uint32_t bytes = little32(header, 4);
        require(bytes >= 28, "ds64 has only {} bytes", bytes);
        const Content sizes = bytesAt(20, 28);
        ds64RiffSize_ = little(sizes, 0, 8);
        ds64DataSize_ = little(sizes, 8, 8);
        ds64Frames_ = little(sizes, 16, 8);
        const std::uint32_t entries = little32(sizes, 24);
        require(entries == 0, "ds64 has a table of {} entries", entries);
    }

    void walkChunks() {
        std::uint64_t at = 12;
        while (at < verdict_.riffEnd) {
            require(verdict_.chunks.size() < kMostChunks, "more than {} chunks", kMostChunks);
            require(verdict_.riffEnd - at >= 8, "the RIFF chunk ends at {}, inside a chunk header",
                    verdict_.riffEnd);
            const Content header = bytesAt(at, 8);
            Chunk chunk{idAt(header, 0), at, little32(header, 4)};
            for (char c : chunk.id) {
                require(c >= 0x20 && c < 0x7F, "the chunk id at {} is not text", at);
            }
            if (verdict_.isRf64 && chunk.id == "data") {
                require(chunk.bytes == kAllOnes, "RF64 with a 32-bit data size of {}", chunk.bytes);
                chunk.bytes = ds64DataSize_;
            }
            const std::uint64_t room = verdict_.riffEnd - at - 8;
            require(chunk.bytes <= room, "chunk '{}' at {} of {} bytes reaches past the RIFF end",
                    chunk.id, at, chunk.bytes);
            // The pad byte of an odd chunk fits as well: offsets and the RIFF size are even.
            at += 8 + chunk.bytes + chunk.bytes % 2;
            verdict_.chunks.push_back(std::move(chunk));
        }
    }

    void checkOrder() {
        std::map<std::string, int> count;
        for (const Chunk& chunk : verdict_.chunks) {
            ++count[chunk.id];
            require(chunk.id != "data" || count["fmt "] > 0, "data stands before fmt");
        }
        for (const char* id : {"fmt ", "data"}) {
            require(count[id] > 0, "there is no '{}' chunk", id);
            require(count[id] == 1, "there are {} '{}' chunks", count[id], id);
        }
        for (const char* id : {"fact", "cue ", "ds64"}) {
            require(count[id] <= 1, "there are {} '{}' chunks", count[id], id);
        }
    }

    void checkFormat() {
        const Content fmt = contentOf(*find("fmt "));
        require(fmt.size() == 16 || fmt.size() == 18 || fmt.size() == 40, "fmt has {} bytes",
                fmt.size());
        std::uint32_t tag = little16(fmt, 0);
        verdict_.channels = little16(fmt, 2);
        verdict_.sampleRate = little32(fmt, 4);
        verdict_.blockAlign = little16(fmt, 12);
        verdict_.bits = verdict_.validBits = little16(fmt, 14);
        verdict_.isExtensible = tag == 0xFFFE;
        if (fmt.size() == 18) require(little16(fmt, 16) == 0, "fmt of 18 bytes with cbSize not 0");
        require(verdict_.isExtensible == (fmt.size() == 40), "fmt has {} bytes for tag {:#06x}",
                fmt.size(), tag);
        if (verdict_.isExtensible) tag = checkExtension(fmt);
        require(tag == 1 || tag == 3, "format tag {:#06x} is neither PCM nor float", tag);
        verdict_.isFloat = tag == 3;
        require(verdict_.channels > 0, "fmt has 0 channels");
        require(verdict_.sampleRate > 0, "fmt has a sample rate of 0");
        const std::uint32_t bits = verdict_.bits;
        if (verdict_.isFloat) {
            require(bits == 32 || bits == 64, "float of {} bits", bits);
        } else {
            require(bits >= 8 && bits <= 32 && bits % 8 == 0, "PCM of {} bits", bits);
        }
        const std::uint32_t frame = verdict_.channels * (bits / 8);
        require(verdict_.blockAlign == frame, "blockAlign is {}, a frame has {} bytes",
                verdict_.blockAlign, frame);
        const std::uint32_t byteRate = little32(fmt, 8);
        const std::uint64_t expected = std::uint64_t{verdict_.sampleRate} * frame;
        require(byteRate == expected, "the byte rate is {}, not {}", byteRate, expected);
    }

    // Returns the tag that the sub-format stands for.
    std::uint32_t checkExtension(const Content& fmt) {
        static constexpr std::array<unsigned char, 14> kGuidTail = {
            0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71};
        require(little16(fmt, 16) == 22, "cbSize is {}, not 22", little16(fmt, 16));
        verdict_.validBits = little16(fmt, 18);
        require(verdict_.validBits > 0 && verdict_.validBits <= verdict_.bits,
                "{} valid bits in a container of {}", verdict_.validBits, verdict_.bits);
        verdict_.channelMask = little32(fmt, 20);
        const std::uint32_t speakers =
            static_cast<std::uint32_t>(std::popcount(verdict_.channelMask));
        require(speakers <= verdict_.channels, "the channel mask names {} speakers for {} channels",
                speakers, verdict_.channels);
        require(std::memcmp(fmt.data() + 26, kGuidTail.data(), kGuidTail.size()) == 0,
                "the sub-format is no KSDATAFORMAT_SUBTYPE");
        return little16(fmt, 24);
    }

    void checkData() {
        const Chunk& data = *find("data");
        verdict_.dataOffset = data.offset + 8;
        verdict_.dataBytes = data.bytes;
        require(data.bytes % verdict_.blockAlign == 0,
                "the data size {} is no whole number of frames of {} bytes", data.bytes,
                verdict_.blockAlign);
        verdict_.frames = data.bytes / verdict_.blockAlign;
        if (data.bytes % 2 == 1) {
            const Content pad = bytesAt(verdict_.dataOffset + data.bytes, 1);
            require(pad[0] == std::byte{0}, "the pad byte behind data is not 0");
        }
        require(!verdict_.isRf64 || ds64Frames_ == verdict_.frames || ds64Frames_ == 0,
                "ds64 counts {} frames, data has {}", ds64Frames_, verdict_.frames);
        if (!verdict_.isRf64 && find("ds64") != nullptr) checkEarlyDs64();
    }

    // A RIFF about to become RF64: the next instant these are its sizes.
    void checkEarlyDs64() {
        readDs64();
        require(ds64RiffSize_ == verdict_.riffEnd - 8, "ds64 has a RIFF size of {}, RIFF of {}",
                ds64RiffSize_, verdict_.riffEnd - 8);
        require(ds64DataSize_ == verdict_.dataBytes, "ds64 has {} bytes of data, data has {}",
                ds64DataSize_, verdict_.dataBytes);
        require(ds64Frames_ == verdict_.frames, "ds64 counts {} frames, data has {}", ds64Frames_,
                verdict_.frames);
    }

    void checkFact() {
        const Chunk* fact = find("fact");
        if (fact == nullptr) {
            require(!verdict_.isFloat, "there is no fact chunk for a format that is not PCM");
            return;
        }
        require(fact->bytes >= 4, "fact has {} bytes", fact->bytes);
        const std::uint32_t frames = little32(contentOf(*fact), 0);
        if (verdict_.isRf64 && frames == kAllOnes) return;
        require(frames == verdict_.frames, "fact counts {} frames, data has {}", frames,
                verdict_.frames);
    }

    void readLabels() {
        const Chunk* cue = find("cue ");
        if (cue == nullptr) return;
        const Content points = contentOf(*cue);
        const std::uint64_t count = little32(points, 0);
        require(points.size() == 4 + count * 24, "cue has {} bytes for {} points", points.size(),
                count);
        const std::map<std::uint32_t, std::string> texts = labelTexts();
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t at = 4 + i * 24;
            Label label{little32(points, at), little32(points, at + 20), {}};
            require(idAt(points, at + 8) == "data", "cue point {} is not about data", label.cueId);
            require(label.frame <= verdict_.frames, "cue point {} at frame {} lies past the end",
                    label.cueId, label.frame);
            for (const Label& other : verdict_.labels) {
                require(other.cueId != label.cueId, "there are two cue points {}", label.cueId);
            }
            if (const auto text = texts.find(label.cueId); text != texts.end()) {
                label.text = text->second;
            }
            verdict_.labels.push_back(std::move(label));
        }
    }

    std::map<std::uint32_t, std::string> labelTexts() {
        std::map<std::uint32_t, std::string> texts;
        for (const Chunk& chunk : verdict_.chunks) {
            if (chunk.id != "LIST" || chunk.bytes < 4) continue;
            const Content list = contentOf(chunk);
            if (idAt(list, 0) != "adtl") continue;
            std::size_t at = 4;
            while (at < list.size()) {
                const std::string id = idAt(list, at);
                const std::size_t bytes = little32(list, at + 4);
                require(bytes <= list.size() - at - 8, "'{}' in adtl reaches past its list", id);
                if (id == "labl") {
                    require(bytes >= 5 && list[at + 8 + bytes - 1] == std::byte{0},
                            "a label has no end");
                    texts[little32(list, at + 8)] =
                        std::string(reinterpret_cast<const char*>(list.data() + at + 12));
                }
                at += 8 + bytes + bytes % 2;
            }
        }
        return texts;
    }

    std::uint64_t fileBytes_;
    const Reader& read_;
    Verdict verdict_;
    std::uint64_t ds64RiffSize_ = 0;
    std::uint64_t ds64DataSize_ = 0;
    std::uint64_t ds64Frames_ = 0;
};

}  // namespace

Verdict checkWav(std::uint64_t fileBytes, const Reader& read) {
    return Checker(fileBytes, read).run();
}

Verdict checkWav(std::span<const std::byte> file) {
    return checkWav(file.size(), [&](std::uint64_t offset, std::span<std::byte> into) {
        if (!into.empty()) std::memcpy(into.data(), file.data() + offset, into.size());
        return true;
    });
}

Verdict checkWavFile(const std::string& path) {
    std::error_code error;
    const std::uint64_t bytes = std::filesystem::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
        Verdict verdict;
        verdict.defect = fmt::format("cannot open {}", path);
        return verdict;
    }
    return checkWav(bytes, [&](std::uint64_t offset, std::span<std::byte> into) {
        file.clear();
        file.seekg(static_cast<std::streamoff>(offset));
        file.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
        return file.gcount() == static_cast<std::streamsize>(into.size());
    });
}

}  // namespace wavcheck
