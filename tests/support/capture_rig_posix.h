// CaptureRig: holdfast-capture in a world of its own: takes, home and ring in a temporary folder.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/child_process_posix.h"

namespace holdfast {

struct CaptureOutcome {
    ChildEnd end;
    std::string out;
    std::string err;
};

// The same tests look at the Windows programs where HOLDFAST_WINDOWS_BIN names their folder and
// HOLDFAST_ON_WINE what runs them.
bool testsWindowsPrograms();
// The words that start one of our programs ("holdfast-capture", "holdfast-recover"): what is
// tested.
std::vector<std::string> programUnderTest(const std::string& name);
// `path` as the program under test has to be told of it: Wine shows / as drive Z.
std::string pathForProgram(const std::string& path);
// The way back: a path that the program under test has told.
std::string pathFromProgram(std::string path);
// As the program's platform quotes it in commands that it prints.
std::string quotedForProgram(const std::string& text);
// What ends a recording from outside and is ignored by no shell; on Wine Ctrl-C alone.
int stopSignal();

class CaptureRig {
  public:
    CaptureRig();
    ~CaptureRig();
    CaptureRig(const CaptureRig&) = delete;
    CaptureRig& operator=(const CaptureRig&) = delete;

    // Folder of the takes, which is the programs' current folder.
    [[nodiscard]] std::string folder() const { return root_ + "/takes"; }
    [[nodiscard]] std::string path(const std::string& name) const { return folder() + "/" + name; }
    [[nodiscard]] std::string home() const { return root_ + "/home"; }
    [[nodiscard]] std::string ringFolder() const;
    // Where the hints for `list` lie.
    [[nodiscard]] std::string sessionFolder() const;

    // The program with these arguments, to be changed before it runs.
    [[nodiscard]] ChildOptions command(const std::vector<std::string>& arguments) const;
    // The recovery tool with these arguments, in the same world.
    [[nodiscard]] ChildOptions recovery(const std::vector<std::string>& arguments) const;
    [[nodiscard]] CaptureOutcome run(const std::vector<std::string>& arguments) const;
    [[nodiscard]] CaptureOutcome run(const ChildOptions& command) const;
    // Names in the folder of the takes, and rings left behind, sorted.
    [[nodiscard]] std::vector<std::string> files() const;
    [[nodiscard]] std::vector<std::string> rings() const;

  private:
    [[nodiscard]] ChildOptions started(const std::string& program,
                                       const std::vector<std::string>& arguments) const;
    [[nodiscard]] std::string dataFolder() const { return root_ + "/data"; }
    std::string root_;
};

// A file system for one test, gone at its end. Needs root: where it cannot be mounted, isMounted()
// is false and why() says so.
class TestMount {
  public:
    // A memory disk of `bytes` at `path`, which is made.
    static TestMount small(const std::string& path, std::uint64_t bytes);
    // A disk of `bytes` with ext4, in a file beside `path`, which is made: can be stopped.
    static TestMount ext4(const std::string& path, std::uint64_t bytes);
    // `path` itself, read only.
    static TestMount readOnly(const std::string& path);
    // Makes room on a small one.
    void grow(std::uint64_t bytes) const;
    ~TestMount();
    TestMount(TestMount&& other) noexcept;
    TestMount& operator=(TestMount&&) = delete;

    [[nodiscard]] bool isMounted() const { return mounted_; }
    [[nodiscard]] std::string why() const { return why_; }
    // From here on it answers no write and no sync, until thaw() or the end.
    bool freeze();
    void thaw();
    // The system finds an error on it and lets nothing be written any more.
    bool turnReadOnly();

  private:
    explicit TestMount(std::string path) : path_(std::move(path)) {}
    std::string path_;
    bool mounted_ = false;
    int frozen_ = -1;  // a descriptor of its root, while it stands
    std::string why_;
};

// Each line of `out` as JSON; a line that is none is a failure of the test.
std::vector<nlohmann::json> eventsOf(const std::string& out);
std::string readFile(const std::string& path);
void writeFile(const std::string& path, const std::string& bytes);

}  // namespace holdfast
