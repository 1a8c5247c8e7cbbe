#include "app/byte_size.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(ByteSize, EveryWrittenFormHasItsSize) {
    for (const auto& [text, bytes] :
         std::vector<std::pair<const char*, std::uint64_t>>{{"0", 0},
                                                            {"4096", 4'096},
                                                            {"200K", 204'800},
                                                            {"200kb", 204'800},
                                                            {"200KiB", 204'800},
                                                            {"64M", 67'108'864},
                                                            {"1.5G", 1'610'612'736},
                                                            {"2t", 2'199'023'255'552},
                                                            {"7B", 7}}) {
        EXPECT_EQ(parseByteSize(text).value_or(1), bytes) << text;
    }
}

TEST(ByteSize, WhatIsNoSizeIsRefused) {
    for (const char* text :
         {"", "-1", "+1", "x", "M", "1X", "1MM", "1 M", "1e3", "nan", "inf", "9999999T", ".5"}) {
        EXPECT_FALSE(parseByteSize(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace holdfast
