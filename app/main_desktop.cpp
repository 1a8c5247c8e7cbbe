// holdfast: the desktop recorder.
#include <QApplication>
#include <QCommandLineParser>
#include <QMessageBox>
#include <filesystem>

#include "app/recordings_folder.h"
#include "app/stop_signal.h"
#include "app/target_name.h"
#include "iocore/base/path_text.h"
#include "ui/main_window.h"
#include "ui/recorder_deck.h"
#include "ui/recovery_dialog.h"

namespace holdfast {
namespace {

struct Wishes {
    std::string device;
    std::string folder;  // empty: the recordings folder
};

Wishes wishesOf(const QApplication& application) {
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QApplication::translate("Desktop", "Records audio and does not lose it."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption device(
        QStringLiteral("device"),
        QApplication::translate("Desktop", "Record NAME at first (holdfast-capture -l lists them)"),
        QStringLiteral("NAME"));
    const QCommandLineOption folder(QStringLiteral("folder"),
                                    QApplication::translate("Desktop", "Record into DIR"),
                                    QStringLiteral("DIR"));
    parser.addOptions({device, folder});
    parser.process(application);
    return {parser.value(device).toStdString(), parser.value(folder).toStdString()};
}

Result<std::string> folderFor(const std::string& wished) {
    std::string folder = wished;
    if (folder.empty()) {
        auto usual = recordingsFolder();
        if (!usual) return usual;
        folder = std::move(*usual);
        std::vector<std::string> made;
        if (auto done = makeFolder(folder, made); !done) return fail(done.error());
    }
    auto opened = openFolder(folder);
    if (!opened) return fail(opened.error());
    return (*opened)->path();
}

// What comes from outside: the end of the session, a script.
void obey(const StopSignal::Seen& seen, RecorderDeck& deck, MainWindow& window) {
    for (unsigned i = 0; i < seen.markers; ++i) deck.addMarker();
    if (seen.splits > 0) deck.split();
    if (seen.stop) window.saveAndClose();
}

int run(QApplication& application, StopSignal& signals) {
    const Wishes wishes = wishesOf(application);
    const auto folder = folderFor(wishes.folder);
    if (!folder) {
        QMessageBox::critical(
            nullptr, QStringLiteral("Holdfast"),
            QApplication::translate("Desktop", "There is no folder to record into: %1")
                .arg(QString::fromStdString(folder.error().text)));
        return 2;
    }
    DeckOptions options;
    options.folder = *folder;
    options.nextName = [folder = *folder]() -> std::string {
        const auto target = resolveTarget(folder, systemSurroundings());
        return target ? target->wavName : "recording.wav";
    };
    options.recorder.capture.device = wishes.device;
    options.recorder.capture.fragmentMs = 20;  // a meter that does not lag
    options.recorder.onLost = OnLost::wait;
    options.recorder.splitAtSizeLimit = true;
    RecorderDeck deck(std::move(options));
    MainWindow window(deck);
    window.show();
    offerRecovery(&window);
    signals.onSignal([&] {
        QMetaObject::invokeMethod(
            &window, [&] { obey(signals.look(), deck, window); }, Qt::QueuedConnection);
    });
    const int status = QApplication::exec();
    signals.onSignal({});
    return status;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
    const auto signals = holdfast::StopSignal::install();
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("Holdfast"));
    QApplication::setApplicationVersion(QStringLiteral(HOLDFAST_VERSION));
    return holdfast::run(application, *signals);
}
