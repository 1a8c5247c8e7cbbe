// Every seed and every find of the fuzzers, again: tests/fuzz/finds/TARGET/NAME.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/fuzz_target.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

std::vector<FuzzSeed> findsOf(const std::string& target) {
    std::vector<FuzzSeed> finds;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(
             fs::path(HOLDFAST_SOURCE_DIR) / "tests/fuzz/finds" / target, none)) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string text(std::istreambuf_iterator<char>(in), {});
        const auto bytes = std::as_bytes(std::span(text));
        finds.push_back({entry.path().filename().string(), {bytes.begin(), bytes.end()}});
    }
    std::ranges::sort(finds, {}, &FuzzSeed::name);
    return finds;
}

void replay(const FuzzTarget& target) {
    std::vector<FuzzSeed> all = target.seeds();
    EXPECT_FALSE(all.empty());
    std::ranges::move(findsOf(target.name), std::back_inserter(all));
    for (const FuzzSeed& one : all) {
        SCOPED_TRACE(one.name);
        EXPECT_EQ(target.defectOf(one.bytes), "");
        // Cut short, as a damaged file is; and with its checksums true again.
        const auto half = std::span<const std::byte>(one.bytes).first(one.bytes.size() / 2);
        EXPECT_EQ(target.defectOf(half), "");
        if (target.mend == nullptr) continue;
        Bytes mended = one.bytes;
        target.mend(mended);
        EXPECT_EQ(target.defectOf(mended), "");
    }
}

TEST(FuzzReplay, WavSeedsAndFindsAreReadSoundly) {
    replay(wavTarget());
}

TEST(FuzzReplay, JournalSeedsAndFindsAreReadSoundly) {
    replay(journalTarget());
}

TEST(FuzzReplay, RingSeedsAndFindsAreReadSoundly) {
    replay(ringTarget());
}

TEST(FuzzReplay, DamagedTakesAreRecoveredAndTakenBack) {
    replay(recoveryTarget());
}

}  // namespace
}  // namespace holdfast
