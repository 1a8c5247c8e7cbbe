// MetricsFile: keeps a small file up to date for whoever reads it, whole at every moment.
//
// Written under another name and renamed, by a thread of its own: its disk may hang, and then the
// next figures are dropped.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "iocore/base/result.h"
#include "iocore/recorder/side_work.h"

namespace holdfast {

class MetricsFile {
  public:
    // Errors: Stage::usage, where the file cannot be written. [control thread] [blocks]
    static Result<std::unique_ptr<MetricsFile>> open(std::string path);

    // Dropped when an older text is still being written. [control thread]
    void write(std::string text);
    // The last one counts. [control thread] [blocks]
    void drain(std::chrono::milliseconds patience) { (void)work_.drain(patience); }

  private:
    explicit MetricsFile(std::string path) : path_(std::move(path)) {}

    std::string path_;
    std::shared_ptr<std::atomic<bool>> busy_ = std::make_shared<std::atomic<bool>>(false);
    SideWork work_;
};

}  // namespace holdfast
