// screenshots: the window in its states, light, dark and in high contrast, as PNGs.
//
//   screenshots FOLDER
#include <QApplication>
#include <QDir>
#include <QStyleFactory>
#include <QTest>
#include <cstdio>

#include "iocore/base/path_text.h"
#include "tests/support/temp_folder.h"
#include "ui/main_window.h"
#include "ui/recovery_dialog.h"

namespace holdfast {
namespace {

using Phase = RecorderDeck::Phase;

QPalette darkPalette() {
    QPalette dark;
    const QColor window(0x2b, 0x2b, 0x2b);
    const QColor text(0xee, 0xee, 0xee);
    for (const auto group : {QPalette::Active, QPalette::Inactive, QPalette::Disabled}) {
        const QColor ink = group == QPalette::Disabled ? QColor(0x80, 0x80, 0x80) : text;
        dark.setColor(group, QPalette::Window, window);
        dark.setColor(group, QPalette::Base, QColor(0x1e, 0x1e, 0x1e));
        dark.setColor(group, QPalette::Button, QColor(0x3a, 0x3a, 0x3a));
        dark.setColor(group, QPalette::Mid, QColor(0x60, 0x60, 0x60));
        dark.setColor(group, QPalette::Highlight, QColor(0x3d, 0x8e, 0xd0));
        for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
            dark.setColor(group, role, ink);
        }
    }
    return dark;
}

QPalette contrastPalette() {
    QPalette contrast(Qt::black);
    for (const auto role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::Mid}) {
        contrast.setColor(role, Qt::white);
    }
    for (const auto role : {QPalette::Window, QPalette::Base, QPalette::Button}) {
        contrast.setColor(role, Qt::black);
    }
    contrast.setColor(QPalette::Highlight, Qt::yellow);
    contrast.setColor(QPalette::HighlightedText, Qt::black);
    return contrast;
}

class Photographer {
  public:
    explicit Photographer(QString folder) : folder_(std::move(folder)) {
        for (const char* name : {"takes", "rings", "sessions"}) {
            std::filesystem::create_directory(root_.path() / name);
        }
    }

    void all(const QString& look) {
        look_ = look;
        shoot("idle", "synth:tone", [](RecorderDeck&) { return true; });
        shoot("recording", "synth:tone", [](RecorderDeck& deck) {
            deck.record();
            QTest::qWait(1'500);
            deck.addMarker();
            QTest::qWait(2'500);
            return deck.phase() == Phase::recording;
        });
        shoot("device-lost", "synth:tone?unplug@96000", [](RecorderDeck& deck) {
            deck.record();
            return QTest::qWaitFor([&] { return deck.phase() == Phase::deviceLost; }, 10'000);
        });
        shoot("no-device", "synth:tone?error@open", [](RecorderDeck&) { return true; });
        recovery();
    }
    [[nodiscard]] bool worked() const { return worked_; }

  private:
    void shoot(const char* name, const std::string& device,
               const std::function<bool(RecorderDeck&)>& act) {
        DeckOptions options;
        options.folder = textOfPath(root_.path() / "takes");
        options.nextName = [this] {
            return "2026-11-29_20-15-" + std::to_string(10 + number_++) + ".wav";
        };
        options.recorder.capture.device = device;
        options.recorder.capture.fragmentMs = 20;
        options.recorder.onLost = OnLost::wait;
        options.recorder.ringFolders = {textOfPath(root_.path() / "rings")};
        options.recorder.sessionFolder = textOfPath(root_.path() / "sessions");
        options.listDevices = [] {
            return std::vector<DeviceInfo>{{"alsa_input.usb",
                                            "USB Audio Interface",
                                            {48'000, 2, SampleType::S24, 3},
                                            true,
                                            false,
                                            "pulse"}};
        };
        RecorderDeck deck(std::move(options));
        MainWindow window(deck);
        window.show();
        const bool opened = QTest::qWaitFor(
            [&] { return deck.phase() == Phase::monitoring || deck.phase() == Phase::noDevice; },
            10'000);
        QTest::qWait(700);
        const bool done = opened && act(deck);
        save(window, name, done);
    }
    void recovery() {
        std::vector<UnfinishedTake> takes;
        for (const char* name : {"interview.wav", "2026-11-28_19-30-00.wav"}) {
            UnfinishedTake take;
            take.folder = textOfPath(root_.path() / "takes");
            take.name = name;
            take.report.format = {48'000, 2, SampleType::S24, 3};
            take.report.recoverableFrames = 48'000ULL * 3'725;
            take.report.lastSafeFrame = take.report.recoverableFrames - 9'000;
            take.report.startedAtNs = 1'764'360'000'000'000'000ULL;
            takes.push_back(std::move(take));
        }
        RecoveryDialog dialog(std::move(takes));
        dialog.show();
        QTest::qWait(200);
        save(dialog, "recovery", true);
    }
    void save(QWidget& widget, const char* name, bool done) {
        const QString path =
            QStringLiteral("%1/%2-%3.png").arg(folder_, QString::fromLatin1(name), look_);
        const bool saved = done && widget.grab().save(path);
        if (!saved) std::fprintf(stderr, "no %s\n", qPrintable(path));
        worked_ = worked_ && saved;
    }

    const TempFolder root_;
    QString folder_;
    QString look_;
    int number_ = 0;
    bool worked_ = true;
};

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    const QString folder = QString::fromLocal8Bit(argv[1]);
    QDir().mkpath(folder);
    const QString scale = qEnvironmentVariable("QT_SCALE_FACTOR", QStringLiteral("1"));
    holdfast::Photographer photographer(folder);
    const QPalette light = QApplication::palette();
    photographer.all(QStringLiteral("light-%1x").arg(scale));
    QApplication::setPalette(holdfast::darkPalette());
    photographer.all(QStringLiteral("dark-%1x").arg(scale));
    QApplication::setPalette(holdfast::contrastPalette());
    photographer.all(QStringLiteral("contrast-%1x").arg(scale));
    QApplication::setPalette(light);
    return photographer.worked() ? 0 : 1;
}
