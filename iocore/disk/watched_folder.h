// WatchedFolder: any folder, behind a DiskGate. One writer thread uses it and its files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "iocore/disk/disk_file.h"
#include "iocore/disk/disk_gate.h"

namespace holdfast {

class WatchedFolder final : public DiskFolder {
  public:
    WatchedFolder(std::shared_ptr<DiskFolder> inner, std::shared_ptr<DiskGate> gate);

    Result<std::unique_ptr<DiskFile>> create(const std::string& name, bool ownerOnly) override;
    Result<std::unique_ptr<DiskFile>> open(const std::string& name, Access access) override;
    Result<> rename(const std::string& from, const std::string& to, Existing existing) override;
    Result<> remove(const std::string& name) override;
    [[nodiscard]] bool exists(const std::string& name) override;
    Result<std::vector<std::string>> list() override;
    Result<std::vector<std::string>> folders() override;
    Result<> sync() override;
    Result<std::uint64_t> freeBytes() override;
    std::uint64_t maxFileBytes() override;
    [[nodiscard]] std::string path() const override { return inner_->path(); }

  private:
    Result<std::unique_ptr<DiskFile>> watched(Result<std::unique_ptr<DiskFile>> file);

    std::shared_ptr<DiskFolder> inner_;
    std::shared_ptr<DiskGate> gate_;
};

}  // namespace holdfast
