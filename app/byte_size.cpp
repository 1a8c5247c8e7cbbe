#include "app/byte_size.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

namespace holdfast {
namespace {

constexpr double kMaxBytes = 1152921504606846976.0;  // 2^60

// 1024 to the power that the suffix names.
std::optional<double> factorOf(std::string_view suffix) {
    constexpr std::string_view kLetters = "KMGT";
    std::string upper;
    for (const char c : suffix) {
        upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    if (upper.empty() || upper == "B") return 1;
    const std::size_t power = kLetters.find(upper.front());
    const std::string_view rest = std::string_view(upper).substr(1);
    if (power == std::string_view::npos) return std::nullopt;
    if (!rest.empty() && rest != "B" && rest != "IB") return std::nullopt;
    return std::pow(1024.0, static_cast<double>(power + 1));
}

}  // namespace

Result<std::uint64_t> parseByteSize(std::string_view text) {
    double number = 0;
    const bool startsWell =
        !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0;
    const char* end = text.data() + text.size();
    const auto [stopped, status] =
        std::from_chars(text.data(), end, number, std::chars_format::fixed);
    const auto factor = factorOf(text.substr(static_cast<std::size_t>(stopped - text.data())));
    if (startsWell && status == std::errc{} && factor && number * *factor <= kMaxBytes) {
        return static_cast<std::uint64_t>(number * *factor);
    }
    return fail(Stage::usage, fmt::format("'{}' is no size: write 500M, 1.5G or bytes", text));
}

}  // namespace holdfast
