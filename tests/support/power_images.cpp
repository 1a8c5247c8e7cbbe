#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "tests/support/unsynced.h"

namespace holdfast {
namespace {

// Above it only some of the lengths at which a write can be torn are tried.
constexpr std::size_t kAllCutsUpTo = 16;

class PowerWalk {
  public:
    PowerWalk(const FaultDisk& disk, const PowerOptions& options, const ImageCallback& callback)
        : options_(options),
          log_(disk.log()),
          unsynced_(log_, StartingPoint(disk), options.sectorBytes),
          sink_(callback),
          random_(options.seed) {}

    // Between two barriers the loose operations only grow, and promises do not change: whatever
    // can be found earlier can also be found directly before the barrier. So the power is cut
    // there, and everywhere once there are too many of them for all subsets.
    ImageCounts run() {
        for (point_ = 0; point_ < log_.size(); ++point_) {
            const DiskOp& op = log_[point_];
            loose_ = unsynced_.loose();
            const bool isBarrier = op.kind == DiskOp::Kind::sync ||
                                   op.kind == DiskOp::Kind::folderSync ||
                                   op.kind == DiskOp::Kind::acknowledge;
            if (isBarrier || loose_.size() >= options_.exhaustive) cutPower(isBarrier);
            unsynced_.advance(point_);
            if (op.kind == DiskOp::Kind::acknowledge) acknowledged_ = op.offset;
        }
        loose_ = unsynced_.loose();
        cutPower(true);
        return sink_.counts();
    }

  private:
    static constexpr Fate kLost{Fate::Kind::lost};
    static constexpr Fate kKept{Fate::Kind::kept};

    void cutPower(bool tearAll) {
        if (loose_.size() <= options_.exhaustive) {
            offerAllSubsets();
        } else {
            offerSomeSubsets();
        }
        const std::size_t first = tearAll || loose_.empty() ? 0 : loose_.size() - 1;
        for (std::size_t i = first; i < loose_.size(); ++i) offerDamaged(i);
        offerLengthsOnly(Fate::Kind::lengthZeros);
        offerLengthsOnly(Fate::Kind::lengthGarbage);
    }

    void offerAllSubsets() {
        const std::size_t count = loose_.size();
        for (std::size_t mask = 0; mask < (std::size_t{1} << count); ++mask) {
            offerIf([&](std::size_t i) { return ((mask >> i) & 1) != 0; });
        }
    }

    void offerSomeSubsets() {
        const std::size_t count = loose_.size();
        for (std::size_t one = 0; one <= count; ++one) {
            offerIf([&](std::size_t i) { return i < one; });
            offerIf([&](std::size_t i) { return i == one; });
            offerIf([&](std::size_t i) { return i != one; });
        }
        for (std::size_t n = 0; n < options_.randomSubsets; ++n) {
            offerIf([&](std::size_t) { return (random_() & 1) != 0; });
        }
    }

    // One write torn in every way, in four surroundings: alone, alone but with all names, behind
    // everything older, and among everything.
    void offerDamaged(std::size_t damaged) {
        for (const Fate& fate : damages(log_[loose_[damaged]])) {
            for (int surrounding = 0; surrounding < 4; ++surrounding) {
                std::vector<Fate> fates(loose_.size(), kLost);
                for (std::size_t i = 0; i < loose_.size(); ++i) {
                    const bool isKept = surrounding == 3 || (surrounding == 2 && i < damaged) ||
                                        (surrounding == 1 && changesNames(log_[loose_[i]]));
                    if (isKept) fates[i] = kKept;
                }
                fates[damaged] = fate;
                offer(fates);
            }
        }
    }

    std::vector<Fate> damages(const DiskOp& op) {
        if (op.kind != DiskOp::Kind::write) return {};
        std::vector<Fate> fates{{Fate::Kind::lengthZeros}, {Fate::Kind::lengthGarbage}};
        const std::size_t sectors = unsynced_.sectorsOf(op);
        if (sectors < 2) return fates;
        fates.push_back({Fate::Kind::lastSector});
        fates.push_back({Fate::Kind::evenSectors});
        fates.push_back({Fate::Kind::oddSectors});
        const auto cut = [&](std::size_t kept) {
            fates.push_back({Fate::Kind::firstSectors, static_cast<std::uint32_t>(kept)});
        };
        if (sectors <= kAllCutsUpTo) {
            for (std::size_t kept = 1; kept < sectors; ++kept) cut(kept);
        } else {
            for (std::size_t kept : {std::size_t{1}, std::size_t{2}, sectors / 2, sectors - 1}) {
                cut(kept);
            }
            std::uniform_int_distribution<std::size_t> anywhere(1, sectors - 1);
            for (int n = 0; n < 4; ++n) cut(anywhere(random_));
        }
        return fates;
    }

    // All lengths reached the medium and no bytes did, as with delayed allocation.
    void offerLengthsOnly(Fate::Kind kind) {
        std::vector<Fate> fates(loose_.size(), kKept);
        for (std::size_t i = 0; i < loose_.size(); ++i) {
            if (log_[loose_[i]].kind == DiskOp::Kind::write) fates[i] = {kind};
        }
        offer(fates);
    }

    template <typename IsKept>
    void offerIf(IsKept isKept) {
        std::vector<Fate> fates(loose_.size(), kLost);
        for (std::size_t i = 0; i < loose_.size(); ++i) {
            if (isKept(i)) fates[i] = kKept;
        }
        offer(fates);
    }

    void offer(const std::vector<Fate>& fates) {
        if (options_.namesInOrder && !keepsNameOrder(fates)) return;
        sink_.offer(
            unsynced_.names(loose_, fates),
            [&](std::size_t file) -> const Content& {
                return unsynced_.content(file, loose_, fates);
            },
            {point_, acknowledged_}, [&] { return label(fates); });
    }

    bool keepsNameOrder(const std::vector<Fate>& fates) const {
        bool isAnyLost = false;
        for (std::size_t i = 0; i < loose_.size(); ++i) {
            if (!changesNames(log_[loose_[i]])) continue;
            if (fates[i].kind == Fate::Kind::lost) isAnyLost = true;
            if (fates[i].kind == Fate::Kind::kept && isAnyLost) return false;
        }
        return true;
    }

    std::string label(const std::vector<Fate>& fates) const {
        std::string text = point_ < log_.size()
                               ? fmt::format("power cut before {}", describe(log_[point_], point_))
                               : std::string("power cut at the end");
        for (std::size_t i = 0; i < loose_.size(); ++i) {
            text +=
                fmt::format("; {}: {}", describe(log_[loose_[i]], loose_[i]), describe(fates[i]));
        }
        return text;
    }

    PowerOptions options_;
    std::vector<DiskOp> log_;
    Unsynced unsynced_;
    ImageSink sink_;
    std::mt19937_64 random_;
    std::vector<std::size_t> loose_;
    std::size_t point_ = 0;
    std::uint64_t acknowledged_ = 0;
};

}  // namespace

ImageCounts forEachPowerImage(const FaultDisk& disk, const PowerOptions& options,
                              const ImageCallback& callback) {
    return PowerWalk(disk, options, callback).run();
}

}  // namespace holdfast
