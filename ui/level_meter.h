// LevelMeter: a bar for each channel, with the highest peak held and as a number.
//
// Repaints only what has moved by a pixel; hidden, it repaints nothing. Its colours differ in
// brightness too, so that they can be told apart without seeing colours. A click resets the
// numbers.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/meter_ballistics.h"

namespace holdfast {

class LevelMeter : public QWidget {
    Q_OBJECT

  public:
    explicit LevelMeter(QWidget* parent = nullptr);

    // Linear peaks since the last call, one for each channel, and the seconds since then.
    void advance(const std::vector<float>& peaks, double seconds);
    void reset();
    // Samples at full scale so far; the light stays on until reset().
    void setClipped(std::uint64_t samples);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    // "L -18.2 dBFS, R -17.9 dBFS", for screen readers.
    [[nodiscard]] QString valueText() const;

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    struct Shown {
        int bar = -1;
        int hold = -1;
        QString number;
        bool operator==(const Shown&) const = default;
    };
    [[nodiscard]] QString channelName(std::size_t channel) const;
    [[nodiscard]] QRect rowOf(std::size_t channel) const;
    [[nodiscard]] QRect barOf(std::size_t channel) const;
    [[nodiscard]] Shown shownOf(std::size_t channel) const;
    void paintBar(QPainter& painter, std::size_t channel) const;
    void paintScale(QPainter& painter) const;
    [[nodiscard]] int numberWidth() const;
    [[nodiscard]] int nameWidth() const;

    std::vector<MeterBallistics> channels_;
    std::vector<Shown> shown_;
    std::uint64_t clipped_ = 0;
    std::uint64_t clippedBefore_ = 0;
};

}  // namespace holdfast
