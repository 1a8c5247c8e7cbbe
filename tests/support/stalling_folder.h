// StallingFolder: any folder, on a disk that stops answering for a while.
//
// Writes and syncs of its files wait at a gate; reads and names do not. The gate belongs to the
// test and is shared by all files of the folder.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

#include "iocore/disk/disk_file.h"

namespace holdfast {

// [any thread] [blocks]
class StallGate {
  public:
    // Closes the gate for `length`, beginning `after` from now. Real time.
    void stallFor(std::chrono::milliseconds length, std::chrono::milliseconds after = {});
    // Closes it until release().
    void stall();
    void release();
    // Waits until somebody stands at the closed gate; false when none came in time.
    bool waitUntilStalled(std::chrono::milliseconds deadline);
    [[nodiscard]] std::size_t waiting();
    // Returns when the gate is open.
    void pass();

  private:
    using Clock = std::chrono::steady_clock;

    std::mutex mutex_;
    std::condition_variable changed_;
    Clock::time_point from_ = Clock::time_point::max();
    Clock::time_point until_ = Clock::time_point::max();
    std::size_t waiting_ = 0;
};

class StallingFolder final : public DiskFolder {
  public:
    StallingFolder(std::unique_ptr<DiskFolder> inner, std::shared_ptr<StallGate> gate);

    Result<std::unique_ptr<DiskFile>> create(const std::string& name, bool ownerOnly) override;
    Result<std::unique_ptr<DiskFile>> open(const std::string& name, Access access) override;
    Result<> rename(const std::string& from, const std::string& to, Existing existing) override;
    Result<> remove(const std::string& name) override;
    [[nodiscard]] bool exists(const std::string& name) override;
    Result<std::vector<std::string>> list() override;
    Result<> sync() override;
    Result<std::uint64_t> freeBytes() override;
    [[nodiscard]] std::string path() const override;

  private:
    Result<std::unique_ptr<DiskFile>> wrap(Result<std::unique_ptr<DiskFile>> file);

    std::unique_ptr<DiskFolder> inner_;
    std::shared_ptr<StallGate> gate_;
};

}  // namespace holdfast
