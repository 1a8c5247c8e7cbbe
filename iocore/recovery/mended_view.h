// MendedView: a file as it will be when its head is replaced and its length set, before either is
// done.
//
// What no reader would open afterwards is so known while nothing is written yet. Read only.
#pragma once

#include <vector>

#include "iocore/disk/disk_file.h"

namespace holdfast {

class MendedView final : public DiskFile {
  public:
    // `file` outlives the view.
    MendedView(DiskFile& file, std::vector<std::byte> head, std::uint64_t bytes)
        : file_(file), head_(std::move(head)), bytes_(bytes) {}

    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) override;
    Result<std::uint64_t> size() override { return bytes_; }
    Result<std::int64_t> modificationTime() override { return file_.modificationTime(); }
    Result<bool> tryLock() override { return file_.tryLock(); }

    Result<> writeAt(std::uint64_t, std::span<const std::byte>) override { return readOnly(); }
    Result<> resize(std::uint64_t) override { return readOnly(); }
    Result<> sync() override { return readOnly(); }
    Result<> setModificationTime(std::int64_t) override { return readOnly(); }

  private:
    static Result<> readOnly() { return fail(Stage::recovery, "this view cannot be written"); }

    DiskFile& file_;
    const std::vector<std::byte> head_;
    const std::uint64_t bytes_;
};

}  // namespace holdfast
