#include "app/recover_run.h"

#include <fmt/format.h>

#include <cerrno>

#include "app/exit_status.h"
#include "app/recover_exit.h"
#include "app/recover_extract.h"
#include "app/recover_target.h"
#include "iocore/base/path_text.h"
#include "iocore/base/printable.h"
#include "iocore/recovery/folder_scan.h"
#include "iocore/recovery/recovery_scan.h"
#include "iocore/recovery/recovery_writer.h"
#include "iocore/recovery/session_index.h"
#include "iocore/recovery/wav_scan.h"
#include "iocore/ring/ring_memory.h"

namespace holdfast {
namespace {

Error cancelledError() {
    return {Stage::recovery, ECANCELED, "cancelled"};
}

Result<AssumedFormat> readReference(const std::string& path) {
    auto target = findTarget(path);
    if (!target) return fail(target.error());
    auto file = target->folder->open(target->name, Access::read);
    if (!file) return fail(file.error());
    return formatOfReference(**file);
}

// What every subcommand works with.
struct Run {
    const RecoverOptions& options;
    RecoverConsole& console;
    const Cancelled& cancelled;

    std::optional<AssumedFormat> assumed = {};  // --assume, --reference

    // False: the reference cannot be used, and that was said.
    bool takeAssumption() {
        if (options.assumed) assumed = AssumedFormat{*options.assumed};
        if (options.reference.empty()) return true;
        const auto read = readReference(options.reference);
        if (!read) {
            console.failed(options.reference, read.error());
            return false;
        }
        assumed = *read;
        return true;
    }

    ScanOptions scanOptions(const std::string& path) const {
        ScanOptions scan;
        scan.assumed = assumed;
        scan.ringFolders = RingMemory::places();
        scan.ignoreLivingProcess = options.force;
        scan.progress = [this, path](std::uint64_t done, std::uint64_t total) {
            console.progress(path, done, total);
            return !cancelled();
        };
        return scan;
    }

    // `work` for each path, until cancelled.
    void forEach(const std::function<Result<>(const std::string& path)>& work) const {
        for (const std::string& path : options.paths) {
            if (cancelled()) return console.failed(path, cancelledError());
            const auto done = work(path);
            if (done) continue;
            console.failed(path, done.error());
            if (isCancelled(done.error())) return;
        }
    }
};

Result<> dryRun(const Run& run, RecoverTarget& target, const RecoverOutput& output) {
    auto report = RecoveryScan(*target.folder, run.scanOptions(target.path)).check(target.name);
    if (!report) return fail(report.error());
    if (run.options.undo) {
        run.console.say(fmt::format("{}: {}\n", printable(target.path),
                                    report->undoPossible
                                        ? "would be put back as it was before the repair in place"
                                        : "nothing to take back: no repair in place is on record"));
        run.console.join(exitOfCheck(*report));
        return {};
    }
    RepairPlan plan;
    plan.inPlace = run.options.inPlace;
    plan.bytes = 512 + report->recoverableFrames * report->format.bytesPerFrame();
    plan.audioBytes = audioToWrite(*report, plan.inPlace);
    DiskFolder& folder = output.folder ? *output.folder : *target.folder;
    plan.freeBytes = folder.freeBytes().value_or(0);
    if (plan.inPlace) {
        plan.resultPath = besides(target.path, report->finalName);
        plan.undoPath = besides(target.path, undoNameOf(report->finalName));
    } else {
        plan.resultPath =
            output.pathOf(target, output.name.empty() ? report->outputName : output.name);
    }
    run.console.plan(target.path, *report, plan);
    return {};
}

Result<> undo(const Run& run, RecoverTarget& target) {
    const auto undone = undoInPlace(*target.folder, target.name);
    if (!undone) return fail(undone.error());
    run.console.undone(target.path, *undone);
    return {};
}

Result<> repair(const Run& run, RecoverTarget& target, const RecoverOutput& output) {
    RepairOptions how;
    how.scan = run.scanOptions(target.path);
    how.outputFolder = output.folder.get();
    how.outputName = output.name;
    how.replaceOutput = run.options.force;
    auto result = run.options.inPlace ? repairInPlace(*target.folder, target.name, how)
                                      : repairCopy(*target.folder, target.name, how);
    if (!result) return fail(result.error());
    const bool itself = run.options.inPlace || result->resultName == result->report.wavName;
    std::string path;
    if (!result->resultName.empty()) {
        path = itself ? besides(target.path, result->resultName)
                      : output.pathOf(target, result->resultName);
    }
    run.console.repaired(target.path, {std::move(*result), std::move(path), run.options.inPlace});
    return {};
}

// A find is told of after a quick look at it: checksums of what is safe already are read with -v
// only. What is recovered as far as it can be is no longer unfinished.
Result<> lookAtFind(const Run& run, const std::string& path) {
    auto target = findTarget(path);
    if (!target) return fail(target.error());
    ScanOptions quick = run.scanOptions(path);
    quick.verifyAll = run.options.verbose;
    const auto report = RecoveryScan(*target->folder, quick).check(target->name);
    if (!report) return fail(report.error());
    if (report->verdict == Verdict::live) {
        run.console.say(fmt::format("{}: being recorded now\n", printable(path)));
        return {};
    }
    if (exitOfCheck(*report) == kRecoverSound || report->alreadyRecovered) return {};
    run.console.found(report->wavName.empty() ? path : besides(path, report->wavName), *report);
    return {};
}

}  // namespace

void checkFiles(const RecoverOptions& options, RecoverConsole& console,
                const Cancelled& cancelled) {
    Run run{options, console, cancelled};
    if (!run.takeAssumption()) return;
    run.forEach([&](const std::string& path) -> Result<> {
        auto target = findTarget(path);
        if (!target) return fail(target.error());
        const auto report =
            RecoveryScan(*target->folder, run.scanOptions(target->path)).check(target->name);
        if (!report) return fail(report.error());
        console.check(target->path, *report);
        return {};
    });
}

void repairFiles(const RecoverOptions& options, RecoverConsole& console,
                 const Cancelled& cancelled) {
    const auto output = findOutput(options);
    if (!output) return console.failed("", output.error());
    Run run{options, console, cancelled};
    if (!run.takeAssumption()) return;
    run.forEach([&](const std::string& path) -> Result<> {
        auto target = findTarget(path);
        if (!target) return fail(target.error());
        if (options.dryRun) return dryRun(run, *target, *output);
        return options.undo ? undo(run, *target) : repair(run, *target, *output);
    });
}

void extractFiles(const RecoverOptions& options, RecoverConsole& console,
                  const Cancelled& cancelled) {
    const bool toStdout = options.output == "-";
    const auto output = toStdout ? Result<RecoverOutput>() : findOutput(options);
    if (!output) return console.failed("", output.error());
    Run run{options, console, cancelled};
    if (!run.takeAssumption()) return;
    run.forEach([&](const std::string& path) -> Result<> {
        auto target = findTarget(path);
        if (!target) return fail(target.error());
        const RawOutput raw{output->folder.get(), output->name, options.force};
        const auto report = extractRaw(*target, run.scanOptions(target->path), raw);
        if (!report) return fail(report.error());
        console.extracted(target->path, *report, options.output);
        return {};
    });
}

void scanFolders(const RecoverOptions& options, RecoverConsole& console,
                 const Cancelled& cancelled) {
    const Run run{options, console, cancelled};
    run.forEach([&](const std::string& path) -> Result<> {
        const auto finds = scanFolder(path, [&] { return !cancelled(); });
        if (!finds) return fail(finds.error());
        for (const std::string& note : finds->notes) {
            console.failed("", {Stage::disk, 0, note});
        }
        for (const FoundTake& take : finds->takes) {
            const std::string found = joinPath(take.folder, take.name);
            const auto looked = lookAtFind(run, found);
            if (looked) continue;
            if (isCancelled(looked.error())) return looked;
            console.failed(found, looked.error());
        }
        return {};
    });
    if (console.exitStatus() == 0) console.say("nothing unfinished\n");
}

void listSessions(const RecoverOptions& options, RecoverConsole& console,
                  const Cancelled& cancelled) {
    const Run run{options, console, cancelled};
    const auto hints = SessionIndex().list();
    if (!hints) return console.failed("", hints.error());
    for (const SessionHint& hint : *hints) {
        if (!hint.reachable) {
            console.join(kRecoverDamageLeft);
            console.warn(fmt::format("{}: cannot be reached now (is its disk plugged in?)\n",
                                     printable(hint.journalPath)));
            continue;
        }
        const auto looked = lookAtFind(run, hint.journalPath);
        if (looked) continue;
        console.failed(hint.journalPath, looked.error());
        if (isCancelled(looked.error())) return;
    }
    if (console.exitStatus() == 0) console.say("nothing unfinished\n");
}

}  // namespace holdfast
