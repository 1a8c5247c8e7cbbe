// OriginalView: a WAV as it was before a repair in place, put together from what lies there now and
// from the undo records.
//
// A repair that was killed half-way is scanned through this, so that the second run sees exactly
// what the first saw and writes exactly the same. Read only.
#pragma once

#include "iocore/disk/disk_file.h"
#include "iocore/recovery/take_evidence.h"

namespace holdfast {

class OriginalView final : public DiskFile {
  public:
    // `wav` and `journal` outlive the view.
    OriginalView(DiskFile& wav, DiskFile& journal, const UndoState& undo)
        : wav_(wav), journal_(journal), undo_(undo) {}

    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) override;
    Result<std::uint64_t> size() override { return undo_.fileBytes; }
    Result<std::int64_t> modificationTime() override { return undo_.modificationTime; }
    Result<bool> tryLock() override { return wav_.tryLock(); }

    Result<> writeAt(std::uint64_t, std::span<const std::byte>) override { return readOnly(); }
    Result<> resize(std::uint64_t) override { return readOnly(); }
    Result<> sync() override { return readOnly(); }
    Result<> reserve(std::uint64_t) override { return readOnly(); }
    Result<> releaseReserve() override { return readOnly(); }
    Result<> setModificationTime(std::int64_t) override { return readOnly(); }

  private:
    static Result<> readOnly() { return fail(Stage::recovery, "this view cannot be written"); }

    DiskFile& wav_;
    DiskFile& journal_;
    const UndoState undo_;
};

}  // namespace holdfast
