#include "ui/level_meter.h"

#include <QAccessible>
#include <QKeyEvent>
#include <QPainter>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/meter_scale.h"

namespace holdfast {
namespace {

constexpr int kGap = 3;
constexpr int kMargin = 4;
constexpr int kMostRow = 22;
constexpr int kLeastRow = 4;
constexpr std::array<int, 7> kTicks = {-60, -50, -40, -30, -20, -9, 0};

// Dark to light with the level: the order is seen without the colours.
QColor colorOf(MeterZone zone, bool isDark) {
    switch (zone) {
        case MeterZone::calm:
            return isDark ? QColor(0x2f, 0x8f, 0x83) : QColor(0x1b, 0x6f, 0x66);
        case MeterZone::warm:
            return isDark ? QColor(0xd9, 0xa4, 0x2b) : QColor(0xc7, 0x8f, 0x12);
        case MeterZone::hot:
            return isDark ? QColor(0xff, 0x70, 0x4d) : QColor(0xd8, 0x36, 0x1c);
    }
    return {};
}

QString numberText(double db) {
    if (std::isinf(db)) return QStringLiteral("-\u221e");
    return QString::number(std::max(db, -99.9), 'f', 1);
}

}  // namespace

LevelMeter::LevelMeter(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Level meter"));
    setToolTip(tr("Peaks of each channel in dBFS; a click resets the numbers"));
    channels_.resize(2);
    shown_.resize(2);
}

void LevelMeter::advance(const std::vector<float>& peaks, double seconds) {
    if (!peaks.empty() && peaks.size() != channels_.size()) {
        channels_.assign(peaks.size(), {});
        shown_.assign(peaks.size(), {});
        updateGeometry();
        update();
    }
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        channels_[i].advance(i < peaks.size() ? peaks[i] : 0.0F, seconds);
        Shown now = shownOf(i);
        if (now == shown_[i]) continue;
        shown_[i] = std::move(now);
        update(rowOf(i));
    }
}

void LevelMeter::reset() {
    for (MeterBallistics& channel : channels_) channel.reset();
    clippedBefore_ = clipped_;
    update();
}

void LevelMeter::setClipped(std::uint64_t samples) {
    // A new device counts from nothing.
    if (samples < clippedBefore_) clippedBefore_ = 0;
    if (std::exchange(clipped_, samples) != samples) update();
}

QString LevelMeter::channelName(std::size_t channel) const {
    if (channels_.size() == 1) return tr("M", "mono channel");
    if (channels_.size() == 2) return channel == 0 ? tr("L") : tr("R");
    return QString::number(channel + 1);
}

QString LevelMeter::valueText() const {
    QStringList parts;
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        parts << tr("%1 %2 dBFS").arg(channelName(i), numberText(channels_[i].maximum()));
    }
    if (clipped_ > clippedBefore_) parts << tr("clipped");
    return parts.join(QStringLiteral(", "));
}

int LevelMeter::numberWidth() const {
    return fontMetrics().horizontalAdvance(QStringLiteral("-99.9 CLIP "));
}

int LevelMeter::nameWidth() const {
    return fontMetrics().horizontalAdvance(QStringLiteral("64 "));
}

QSize LevelMeter::sizeHint() const {
    const int count = static_cast<int>(channels_.size());
    const int row = std::clamp(88 / std::max(1, count), kLeastRow, kMostRow);
    return {320, kMargin + count * (row + kGap) + fontMetrics().height()};
}

QSize LevelMeter::minimumSizeHint() const {
    return {160, sizeHint().height()};
}

QRect LevelMeter::rowOf(std::size_t channel) const {
    const int count = static_cast<int>(channels_.size());
    const int space = height() - fontMetrics().height();
    const int row = std::max(1, (space - kMargin) / std::max(1, count) - kGap);
    return {kMargin, kMargin + static_cast<int>(channel) * (row + kGap), width() - 2 * kMargin,
            row};
}

QRect LevelMeter::barOf(std::size_t channel) const {
    return rowOf(channel).adjusted(nameWidth(), 0, -numberWidth(), 0);
}

LevelMeter::Shown LevelMeter::shownOf(std::size_t channel) const {
    const int length = barOf(channel).width();
    const auto place = [&](double db) {
        return std::isinf(db) ? 0 : static_cast<int>(std::lround(meterPosition(db) * length));
    };
    const MeterBallistics& meter = channels_[channel];
    return {place(meter.level()), place(meter.hold()), numberText(meter.maximum())};
}

void LevelMeter::paintBar(QPainter& painter, std::size_t channel) const {
    const QRect bar = barOf(channel);
    const bool isDark = palette().color(QPalette::Window).lightness() < 128;
    painter.fillRect(bar, palette().color(QPalette::Base));
    const auto edge = [&](double db) {
        return bar.left() + static_cast<int>(std::lround(meterPosition(db) * bar.width()));
    };
    const Shown now = shownOf(channel);
    int from = bar.left();
    for (const auto& [zone, to] :
         {std::pair{MeterZone::calm, edge(kWarmDb)}, std::pair{MeterZone::warm, edge(kHotDb)},
          std::pair{MeterZone::hot, bar.right() + 1}}) {
        const int end = std::min(to, bar.left() + now.bar);
        if (end > from) {
            painter.fillRect(from, bar.top(), end - from, bar.height(), colorOf(zone, isDark));
        }
        from = std::max(from, to);
        // The zones' boundaries are seen without colours, too.
        if (zone != MeterZone::hot) {
            painter.fillRect(to, bar.top(), 1, bar.height(), palette().color(QPalette::Mid));
        }
    }
    if (now.hold > 0) {
        painter.fillRect(bar.left() + now.hold - 2, bar.top(), 2, bar.height(),
                         palette().color(QPalette::WindowText));
    }
    painter.setPen(palette().color(QPalette::Mid));
    painter.drawRect(bar.adjusted(0, 0, -1, -1));
    if (bar.height() < fontMetrics().ascent() / 2) return;
    painter.setPen(palette().color(QPalette::WindowText));
    const QRect row = rowOf(channel);
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip,
                     channelName(channel));
    const bool isClipped = clipped_ > clippedBefore_;
    painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip,
                     isClipped && channel == 0 ? now.number + tr(" CLIP") : now.number);
}

void LevelMeter::paintScale(QPainter& painter) const {
    const QRect bar = barOf(channels_.size() - 1);
    const int top = height() - fontMetrics().height();
    painter.setPen(palette().color(QPalette::WindowText));
    for (const int db : kTicks) {
        const QString text = QString::number(db);
        const int width = fontMetrics().horizontalAdvance(text);
        const int at = bar.left() + static_cast<int>(meterPosition(db) * bar.width()) - width / 2;
        painter.drawText(QRect(at, top, width, fontMetrics().height()),
                         Qt::AlignCenter | Qt::TextDontClip, text);
    }
}

void LevelMeter::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        if (event->rect().intersects(rowOf(i))) paintBar(painter, i);
    }
    if (event->rect().bottom() >= height() - fontMetrics().height()) paintScale(painter);
    if (hasFocus()) {
        painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
}

void LevelMeter::mousePressEvent(QMouseEvent* /*event*/) {
    reset();
}

void LevelMeter::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Space || event->key() == Qt::Key_Return) return reset();
    QWidget::keyPressEvent(event);
}

}  // namespace holdfast
