#include "app/control_port.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "iocore/base/path_text.h"
#include "iocore/base/take_id.h"
#include "tests/support/control_caller.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

using Verb = ControlCommand::Verb;

class ControlPortTest : public testing::Test {
  protected:
    void SetUp() override { open(); }
    void open() {
        auto opened = ControlPort::open(path_);
        ASSERT_TRUE(opened) << opened.error().text;
        port_ = std::move(*opened);
        port_->onRequest([this] {
            const std::lock_guard lock(mutex_);
            woken_ = true;
            changed_.notify_all();
        });
    }
    // As the control thread: sleeps until it is woken.
    ControlRequest next() {
        while (true) {
            auto asked = port_->take();
            if (!asked.empty()) return std::move(asked.front());
            std::unique_lock lock(mutex_);
            EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return woken_; }));
            woken_ = false;
        }
    }

    TempFolder folder_;
    // A pipe's name on Windows has no folder.
    const std::string path_ =
        isPathSeparator('\\') ? TakeId::random().hex() : textOfPath(folder_.path() / "control");
    std::unique_ptr<ControlPort> port_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
};

TEST_F(ControlPortTest, EachRequestGetsItsAnswer) {
    ControlCaller caller(path_);
    ASSERT_TRUE(caller.send("marker Goal\nsplit\n"));
    ControlRequest marker = next();
    EXPECT_EQ(marker.command().verb, Verb::marker);
    EXPECT_EQ(marker.command().text, "Goal");
    EXPECT_TRUE(port_->take().empty()) << "one at a time, in order";
    marker.done();
    EXPECT_EQ(caller.answer(), "ok");
    next().refuse("no room");
    EXPECT_EQ(caller.answer(), "error no room");
}

TEST_F(ControlPortTest, WrongLineIsAnsweredAndTheNextIsTaken) {
    ControlCaller caller(path_);
    EXPECT_TRUE(caller.ask("recrod").starts_with("error 'recrod'"));
    ASSERT_TRUE(caller.send("status\n"));
    next().reply("{}\n");
    EXPECT_EQ(caller.answer(), "{}");
}

TEST_F(ControlPortTest, EndlessLineEndsItsCallerAlone) {
    ControlCaller endless(path_);
    endless.send(std::string(ControlPort::kMaxLineBytes + 2, 'x'));
    EXPECT_TRUE(endless.answer().starts_with("error a line"));
    EXPECT_EQ(endless.answer(), "");
    ControlCaller other(path_);
    ASSERT_TRUE(other.send("stop\n"));
    EXPECT_EQ(next().command().verb, Verb::stop);
}

TEST_F(ControlPortTest, CallersThatSayNothingAreInNobodysWay) {
    ControlCaller silent(path_);
    ControlCaller half(path_);
    half.send("sto");
    ControlCaller third(path_);
    ASSERT_TRUE(third.send("pause\n"));
    next().done();
    EXPECT_EQ(third.answer(), "ok");
}

TEST_F(ControlPortTest, WhatIsUnansweredAtTheEndIsToldSo) {
    ControlCaller caller(path_);
    ASSERT_TRUE(caller.send("marker\n"));
    { const ControlRequest forgotten = next(); }
    EXPECT_EQ(caller.answer(), "error the recording has ended");
    port_->drain(std::chrono::seconds(60));
    EXPECT_EQ(caller.ask("status"), "error the recording has ended");
}

TEST_F(ControlPortTest, SecondRecorderIsRefusedAndTheNameIsFreeAfterwards) {
    const auto second = ControlPort::open(path_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().stage, Stage::usage);
    EXPECT_NE(second.error().text.find("another recorder listens there"), std::string::npos);
    ControlCaller caller(path_);
    ASSERT_TRUE(caller.send("status\n"));
    next().done();
    EXPECT_EQ(caller.answer(), "ok") << "and the first one's is as it was";
    port_.reset();
    EXPECT_FALSE(ControlCaller(path_).isConnected());
}

TEST_F(ControlPortTest, TooManyCallersAreTurnedAway) {
    std::vector<std::unique_ptr<ControlCaller>> callers;
    for (std::size_t i = 0; i < ControlPort::kMaxCallers; ++i) {
        callers.push_back(std::make_unique<ControlCaller>(path_));
        ASSERT_TRUE(callers.back()->isConnected());
        EXPECT_TRUE(callers.back()->ask("?").starts_with("error '?'"));
    }
    EXPECT_EQ(ControlCaller(path_).answer(), "error too many callers");
}

}  // namespace
}  // namespace holdfast
