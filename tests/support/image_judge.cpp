#include "tests/support/image_judge.h"

#include "tests/support/take_rig.h"

namespace holdfast {

Judged judge(const FaultDisk& disk, const PcmFormat& format, const Bytes& expected) {
    Judged judged;
    const auto look = [&](const CrashImage& image) {
        const std::string defect = defectOfTake(image, format, expected);
        if (defect.empty()) return;
        if (judged.defects++ == 0) judged.first = image.label + ": " + defect;
    };
    judged.kill = forEachKillImage(disk, look, {.tornSectors = false});
    PowerOptions options;
    options.exhaustive = 8;
    options.randomSubsets = 16;
    judged.power = forEachPowerImage(disk, options, look);
    return judged;
}

Judged judgeRecovery(const FaultDisk& disk, const PcmFormat& format, const Bytes& expected,
                     const Bytes& chunk) {
    Judged judged;
    const auto look = [&](const CrashImage& image) {
        const std::string defect = defectOfRecovery(image, format, expected, chunk);
        if (defect.empty()) return;
        if (judged.defects++ == 0) judged.first = image.label + ": " + defect;
    };
    judged.kill = forEachKillImage(disk, look);
    PowerOptions options;
    options.exhaustive = 8;
    options.randomSubsets = 16;
    options.sectorBytes = 128;
    judged.power = forEachPowerImage(disk, options, look);
    return judged;
}

bool isWavOp(const DiskOp& op, DiskOp::Kind kind) {
    return op.kind == kind && (op.name == "take.wav" || op.name == "take.part.wav");
}

bool isHeaderWrite(const DiskOp& op) {
    return isWavOp(op, DiskOp::Kind::write) && op.offset == 0 && op.bytes.size() == 512;
}

bool isAudioWrite(const DiskOp& op) {
    return isWavOp(op, DiskOp::Kind::write) && op.offset >= 512;
}

}  // namespace holdfast
