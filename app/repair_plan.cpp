#include "app/repair_plan.h"

#include "iocore/base/path_text.h"

namespace holdfast {

std::string besides(const std::string& path, const std::string& name) {
    return path.substr(0, path.size() - nameOfPath(path).size()) + name;
}

std::uint64_t audioToWrite(const RecoveryReport& report, bool inPlace) {
    std::uint64_t frames = 0;
    bool stays = inPlace;
    for (const AudioPiece& piece : report.plan) {
        // Behind the first piece that comes from elsewhere everything is written anew.
        stays = stays && piece.source == AudioPiece::Source::wav;
        if (!stays) frames += piece.frames;
    }
    return frames * report.format.bytesPerFrame();
}

bool hasWork(const RecoveryReport& report) {
    const bool itself = report.alreadyRecovered && report.recoveredName == report.wavName;
    return (report.verdict == Verdict::unfinished || report.verdict == Verdict::damaged) && !itself;
}

}  // namespace holdfast
