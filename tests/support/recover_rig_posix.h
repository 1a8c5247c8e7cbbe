// RecoverRig: takes that really crashed, and holdfast-recover beside them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/capture_rig_posix.h"

namespace holdfast {

using Files = std::map<std::string, std::string>;  // name -> bytes

class RecoverRig : public CaptureRig {
  public:
    using Words = std::vector<std::string>;

    // Records until the first commit under the final name and `leastFrames` are captured, then
    // kill -9. Frames that the recorder said it had captured.
    std::uint64_t crash(const std::string& name, std::uint64_t leastFrames = 1,
                        const Words& more = {}) const;

    [[nodiscard]] CaptureOutcome recover(const Words& arguments) const;
    // The only object that a run with --json tells of; its exit status is the program's.
    [[nodiscard]] nlohmann::json recoverJson(Words arguments) const;

    // Everything in the folder of the takes; regular files alone.
    [[nodiscard]] Files contents() const;
    // As it was: takes and rings.
    struct State {
        Files takes;
        Files rings;
    };
    [[nodiscard]] State save() const;
    void restore(const State& state) const;
};

}  // namespace holdfast
