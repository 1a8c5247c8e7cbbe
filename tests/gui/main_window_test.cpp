// The window, its buttons and states, on synthetic devices.
#include <QAbstractButton>
#include <QAccessible>
#include <QComboBox>
#include <cstring>
#include <fstream>
#include <thread>

#include "tests/gui/desktop_rig.h"
#include "tests/support/strict_wav_checker.h"
#include "tests/support/wav_forge.h"
#include "ui/level_meter.h"

namespace holdfast {
namespace {

using Phase = RecorderDeck::Phase;

class DesktopWindow : public DesktopRig {
  protected:
    // Of the ramp: the number of the file's first frame, and how many there are.
    struct Frames {
        std::uint32_t first = 0;
        std::uint64_t count = 0;
    };
    [[nodiscard]] Frames framesIn(const std::string& name) const {
        const std::string path = textOfPath(root_.path() / "takes" / name);
        const auto verdict = wavcheck::checkWavFile(path);
        EXPECT_TRUE(verdict.ok) << name << ": " << verdict.defect;
        std::ifstream file(root_.path() / "takes" / name, std::ios::binary);
        file.seekg(static_cast<std::streamoff>(verdict.dataOffset));
        std::vector<char> audio(verdict.frames * 6);
        file.read(audio.data(), static_cast<std::streamsize>(audio.size()));
        Frames frames;
        frames.count = verdict.frames;
        for (std::uint64_t i = 0; i < frames.count; ++i) {
            std::uint32_t number = 0;
            std::memcpy(&number, audio.data() + i * 6, 3);
            if (i == 0) frames.first = number;
            EXPECT_EQ(number, frames.first + i) << "a frame is missing or twice";
            if (number != frames.first + i) break;
        }
        return frames;
    }
    [[nodiscard]] std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(root_.path() / "takes")) {
            names.push_back(entry.path().filename().string());
        }
        std::ranges::sort(names);
        return names;
    }
};

TEST_F(DesktopWindow, RecordsWhatIsMonitoredFromTheButtonToTheButton) {
    open(options());
    ASSERT_TRUE(waitFor(Phase::monitoring)) << deck_->problem().toStdString();
    EXPECT_EQ(text("state"), "Monitoring");
    EXPECT_EQ(files(), std::vector<std::string>{}) << "nothing is written before";
    const std::uint64_t before = deck_->status().deliveredFrames;
    click("record");
    ASSERT_TRUE(waitFor(Phase::recording));
    ASSERT_TRUE(wait([&] { return deck_->status().safeFrames > 24'000; }));
    EXPECT_EQ(find("record")->text().toStdString(), "Stop");
    EXPECT_TRUE(text("safe").starts_with("Safe on disk to 0:00:00.")) << text("safe");
    click("record");
    ASSERT_TRUE(
        wait([&] { return text("message").find("saved and verified") != std::string::npos; }));
    ASSERT_TRUE(waitFor(Phase::monitoring)) << "and listens again";
    const auto names = files();
    ASSERT_EQ(names.size(), 1U);
    const Frames frames = framesIn(names[0]);
    EXPECT_GE(frames.first, before) << "not before the button";
    EXPECT_GT(frames.count, 24'000U);
}

// What is in the file is what came next, whatever the disk and the window do meanwhile.
TEST_F(DesktopWindow, FirstFrameIsTheNextOneBehindTheButton) {
    open(options());
    ASSERT_TRUE(waitFor(Phase::monitoring));
    ASSERT_TRUE(wait([&] { return deck_->status().deliveredFrames > 4'800; }));
    const std::uint64_t before = deck_->status().deliveredFrames;
    deck_->record();
    const std::uint64_t after = deck_->status().deliveredFrames;
    ASSERT_TRUE(wait([&] { return deck_->status().safeFrames > 0; }));
    deck_->stop();
    ASSERT_TRUE(waitFor(Phase::monitoring));
    const Frames frames = framesIn(files().at(0));
    EXPECT_GE(frames.first, before);
    EXPECT_LE(frames.first, after);
}

TEST_F(DesktopWindow, WindowThatHangsForTenSecondsCostsNoFrame) {
    open(options());
    ASSERT_TRUE(waitFor(Phase::monitoring));
    deck_->record();
    ASSERT_TRUE(waitFor(Phase::recording));
    std::this_thread::sleep_for(std::chrono::seconds(10));  // the hang itself
    ASSERT_TRUE(wait([&] { return deck_->status().safeFrames > 9 * 48'000; }));
    deck_->stop();
    ASSERT_TRUE(waitFor(Phase::monitoring));
    EXPECT_GT(framesIn(files().at(0)).count, 9U * 48'000);
}

TEST_F(DesktopWindow, PauseMarkerAndNewFile) {
    open(options());
    ASSERT_TRUE(waitFor(Phase::monitoring));
    click("record");
    ASSERT_TRUE(wait([&] { return deck_->status().safeFrames > 4'800; }));
    click("marker");
    click("pause");
    ASSERT_TRUE(waitFor(Phase::paused));
    EXPECT_EQ(text("state"), "Paused");
    EXPECT_EQ(find("pause")->text().toStdString(), "Go on");
    click("pause");
    ASSERT_TRUE(waitFor(Phase::recording));
    click("split");
    ASSERT_TRUE(wait([&] { return deck_->status().parts == 2; }));
    QTest::keyClick(window_.get(), Qt::Key_Period, Qt::ControlModifier);
    ASSERT_TRUE(waitFor(Phase::monitoring));
    const auto names = files();
    ASSERT_EQ(names.size(), 2U);
    std::vector<std::string> labels;
    for (const std::string& name : names) {
        const auto verdict = wavcheck::checkWavFile(textOfPath(root_.path() / "takes" / name));
        EXPECT_TRUE(verdict.ok) << name << verdict.defect;
        for (const auto& label : verdict.labels) labels.push_back(label.text);
    }
    ASSERT_FALSE(labels.empty());
    EXPECT_EQ(labels[0], "Marker 1");
}

TEST_F(DesktopWindow, ButtonsFitTheState) {
    open(options("synth:ramp?error@open"));
    ASSERT_TRUE(waitFor(Phase::noDevice));
    for (const char* name : {"record", "pause", "marker", "split"}) {
        EXPECT_FALSE(find(name)->isEnabled()) << name;
    }
    EXPECT_FALSE(text("message").empty()) << "it says why";
    EXPECT_EQ(text("state"), "No device");
}

TEST_F(DesktopWindow, LostDeviceIsWaitedForAndSaid) {
    open(options("synth:ramp?unplug@24000"));
    ASSERT_TRUE(waitFor(Phase::monitoring));
    deck_->record();
    ASSERT_TRUE(waitFor(Phase::deviceLost));
    EXPECT_EQ(text("state"), "Device lost (waiting)");
    EXPECT_TRUE(find("record")->isEnabled()) << "it can be stopped";
    EXPECT_FALSE(text("message").empty());
    click("record");
    ASSERT_TRUE(wait([&] { return text("message").find("missing") != std::string::npos; }));
}

TEST_F(DesktopWindow, MutedAndQuietInputsAreDifferentMessages) {
    const auto device = [this](const char* name, int sample) {
        ForgedWav wav = forgeWav({.format = {48'000, 1, SampleType::S16, 0}, .frames = 600'000});
        for (std::size_t at = 0; at < wav.audioBytes; at += 2) {
            wav.bytes[wav.audioAt + at] = static_cast<std::byte>(sample);
            wav.bytes[wav.audioAt + at + 1] = std::byte{0};
        }
        const auto path = root_.path() / name;
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(wav.bytes.data()),
                   static_cast<std::streamsize>(wav.bytes.size()));
        return "file:" + textOfPath(path);
    };
    open(options(device("muted.wav", 0)));
    ASSERT_TRUE(wait([&] { return text("message").find("muted") != std::string::npos; }));
    window_.reset();
    deck_.reset();
    open(options(device("quiet.wav", 3)));
    ASSERT_TRUE(wait([&] { return text("message").find("-60 dBFS") != std::string::npos; }));
}

TEST_F(DesktopWindow, GapIsShownAtOnce) {
    open(options("synth:ramp?gap@24000=4800"));
    ASSERT_TRUE(waitFor(Phase::monitoring));
    deck_->record();
    ASSERT_TRUE(wait(
        [&] { return text("message").find("0.100 s of audio are missing") != std::string::npos; }));
}

TEST_F(DesktopWindow, EveryControlHasANameARoleAndAPlaceInTheTabOrder) {
    open(options());
    ASSERT_TRUE(waitFor(Phase::monitoring));
    QAccessibleInterface* window = QAccessible::queryAccessibleInterface(window_.get());
    ASSERT_NE(window, nullptr);
    int named = 0;
    const std::function<void(QAccessibleInterface*)> walk = [&](QAccessibleInterface* item) {
        auto* widget = qobject_cast<QWidget*>(item->object());
        const bool isControl = widget != nullptr && widget->isVisibleTo(window_.get()) &&
                               widget->focusPolicy() != Qt::NoFocus &&
                               widget->objectName() != QStringLiteral("qt_scrollarea_viewport");
        if (isControl && !widget->parent()->inherits("QComboBox")) {
            EXPECT_FALSE(item->text(QAccessible::Name).isEmpty())
                << widget->metaObject()->className() << " " << widget->objectName().toStdString();
            EXPECT_NE(item->role(), QAccessible::NoRole);
            ++named;
        }
        for (int i = 0; i < item->childCount(); ++i) walk(item->child(i));
    };
    walk(window);
    EXPECT_GE(named, 6);
    // From the record button round to itself, over the device box.
    find("record")->setFocus();
    bool passedDevice = false;
    int steps = 0;
    do {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        ASSERT_NE(QApplication::focusWidget(), nullptr);
        passedDevice = passedDevice || QApplication::focusWidget() == find<QComboBox>("device");
    } while (QApplication::focusWidget() != find("record") && ++steps < 50);
    EXPECT_TRUE(passedDevice);
    EXPECT_LT(steps, 50);
}

TEST_F(DesktopWindow, MeterSaysItsValues) {
    LevelMeter meter;
    meter.advance({0.5F, 0.125F}, 0.03);
    EXPECT_EQ(meter.valueText().toStdString(), "L -6.0 dBFS, R -18.1 dBFS");
    meter.setClipped(3);
    EXPECT_TRUE(meter.valueText().endsWith(QStringLiteral("clipped")));
    meter.reset();
    meter.advance({0.0F, 0.0F}, 0.03);
    EXPECT_FALSE(meter.valueText().endsWith(QStringLiteral("clipped")));
}

}  // namespace
}  // namespace holdfast
