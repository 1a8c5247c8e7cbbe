#include "tests/support/stalled_recorder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "tests/support/strict_wav_checker.h"

namespace holdfast {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// A thread that stands at the gate must not outlive the folder.
StalledRecorder::~StalledRecorder() {
    gate->release();
}

std::shared_ptr<DiskFolder> StalledRecorder::stalling(const TempFolder& of) const {
    return std::make_shared<StallingFolder>(std::move(*openFolder(of.path().string())), gate);
}

void StalledRecorder::start(const CaptureRequest& capture, std::uint32_t ringMs,
                            const std::function<void(RecorderOptions&)>& change) {
    RecorderOptions options;
    options.folder = stalling(folder);
    options.wavName = "take.wav";
    options.capture = capture;
    options.ringMs = ringMs;
    options.minFreeBytes = 0;
    options.ringFolders = {rings.path().string()};
    options.sessionFolder = (rings.path() / "sessions").string();
    if (change) change(options);
    auto started = Recorder::start(std::move(options));
    ASSERT_TRUE(started) << started.error().message();
    recorder = std::move(*started);
}

bool StalledRecorder::waitUntil(milliseconds deadline, const std::function<bool()>& enough) {
    const auto end = Clock::now() + deadline;
    while (Clock::now() < end) {
        if (recorder) {
            recorder->wait(milliseconds(20));
            for (RecorderEvent& event : recorder->takeEvents()) events.push_back(std::move(event));
        }
        if (enough()) return true;
    }
    return false;
}

std::vector<std::byte> audioOfWav(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    const auto verdict = wavcheck::checkWavFile(path);
    EXPECT_TRUE(verdict.ok) << verdict.defect;
    const auto* begin = reinterpret_cast<const std::byte*>(bytes.data()) + verdict.dataOffset;
    return {begin, begin + verdict.dataBytes};
}

}  // namespace holdfast
