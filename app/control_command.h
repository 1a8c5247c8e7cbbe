// ControlCommand: one line of what another program asks of a recording. Pure.
#pragma once

#include <string>
#include <string_view>

#include "iocore/base/result.h"

namespace holdfast {

struct ControlCommand {
    enum class Verb { marker, split, pause, resume, stop, status };
    Verb verb = Verb::status;
    std::string text;  // of a marker, printable; may be empty
};

// "marker TEXT", "split", … without the line's end. Errors: Stage::usage. [any thread]
Result<ControlCommand> parseControlCommand(std::string_view line);

}  // namespace holdfast
