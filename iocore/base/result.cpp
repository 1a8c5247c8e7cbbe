#include "iocore/base/result.h"

#include <fmt/format.h>

namespace holdfast {

std::string_view stageName(Stage stage) {
    switch (stage) {
        case Stage::usage:
            return "usage";
        case Stage::device:
            return "device";
        case Stage::ring:
            return "ring";
        case Stage::format:
            return "format";
        case Stage::mmio:
            return "mmio";
        case Stage::journal:
            return "journal";
        case Stage::disk:
            return "disk";
        case Stage::recovery:
            return "recovery";
    }
    return "unknown";
}

std::string Error::message() const {
    if (code == 0) return fmt::format("{}: {}", stageName(stage), text);
    return fmt::format("{}: {} ({})", stageName(stage), text, code);
}

}  // namespace holdfast
