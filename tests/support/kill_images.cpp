#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "tests/support/crash_model.h"

namespace holdfast {
namespace {

constexpr std::size_t kSector = 512;

class KillWalk {
  public:
    KillWalk(const FaultDisk& disk, const ImageCallback& callback, const KillOptions& options)
        : log_(disk.log()),
          start_(disk),
          sink_(callback),
          random_(options.seed),
          tornSectors_(options.tornSectors) {}

    ImageCounts run() {
        offer(0, [] { return std::string("killed before the first operation"); });
        for (std::size_t i = 0; i < log_.size(); ++i) {
            const DiskOp& op = log_[i];
            if (op.kind == DiskOp::Kind::create && op.error == 0) {
                start_.files.resize(std::max(start_.files.size(), op.file + 1), Content::of({}));
            }
            if (op.kind == DiskOp::Kind::write) offerTorn(i);
            if (changesBytes(op)) {
                Bytes bytes = *start_.files[op.file].bytes;
                if (op.kind == DiskOp::Kind::resize) bytes.resize(op.offset);
                applyRange(op, 0, op.bytes.size(), bytes);
                start_.files[op.file] = Content::of(std::move(bytes));
            }
            if (changesNames(op)) applyToNames(op, start_.names);
            if (op.kind == DiskOp::Kind::acknowledge) acknowledged_ = op.offset;
            offer(i + 1, [&] { return fmt::format("killed after {}", describe(op, i)); });
        }
        return sink_.counts();
    }

  private:
    // The write of operation `i` ends at each sector boundary inside it, and once elsewhere.
    void offerTorn(std::size_t i) {
        const DiskOp& op = log_[i];
        if (op.bytes.size() < 2) return;
        const Content whole = start_.files[op.file];
        Bytes bytes = *whole.bytes;
        const auto cutAt = [&](std::size_t end) {
            Bytes torn = bytes;
            applyRange(op, 0, end, torn);
            start_.files[op.file] = Content::of(std::move(torn));
            offer(i + 1,
                  [&] { return fmt::format("killed {} bytes into {}", end, describe(op, i)); });
        };
        for (std::size_t end = kSector - op.offset % kSector; end < op.bytes.size();
             end += kSector) {
            cutAt(end);
        }
        if (tornSectors_) {
            cutAt(std::uniform_int_distribution<std::size_t>(1, op.bytes.size() - 1)(random_));
        }
        start_.files[op.file] = whole;
    }

    void offer(std::size_t point, const std::function<std::string()>& label) {
        sink_.offer(
            start_.names, [&](std::size_t file) -> const Content& { return start_.files[file]; },
            {point, acknowledged_}, label);
    }

    std::vector<DiskOp> log_;
    StartingPoint start_;
    ImageSink sink_;
    std::mt19937_64 random_;
    bool tornSectors_;
    std::uint64_t acknowledged_ = 0;
};

}  // namespace

ImageCounts forEachKillImage(const FaultDisk& disk, const ImageCallback& callback,
                             const KillOptions& options) {
    return KillWalk(disk, callback, options).run();
}

}  // namespace holdfast
