#include "tests/support/take_rig.h"

#include <fmt/format.h>

#include <algorithm>

#include "iocore/recovery/recovery_writer.h"
#include "tests/support/strict_wav_checker.h"

namespace holdfast {

void appendRampFrame(Bytes& to, const PcmFormat& format, std::uint64_t frame) {
    const std::uint32_t bytes = format.bytesPerFrame();
    for (std::uint32_t i = 0; i < bytes; ++i) {
        // Never 0, so that silence and holes are seen; changes with frame and place.
        to.push_back(static_cast<std::byte>(1 + (frame * 31 + i * 7 + (frame >> 5)) % 255));
    }
}

TakeRig::TakeRig(FaultDisk on, const RigOptions& wished) : disk(std::move(on)), options(wished) {
    auto memory = RingMemory::anonymous(SpscRing::memoryBytes(options.format, options.ringFrames));
    ring = std::move(
        *SpscRing::create(std::move(*memory), options.format, options.ringFrames, TakeId{}));
    producer = std::make_unique<SpscRing::Producer>(ring->producer());
    TakeOptions take_;
    take_.names = TakeNames::of("take.wav");
    take_.existing = options.existing;
    take_.sessionId = TakeId::random();
    take_.format = options.format;
    take_.gapMode = options.gapMode;
    take_.maxFrames = options.maxFrames;
    take_.maxDataBytes = options.maxDataBytes;
    take_.growth = options.growth;
    take_.bext = options.bext;
    TakeObserver observer;
    observer.error = [this](const Error& error) { errors.push_back(error); };
    observer.gap = [this](const GapRecord& gap) { gaps.push_back(gap); };
    consumer = std::make_unique<SpscRing::Consumer>(ring->consumer());
    take = std::make_unique<TakeWriter>(disk, *consumer, take_, observer);
}

void TakeRig::deliver(std::uint64_t frames) {
    Bytes audio;
    for (std::uint64_t i = 0; i < frames; ++i) appendRampFrame(audio, options.format, delivered_++);
    producer->write(audio);
    expected.insert(expected.end(), audio.begin(), audio.end());
}

void TakeRig::lose(std::uint64_t frames, GapCause cause) {
    producer->gap(frames, cause);
    producer->closeGap();
    delivered_ += frames;
    if (options.gapMode == GapMode::fill && cause != GapCause::paused) {
        expected.resize(expected.size() + frames * options.format.bytesPerFrame());
    }
}

Result<> TakeRig::commit() {
    auto done = take->commit();
    disk.acknowledge(take->safeFrames());
    return done;
}

Result<bool> TakeRig::finish() {
    producer->closeGap();
    auto done = take->finish();
    disk.acknowledge(take->safeFrames());
    return done;
}

Bytes audioOf(const FaultDisk& disk, std::string* defect) {
    const FileMap files = disk.files();
    const auto found = files.find("take.wav");
    if (found == files.end()) return {};
    const Bytes& file = *found->second;
    const auto verdict = wavcheck::checkWav(file);
    if (defect) *defect = verdict.defect;
    if (!verdict.ok) return {};
    const auto begin = file.begin() + static_cast<std::ptrdiff_t>(verdict.dataOffset);
    return {begin, begin + static_cast<std::ptrdiff_t>(verdict.dataBytes)};
}

std::string defectOfTake(const CrashImage& image, const PcmFormat& format, const Bytes& expected) {
    const bool named = image.has("take.wav");
    if (!named) {
        if (image.acknowledged > 0) return "promised audio, and there is no take.wav";
        return {};  // not started yet: nothing was promised
    }
    const Bytes& file = image.at("take.wav");
    const wavcheck::Verdict verdict = wavcheck::checkWav(file);
    if (!verdict.ok) return "take.wav: " + verdict.defect;
    if (verdict.frames < image.acknowledged) {
        return fmt::format("{} frames were promised, a player sees {}", image.acknowledged,
                           verdict.frames);
    }
    if (verdict.channels != format.channels || verdict.sampleRate != format.sampleRate) {
        return "take.wav: another format";
    }
    if (verdict.dataBytes > expected.size()) return "more audio than was ever delivered";
    const auto begin = file.begin() + static_cast<std::ptrdiff_t>(verdict.dataOffset);
    const auto wrong = std::mismatch(begin, begin + static_cast<std::ptrdiff_t>(verdict.dataBytes),
                                     expected.begin());
    const auto same = static_cast<std::uint64_t>(wrong.first - begin);
    if (same == verdict.dataBytes) return {};
    return fmt::format("the header covers {} frames, but frame {} is not what was delivered",
                       verdict.frames, same / format.bytesPerFrame());
}

std::size_t timesThere(const Bytes& file, const Bytes& chunk) {
    std::size_t times = 0;
    for (const wavcheck::Chunk& there : wavcheck::checkWav(file).chunks) {
        if (there.offset + chunk.size() > file.size()) continue;
        const auto begin = file.begin() + static_cast<std::ptrdiff_t>(there.offset);
        if (std::equal(chunk.begin(), chunk.end(), begin)) ++times;
    }
    return times;
}

std::string defectOfRemoval(const CrashImage& image, const std::string& name) {
    const bool isEmpty = image.acknowledged == 0 && image.at(name).size() <= kHeaderBlockBytes;
    return isEmpty ? "" : "removed what may hold a frame";
}

std::string defectOfRecovery(const CrashImage& image, const PcmFormat& format,
                             const Bytes& expected, const Bytes& chunk) {
    const std::string name = image.has("take.wav")        ? "take.wav"
                             : image.has("take.part.wav") ? "take.part.wav"
                                                          : "";
    if (name.empty()) return image.acknowledged > 0 ? "promised audio, and there is no file" : "";
    const wavcheck::Verdict before = wavcheck::checkWav(image.at(name));
    const std::uint64_t seen = before.ok ? before.frames : 0;

    FaultDisk disk = FaultDisk::fromImage(image);
    RepairOptions options;
    options.scan.openRing = [](const std::string&) -> Result<std::unique_ptr<DiskFile>> {
        return fail(Stage::disk, "no ring after a power cut");
    };
    const auto repaired = repairCopy(disk, name, options);
    if (!repaired) return "repair failed: " + repaired.error().message();
    if (repaired->outcome == RepairOutcome::removed) return defectOfRemoval(image, name);
    if (*disk.files().at(name) != image.at(name)) return "repair changed its input";
    std::string result = name;
    if (repaired->outcome == RepairOutcome::recovered) result = repaired->resultName;
    const Bytes file = *disk.files().at(result);
    const wavcheck::Verdict after = wavcheck::checkWav(file);
    if (!after.ok) {
        return image.acknowledged == 0 && seen == 0 ? "" : "after repair: " + after.defect;
    }
    if (after.frames < std::max(seen, image.acknowledged)) {
        return fmt::format("{} frames were promised, a player saw {}, repair has {}",
                           image.acknowledged, seen, after.frames);
    }
    if (!chunk.empty() && image.acknowledged > 0 && timesThere(file, chunk) != 1) {
        return "after repair: its chunk is not there once";
    }
    if (after.dataBytes > expected.size()) return "repair took for audio what is none";
    const std::uint64_t sure = std::max(seen, image.acknowledged) * format.bytesPerFrame();
    const auto begin = file.begin() + static_cast<std::ptrdiff_t>(after.dataOffset);
    if (std::equal(begin, begin + static_cast<std::ptrdiff_t>(sure), expected.begin())) return "";
    return "repair changed frames that were safe";
}

}  // namespace holdfast
