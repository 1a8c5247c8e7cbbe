// StalledRecorder: a whole recorder, with its threads, on a disk that the test can stop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "iocore/recorder/recorder.h"
#include "tests/support/stalling_folder.h"
#include "tests/support/temp_folder.h"

namespace holdfast {

class StalledRecorder {
  public:
    ~StalledRecorder();
    // `change` may set what the test is about; by default the take is take.wav in `folder`, on the
    // disk behind the gate.
    void start(const CaptureRequest& capture, std::uint32_t ringMs,
               const std::function<void(RecorderOptions&)>& change = {});
    // A folder on the disk behind the gate.
    [[nodiscard]] std::shared_ptr<DiskFolder> stalling(const TempFolder& of) const;
    // Takes events until `enough` says so, or the deadline is over.
    bool waitUntil(std::chrono::milliseconds deadline, const std::function<bool()>& enough);
    // The first event of type What, or nullptr when none comes in time.
    template <typename What>
    const What* waitFor(std::chrono::milliseconds deadline) {
        const What* found = nullptr;
        waitUntil(deadline, [&] {
            for (const RecorderEvent& event : events) {
                if (const auto* what = std::get_if<What>(&event.what)) found = what;
                if (found != nullptr) return true;
            }
            return false;
        });
        return found;
    }
    [[nodiscard]] std::string wav() const { return (folder.path() / "take.wav").string(); }

    TempFolder folder;
    TempFolder otherFolder;  // for a spill or a mirror; no gate
    TempFolder rings;
    std::shared_ptr<StallGate> gate = std::make_shared<StallGate>();
    std::unique_ptr<Recorder> recorder;
    std::vector<RecorderEvent> events;
};

// The audio of a WAV that the strict checker accepts; a defect fails the test.
std::vector<std::byte> audioOfWav(const std::string& path);

}  // namespace holdfast
