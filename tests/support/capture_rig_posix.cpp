#include "tests/support/capture_rig_posix.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "iocore/base/shell_quoted.h"
#include "tests/support/command_output.h"

namespace holdfast {
namespace fs = std::filesystem;

namespace {

std::vector<std::string> namesIn(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace

bool testsWindowsPrograms() {
    return std::getenv("HOLDFAST_WINDOWS_BIN") != nullptr;
}

std::vector<std::string> programUnderTest(const std::string& name) {
    if (!testsWindowsPrograms()) return {HOLDFAST_BIN_DIR "/" + name};
    std::vector<std::string> words;
    if (const char* runner = std::getenv("HOLDFAST_ON_WINE")) words.emplace_back(runner);
    words.push_back(std::getenv("HOLDFAST_WINDOWS_BIN") + ("/" + name + ".exe"));
    return words;
}

std::string pathForProgram(const std::string& path) {
    if (!testsWindowsPrograms()) return path;
    std::string there = "Z:" + path;
    std::ranges::replace(there, '/', '\\');
    return there;
}

std::string pathFromProgram(std::string path) {
    if (!testsWindowsPrograms()) return path;
    if (path.starts_with("Z:")) path.erase(0, 2);
    std::ranges::replace(path, '\\', '/');
    return path;
}

std::string quotedForProgram(const std::string& text) {
    return testsWindowsPrograms() ? quotedForWindowsShell(text) : quotedForPosixShell(text);
}

int stopSignal() {
    return testsWindowsPrograms() ? SIGINT : SIGTERM;
}

CaptureRig::CaptureRig() {
    std::string name = (fs::temp_directory_path() / "holdfast-cli-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    for (const char* folder : {"takes", "home", "run"}) fs::create_directory(root_ + "/" + folder);
    fs::permissions(root_ + "/run", fs::perms::owner_all);
}

CaptureRig::~CaptureRig() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
}

std::string CaptureRig::ringFolder() const {
    return testsWindowsPrograms() ? dataFolder() + "/rings" : root_ + "/run/holdfast";
}

std::string CaptureRig::sessionFolder() const {
    return testsWindowsPrograms() ? dataFolder() + "/sessions"
                                  : home() + "/.local/state/holdfast/sessions";
}

ChildOptions CaptureRig::command(const std::vector<std::string>& arguments) const {
    return started("holdfast-capture", arguments);
}

ChildOptions CaptureRig::recovery(const std::vector<std::string>& arguments) const {
    return started("holdfast-recover", arguments);
}

ChildOptions CaptureRig::started(const std::string& program,
                                 const std::vector<std::string>& arguments) const {
    ChildOptions options;
    options.argv = programUnderTest(program);
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    options.folder = folder();
    options.environment = {{"HOME", home()},
                           {"XDG_CONFIG_HOME", home() + "/.config"},
                           {"XDG_RUNTIME_DIR", root_ + "/run"},
                           {"HOLDFAST_DATA_DIR", pathForProgram(dataFolder())},
                           {"PULSE_SERVER", root_ + "/no-sound-server"},
                           {"TZ", "UTC"},
                           {"LC_ALL", "C.UTF-8"}};
    return options;
}

CaptureOutcome CaptureRig::run(const std::vector<std::string>& arguments) const {
    return run(command(arguments));
}

CaptureOutcome CaptureRig::run(const ChildOptions& command) const {
    ChildProcess child(command);
    const ChildEnd end = child.wait();
    return {end, child.out(), child.err()};
}

std::vector<std::string> CaptureRig::files() const {
    return namesIn(folder());
}

std::vector<std::string> CaptureRig::rings() const {
    return namesIn(ringFolder());
}

TestMount TestMount::small(const std::string& path, std::uint64_t bytes) {
    TestMount self(path);
    fs::create_directories(path);
    self.mounted_ = ::mount("none", path.c_str(), "tmpfs", 0,
                            fmt::format("size={},mode=0700", bytes).c_str()) == 0;
    if (!self.mounted_) self.why_ = fmt::format("no tmpfs for tests: {}", std::strerror(errno));
    return self;
}

TestMount TestMount::readOnly(const std::string& path) {
    TestMount self(path);
    self.mounted_ = ::mount(path.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == 0;
    const bool readOnly = self.mounted_ && ::mount(nullptr, path.c_str(), nullptr,
                                                   MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
    if (!readOnly) self.why_ = fmt::format("no read-only mount: {}", std::strerror(errno));
    if (self.mounted_ && !readOnly) {
        ::umount2(path.c_str(), MNT_DETACH);
        self.mounted_ = false;
    }
    return self;
}

TestMount TestMount::ext4(const std::string& path, std::uint64_t bytes) {
    TestMount self(path);
    fs::create_directories(path);
    const std::string image = path + ".img";
    std::ofstream(image).close();
    fs::resize_file(image, bytes);
    const auto made = outputOf(
        fmt::format("mkfs.ext4 -q {0} && mount -o loop,errors=remount-ro {0} {1}", image, path));
    self.mounted_ = made.status == 0;
    if (!self.mounted_) self.why_ = "no ext4 for tests: " + made.text;
    return self;
}

bool TestMount::freeze() {
    frozen_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (frozen_ >= 0 && ::ioctl(frozen_, FIFREEZE, 0) == 0) return true;
    why_ = fmt::format("no freezing: {}", std::strerror(errno));
    return false;
}

void TestMount::thaw() {
    if (frozen_ < 0) return;
    ::ioctl(frozen_, FITHAW, 0);
    ::close(std::exchange(frozen_, -1));
}

void TestMount::grow(std::uint64_t bytes) const {
    const std::string size = fmt::format("size={}", bytes);
    EXPECT_EQ(::mount("none", path_.c_str(), "tmpfs", MS_REMOUNT, size.c_str()), 0);
}

bool TestMount::turnReadOnly() {
    struct stat status {};
    if (::stat(path_.c_str(), &status) == 0) {
        std::ofstream error(
            fmt::format("/sys/fs/ext4/loop{}/trigger_fs_error", minor(status.st_dev)));
        error << "test" << std::flush;
        if (error) return true;
    }
    why_ = "no error can be made";
    return false;
}

TestMount::~TestMount() {
    thaw();
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
}

TestMount::TestMount(TestMount&& other) noexcept
    : path_(std::move(other.path_)),
      mounted_(std::exchange(other.mounted_, false)),
      frozen_(std::exchange(other.frozen_, -1)),
      why_(std::move(other.why_)) {}

std::vector<nlohmann::json> eventsOf(const std::string& out) {
    std::vector<nlohmann::json> events;
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);) {
        events.push_back(nlohmann::json::parse(line, nullptr, false));
        EXPECT_FALSE(events.back().is_discarded()) << "no JSON: " << line;
    }
    return events;
}

std::string readFile(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void writeFile(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace holdfast
