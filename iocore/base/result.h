// Errors as values: where it happened, what the system said, and a text for people.
//
// Result is for the world (disks, devices, files that lie); assert is for our own mistakes.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace holdfast {

// The part of the path that failed. Events carry its name.
enum class Stage { usage, device, ring, format, mmio, journal, disk, recovery };

std::string_view stageName(Stage stage);

// One failure. `code` is an errno value on each platform, or 0 where there is none.
struct Error {
    Stage stage = Stage::usage;
    int code = 0;
    std::string text;

    // "disk: take.wav: No space left on device (28)"
    [[nodiscard]] std::string message() const;
};

template <typename T = void>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Stage stage, int code, std::string text) {
    return tl::unexpected<Error>(Error{stage, code, std::move(text)});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Stage stage, std::string text) {
    return fail(stage, 0, std::move(text));
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

// The system's own words for an error code, for the text of an Error.
std::string systemErrorText(int code);

}  // namespace holdfast
