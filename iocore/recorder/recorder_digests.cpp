// The digests of a recording: names that are free at its start, threads, and its last wait.
#include <fmt/format.h>

#include "iocore/disk/digest_file.h"
#include "iocore/recorder/recorder.h"

namespace holdfast {

// Hours later it could only be told; parts to come, whose names are not known yet, are told of.
Result<> Recorder::checkDigestNames() const {
    if (!options_.sha256 || options_.existing == Existing::replace) return {};
    const std::string name = digestNameOf(firstNames().final);
    for (DiskFolder* folder : {options_.folder.get(), options_.mirrorFolder.get()}) {
        if (folder == nullptr || !folder->exists(name)) continue;
        return fail(Stage::usage,
                    fmt::format("{}/{} is there already; choose another name, or --overwrite",
                                folder->path(), name));
    }
    return {};
}

// One for each disk: neither waits for the other's.
void Recorder::makeDigestThreads() {
    DigestOptions options;
    options.existing = options_.existing;
    options.error = [this](const Error& error) { post(ErrorEvent{status().fileFrames, error}); };
    digests_ = std::make_unique<TakeDigests>(options);
    if (!options_.mirrorFolder) return;
    options.error = [tell = options.error](Error error) {
        error.text = "the mirror: " + error.text;
        tell(error);
    };
    mirrorDigests_ = std::make_unique<TakeDigests>(options);
}

// On the thread of the writer that ended last.
void Recorder::finishDigests(StoppedEvent& event) {
    {
        const std::lock_guard lock(mutex_);
        onlyDigestsLeft_ = woken_ = true;
        controlWake_.notify_all();
    }
    if (mirrorDigests_) mirrorDigests_->hurry();
    const DigestsEnd main = digests_->finish();
    if (main.path == event.path) event.sha256 = main.sha256;
    event.unreadable = main.unreadable;
    event.digestsLeft = main.left;
    if (mirrorDigests_) {
        const DigestsEnd copy = mirrorDigests_->finish();
        if (copy.path == event.mirrorPath) event.mirrorSha256 = copy.sha256;
        event.unreadable = event.unreadable || copy.unreadable;
        event.digestsLeft += copy.left;
    }
    const std::lock_guard lock(mutex_);
    onlyDigestsLeft_ = false;
}

bool Recorder::onlyDigestsLeft() const {
    const std::lock_guard lock(mutex_);
    return onlyDigestsLeft_;
}

void Recorder::leaveDigests() {
    digests_->cancel();
    if (mirrorDigests_) mirrorDigests_->cancel();
}

}  // namespace holdfast
