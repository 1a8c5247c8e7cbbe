// A report of a take that was killed, as a scan makes it: a bit of everything.
#pragma once

#include "iocore/recovery/recovery_report.h"

namespace holdfast {

inline RecoveryReport sampleReport() {
    RecoveryReport report;
    report.name = report.wavName = report.finalName = "take.wav";
    report.outputName = "take.recovered.wav";
    report.journalName = "take.wav.journal";
    report.ringPath = "/run/user/0/holdfast/1.ring";
    report.verdict = Verdict::unfinished;
    report.reason = "it was never finished";
    report.ours = true;
    report.takeId.bytes.fill(std::byte{0xAB});
    report.headerFrames = 432'000;
    report.lastSafeFrame = 432'000;
    report.recoverableFrames = 480'000;
    report.verifiedFrames = 470'000;
    report.readableFrames = 10'000;
    report.ringFrames = 48'000;
    report.ringSpent = true;
    report.dropped = {{1'024, "zeros behind the last commit"}};
    report.gaps = {{48'000, 48'000, 4'800, 4'800, GapCause::ringFull, 0},
                   {96'000, 91'200, 9'600, 0, GapCause::paused, 1}};
    report.markers = {{240'000, "intro"}};
    report.writerProcess = 4'711;
    report.deviceName = "Built-in";
    report.plan = {{AudioPiece::Source::wav, 512, 432'000}, {AudioPiece::Source::ring, 64, 48'000}};
    return report;
}

inline RecoveryReport soundReport() {
    RecoveryReport report;
    report.name = report.wavName = report.finalName = "take.wav";
    report.outputName = "take.recovered.wav";
    report.verdict = Verdict::sound;
    report.ours = report.finished = true;
    report.headerFrames = report.recoverableFrames = report.verifiedFrames = 48'000;
    report.lastSafeFrame = 48'000;
    report.plan = {{AudioPiece::Source::wav, 512, 48'000}};
    return report;
}

}  // namespace holdfast
