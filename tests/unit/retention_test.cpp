#include "app/retention.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

std::size_t removed(const char* text, const std::vector<KeptFile>& files, std::uint64_t nowNs = 0) {
    const auto retention = parseRetention(text);
    EXPECT_TRUE(retention) << text;
    return filesToRemove(*retention, files, nowNs);
}

TEST(Retention, IsACountATimeOrASize) {
    EXPECT_EQ(parseRetention("24")->files, 24U);
    EXPECT_EQ(parseRetention("7d")->ageNs, 7 * 86'400 * kSecond);
    EXPECT_EQ(parseRetention("90m")->ageNs, 5'400 * kSecond) << "minutes, not a size";
    EXPECT_EQ(parseRetention("50G")->bytes, 50ULL << 30);
    EXPECT_EQ(parseRetention("500MB")->bytes, 500ULL << 20);
    for (const char* wrong : {"", "0", "x", "5x", "-3", "0s", "99999999999999999999"}) {
        const auto retention = parseRetention(wrong);
        ASSERT_FALSE(retention) << wrong;
        EXPECT_EQ(retention.error().stage, Stage::usage);
    }
}

TEST(Retention, CountKeepsTheNewest) {
    const std::vector<KeptFile> files(5);
    EXPECT_EQ(removed("3", files), 2U);
    EXPECT_EQ(removed("5", files), 0U);
    EXPECT_EQ(removed("9", files), 0U);
    EXPECT_EQ(removed("1", {}), 0U);
}

TEST(Retention, AgeRemovesWhatIsOlderAndNeverTheNewest) {
    const std::vector<KeptFile> files = {{10 * kSecond, 1}, {20 * kSecond, 1}, {30 * kSecond, 1}};
    EXPECT_EQ(removed("10s", files, 31 * kSecond), 2U);
    EXPECT_EQ(removed("10s", files, 30 * kSecond), 1U) << "exactly so old is not older";
    EXPECT_EQ(removed("10s", files, 900 * kSecond), 2U);
    EXPECT_EQ(removed("10s", files, 5 * kSecond), 0U) << "the clock was set back";
}

TEST(Retention, BytesAreThoseOfTheNewestTogether) {
    const std::vector<KeptFile> files = {{1, 1024}, {2, 1024}, {3, 1024}};
    EXPECT_EQ(removed("3K", files), 0U);
    EXPECT_EQ(removed("2K", files), 1U);
    EXPECT_EQ(removed("2047B", files), 2U);
    EXPECT_EQ(removed("1B", files), 2U) << "the newest stays";
}

}  // namespace
}  // namespace holdfast
