// What other programs see of a take while it outgrows RIFF: at each of the three states of its
// header, and where the write of the last is torn.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "iocore/recovery/result_file.h"
#include "tests/support/capture_rig_posix.h"
#include "tests/support/fault_disk.h"
#include "tests/support/frame_counts.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kFrames = 1'000;       // at the last commit that is RIFF
constexpr std::uint64_t kGrownFrames = 1'500;  // at the first that is RF64

HeaderImage headerWith(SizeForm form, std::uint64_t frames, SampleType type = SampleType::S16) {
    HeaderBlock block;
    block.format = {48'000, 2, type, 0};
    block.sizes = form;
    block.dataBytes = frames * block.format.bytesPerFrame();
    block.seal.frames = frames;
    return encodeHeaderBlock(block);
}

Bytes fileWith(const HeaderImage& header, SampleType type = SampleType::S16) {
    Bytes file(header.begin(), header.end());
    file.resize(file.size() + kGrownFrames * 2 * bytesPerSample(type), std::byte{1});
    return file;
}

TEST(PromotionReaders, EveryStateIsReadByEveryProgramThatKnowsItsForm) {
    const TempFolder folder;
    const std::string path = (folder.path() / "take.wav").string();
    for (const SampleType type : {SampleType::S16, SampleType::F32}) {
        for (const OtherReader& reader : installedReaders()) {
            if (type == SampleType::F32 && !reader.knowsRf64) continue;  // nor float
            for (const SizeForm form : {SizeForm::riff, SizeForm::riffWithDs64, SizeForm::rf64}) {
                if (form == SizeForm::rf64 && !reader.knowsRf64) continue;
                const std::uint64_t frames = form == SizeForm::rf64 ? kGrownFrames : kFrames;
                const Bytes file = fileWith(headerWith(form, frames, type), type);
                writeFile(path, {reinterpret_cast<const char*>(file.data()), file.size()});
                EXPECT_EQ(reader.frames(path), static_cast<std::int64_t>(frames))
                    << reader.name << ", form " << static_cast<int>(form);
            }
        }
    }
}

// Frames that libsndfile finds at least in what a torn write of the RF64 block over `before`
// leaves.
std::uint64_t leastFramesOfTornFlip(const HeaderImage& before) {
    const HeaderImage after = headerWith(SizeForm::rf64, kGrownFrames);
    std::uint64_t least = kGrownFrames;
    for (std::size_t cut = 0; cut <= before.size(); cut += 4) {
        const auto at = static_cast<std::ptrdiff_t>(cut);
        HeaderImage beginning = before;
        std::copy(after.begin(), after.begin() + at, beginning.begin());
        HeaderImage end = before;
        std::copy(after.begin() + at, after.end(), end.begin() + at);
        for (const HeaderImage& torn : {beginning, end}) {
            const auto bytes = std::make_shared<const Bytes>(fileWith(torn));
            FaultDisk disk = FaultDisk::fromImage(FileMap{{"take.wav", bytes}});
            const auto file = disk.open("take.wav", Access::read);
            least = std::min(least, countFramesBySndfile(**file).value_or(0));
        }
    }
    return least;
}

// Why ds64 is filled a commit earlier, and what happens without it.
TEST(PromotionReaders, TornFlipStillPlaysWhatWasCommitted) {
    EXPECT_GE(leastFramesOfTornFlip(headerWith(SizeForm::riffWithDs64, kFrames)), kFrames);
    EXPECT_EQ(leastFramesOfTornFlip(headerWith(SizeForm::riff, kFrames)), 0u);
}

}  // namespace
}  // namespace holdfast
