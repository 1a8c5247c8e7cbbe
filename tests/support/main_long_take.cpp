// long_take: a take of any length as a crash leaves it that cost the header block; real audio and
// real checksums, commits of 250 ms.
//
//   long_take FOLDER BYTES  FOLDER/take.wav and its journal; at least so many bytes of audio
#include <algorithm>
#include <charconv>
#include <cstring>
#include <iostream>
#include <vector>

#include "iocore/base/checksum.h"
#include "iocore/base/little_endian.h"
#include "iocore/disk/disk_file.h"
#include "iocore/journal/journal.h"
#include "iocore/riff/riff_format.h"

namespace holdfast {
namespace {

const PcmFormat kFormat{48'000, 2, SampleType::S24, 0};

void fillWithNoise(std::span<std::byte> audio, std::uint64_t seed) {
    for (std::size_t i = 0; i + 8 <= audio.size(); i += 8) {
        seed = seed * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
        storeLe(audio.data() + i, seed ^ (seed >> 29));
    }
}

Result<> make(DiskFolder& folder, std::uint64_t bytes) {
    JournalHeader header;
    header.takeId = header.sessionId = TakeId::random();
    header.salt = loadLe<std::uint64_t>(header.takeId.bytes.data());
    StartRecord start;
    start.format = kFormat;
    start.wavName = "take.wav";
    auto journalFile = folder.create("take.wav.journal", true);
    auto wav = folder.create("take.wav", false);
    if (!journalFile) return fail(journalFile.error());
    if (!wav) return fail(wav.error());
    auto journal = Journal::create(std::move(*journalFile), header, start);
    if (!journal) return fail(journal.error());

    SegmentRecord segment;
    segment.start = kHeaderBlockBytes;  // before it: zeros, for the block is lost
    std::vector<std::byte> audio(kFormat.bytesPerSecond() / 4);
    for (std::uint64_t done = 0; done < bytes; done += audio.size()) {
        fillWithNoise(audio, segment.start);
        if (auto put = (*wav)->writeAt(segment.start, audio); !put) return put;
        segment.bytes = audio.size();
        segment.checksum = checksum(audio, segmentSeed(header.salt, segment.start));
        segment.fileFrameEnd += audio.size() / kFormat.bytesPerFrame();
        segment.ringFrameEnd = segment.deviceFrameEnd = segment.fileFrameEnd;
        ++segment.commit;
        (*journal)->append(RecordType::segment, segment);
        segment.start += audio.size();
    }
    if (!(*journal)->sync()) return fail(*(*journal)->error());
    return (*wav)->sync();
}

int run(const std::vector<std::string>& words) {
    std::uint64_t bytes = 0;
    if (words.size() == 2) {
        std::from_chars(words[1].data(), words[1].data() + words[1].size(), bytes);
    }
    if (bytes == 0) {
        std::cerr << "long_take FOLDER BYTES\n";
        return 2;
    }
    auto folder = openFolder(words[0]);
    const auto made = folder ? make(**folder, bytes) : fail(folder.error());
    if (made) return 0;
    std::cerr << made.error().message() << "\n";
    return 1;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
    return holdfast::run({argv + 1, argv + argc});
}
