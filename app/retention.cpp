#include "app/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/byte_size.h"
#include "iocore/base/duration.h"

namespace holdfast {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kSizeUnits = "KMGTB";

}  // namespace

Result<Retention> parseRetention(std::string_view text) {
    const auto wrong = fail(
        Stage::usage,
        fmt::format("'{}' is neither a count (24), nor a time (7d, 12h), nor a size (50G)", text));
    if (text.empty()) return wrong;
    Retention retention;
    if (text.find_first_not_of(kDigits) == std::string_view::npos) {
        std::uint64_t files = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), files);
        if (read.ec != std::errc()) return wrong;
        if (files == 0) return fail(Stage::usage, "must keep at least one file");
        retention.files = files;
    } else if (kSizeUnits.find(text.back()) != std::string_view::npos) {
        const auto bytes = parseByteSize(text);
        if (!bytes) return wrong;
        retention.bytes = *bytes;
    } else {
        const auto ms = parseDuration(text);
        if (!ms) return wrong;
        if (*ms == 0) return fail(Stage::usage, "must be more than nothing");
        retention.ageNs = *ms * 1'000'000;
    }
    return retention;
}

std::size_t filesToRemove(const Retention& retention, const std::vector<KeptFile>& files,
                          std::uint64_t nowNs) {
    if (files.empty()) return 0;
    const std::size_t most = files.size() - 1;
    if (retention.files) {
        return files.size() - std::min<std::uint64_t>(files.size(), *retention.files);
    }
    if (retention.ageNs) {
        const auto isYoung = [&](const KeptFile& file) {
            return nowNs < file.finishedNs || nowNs - file.finishedNs <= *retention.ageNs;
        };
        const auto first = std::ranges::find_if(files, isYoung);
        return std::min(most, static_cast<std::size_t>(first - files.begin()));
    }
    std::uint64_t together = 0;
    std::size_t kept = 0;
    while (kept < files.size()) {
        together += files[files.size() - 1 - kept].bytes;
        if (together > retention.bytes.value_or(UINT64_MAX)) break;
        ++kept;
    }
    return std::min(most, files.size() - kept);
}

}  // namespace holdfast
