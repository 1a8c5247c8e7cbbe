// StraceLine: one system call as `strace -f -y -xx` prints it, taken apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

struct StraceLine {
    std::string call;
    std::vector<std::string> arguments;  // as printed: 3<\x2f...>, "\x00...", O_RDWR|O_CREAT
    std::int64_t result = -1;
    std::string error;       // "ENOSPC" when result is -1
    std::string resultPath;  // of the descriptor returned

    // `text` is without the process id. None for lines that are no finished call.
    static std::optional<StraceLine> parse(std::string_view text);

    [[nodiscard]] std::string_view argument(std::size_t index) const;
    [[nodiscard]] std::uint64_t number(std::size_t index) const;
    [[nodiscard]] bool has(std::size_t index, std::string_view flag) const;
    // Path of the descriptor at `index`; empty where there is none, or its name is gone.
    [[nodiscard]] std::string pathOf(std::size_t index) const;
    // All strings inside the argument, one behind the other (iovecs); none when strace cut one.
    [[nodiscard]] std::optional<std::string> text(std::size_t index) const;
};

}  // namespace holdfast
