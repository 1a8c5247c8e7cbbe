// DesktopRig: deck and window in a world of their own, on synthetic devices.
#pragma once

#include <gtest/gtest.h>

#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QTest>
#include <functional>
#include <memory>

#include "iocore/base/path_text.h"
#include "tests/support/temp_folder.h"
#include "ui/main_window.h"
#include "ui/recorder_deck.h"

namespace holdfast {

class DesktopRig : public testing::Test {
  protected:
    [[nodiscard]] DeckOptions options(const std::string& device = "synth:ramp") const {
        DeckOptions wished;
        wished.folder = textOfPath(root_.path() / "takes");
        wished.nextName = [n = 0]() mutable { return "take" + std::to_string(n++) + ".wav"; };
        wished.recorder.capture.device = device;
        wished.recorder.capture.fragmentMs = 20;
        wished.recorder.minFreeBytes = 0;
        wished.recorder.onLost = OnLost::wait;
        wished.recorder.ringFolders = {textOfPath(root_.path() / "rings")};
        wished.recorder.sessionFolder = textOfPath(root_.path() / "sessions");
        wished.listDevices = [] { return std::vector<DeviceInfo>(); };
        return wished;
    }
    void SetUp() override {
        for (const char* name : {"takes", "rings", "sessions"}) {
            std::filesystem::create_directory(root_.path() / name);
        }
    }
    void open(DeckOptions wished) {
        deck_ = std::make_unique<RecorderDeck>(std::move(wished));
        window_ = std::make_unique<MainWindow>(*deck_);
        window_->show();
    }
    // Runs the window until it is so; false after a minute.
    static bool wait(const std::function<bool()>& isTrue) {
        return QTest::qWaitFor(isTrue, 60'000);
    }
    bool waitFor(RecorderDeck::Phase phase) {
        return wait([&] { return deck_->phase() == phase; });
    }
    template <typename Widget = QPushButton>
    Widget* find(const char* name) {
        auto* widget = window_->findChild<Widget*>(QString::fromLatin1(name));
        EXPECT_NE(widget, nullptr) << name;
        return widget;
    }
    std::string text(const char* name) { return find<QLabel>(name)->text().toStdString(); }
    void click(const char* name) { QTest::mouseClick(find(name), Qt::LeftButton); }

    const TempFolder root_;
    std::unique_ptr<RecorderDeck> deck_;
    std::unique_ptr<MainWindow> window_;
};

}  // namespace holdfast
