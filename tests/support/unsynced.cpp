#include "tests/support/unsynced.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace holdfast {

std::string describe(const Fate& fate) {
    switch (fate.kind) {
        case Fate::Kind::lost:
            return "lost";
        case Fate::Kind::kept:
            return "kept";
        case Fate::Kind::firstSectors:
            return fmt::format("first {} sectors kept", fate.sectors);
        case Fate::Kind::lastSector:
            return "last sector kept";
        case Fate::Kind::evenSectors:
            return "even sectors kept";
        case Fate::Kind::oddSectors:
            return "odd sectors kept";
        case Fate::Kind::lengthZeros:
            return "length kept, zeros";
        case Fate::Kind::lengthGarbage:
            return "length kept, garbage";
    }
    return "unknown";
}

Unsynced::Unsynced(const std::vector<DiskOp>& log, StartingPoint start, std::size_t sectorBytes)
    : log_(log), sectorBytes_(sectorBytes), names_(std::move(start.names)) {
    for (Content& content : start.files) files_.push_back({std::move(content), {}});
}

void Unsynced::advance(std::size_t index) {
    rendered_.clear();
    const DiskOp& op = log_[index];
    if (changesNames(op)) {
        if (op.file >= files_.size()) files_.resize(op.file + 1, File{Content::of({}), {}});
        looseNames_.push_back(index);
    } else if (changesBytes(op)) {
        files_[op.file].pieces.push_back({index});
    } else if (op.kind == DiskOp::Kind::folderSync && op.error == 0) {
        for (std::size_t name : looseNames_) applyToNames(log_[name], names_);
        looseNames_.clear();
    } else if (op.kind == DiskOp::Kind::sync) {
        File& file = files_[op.file];
        for (Piece& piece : file.pieces) {
            if (piece.state != Piece::State::open) continue;
            piece.state = op.error == 0 ? Piece::State::durable : Piece::State::failed;
        }
        settle(file);
    }
}

// Moves into the base what is durable and has nothing loose before it.
void Unsynced::settle(File& file) {
    for (std::size_t i = 0; i < file.pieces.size();) {
        if (file.pieces[i].state == Piece::State::failed && isOverwritten(file, i)) {
            file.pieces.erase(file.pieces.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
    const auto firstLoose =
        std::find_if(file.pieces.begin(), file.pieces.end(),
                     [](const Piece& piece) { return piece.state != Piece::State::durable; });
    if (firstLoose == file.pieces.begin()) return;
    Bytes bytes = *file.base.bytes;
    for (auto piece = file.pieces.begin(); piece != firstLoose; ++piece) {
        apply(log_[piece->op], {Fate::Kind::kept}, bytes);
    }
    file.base = Content::of(std::move(bytes));
    file.pieces.erase(file.pieces.begin(), firstLoose);
}

// True when durable writes behind the piece cover all of it, so that its fate no longer matters.
bool Unsynced::isOverwritten(const File& file, std::size_t piece) const {
    const DiskOp& lost = log_[file.pieces[piece].op];
    if (lost.kind != DiskOp::Kind::write) return false;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> covers;
    for (std::size_t i = piece + 1; i < file.pieces.size(); ++i) {
        const DiskOp& later = log_[file.pieces[i].op];
        if (later.kind == DiskOp::Kind::resize) return false;
        if (file.pieces[i].state != Piece::State::durable) continue;
        covers.emplace_back(later.offset, later.offset + later.bytes.size());
    }
    std::sort(covers.begin(), covers.end());
    std::uint64_t covered = lost.offset;
    for (const auto& [from, to] : covers) {
        if (from <= covered) covered = std::max(covered, to);
    }
    return covered >= lost.offset + lost.bytes.size();
}

std::vector<std::size_t> Unsynced::loose() const {
    std::vector<std::size_t> loose = looseNames_;
    for (const File& file : files_) {
        for (const Piece& piece : file.pieces) {
            if (piece.state != Piece::State::durable) loose.push_back(piece.op);
        }
    }
    std::sort(loose.begin(), loose.end());
    return loose;
}

std::size_t Unsynced::sectorsOf(const DiskOp& op) const {
    if (op.kind != DiskOp::Kind::write || op.bytes.empty()) return 0;
    return (op.offset + op.bytes.size() - 1) / sectorBytes_ - op.offset / sectorBytes_ + 1;
}

NameMap Unsynced::names(const std::vector<std::size_t>& loose,
                        const std::vector<Fate>& fates) const {
    NameMap names = names_;
    for (std::size_t i = 0; i < loose.size(); ++i) {
        if (fates[i].kind == Fate::Kind::kept) applyToNames(log_[loose[i]], names);
    }
    return names;
}

const Content& Unsynced::content(std::size_t file, const std::vector<std::size_t>& loose,
                                 const std::vector<Fate>& fates) {
    const File& source = files_[file];
    if (source.pieces.empty()) return source.base;
    std::vector<Fate> own;
    std::string key = fmt::format("{}:", file);
    for (const Piece& piece : source.pieces) {
        Fate fate{Fate::Kind::kept};
        if (piece.state != Piece::State::durable) {
            const auto found = std::lower_bound(loose.begin(), loose.end(), piece.op);
            fate = fates[static_cast<std::size_t>(found - loose.begin())];
        }
        own.push_back(fate);
        key += static_cast<char>('a' + static_cast<int>(fate.kind));
        if (fate.sectors != 0) key += std::to_string(fate.sectors);
    }
    const auto known = rendered_.find(key);
    if (known != rendered_.end()) return known->second;
    Bytes bytes = *source.base.bytes;
    for (std::size_t i = 0; i < own.size(); ++i) apply(log_[source.pieces[i].op], own[i], bytes);
    return rendered_[key] = Content::of(std::move(bytes));
}

void Unsynced::apply(const DiskOp& op, const Fate& fate, Bytes& bytes) const {
    if (fate.kind == Fate::Kind::lost) return;
    if (op.kind == DiskOp::Kind::resize) {
        bytes.resize(op.offset);
        return;
    }
    const std::size_t size = op.bytes.size();
    if (fate.kind == Fate::Kind::kept) return applyRange(op, 0, size, bytes);
    if (fate.kind == Fate::Kind::lengthZeros || fate.kind == Fate::Kind::lengthGarbage) {
        const std::size_t before = bytes.size();
        if (before < op.offset + size) bytes.resize(op.offset + size);
        if (fate.kind == Fate::Kind::lengthZeros) return;
        for (std::size_t i = before; i < bytes.size(); ++i) {
            bytes[i] = static_cast<std::byte>((i * 2654435761U) >> 13);
        }
        return;
    }
    const std::size_t sectors = sectorsOf(op);
    const std::size_t head = op.offset % sectorBytes_;
    for (std::size_t i = 0; i < sectors; ++i) {
        const bool isKept = (fate.kind == Fate::Kind::firstSectors && i < fate.sectors) ||
                            (fate.kind == Fate::Kind::lastSector && i + 1 == sectors) ||
                            (fate.kind == Fate::Kind::evenSectors && i % 2 == 0) ||
                            (fate.kind == Fate::Kind::oddSectors && i % 2 == 1);
        const std::size_t from = i == 0 ? 0 : i * sectorBytes_ - head;
        if (isKept) applyRange(op, from, std::min(size, (i + 1) * sectorBytes_ - head), bytes);
    }
}

}  // namespace holdfast
