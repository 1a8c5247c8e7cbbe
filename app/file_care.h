// FileCare: what happens to the files of a recording when they are finished: a hook for each, and
// the end of those that have had their time.
//
// A thread of its own, which may wait for a disk or a hook as long as it likes: the take never
// waits for it. What it has to do stands in the ledger (file_ledger.h) before a file is finished,
// and goes when it is done: so the next recording into the folder does what this one could not. A
// hook may thus run twice for a file, never not at all.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/file_ledger.h"
#include "app/retention.h"
#include "iocore/base/result.h"

namespace holdfast {

struct CareNews {
    enum class What {
        shipped,     // the hook has ended with 0
        hookFailed,  // it has not, and is tried again
        removed,     // the file has had its time
        problem,     // `text` says what
    };
    What what = What::problem;
    std::string path;
    int status = 0;  // of the hook
    std::string text;
};

struct CareOptions {
    std::string command;                 // --on-file-closed; empty: none
    std::optional<Retention> retention;  // --keep
    std::vector<std::string> folders;    // of the recording
    std::string ledger = FileLedger::defaultFolder();
};

class FileCare {
  public:
    explicit FileCare(CareOptions options);
    // As leave(). A thread that stands in a call to a disk is left behind.
    ~FileCare();
    FileCare(const FileCare&) = delete;
    FileCare& operator=(const FileCare&) = delete;

    struct File {
        std::string takeId;  // 32 hexadecimal digits
        std::string path;    // when it is finished
        std::uint32_t part = 1;
    };
    // A file is begun; or is finished, under another path maybe: its name may have been taken
    // meanwhile. Returns at once. [control thread]
    void enter(const File& file);
    // Called on another thread when there are news; empty = none. [control thread]
    void onNews(std::function<void()> wake);
    std::vector<CareNews> takeNews();  // [control thread]
    // The recording has ended: each file gets one more try now, and then there is no more.
    void finish();  // [control thread]
    // What is left is for the next recording; a hook that runs is ended.
    void leave();  // [any thread]
    // After finish() or leave(): false when that takes longer. [control thread] [blocks]
    [[nodiscard]] bool waitUntilDone(std::chrono::milliseconds atMost);
    // How many files wait for their hook. [any thread]
    [[nodiscard]] std::size_t waiting() const;

  private:
    struct Work;
    std::shared_ptr<Work> work_;
    std::thread thread_;
};

}  // namespace holdfast
