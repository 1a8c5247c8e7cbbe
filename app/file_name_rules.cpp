#include "app/file_name_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "iocore/base/printable.h"

namespace holdfast {
namespace {

constexpr std::string_view kForbidden = "<>:\"|?*/\\";

bool isForbidden(char character) {
    return static_cast<unsigned char>(character) < 0x20 ||
           kForbidden.find(character) != std::string_view::npos;
}

std::string upperCase(std::string_view text) {
    std::string upper(text);
    const auto toUpper = [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    };
    std::ranges::transform(upper, upper.begin(), toUpper);
    return upper;
}

// COM1 to COM9 and LPT1 to LPT9; the superscripts of Latin-1 count as their digits.
bool isPort(std::string_view name) {
    if (!name.starts_with("COM") && !name.starts_with("LPT")) return false;
    const std::string_view number = name.substr(3);
    if (number.size() == 1) return number[0] >= '1' && number[0] <= '9';
    return number == "\u00b9" || number == "\u00b2" || number == "\u00b3";
}

// The device that a name would lead to, with any extension; empty: none.
std::string deviceOf(std::string_view name) {
    constexpr std::array<std::string_view, 6> kDevices{"CON", "PRN",    "AUX",
                                                       "NUL", "CONIN$", "CONOUT$"};
    std::string stem = upperCase(name.substr(0, name.find('.')));
    stem.erase(stem.find_last_not_of(' ') + 1);
    return std::ranges::find(kDevices, stem) != kDevices.end() || isPort(stem) ? stem : "";
}

}  // namespace

std::string windowsFileNameFault(std::string_view name) {
    if (name == "." || name == "..") return {};
    const auto bad = std::ranges::find_if(name, isForbidden);
    if (bad != name.end()) {
        std::string allowed(name);
        std::ranges::replace_if(allowed, isForbidden, '-');
        return fmt::format(
            "'{}': Windows allows no '{}' in a name (nor any of <>:\"/\\|?*); "
            "write '{}'",
            printable(name), printable({bad, 1}), printable(allowed));
    }
    if (const std::string device = deviceOf(name); !device.empty()) {
        return fmt::format("'{}': {} is a device on Windows, whatever follows; write '_{}'",
                           printable(name), device, printable(name));
    }
    if (const auto last = name.find_last_not_of(". "); last + 1 != name.size()) {
        if (last == std::string_view::npos) {
            return fmt::format(
                "'{}': Windows takes no name of dots and blanks alone; write "
                "another",
                printable(name));
        }
        return fmt::format("'{}': Windows allows no '{}' at the end of a name; write '{}'",
                           printable(name), name.back(), printable(name.substr(0, last + 1)));
    }
    return {};
}

}  // namespace holdfast
