#include "ui/deck_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <cmath>

#include "iocore/base/duration.h"
#include "iocore/base/path_text.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kLowSeconds = 30 * 60;
constexpr std::uint64_t kVeryLowSeconds = 5 * 60;

QString tr(const char* text) {
    return QCoreApplication::translate("DeckText", text);
}

QString textOf(const std::string& text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

}  // namespace

QString phaseText(RecorderDeck::Phase phase) {
    using Phase = RecorderDeck::Phase;
    switch (phase) {
        case Phase::noDevice:
            return tr("No device");
        case Phase::opening:
            return tr("Opening the device");
        case Phase::monitoring:
            return tr("Monitoring");
        case Phase::recording:
            return tr("Recording");
        case Phase::paused:
            return tr("Paused");
        case Phase::deviceLost:
            return tr("Device lost (waiting)");
        case Phase::finalising:
            return tr("Finalising");
    }
    return {};
}

QString clockOf(std::uint64_t frames, const PcmFormat& format) {
    return textOf(clockText(frames, format.sampleRate));
}

QString formatText(const PcmFormat& format) {
    return textOf(format.describe());
}

QString leftText(std::uint64_t seconds) {
    const std::uint64_t minutes = seconds / 60;
    if (minutes >= 48 * 60) return tr("%1 days left").arg(minutes / (24 * 60));
    if (minutes >= 60) return tr("%1 h %2 min left").arg(minutes / 60).arg(minutes % 60);
    return tr("%1 min left").arg(minutes);
}

QString detailText(const RecorderStatus& status, const PcmFormat& format) {
    const QLocale locale;
    const auto bytes = static_cast<qint64>(status.fileFrames * format.bytesPerFrame());
    QString text = tr("%1, %2 commits, the last one %3 s ago, ring %4 %")
                       .arg(locale.formattedDataSize(bytes, 1, QLocale::DataSizeSIFormat))
                       .arg(status.commits)
                       .arg(locale.toString(static_cast<double>(status.commitAgeMs) / 1000, 'f', 1))
                       .arg(std::lround(status.ringFill * 100));
    if (status.gaps > 0) text += tr(", %1 gaps").arg(status.gaps);
    if (!status.journalWorks) text += tr(", no journal");
    return text;
}

Room roomOf(const RecorderStatus& status) {
    if (status.secondsLeft < kVeryLowSeconds) return Room::veryLow;
    return status.secondsLeft < kLowSeconds ? Room::low : Room::plenty;
}

QString silenceText(Silence heard) {
    switch (heard) {
        case Silence::signal:
            break;
        case Silence::noSignal:
            return tr("No signal for 5 s: all is below -60 dBFS.");
        case Silence::digitalZero:
            return tr("Nothing but digital zero for 5 s: is the input muted?");
    }
    return {};
}

QString endText(const StoppedEvent& event, const PcmFormat& format) {
    const QString name = textOf(nameOfPath(event.path));
    const QString length = clockOf(event.frames, format);
    if (event.frames == 0 && event.onlyInRing == 0) return tr("Nothing was recorded.");
    if (!event.complete) {
        return tr("%1: %2 are in the file. It waits for recovery. %3")
            .arg(name, length, textOf(event.text));
    }
    if (event.lostFrames > 0) {
        return tr("%1: %2 saved and verified; %3 s are missing.")
            .arg(name, length)
            .arg(static_cast<double>(event.lostFrames) / format.sampleRate, 0, 'f', 3);
    }
    return tr("%1: %2 saved and verified.").arg(name, length);
}

}  // namespace holdfast
