#include "app/recover_extract.h"

#include <fmt/format.h>

#include <cerrno>

#include "app/output_descriptor.h"
#include "iocore/recovery/recovery_writer.h"

namespace holdfast {
namespace {

Result<> writeToStdout(std::span<const std::byte> audio) {
    return writeAll(kStdout, {reinterpret_cast<const char*>(audio.data()), audio.size()});
}

// The audio under a name of its own until it is whole.
class RawFile {
  public:
    explicit RawFile(const RawOutput& output) : output_(output), part_(output.name + ".part") {}
    ~RawFile() {
        if (!file_) return;
        file_.reset();
        (void)output_.folder->remove(part_);
    }
    RawFile(const RawFile&) = delete;
    RawFile& operator=(const RawFile&) = delete;

    Result<> create() {
        DiskFolder& folder = *output_.folder;
        for (const std::string& name : {output_.name, part_}) {
            if (!folder.exists(name)) continue;
            const bool unrecovered = folder.exists(journalNameOf(name));
            if (!output_.replace || unrecovered) {
                return fail(Stage::recovery, EEXIST,
                            fmt::format("{} is there already: it is not touched", name));
            }
            if (name != part_) continue;
            if (auto removed = folder.remove(name); !removed) return removed;
        }
        auto made = folder.create(part_, false);
        if (!made) return fail(made.error());
        file_ = std::move(*made);
        return {};
    }
    Result<> append(std::span<const std::byte> audio) {
        if (auto put = file_->writeAt(bytes_, audio); !put) return put;
        bytes_ += audio.size();
        return {};
    }
    Result<> finish() {
        if (auto synced = file_->sync(); !synced) return synced;
        const auto existing = output_.replace ? Existing::replace : Existing::refuse;
        auto renamed = output_.folder->rename(part_, output_.name, existing);
        if (!renamed) return renamed;
        file_.reset();
        return output_.folder->sync();
    }

  private:
    const RawOutput& output_;
    std::string part_;
    std::unique_ptr<DiskFile> file_;
    std::uint64_t bytes_ = 0;
};

}  // namespace

bool wasExtracted(const RecoveryReport& report) {
    return report.recoverableFrames > 0 && report.verdict != Verdict::live &&
           report.verdict != Verdict::unusable;
}

Result<RecoveryReport> extractRaw(RecoverTarget& target, const ScanOptions& options,
                                  const RawOutput& output) {
    auto looked = RecoveryScan(*target.folder, options).check(target.name);
    if (!looked || !wasExtracted(*looked)) return looked;
    const std::uint64_t frameBytes = looked->format.bytesPerFrame();
    const std::uint64_t total = looked->recoverableFrames * frameBytes;
    RawFile file(output);
    if (output.folder != nullptr) {
        if (auto made = file.create(); !made) return fail(made.error());
    }
    ScanOptions quick = options;
    quick.verifyAll = false;
    const auto visit = [&](std::uint64_t frame, std::span<const std::byte> audio) -> Result<> {
        const std::uint64_t done = frame * frameBytes + audio.size();
        if (options.progress && !options.progress(done, total)) {
            return fail(Stage::recovery, ECANCELED, "cancelled");
        }
        return output.folder != nullptr ? file.append(audio) : writeToStdout(audio);
    };
    const auto extracted = extractAudio(*target.folder, target.name, quick, visit);
    if (!extracted) return fail(extracted.error());
    if (output.folder != nullptr) {
        if (auto finished = file.finish(); !finished) return fail(finished.error());
    }
    return looked;
}

}  // namespace holdfast
