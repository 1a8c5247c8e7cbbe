#include "tests/support/crash_model.h"

#include <algorithm>
#include <utility>

#include "iocore/base/checksum.h"

namespace holdfast {
namespace {

std::uint64_t chain(std::uint64_t seed, const std::string& name, std::uint64_t content) {
    const std::uint64_t withName = checksum(std::as_bytes(std::span(name)), seed);
    return checksum(std::as_bytes(std::span(&content, 1)), withName);
}

}  // namespace

Content Content::of(Bytes bytes) {
    const std::uint64_t sum = holdfast::checksum(bytes, 0);
    return {std::make_shared<const Bytes>(std::move(bytes)), sum};
}

StartingPoint::StartingPoint(const FaultDisk& disk) {
    for (const auto& [name, bytes] : disk.filesBeforeLog()) {
        names[name] = files.size();
        files.push_back({bytes, holdfast::checksum(*bytes, 0)});
    }
}

void applyToNames(const DiskOp& op, NameMap& names) {
    const auto dropName = [&] {
        const auto found = names.find(op.name);
        if (found != names.end() && found->second == op.file) names.erase(found);
    };
    switch (op.kind) {
        case DiskOp::Kind::create:
            names[op.name] = op.file;
            break;
        case DiskOp::Kind::rename:
            dropName();
            names[op.to] = op.file;
            break;
        case DiskOp::Kind::link:
            names[op.to] = op.file;
            break;
        case DiskOp::Kind::remove:
            dropName();
            break;
        default:
            break;
    }
}

void applyRange(const DiskOp& op, std::size_t from, std::size_t to, Bytes& bytes) {
    if (from >= to) return;
    if (bytes.size() < op.offset + to) bytes.resize(op.offset + to);
    std::copy(op.bytes.begin() + static_cast<std::ptrdiff_t>(from),
              op.bytes.begin() + static_cast<std::ptrdiff_t>(to),
              bytes.begin() + static_cast<std::ptrdiff_t>(op.offset + from));
}

bool changesNames(const DiskOp& op) {
    return op.error == 0 && (op.kind == DiskOp::Kind::create || op.kind == DiskOp::Kind::rename ||
                             op.kind == DiskOp::Kind::link || op.kind == DiskOp::Kind::remove);
}

bool changesBytes(const DiskOp& op) {
    if (op.kind == DiskOp::Kind::write) return !op.bytes.empty();
    return op.kind == DiskOp::Kind::resize && op.error == 0;
}

void ImageSink::offer(const NameMap& names,
                      const std::function<const Content&(std::size_t)>& contentOf, Moment moment,
                      const std::function<std::string()>& label) {
    ++counts_.generated;
    std::uint64_t sum = moment.acknowledged;
    for (const auto& [name, file] : names) sum = chain(sum, name, contentOf(file).checksum);
    if (!seen_.insert(sum).second) return;
    ++counts_.distinct;
    CrashImage image;
    for (const auto& [name, file] : names) image.files[name] = contentOf(file).bytes;
    image.point = moment.point;
    image.acknowledged = moment.acknowledged;
    image.label = label();
    callback_(image);
}

}  // namespace holdfast
