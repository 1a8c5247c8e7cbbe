#include <gtest/gtest.h>

#include <cstdlib>

#include "app/service_notice.h"
#include "tests/support/service_manager_posix.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

using Lines = std::vector<std::string>;

class ServiceNoticeTest : public testing::Test {
  protected:
    ~ServiceNoticeTest() override {
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
            ::unsetenv(name);
        }
    }
    const TempFolder folder_;
    const std::string path_ = folder_.path() / "notify";
};

TEST_F(ServiceNoticeTest, TellsEachThingOnce) {
    ServiceManager manager(path_);
    ASSERT_TRUE(manager.isBound());
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    const auto notice = ServiceNotice::fromEnvironment();
    notice->ready();
    notice->ready();
    notice->status("REC 0:01");
    notice->status("REC 0:01");
    notice->alive();
    notice->stopping();
    EXPECT_EQ(manager.told(), (Lines{"READY=1", "STATUS=REC 0:01", "STOPPING=1"}));
    EXPECT_FALSE(notice->watchInterval()) << "nobody watches";
}

TEST_F(ServiceNoticeTest, IsTakenOutOfTheEnvironment) {
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "1000000", 1);
    const auto notice = ServiceNotice::fromEnvironment();
    EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
    EXPECT_EQ(std::getenv("WATCHDOG_USEC"), nullptr);
}

TEST_F(ServiceNoticeTest, WatchdogIsFedTwiceInItsTime) {
    ServiceManager manager(path_);
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "3600000000", 1);
    const auto notice = ServiceNotice::fromEnvironment();
    EXPECT_EQ(notice->watchInterval(), std::chrono::minutes(30));
    notice->alive();
    notice->alive();
    EXPECT_EQ(manager.told(), Lines{"WATCHDOG=1"}) << "not more often than needed";
}

TEST_F(ServiceNoticeTest, WatchdogOfAnotherProcessIsNotOurs) {
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "1000000", 1);
    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_FALSE(ServiceNotice::fromEnvironment()->watchInterval());
}

TEST_F(ServiceNoticeTest, NobodyAsksOrListens) {
    for (const char* wrong : {"", "relative", "/nobody/listens/here"}) {
        ::setenv("NOTIFY_SOCKET", wrong, 1);
        const auto notice = ServiceNotice::fromEnvironment();
        notice->ready();
        notice->status("x");
        notice->alive();
    }
    ::setenv("NOTIFY_SOCKET", ("/" + std::string(200, 'x')).c_str(), 1);
    ServiceNotice::fromEnvironment()->ready();
}

}  // namespace
}  // namespace holdfast
