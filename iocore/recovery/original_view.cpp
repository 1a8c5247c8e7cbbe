#include "iocore/recovery/original_view.h"

#include <algorithm>

namespace holdfast {
namespace {

// The part of `into`, which stands for the bytes from `offset`, that lies in [from, to).
std::span<std::byte> overlap(std::uint64_t offset, std::span<std::byte> into, std::uint64_t from,
                             std::uint64_t to) {
    const std::uint64_t begin = std::max(offset, from);
    const std::uint64_t end = std::min(offset + into.size(), to);
    if (begin >= end) return {};
    return into.subspan(static_cast<std::size_t>(begin - offset),
                        static_cast<std::size_t>(end - begin));
}

}  // namespace

Result<std::size_t> OriginalView::readAt(std::uint64_t offset, std::span<std::byte> into) {
    if (offset >= undo_.fileBytes) return 0;
    into = into.first(
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), undo_.fileBytes - offset)));
    std::ranges::fill(into, std::byte{0});
    const std::uint64_t kept = std::min(undo_.rewrittenFrom, undo_.fileBytes);
    if (const auto part = overlap(offset, into, 0, kept); !part.empty()) {
        if (auto got = wav_.readAt(offset, part); !got) return got;
    }
    for (const StoredBytes& tail : undo_.tails) {
        const auto part = overlap(offset, into, tail.target, tail.target + tail.bytes);
        if (part.empty()) continue;
        const auto skipped =
            offset + static_cast<std::uint64_t>(part.data() - into.data()) - tail.target;
        const auto got = journal_.readAt(tail.offset + skipped, part);
        if (!got) return got;
        if (*got < part.size()) return fail(Stage::journal, "an undo record is cut short");
    }
    if (const auto part = overlap(offset, into, 0, undo_.head.size()); !part.empty()) {
        std::copy_n(undo_.head.begin() + static_cast<std::ptrdiff_t>(offset), part.size(),
                    part.begin());
    }
    return into.size();
}

}  // namespace holdfast
