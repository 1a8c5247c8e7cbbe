#include "app/metrics_text.h"

#include <fmt/format.h>

#include <string_view>

namespace holdfast {
namespace {

enum class Type { gauge, counter };

class MetricsWriter {
  public:
    void add(std::string_view name, Type type, std::string_view help, double value) {
        fmt::format_to(std::back_inserter(text_),
                       "# HELP holdfast_{0} {1}\n# TYPE holdfast_{0} {2}\nholdfast_{0} {3}\n", name,
                       help, type == Type::gauge ? "gauge" : "counter", value);
    }
    void addStates(RecorderState present) {
        text_ +=
            "# HELP holdfast_state 1 for the state that the recorder is in.\n"
            "# TYPE holdfast_state gauge\n";
        for (int i = 0; i <= static_cast<int>(RecorderState::failed); ++i) {
            const auto state = static_cast<RecorderState>(i);
            fmt::format_to(std::back_inserter(text_), "holdfast_state{{state=\"{}\"}} {}\n",
                           recorderStateName(state), state == present ? 1 : 0);
        }
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

}  // namespace

std::string metricsText(const RecorderStatus& status, const PcmFormat& format, double unixSeconds) {
    const auto seconds = [&](std::uint64_t frames) {
        return static_cast<double>(frames) / format.sampleRate;
    };
    const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
    MetricsWriter out;
    out.addStates(status.state);
    out.add("updated_timestamp_seconds", Type::gauge, "When these figures were taken.",
            unixSeconds);
    out.add("captured_seconds_total", Type::counter, "Audio captured, of this recording.",
            seconds(status.capturedFrames));
    out.add("safe_seconds_total", Type::counter, "Audio that survives a power cut.",
            seconds(status.safeFrames));
    out.add("lost_seconds_total", Type::counter, "Audio that is missing.",
            seconds(status.lostFrames));
    out.add("gaps_total", Type::counter, "Gaps.", number(status.gaps));
    out.add("clipped_samples_total", Type::counter, "Samples at full scale.",
            number(status.clippedSamples));
    out.add("commits_total", Type::counter, "Commits.", number(status.commits));
    out.add("last_commit_seconds", Type::gauge, "How long the last commit took.",
            number(status.commitMsLast) / 1000);
    out.add("commit_age_seconds", Type::gauge, "Since the last commit.",
            number(status.commitAgeMs) / 1000);
    out.add("disk_wait_seconds", Type::gauge, "For how long the disk has not answered.",
            number(status.diskWaitMs) / 1000);
    out.add("ring_fill_ratio", Type::gauge, "Of the ring, how much waits for the disk.",
            status.ringFill);
    out.add("ring_peak_ratio", Type::gauge, "The highest of it so far.", status.ringPeak);
    out.add("disk_free_bytes", Type::gauge, "Free on the disk.", number(status.diskFreeBytes));
    out.add("left_seconds", Type::gauge, "Until the disk is full.", number(status.secondsLeft));
    out.add("files_total", Type::counter, "Files of this recording.", number(status.parts));
    return out.take();
}

}  // namespace holdfast
