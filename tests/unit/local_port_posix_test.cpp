#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "app/local_port.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

TEST(LocalPort, SocketIsForThisUserAlone) {
    const TempFolder folder;
    const std::string path = folder.path() / "control";
    const mode_t mask = ::umask(0);
    const auto port = LocalPort::open(path);
    ::umask(mask);
    ASSERT_TRUE(port) << port.error().text;
    struct stat found {};
    ASSERT_EQ(::lstat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

// Of a recorder that was killed.
TEST(LocalPort, SocketThatNobodyListensToIsReplaced) {
    const TempFolder folder;
    const std::string path = folder.path() / "control";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(dead);
    ASSERT_TRUE(std::filesystem::exists(path));
    const auto port = LocalPort::open(path);
    EXPECT_TRUE(port) << port.error().text;
    EXPECT_TRUE(LocalStream::connect(path));
}

TEST(LocalPort, AnotherFileUnderTheNameIsLeftAlone) {
    const TempFolder folder;
    const std::string path = folder.path() / "notes.txt";
    std::ofstream(path) << "mine";
    const auto port = LocalPort::open(path);
    ASSERT_FALSE(port);
    EXPECT_NE(port.error().text.find("no socket"), std::string::npos);
    EXPECT_EQ(std::filesystem::file_size(path), 4U);
}

TEST(LocalPort, ClosedOneTakesItsOwnNameAlone) {
    const TempFolder folder;
    const std::string path = folder.path() / "control";
    const auto port = LocalPort::open(path);
    ASSERT_TRUE(port);
    std::filesystem::remove(path);
    std::ofstream(path) << "another's";
    (*port)->close();
    EXPECT_EQ((*port)->accept(), nullptr);
    EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(LocalPort, PathThatIsTooLongSaysHowLongItMayBe) {
    const TempFolder folder;
    const std::string path = folder.path() / std::string(200, 'x');
    const auto port = LocalPort::open(path);
    ASSERT_FALSE(port);
    EXPECT_NE(port.error().text.find("1 to 107 bytes"), std::string::npos) << port.error().text;
}

}  // namespace
}  // namespace holdfast
