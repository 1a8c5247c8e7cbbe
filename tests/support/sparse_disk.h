// SparseDisk: a folder in memory whose files may be terabytes long as long as they are mostly
// silence.
//
// Pages of zeros take no memory, and pages are shared between copies of the disk: a crash image is
// a copy, made in the instant of the crash. It keeps what was written, as a killed process leaves
// it; what a power cut may lose is FaultDisk's business.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "iocore/disk/disk_file.h"

namespace holdfast {

// Copies are disks of their own. One thread at a time. [blocks]
class SparseDisk final : public DiskFolder {
  public:
    SparseDisk() = default;
    SparseDisk(const SparseDisk& other);
    SparseDisk& operator=(const SparseDisk&) = delete;

    // Called after each write that took effect: the moment to take a copy.
    void afterWrite(std::function<void(const std::string& name, std::uint64_t offset)> look);
    // Whether the file is the same in both, byte for byte.
    [[nodiscard]] bool sameAs(const SparseDisk& other, const std::string& name) const;
    // Bytes of memory that the audio takes.
    [[nodiscard]] std::uint64_t storedBytes() const;

    Result<std::unique_ptr<DiskFile>> create(const std::string& name, bool ownerOnly) override;
    Result<std::unique_ptr<DiskFile>> open(const std::string& name, Access access) override;
    Result<> rename(const std::string& from, const std::string& to, Existing existing) override;
    Result<> remove(const std::string& name) override;
    [[nodiscard]] bool exists(const std::string& name) override { return files_.contains(name); }
    Result<std::vector<std::string>> list() override;
    Result<> sync() override { return {}; }
    Result<std::uint64_t> freeBytes() override { return std::uint64_t{1} << 62; }
    [[nodiscard]] std::string path() const override { return "/sparse"; }

    struct File;

  private:
    std::map<std::string, std::shared_ptr<File>> files_;
    std::shared_ptr<std::function<void(const std::string&, std::uint64_t)>> look_ =
        std::make_shared<std::function<void(const std::string&, std::uint64_t)>>();
};

}  // namespace holdfast
