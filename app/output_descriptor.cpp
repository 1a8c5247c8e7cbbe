#include "app/output_descriptor.h"

namespace holdfast {

Result<> writeAll(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto put = writeSome(descriptor, text);
        if (!put) return fail(put.error());
        text.remove_prefix(*put);
    }
    return {};
}

}  // namespace holdfast
