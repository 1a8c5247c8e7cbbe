// What a script sees of long work: progress events of each step, up to its end.
#include <filesystem>
#include <sstream>

#include "tests/support/recover_rig_posix.h"
#include "tests/support/take_builder.h"

namespace holdfast {
namespace {

using Words = RecoverRig::Words;
using Json = nlohmann::json;

constexpr std::uint64_t kFrames = 36 << 20;  // 72 MiB of audio

class RecoverProgress : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        take_ = new BuiltTake(
            buildTake({.committedFrames = kFrames, .tailFrames = 100, .segmentFrames = 1 << 18}));
    }
    static void TearDownTestSuite() { delete take_; }

    void SetUp() override {
        for (const auto& [name, bytes] : take_->files) {
            writeFile(rig_.path(name),
                      {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
        }
    }

    // Judges the events of one run; the number of its steps.
    std::size_t steps(Words words) {
        words.insert(words.begin() + 1, "--json");
        const CaptureOutcome got = rig_.recover(words);
        std::istringstream lines(got.out);
        std::vector<std::vector<Json>> steps;
        for (std::string line; std::getline(lines, line);) {
            const Json event = Json::parse(line);
            if (event["event"] != "progress") continue;
            EXPECT_EQ(event["path"], "take.wav");
            const std::size_t step = event["step"];
            if (step > steps.size()) steps.resize(step);
            steps[step - 1].push_back(event);
        }
        for (const auto& events : steps) {
            EXPECT_GE(events.size(), 2u) << words[0];
            EXPECT_LE(events.size(), 101u);
            for (std::size_t i = 1; i < events.size(); ++i) {
                EXPECT_GT(events[i]["done"], events[i - 1]["done"]) << words[0];
                EXPECT_EQ(events[i]["total"], events[i - 1]["total"]);
            }
            if (!events.empty()) {
                EXPECT_EQ(events.back()["done"], events.back()["total"]) << words[0];
            }
        }
        return steps.size();
    }

    RecoverRig rig_;
    static inline BuiltTake* take_ = nullptr;
};

TEST_F(RecoverProgress, EachStepOfLongWorkIsToldToItsEnd) {
    EXPECT_EQ(steps({"check", "take.wav"}), 1u);
    EXPECT_EQ(steps({"extract", "--raw", "-o", "take.raw", "take.wav"}), 2u);
    EXPECT_EQ(steps({"repair", "take.wav"}), 2u);
}

TEST_F(RecoverProgress, ShortWorkIsNotToldOf) {
    EXPECT_EQ(steps({"repair", "--in-place", "--dry-run", "missing.wav"}), 0u);
    std::filesystem::remove(rig_.path("take.wav"));
    const BuiltTake small = buildTake({});
    for (const auto& [name, bytes] : small.files) {
        writeFile(rig_.path(name), {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    }
    EXPECT_EQ(steps({"check", "take.wav"}), 0u);
    EXPECT_EQ(steps({"repair", "take.wav"}), 0u);
}

}  // namespace
}  // namespace holdfast
