// FaultDisk: a folder in memory that records every operation and yields the images a crash can
// leave behind.
//
// It stands on the same interface as the system's folder, so the code under test is the shipped
// code. Faults are injected before an operation takes effect; images are computed afterwards from
// the log. The model of the medium is in crash_images.h. Copies of a FaultDisk are handles of the
// same disk.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "iocore/disk/disk_file.h"
#include "tests/support/disk_op.h"

namespace holdfast {

enum class Repeat { once, forEver };

// Called before an operation takes effect, outside all locks; `index` is the place it would have
// in the log. Returns 0 to let it happen, or the errno it fails with. It may block: that is a
// stalling disk.
using FaultHook = std::function<int(const DiskOp& op, std::size_t index)>;

// [any thread] [blocks]
class FaultDisk final : public DiskFolder {
  public:
    FaultDisk();
    // A fresh disk that holds the image, all of it durable, with an empty log.
    static FaultDisk fromImage(const FileMap& files);
    static FaultDisk fromImage(const CrashImage& image) { return fromImage(image.files); }
    // The disk after the operations, with them as its log. Operations name files as they were
    // called at that moment; failed ones count only as far as DiskOp says.
    static FaultDisk importLog(const std::vector<DiskOp>& operations, const FileMap& before = {});

    Result<std::unique_ptr<DiskFile>> create(const std::string& name, bool ownerOnly) override;
    Result<std::unique_ptr<DiskFile>> open(const std::string& name, Access access) override;
    Result<> rename(const std::string& from, const std::string& to, Existing existing) override;
    Result<> remove(const std::string& name) override;
    [[nodiscard]] bool exists(const std::string& name) override;
    Result<std::vector<std::string>> list() override;
    Result<> sync() override;
    Result<std::uint64_t> freeBytes() override;
    [[nodiscard]] std::string path() const override { return "/fault"; }
    // The same disk for code that wants to own its folder.
    [[nodiscard]] std::unique_ptr<DiskFolder> handle() const;

    // Logs that the program has promised something from now on ("safe to frame N"). Promises
    // only grow. Images carry the last one made before the crash.
    void acknowledge(std::uint64_t promise);

    // Faults. The operation at `index` of the log fails; forEver: and all after it.
    void failAt(std::size_t index, int error, Repeat repeat = Repeat::once);
    // The n-th (from 0, counted from now) operation of a kind fails; forEver: and all later ones.
    void failKind(DiskOp::Kind kind, std::size_t nth, int error, Repeat repeat = Repeat::once);
    void addHook(FaultHook hook);
    void clearFaults();
    // Writes past it fail with ENOSPC after the part that fits; freeBytes() tells what is left.
    void setCapacity(std::uint64_t bytes);
    // While full, overwriting fails as well, as on a copy-on-write file system.
    void setCopyOnWrite(bool on);
    // Files can share their blocks: in the log one write of all the bytes.
    void setShares(bool on);

    // What is there now (page cache included).
    [[nodiscard]] std::vector<DiskOp> log() const;
    [[nodiscard]] std::size_t logSize() const;
    [[nodiscard]] FileMap files() const;
    [[nodiscard]] FileMap filesBeforeLog() const;

    struct State;  // fault_disk_state.h

  private:
    explicit FaultDisk(std::shared_ptr<State> state) : state_(std::move(state)) {}

    std::shared_ptr<State> state_;
};

}  // namespace holdfast
