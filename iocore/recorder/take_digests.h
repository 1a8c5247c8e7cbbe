// TakeDigests: the SHA-256 of each finished file of a recording, by a thread of its own.
//
// A split only names the file here and goes on: nothing waits for a digest but the end. While the
// recording goes on, the thread rests three times as long as it read, so that the disk is the
// take's; at the end it hurries.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "iocore/base/result.h"
#include "iocore/disk/disk_file.h"

namespace holdfast {

struct DigestOptions {
    Existing existing = Existing::refuse;  // of NAME.wav.sha256
    // A file could not be read back, or its digest not be written. [digest thread]
    std::function<void(const Error&)> error;
    // Its own view of a folder: the writer's is the writer's. [digest thread]
    std::function<Result<std::unique_ptr<DiskFolder>>(const std::string& path)> openFolder =
        holdfast::openFolder;
};

struct DigestsEnd {
    std::string path;         // of the last file that was named
    std::string sha256;       // of that file; empty: there is none
    bool unreadable = false;  // a file could not be read back
    std::size_t left = 0;     // files without a digest, because cancel() was called
};

class TakeDigests {
  public:
    explicit TakeDigests(DigestOptions options);
    ~TakeDigests();  // as cancel()
    TakeDigests(const TakeDigests&) = delete;
    TakeDigests& operator=(const TakeDigests&) = delete;

    // A finished, verified file. Returns at once. REQUIRES that hurry() was not called.
    void add(std::string path);  // [any thread]
    // Leaves out what is not done; a file that is being read gets no digest.
    void cancel();  // [any thread]
    // No more files come, and somebody waits: no more rests.
    void hurry();  // [any thread]
    // hurry(), and waits for the digests of all. After cancel() a disk that does not answer is not
    // waited for: the thread is left, and says nothing more. [any thread] [blocks]
    DigestsEnd finish();

  private:
    // Outlives this object where the thread was left.
    struct Work;
    std::shared_ptr<Work> work_;
    std::thread thread_;
};

}  // namespace holdfast
