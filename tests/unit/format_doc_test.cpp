// FORMAT.md says the numbers that the code has: each one is built from the constant and looked up.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "iocore/journal/journal_format.h"
#include "iocore/journal/journaling_io_proc.h"
#include "iocore/recorder/take_writer.h"
#include "iocore/riff/bext_format.h"
#include "iocore/riff/riff_format.h"
#include "iocore/ring/ring_format.h"

namespace holdfast {
namespace {

// "4293918215" -> "4,293,918,215"
std::string withCommas(std::uint64_t value) {
    const std::string digits = std::to_string(value);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
        text.push_back(digits[i]);
    }
    return text;
}

TEST(FormatDocument, SaysTheNumbersOfTheCode) {
    std::ifstream file(HOLDFAST_SOURCE_DIR "/iocore/FORMAT.md");
    const std::string document{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(document.empty());
    const auto says = [&](const std::string& text) {
        EXPECT_NE(document.find(text), std::string::npos) << "FORMAT.md does not say: " << text;
    };
    says(fmt::format("The first {} bytes of the WAV", kHeaderBlockBytes));
    says(fmt::format("size = {} + data + pad", kHeaderBlockBytes - 8));
    says(fmt::format("| {} | 8 | seal: `HOLDFAST` |", kSealOffset));
    says(fmt::format("| {} | 4 | seal version, {} |", kSealOffset + 8, kSealVersion));
    says(fmt::format("flags: {} finished, {} recovered, {} damage left", HeaderFlags::finished,
                     HeaderFlags::recovered, HeaderFlags::damageLeft));
    says(fmt::format("| {} | 8 | checksum, seed 0, of bytes 0 to {} and {} to {} |",
                     kBlockChecksumOffset, kBlockChecksumOffset - 1, kBlockChecksumOffset + 8,
                     kHeaderBlockBytes - 1));
    says(fmt::format("{} data bytes", withCommas(kMaxRiffDataBytes)));
    says(fmt::format("{} MiB for trailing chunks", kTrailerReserveBytes >> 20));
    says(fmt::format("at most {} MiB", TakeWriter::kMaxCommitBytes >> 20));
    says(fmt::format("synced every {} commits", JournalingIoProc::kCommitsPerJournalSync));
    says(fmt::format("File header, {} bytes: `HFJOURN1`, version (4) = {}", kJournalHeaderBytes,
                     kJournalVersion));
    says(fmt::format("payload bytes, at most {} MiB", kMaxRecordPayload >> 20));
    says(fmt::format("chunk records of a journal hold at most {} KiB", kMaxChunkRecordBytes >> 10));
    says(fmt::format("{} bytes and CodingHistory, at most {} bytes in all", kBextFixedBytes,
                     withCommas(kMaxBextBytes)));
    says(fmt::format("A file of a {}-byte head", withCommas(kRingAudioOffset)));
    says(fmt::format("A table of {} gaps", kRingGapSlots));
    for (const auto& [type, name] : {std::pair{RecordType::start, "start"},
                                     {RecordType::segment, "segment"},
                                     {RecordType::marker, "marker"},
                                     {RecordType::gap, "gap"},
                                     {RecordType::dataEnd, "data end"},
                                     {RecordType::error, "error"},
                                     {RecordType::undo, "undo"},
                                     {RecordType::ringTail, "ring tail"},
                                     {RecordType::resolved, "resolved"},
                                     {RecordType::repaired, "repaired"},
                                     {RecordType::chunk, "chunk"}}) {
        says(fmt::format("| {} | {} |", static_cast<int>(type), name));
    }
}

}  // namespace
}  // namespace holdfast
