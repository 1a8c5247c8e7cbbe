#include "iocore/recovery/mended_view.h"

#include <algorithm>

namespace holdfast {

Result<std::size_t> MendedView::readAt(std::uint64_t offset, std::span<std::byte> into) {
    if (offset >= bytes_) return 0;
    into =
        into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), bytes_ - offset)));
    const auto got = file_.readAt(offset, into);
    if (!got) return got;
    std::ranges::fill(into.subspan(*got), std::byte{0});  // where it will be longer
    if (offset < head_.size()) {
        const auto count = std::min<std::size_t>(into.size(), head_.size() - offset);
        std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
    }
    return into.size();
}

}  // namespace holdfast
