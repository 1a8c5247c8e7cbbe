// The same promises as on POSIX, with Windows' pipes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <io.h>

#include <array>
#include <chrono>
#include <string>

#include "app/best_effort_output.h"
#include "app/output_descriptor.h"

namespace holdfast {
namespace {

struct TestPipe {
    std::array<int, 2> ends{};
    TestPipe() { EXPECT_EQ(::_pipe(ends.data(), 4096, _O_BINARY), 0); }
    [[nodiscard]] int reader() const { return ends[0]; }
    [[nodiscard]] int writer() const { return ends[1]; }
};

TEST(BestEffortOutput, LinesArriveWholeAndInOrder) {
    const TestPipe pipe;
    BestEffortOutput output(pipe.writer());
    EXPECT_TRUE(output.send("one\n"));
    EXPECT_TRUE(output.send("запись\n"));
    output.drain(std::chrono::seconds(60));
    std::array<char, 64> got{};
    ASSERT_EQ(::_read(pipe.reader(), got.data(), got.size()), 17);
    EXPECT_STREQ(got.data(), "one\nзапись\n");
    EXPECT_EQ(output.dropped(), 0U);
}

// Nobody reads: the pipe and then the queue fill up. A send() that waited would hang the test.
TEST(BestEffortOutput, FullPipeDropsAndCountsAndNeverWaits) {
    const TestPipe pipe;
    BestEffortOutput output(pipe.writer(), 10'000);
    const std::string line(999, 'x');
    // Until nothing moves any more.
    while (output.send(line + "\n")) output.drain(std::chrono::milliseconds(50));
    const std::uint64_t before = output.dropped();
    std::uint64_t refused = 0;
    for (int i = 0; i < 1000; ++i) refused += output.send(line + "\n") ? 0 : 1;
    EXPECT_EQ(refused, 1000U);
    EXPECT_EQ(output.dropped(), before + refused);
    EXPECT_FALSE(output.sendIfIdle("stale\n"));
    // What the writer hangs in ends here, and its thread with it.
    ::_close(pipe.reader());
    output.drain(std::chrono::seconds(60));
}

TEST(BestEffortOutput, ReaderThatIsGoneIsNoError) {
    const TestPipe pipe;
    ::_close(pipe.reader());
    BestEffortOutput output(pipe.writer());
    output.send("first\n");
    output.drain(std::chrono::seconds(60));
    EXPECT_FALSE(output.send("second\n"));
    EXPECT_EQ(output.dropped(), 2U);
}

TEST(OutputDescriptor, OnlyWhatIsOpenForWritingIsWritable) {
    const TestPipe pipe;
    EXPECT_TRUE(isWritable(pipe.writer()));
    EXPECT_FALSE(isWritable(pipe.reader()));
    EXPECT_FALSE(isWritable(1234));  // the C library would end the process
    EXPECT_FALSE(isWritable(-1));
}

}  // namespace
}  // namespace holdfast
