#include "tests/support/moments.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/crash_images.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {

void recordMoments(SeriesRig& rig, std::vector<Moment>& moments) {
    rig.disk.addHook([&](const DiskOp& op, std::size_t index) {
        if (op.kind == DiskOp::Kind::read) return 0;
        const auto ring = rig.ring->memory().bytes();
        moments.push_back({rig.disk.files(),
                           {ring.begin(), ring.end()},
                           rig.expected.size(),
                           describe(op, index)});
        return 0;
    });
}

void expectEveryMomentToHaveAll(const SeriesRig& rig, const std::vector<Moment>& moments) {
    EXPECT_GT(moments.size(), 50U);
    for (const Moment& moment : moments) {
        const auto recovered = recoverSeries(FaultDisk::fromImage(moment.files), moment.ring);
        EXPECT_EQ(recovered.defect, "") << moment.label;
        EXPECT_TRUE(recovered.left.empty()) << moment.label << ": " << recovered.left.front();
        const auto captured = static_cast<std::ptrdiff_t>(moment.captured);
        EXPECT_TRUE(std::equal(recovered.audio.begin(), recovered.audio.end(), rig.expected.begin(),
                               rig.expected.begin() + captured))
            << moment.label << ": " << recovered.audio.size() << " of " << captured << " bytes";
        if (testing::Test::HasFailure()) return;
    }
}

std::size_t expectPowerCutsToKeepWhatWasSafe(const SeriesRig& rig) {
    const auto counts = forEachPowerImage(
        rig.disk, {.exhaustive = 6, .randomSubsets = 8}, [&](const CrashImage& image) {
            for (const auto& [name, bytes] : image.files) {
                if (!name.ends_with(".wav") || name.ends_with(".part.wav")) continue;
                const auto verdict = wavcheck::checkWav(*bytes);
                EXPECT_TRUE(verdict.ok) << image.label << ": " << name << ": " << verdict.defect;
            }
            const auto recovered = recoverSeries(FaultDisk::fromImage(image), {});
            EXPECT_EQ(recovered.defect, "") << image.label;
            const std::size_t safe = image.acknowledged * rig.options.format.bytesPerFrame();
            ASSERT_GE(recovered.audio.size(), safe) << image.label;
            EXPECT_TRUE(std::equal(rig.expected.begin(),
                                   rig.expected.begin() + static_cast<std::ptrdiff_t>(safe),
                                   recovered.audio.begin()))
                << image.label;
        });
    return counts.distinct;
}

}  // namespace holdfast
