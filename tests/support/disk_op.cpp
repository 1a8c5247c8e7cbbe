#include "tests/support/disk_op.h"

#include <fmt/format.h>

namespace holdfast {

std::string describe(const DiskOp& op, std::size_t index) {
    const auto text = [&]() -> std::string {
        switch (op.kind) {
            case DiskOp::Kind::create:
                return fmt::format("create {}", op.name);
            case DiskOp::Kind::write:
                return fmt::format("write {} {}+{}", op.name, op.offset, op.bytes.size());
            case DiskOp::Kind::resize:
                return fmt::format("resize {} to {}", op.name, op.offset);
            case DiskOp::Kind::sync:
                return fmt::format("sync {}", op.name);
            case DiskOp::Kind::rename:
                return fmt::format("rename {} to {}", op.name, op.to);
            case DiskOp::Kind::link:
                return fmt::format("link {} to {}", op.name, op.to);
            case DiskOp::Kind::remove:
                return fmt::format("remove {}", op.name);
            case DiskOp::Kind::folderSync:
                return "folder sync";
            case DiskOp::Kind::acknowledge:
                return fmt::format("acknowledge {}", op.offset);
            case DiskOp::Kind::read:
                return fmt::format("read {}", op.name);
        }
        return "unknown";
    }();
    if (op.error == 0) return fmt::format("{} {}", index, text);
    return fmt::format("{} {} failed ({})", index, text, op.error);
}

const Bytes& CrashImage::at(const std::string& name) const {
    static const Bytes kNone;
    const auto found = files.find(name);
    return found == files.end() ? kNone : *found->second;
}

}  // namespace holdfast
