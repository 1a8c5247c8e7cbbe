// Unsynced: how far the operations of a log have become durable, and what the rest can amount to.
//
// This is the model of a medium that loses power. Operations that no sync has covered are "loose";
// a Fate for each of them makes one state of the disk.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/support/crash_model.h"

namespace holdfast {

// What becomes of one loose operation.
struct Fate {
    enum class Kind : std::uint8_t {
        lost,
        kept,
        firstSectors,  // only the first `sectors`
        lastSector,    // only the last one
        evenSectors,
        oddSectors,
        lengthZeros,    // the length grew, its bytes are zeros
        lengthGarbage,  // the length grew, its bytes are what lay there before
    };
    Kind kind = Kind::lost;
    std::uint32_t sectors = 0;
};
std::string describe(const Fate& fate);

class Unsynced {
  public:
    // `log` must outlive the object.
    Unsynced(const std::vector<DiskOp>& log, StartingPoint start, std::size_t sectorBytes);

    // Takes in operation `index`; in order, each once.
    void advance(std::size_t index);

    // Indexes of the loose operations, in log order.
    [[nodiscard]] std::vector<std::size_t> loose() const;
    // Sectors that a write touches, the first and last perhaps in part.
    [[nodiscard]] std::size_t sectorsOf(const DiskOp& op) const;

    // `fates` is parallel to `loose`, which is loose() since the last advance().
    [[nodiscard]] NameMap names(const std::vector<std::size_t>& loose,
                                const std::vector<Fate>& fates) const;
    // The reference lives until the next advance().
    const Content& content(std::size_t file, const std::vector<std::size_t>& loose,
                           const std::vector<Fate>& fates);

  private:
    struct Piece {
        std::size_t op;
        enum class State { open, failed, durable } state = State::open;
    };
    struct File {
        Content base;               // durable, and followed by nothing that is
        std::vector<Piece> pieces;  // in log order
    };

    void settle(File& file);
    [[nodiscard]] bool isOverwritten(const File& file, std::size_t piece) const;
    void apply(const DiskOp& op, const Fate& fate, Bytes& bytes) const;

    const std::vector<DiskOp>& log_;
    std::size_t sectorBytes_;
    std::vector<File> files_;
    NameMap names_;                        // durable
    std::vector<std::size_t> looseNames_;  // operations
    std::unordered_map<std::string, Content> rendered_;
};

}  // namespace holdfast
