// Console: what people read, on stderr: messages, and on a terminal the status line below them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "app/best_effort_output.h"
#include "app/capture_options.h"
#include "app/status_line.h"

namespace holdfast {

class Console {
  public:
    explicit Console(const CaptureOptions& options);

    // One message a line, complete without its line end. [control thread]
    void detail(std::string_view text);  // with -v
    void say(std::string_view text);     // not with -q
    void warn(std::string_view text);    // always
    // Only where hasStatusLine(). [control thread]
    void showStatus(const RecorderStatus& status, const PcmFormat& format,
                    std::span<const float> peaks);
    void clearStatus();

    [[nodiscard]] bool hasStatusLine() const { return statusLine_; }
    [[nodiscard]] bool hasMeter() const { return look_.meter; }
    void drain(std::chrono::milliseconds patience) { output_.drain(patience); }

  private:
    void print(std::string_view text);

    BestEffortOutput output_;
    StatusLook look_;
    bool quiet_;
    bool verbose_;
    bool statusLine_ = false;
    bool statusShown_ = false;
};

}  // namespace holdfast
