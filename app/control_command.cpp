#include "app/control_command.h"

#include <array>
#include <utility>

#include "iocore/base/printable.h"

namespace holdfast {
namespace {

using Verb = ControlCommand::Verb;

constexpr std::array<std::pair<std::string_view, Verb>, 6> kVerbs = {{{"marker", Verb::marker},
                                                                      {"split", Verb::split},
                                                                      {"pause", Verb::pause},
                                                                      {"resume", Verb::resume},
                                                                      {"stop", Verb::stop},
                                                                      {"status", Verb::status}}};

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

Result<ControlCommand> parseControlCommand(std::string_view line) {
    line = trimmed(line);
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    const std::string_view rest = trimmed(line.substr(word.size()));
    for (const auto& [name, verb] : kVerbs) {
        if (name != word) continue;
        if (verb != Verb::marker && !rest.empty()) {
            return fail(Stage::usage, std::string(name) + " takes nothing behind it");
        }
        return ControlCommand{verb, printable(rest)};
    }
    return fail(Stage::usage, "'" + printable(word) +
                                  "' is none of marker [TEXT], split, pause, resume, stop, status");
}

}  // namespace holdfast
