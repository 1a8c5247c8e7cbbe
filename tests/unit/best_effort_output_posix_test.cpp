#include "app/best_effort_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

namespace holdfast {
namespace {

struct TestPipe {
    std::array<int, 2> ends{};
    TestPipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
    void fill() const {
        ::fcntl(writer(), F_SETFL, O_NONBLOCK);
        const std::array<char, 4096> block{};
        while (::write(writer(), block.data(), block.size()) > 0) {
        }
        ::fcntl(writer(), F_SETFL, 0);
    }
    [[nodiscard]] int reader() const { return ends[0]; }
    [[nodiscard]] int writer() const { return ends[1]; }
};

TEST(BestEffortOutput, LinesArriveWholeAndInOrder) {
    const TestPipe pipe;
    BestEffortOutput output(pipe.writer());
    EXPECT_TRUE(output.send("one\n"));
    EXPECT_TRUE(output.send("two\n"));
    output.drain(std::chrono::seconds(60));
    std::array<char, 64> got{};
    ASSERT_EQ(::read(pipe.reader(), got.data(), got.size()), 8);
    EXPECT_STREQ(got.data(), "one\ntwo\n");
    EXPECT_EQ(output.dropped(), 0U);
}

// Nobody reads: the pipe and then the queue fill up. A send() that waited would hang the test.
TEST(BestEffortOutput, FullPipeDropsAndCountsAndNeverWaits) {
    const TestPipe pipe;
    pipe.fill();
    BestEffortOutput output(pipe.writer(), 10'000);
    const std::string line(999, 'x');
    std::uint64_t refused = 0;
    for (int i = 0; i < 1000; ++i) refused += output.send(line + "\n") ? 0 : 1;
    EXPECT_EQ(refused, 990U);
    EXPECT_EQ(output.dropped(), refused);
    EXPECT_FALSE(output.sendIfIdle("stale\n"));
    output.drain(std::chrono::milliseconds(50));
}

TEST(BestEffortOutput, ReaderThatIsGoneIsNoError) {
    ::signal(SIGPIPE, SIG_IGN);
    const TestPipe pipe;
    ::close(pipe.reader());
    BestEffortOutput output(pipe.writer());
    output.send("first\n");
    output.drain(std::chrono::seconds(60));
    EXPECT_FALSE(output.send("second\n"));
    EXPECT_EQ(output.dropped(), 2U);
}

}  // namespace
}  // namespace holdfast
