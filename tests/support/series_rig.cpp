#include "tests/support/series_rig.h"

#include <fmt/format.h>

#include <algorithm>

#include "iocore/disk/watched_folder.h"
#include "iocore/recovery/folder_scan.h"
#include "iocore/recovery/recovery_writer.h"
#include "tests/support/strict_wav_checker.h"
#include "tests/support/take_rig.h"

namespace holdfast {
namespace {

constexpr const char* kRingName = "the.ring";

bool isPart(const std::string& name) {
    return name.ends_with(".wav") && !name.ends_with(".part.wav");
}

Bytes audioOfFile(const Bytes& file, std::string& defect) {
    const auto verdict = wavcheck::checkWav(file);
    if (!verdict.ok) {
        defect = verdict.defect;
        return {};
    }
    const auto begin = file.begin() + static_cast<std::ptrdiff_t>(verdict.dataOffset);
    return {begin, begin + static_cast<std::ptrdiff_t>(verdict.dataBytes)};
}

std::vector<std::string> partNamesOf(const FileMap& files) {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : files) {
        if (isPart(name)) names.push_back(name);
    }
    // "take.wav" is the first, but "take-002.wav" sorts before it.
    std::ranges::sort(names, {},
                      [](const std::string& name) { return name.substr(0, name.size() - 4); });
    return names;
}

// "take.wav" is the first, "take-002.wav" and "take-002-2.wav" are the second.
std::size_t numberOf(const std::string& name) {
    return name.starts_with("take-") ? std::stoul(name.substr(5, 3)) : 1;
}

// Repairs in place whatever needs it; what went wrong, or nothing.
std::string repairAll(FaultDisk& disk, const RepairOptions& options) {
    const auto names = disk.list();
    if (!names) return "the folder cannot be listed";
    for (const std::string& name : *names) {
        const bool isAudio = name.ends_with(".wav");
        const bool hasWav = disk.exists(name.substr(0, name.rfind('.')));
        if (!isAudio && !(name.ends_with(".journal") && !hasWav)) continue;
        if (!disk.exists(name)) continue;
        const auto repaired = repairInPlace(disk, name, options);
        // A journal alone that a power cut has spoilt tells of no audio.
        if (!repaired && isAudio) return name + ": " + repaired.error().message();
    }
    return {};
}

}  // namespace

SeriesRig::SeriesRig(FaultDisk on, const SeriesRigOptions& wished)
    : disk(std::move(on)), options(wished) {
    const std::uint64_t bytes = SpscRing::memoryBytes(options.format, options.ringFrames);
    auto memory = RingMemory::anonymous(bytes);
    ring = std::move(
        *SpscRing::create(std::move(*memory), options.format, options.ringFrames, sessionId));
    producer = std::make_unique<SpscRing::Producer>(ring->producer());
    SeriesOptions made;
    made.first.names = TakeNames::of("take.wav");
    made.first.sessionId = sessionId;
    made.first.format = options.format;
    made.first.gapMode = options.gapMode;
    made.first.maxFrames = options.maxFrames;
    made.first.maxDataBytes = options.maxDataBytes;
    made.first.reserveBytes = options.reserveBytes;
    made.first.bext = options.bext;
    made.first.ringPath = std::string("/ring/") + kRingName;
    made.splitFrames = options.splitFrames;
    made.splitBytes = options.splitBytes;
    made.splitAtSizeLimit = options.splitAtSizeLimit;
    made.first.growth = options.growth;
    if (options.spills) made.spillFolder = options.spillDisk.value_or(disk).handle();
    SeriesObserver observer;
    observer.take.error = [this](const Error& error) { errors.push_back(error); };
    // Nobody listens to a thread that was left: another one tells what it had not told.
    observer.take.gap = [this](const GapRecord& gap) {
        if (!options.gate || !options.gate->turnedAway()) gaps.push_back(gap);
    };
    observer.wentOn = [this](PartReason reason, std::uint64_t frame) {
        reasons.push_back(reason);
        begins.push_back(frame);
    };
    std::shared_ptr<DiskFolder> folder = disk.handle();
    if (options.gate) folder = std::make_shared<WatchedFolder>(folder, options.gate);
    if (!options.prerollFrames) {
        series = std::make_unique<TakeSeries>(folder, *ring, ring->consumer(), made, observer);
        return;
    }
    window_.emplace(ring->consumer(), *options.prerollFrames);
    seriesOptions_ = made;
    observer_ = observer;
    folder_ = folder;
}

Result<> SeriesRig::start() {
    const std::uint64_t frames = window_->slideTo(ring->fill().published);
    const Bytes monitored = std::exchange(expected, {});
    series =
        std::make_unique<TakeSeries>(folder_, *ring, window_->release(), seriesOptions_, observer_);
    auto begun = series->beginLate();
    const auto bytes = static_cast<std::ptrdiff_t>(frames * options.format.bytesPerFrame());
    expected.assign(monitored.end() - bytes, monitored.end());
    return begun;
}

void SeriesRig::pause(std::uint64_t frames) {
    producer->gap(frames, GapCause::paused);
    delivered_ += frames;
}

void SeriesRig::deliver(std::uint64_t frames) {
    Bytes audio;
    for (std::uint64_t i = 0; i < frames; ++i) appendRampFrame(audio, options.format, delivered_++);
    producer->write(audio);
    expected.insert(expected.end(), audio.begin(), audio.end());
}

void SeriesRig::lose(std::uint64_t frames, GapCause cause) {
    producer->gap(frames, cause);
    producer->closeGap();
    delivered_ += frames;
    if (options.gapMode == GapMode::fill && cause != GapCause::paused) {
        expected.resize(expected.size() + frames * options.format.bytesPerFrame());
    }
}

Result<> SeriesRig::commit() {
    auto done = series->commit();
    disk.acknowledge(series->safeFrames());
    return done;
}

Result<bool> SeriesRig::finish() {
    producer->closeGap();
    auto done = series->finish();
    disk.acknowledge(series->safeFrames());
    return done;
}

FileMap SeriesRig::files() const {
    FileMap files = disk.files();
    if (options.spillDisk) files.merge(options.spillDisk->files());
    return files;
}

std::vector<std::string> SeriesRig::partNames() const {
    return partNamesOf(files());
}

std::vector<std::uint64_t> SeriesRig::partFrames() const {
    std::vector<std::uint64_t> frames;
    for (const std::string& name : partNames()) {
        frames.push_back(wavcheck::checkWav(*files().at(name)).frames);
    }
    return frames;
}

PartAudio SeriesRig::partAudio() const {
    PartAudio parts;
    std::string defect;
    for (const std::string& name : partNames()) {
        parts[numberOf(name)] = audioOfFile(*files().at(name), defect);
    }
    return parts;
}

Bytes SeriesRig::audio(std::string* defect) const {
    Bytes all;
    std::string found;
    for (const std::string& name : partNames()) {
        const Bytes part = audioOfFile(*files().at(name), found);
        all.insert(all.end(), part.begin(), part.end());
        if (!found.empty() && defect != nullptr) *defect = name + ": " + found;
        if (!found.empty()) break;
    }
    return all;
}

RecoveredSeries recoverSeries(FaultDisk disk, const Bytes& ringImage) {
    return recoverSeries(std::vector{std::move(disk)}, ringImage);
}

RecoveredSeries recoverSeries(std::vector<FaultDisk> disks, const Bytes& ringImage) {
    FileMap ringFiles;
    if (!ringImage.empty()) ringFiles[kRingName] = std::make_shared<const Bytes>(ringImage);
    FaultDisk ringDisk = FaultDisk::fromImage(ringFiles);
    RepairOptions options;
    options.scan.openRing = [&](const std::string&) {
        return ringDisk.open(kRingName, Access::read);
    };
    options.removeRing = [&](const std::string&) { return ringDisk.remove(kRingName); };
    RecoveredSeries recovered;
    FileMap files;
    for (FaultDisk& disk : disks) {
        recovered.defect = repairAll(disk, options);
        if (!recovered.defect.empty()) return recovered;
        files.merge(disk.files());
    }
    for (const auto& [name, bytes] : files) {
        if (name.ends_with(".part.wav")) recovered.left.push_back(name);
    }
    for (const std::string& name : partNamesOf(files)) {
        std::string defect;
        const Bytes part = audioOfFile(*files.at(name), defect);
        if (!defect.empty()) recovered.defect = name + ": " + defect;
        recovered.audio.insert(recovered.audio.end(), part.begin(), part.end());
        recovered.parts[numberOf(name)] = part;
    }
    recovered.files = std::move(files);
    return recovered;
}

}  // namespace holdfast
