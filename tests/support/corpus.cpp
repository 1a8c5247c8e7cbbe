#include "tests/support/corpus.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "iocore/base/little_endian.h"

namespace holdfast {
namespace {

using Damage = std::function<void(ForgedWav&, DamagedWav&)>;

constexpr std::uint64_t kNone = ~std::uint64_t{0};
const PcmFormat kS16{44'100, 1, SampleType::S16, 0};
const PcmFormat kS24{48'000, 2, SampleType::S24, 0};
const PcmFormat kS24Mono{48'000, 1, SampleType::S24, 0};
const PcmFormat kS32{96'000, 6, SampleType::S32, 0x3F};
const PcmFormat kF32{48'000, 2, SampleType::F32, 0};
constexpr ForgedContainer kAll[] = {ForgedContainer::riff, ForgedContainer::rf64,
                                    ForgedContainer::bw64, ForgedContainer::w64};
const std::string kBext(610, 'b');
const ForgedChunk kList{"LIST", "INFOISFT\x06\0\0\0forge\0"};

std::uint64_t claimOf(const ForgedWav& wav, std::uint64_t audioBytes) {
    return audioBytes + (wav.sizeBytes == 8 ? 24 : 0);
}

void cutTo(ForgedWav& wav, DamagedWav& file, std::size_t bytes) {
    wav.bytes.resize(bytes);
    const std::size_t audio = bytes - std::min(bytes, wav.audioAt);
    file.frames = std::min<std::uint64_t>(wav.audioBytes, audio) / file.format.bytesPerFrame();
    file.partMissing = true;
}

Damage sizes(std::uint64_t riff, std::uint64_t data) {
    return [=](ForgedWav& wav, DamagedWav&) { wav.setSizes(riff, data); };
}

void sizesHalf(ForgedWav& wav, DamagedWav& file) {
    const std::uint64_t half =
        wav.audioBytes / 2 / file.format.bytesPerFrame() * file.format.bytesPerFrame();
    wav.setSizes(wav.audioAt - 8 + half, claimOf(wav, half));
}

void cutInAudio(ForgedWav& wav, DamagedWav& file) {
    cutTo(wav, file, wav.audioAt + wav.audioBytes / 3 * 2 + 1);
}

void junkInFront(ForgedWav& wav, DamagedWav&) {
    Bytes junk = forgedAudio(kS16, 3'001);
    wav.bytes.insert(wav.bytes.begin(), junk.begin(), junk.end());
}

void noFmt(ForgedWav& wav, DamagedWav& file) {
    std::memcpy(wav.bytes.data() + wav.fmtAt - (wav.sizeBytes == 8 ? 24 : 8), "gone", 4);
    file.needsFormat = true;
}

// A field of the fmt chunk, two bytes.
Damage fmtField(std::size_t at, std::uint16_t value) {
    return [=](ForgedWav& wav, DamagedWav& file) {
        storeLe(wav.bytes.data() + wav.fmtAt + at, value);
        file.needsFormat = true;
    };
}

Damage zerosFromStart(std::size_t bytes, bool needsFormat) {
    return [=](ForgedWav& wav, DamagedWav& file) {
        std::fill_n(wav.bytes.begin(), bytes, std::byte{0});
        file.needsFormat = needsFormat;
    };
}

void noHeader(ForgedWav& wav, DamagedWav& file) {
    wav.bytes.erase(wav.bytes.begin(),
                    wav.bytes.begin() + static_cast<std::ptrdiff_t>(wav.audioAt));
    file.needsFormat = true;
}

void zeroTail(ForgedWav& wav, DamagedWav& file) {
    file.zeroFrames = 30'000;
    wav.bytes.resize(wav.audioAt + wav.audioBytes + file.zeroFrames * file.format.bytesPerFrame());
}

void partialFrameBehind(ForgedWav& wav, DamagedWav&) {
    wav.setSizes(0, 0);
    wav.bytes.insert(wav.bytes.end(), 5, std::byte{0x55});
}

class Corpus {
  public:
    void add(const std::string& damage, const ForgeSpec& spec, const Damage& apply) {
        ForgedWav wav = forgeWav(spec);
        DamagedWav file;
        file.damage = damage;
        file.name = forgedName(spec.container) + "-" +
                    std::string(sampleTypeName(spec.format.sampleType)) + "-" + damage;
        file.ending = spec.container == ForgedContainer::w64 ? ".w64" : ".wav";
        file.format = spec.format;
        file.frames = spec.frames;
        for (const auto* chunks : {&spec.before, &spec.after}) {
            for (const auto& [id, payload] : *chunks) {
                if (!payload.empty() && id != "JUNK") file.keeps.push_back(id);
            }
        }
        apply(wav, file);
        file.bytes = std::move(wav.bytes);
        files.push_back(std::move(file));
    }

    void addForAll(const std::string& damage, const Damage& apply) {
        std::size_t next = 0;
        for (ForgedContainer container : kAll) {
            const PcmFormat& format = *kFormats[next++ % std::size(kFormats)];
            add(damage, {.container = container, .format = format}, apply);
        }
    }

    std::vector<DamagedWav> files;

  private:
    static constexpr const PcmFormat* kFormats[] = {&kS24, &kF32, &kS16, &kS32};
};

void addSizes(Corpus& corpus) {
    corpus.addForAll("sizes-zero", sizes(0, 0));
    corpus.addForAll("sizes-max", sizes(kNone, kNone));
    corpus.addForAll("sizes-half", sizesHalf);
    for (const PcmFormat& format : {kS16, kS24, kS32, kF32}) {
        corpus.add("sizes-8", {.format = format}, sizes(8, 0));
        corpus.add("sizes-7fffffff", {.format = format}, sizes(0x7FFF'FFFF, 0x7FFF'FFFF));
        corpus.add("sizes-7ffff000", {.format = format}, sizes(0x7FFF'F024, 0x7FFF'F000));
        corpus.add("sizes-ffffffdb", {.format = format}, sizes(0xFFFF'FFFF, 0xFFFF'FFDB));
    }
    corpus.add("sizes-odd", {.format = kS24}, sizes(7, 3));
    corpus.add("sizes-addition-overflows", {}, sizes(0xFFFF'FFF8, 0xFFFF'FFFC));
    for (ForgedContainer container : {ForgedContainer::rf64, ForgedContainer::bw64}) {
        const ForgeSpec spec{.container = container};
        corpus.add("ds64-above-2^63", spec, sizes(kNone - 7, kNone - 100));
        corpus.add("ds64-small", spec, sizes(100, 12));
        corpus.add("ds64-table-of-4-billion", spec, [](ForgedWav& wav, DamagedWav&) {
            wav.setSizes(0, 0);
            storeLe(wav.bytes.data() + wav.ds64At + 24, std::uint32_t{0xFFFF'FFFF});
        });
        corpus.add("ds64-is-junk", spec, [](ForgedWav& wav, DamagedWav&) {
            std::memcpy(wav.bytes.data() + wav.ds64At - 8, "JUNK", 4);
        });
    }
    corpus.add("half-promoted", {.container = ForgedContainer::rf64},
               [](ForgedWav& wav, DamagedWav&) { std::memcpy(wav.bytes.data(), "RIFF", 4); });
}

void addCuts(Corpus& corpus) {
    corpus.addForAll("cut-in-audio", cutInAudio);
    corpus.addForAll("cut-in-audio-sizes-zero", [](ForgedWav& wav, DamagedWav& file) {
        wav.setSizes(0, 0);
        cutInAudio(wav, file);
        file.partMissing = false;
    });
    corpus.add("cut-behind-header", {},
               [](ForgedWav& wav, DamagedWav& file) { cutTo(wav, file, wav.audioAt); });
    corpus.add("cut-in-fmt", {},
               [](ForgedWav& wav, DamagedWav& file) { cutTo(wav, file, wav.fmtAt + 7); });
    const ForgeSpec listed{.before = {{"bext", kBext}}, .after = {kList}};
    corpus.add("cut-in-bext", listed,
               [](ForgedWav& wav, DamagedWav& file) { cutTo(wav, file, wav.audioAt - 200); });
    for (const bool zero : {false, true}) {
        const auto cut = [zero](ForgedWav& wav, DamagedWav& file) {
            if (zero) wav.setSizes(0, 0);
            wav.bytes.resize(wav.bytes.size() - 6);
            file.partMissing = true;
            file.keeps = {"bext"};
        };
        corpus.add(zero ? "cut-in-list-sizes-zero" : "cut-in-list", listed, cut);
    }
    corpus.add("partial-frame-behind", {.format = kS24}, partialFrameBehind);
}

void addHeads(Corpus& corpus) {
    corpus.addForAll("junk-in-front", junkInFront);
    for (ForgedContainer container :
         {ForgedContainer::riff, ForgedContainer::rf64, ForgedContainer::w64}) {
        corpus.add("no-fmt", {.container = container}, noFmt);
    }
    corpus.add("fmt-0-channels", {}, fmtField(2, 0));
    corpus.add("fmt-65535-channels", {}, fmtField(2, 65'535));
    corpus.add("fmt-rate-0", {.format = kS16}, [](ForgedWav& wav, DamagedWav& file) {
        storeLe(wav.bytes.data() + wav.fmtAt + 4, std::uint32_t{0});
        file.needsFormat = true;
    });
    corpus.add("fmt-block-0", {}, fmtField(12, 0));
    corpus.add("fmt-4096-bits", {}, fmtField(14, 4'096));
    corpus.add("fmt-4-GiB-long", {}, [](ForgedWav& wav, DamagedWav&) {
        storeLe(wav.bytes.data() + wav.fmtAt - 4, std::uint32_t{0xFFFF'FFFF});
    });
    corpus.add("two-fmt", {.before = {{"fmt ", std::string(16, '\0')}}},
               [](ForgedWav& wav, DamagedWav& file) {
                   wav.setSizes(0, 0);
                   file.keeps = {};
               });
    corpus.add("data-before-fmt", {.fmtLast = true}, [](ForgedWav&, DamagedWav&) {});
    corpus.add("riff-id-zeroed", {}, zerosFromStart(12, false));
    corpus.add("header-zeroed-to-data", {}, zerosFromStart(36, true));
    for (const PcmFormat& format : {kS16, kF32})
        corpus.add("no-header", {.format = format}, noHeader);
}

void addChunks(Corpus& corpus) {
    const ForgeSpec rich{.format = kF32,
                         .before = {{"bext", kBext}, {"odd1", "12345"}},
                         .after = {kList, {"iXML", "<x/>!"}, {"_PMX", "xmp"}}};
    corpus.add("chunks-sizes-zero", rich, sizes(0, 0));
    corpus.add("chunks-sizes-max", rich, sizes(kNone, kNone));
    ForgeSpec other = rich;
    other.container = ForgedContainer::rf64;
    corpus.add("chunks-sizes-zero", other, sizes(0, 0));
    corpus.add("chunks-sizes-w64-zero",
               {.container = ForgedContainer::w64,
                .before = {{"bext", kBext}},
                .after = {{"bext", kBext}}},
               sizes(0, 0));
    corpus.add("chunk-size-absurd", rich, [](ForgedWav& wav, DamagedWav& file) {
        storeLe(wav.bytes.data() + wav.fmtAt + 16 + 4, std::uint32_t{0x7000'0000});
        file.keeps = {"LIST", "iXML", "_PMX"};
    });
    ForgeSpec bare{
        .format = kS24Mono, .frames = 30'001, .before = {{"bext", kBext + "x"}}, .after = {kList}};
    bare.pads = false;
    corpus.add("no-pads", bare, [](ForgedWav&, DamagedWav&) {});
    corpus.add("no-pads-sizes-zero", bare, sizes(0, 0));
    ForgeSpec tiny;
    for (int i = 0; i < 50'000; ++i) tiny.before.push_back({"tiny", ""});
    corpus.add("50000-tiny-chunks", tiny, sizes(0, 0));
    corpus.add("two-data", {.after = {{"data", std::string(600, 'd')}}},
               [](ForgedWav&, DamagedWav& file) { file.keeps = {}; });
}

void addZeros(Corpus& corpus) {
    corpus.addForAll("zero-tail", [](ForgedWav& wav, DamagedWav& file) {
        wav.setSizes(0, 0);
        zeroTail(wav, file);
    });
    corpus.add("zero-tail-claimed", {}, [](ForgedWav& wav, DamagedWav& file) {
        zeroTail(wav, file);
        wav.setSizes(wav.bytes.size() - 8, wav.bytes.size() - wav.audioAt);
    });
}

}  // namespace

std::vector<DamagedWav> makeCorpus() {
    Corpus corpus;
    addSizes(corpus);
    addCuts(corpus);
    addHeads(corpus);
    addChunks(corpus);
    addZeros(corpus);
    return std::move(corpus.files);
}

Judged judgeAudio(const DamagedWav& file, std::span<const std::byte> audio) {
    const std::size_t frameBytes = file.format.bytesPerFrame();
    const Bytes truth = forgedAudio(file.format, file.frames);
    Judged judged;
    for (std::size_t at = 0; at + frameBytes <= audio.size(); at += frameBytes) {
        const bool right = at + frameBytes <= truth.size() &&
                           std::memcmp(audio.data() + at, truth.data() + at, frameBytes) == 0;
        ++(right ? judged.right : judged.wrong);
    }
    return judged;
}

}  // namespace holdfast
