// HangingSeries: a recording whose disk stops answering at one chosen operation, and what goes on
// without it. Two threads and a gate, no clock: the first stands where the disk stands, the test
// plays the thread that watches it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/series_rig.h"

namespace holdfast {

class HangingSeries {
  public:
    enum class LastPart { hasAudio, isEmpty };
    // The disk hangs at the `nth` operation after the start; when it answers, it says `answer` (0,
    // or an errno).
    HangingSeries(std::size_t nth, int answer, LastPart last);
    ~HangingSeries();

    // Runs a take with commits, a gap, a marker and a split on its thread until the disk hangs.
    // False when it came to its end before.
    bool runUntilItHangs();
    // The next file is begun in the spill folder.
    Result<> goOn();
    // More audio comes.
    Result<> more();
    // The recording ends.
    Result<> finish();
    // The disk answers: the first thread ends what it was left with. True when that is complete.
    bool answer();

    SeriesRig rig;
    std::unique_ptr<TakeSeries> other;  // what goes on
    std::vector<GapRecord> gapsOfOther;
    std::vector<Error> errorsOfOther;
    std::size_t gapsMade = 0;
    std::size_t markersMade = 0;
    std::string what;  // the operation that hangs

  private:
    int hang(const DiskOp& op);
    void script();
    [[nodiscard]] bool isLeft() const { return rig.options.gate->turnedAway(); }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t operationsLeft_;
    int answer_;
    LastPart last_;
    bool hangs_ = false;
    bool answered_ = false;
    bool ended_ = false;
    bool complete_ = false;
    std::thread thread_;
};

}  // namespace holdfast
