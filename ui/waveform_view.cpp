#include "ui/waveform_view.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace holdfast {

WaveformView::WaveformView(QWidget* parent) : QWidget(parent), columns_(kColumns) {
    setAccessibleName(tr("Waveform of the last 30 seconds"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void WaveformView::advance(float peak, double seconds) {
    constexpr double kColumnSeconds = kSeconds / kColumns;
    newest().peak = std::max(newest().peak, std::min(peak, 1.0F));
    inColumn_ += seconds;
    bool moved = false;
    for (; inColumn_ >= kColumnSeconds; inColumn_ -= kColumnSeconds) {
        next_ = (next_ + 1) % kColumns;
        columns_[next_] = {};
        moved = true;
        if (inColumn_ > kSeconds) inColumn_ = kSeconds;
    }
    if (moved) update();
}

void WaveformView::addMarker() {
    newest().marker = true;
}

void WaveformView::addGap(double seconds) {
    const auto columns = static_cast<std::size_t>(seconds / kSeconds * kColumns) + 1;
    for (std::size_t i = 0; i < std::min(columns, kColumns); ++i) {
        columns_[(next_ + kColumns - i) % kColumns].gap = true;
    }
    update();
}

void WaveformView::clear() {
    columns_.assign(kColumns, {});
    update();
}

void WaveformView::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    const double step = static_cast<double>(width()) / kColumns;
    const double middle = height() / 2.0;
    const QBrush hatched(palette().color(QPalette::WindowText), Qt::BDiagPattern);
    for (std::size_t i = 0; i < kColumns; ++i) {
        const Column& column = columns_[(next_ + 1 + i) % kColumns];
        const QRectF place(static_cast<double>(i) * step, 0, std::max(step, 1.0), height());
        if (column.gap) painter.fillRect(place, hatched);
        if (column.peak > 0) {
            const double half = std::max(0.5, static_cast<double>(column.peak) * middle);
            painter.fillRect(QRectF(place.left(), middle - half, place.width(), 2 * half),
                             palette().color(QPalette::Highlight));
        }
        if (column.marker) {
            painter.fillRect(QRectF(place.left(), 0, 2, height()),
                             palette().color(QPalette::WindowText));
        }
    }
    painter.setPen(palette().color(QPalette::Mid));
    painter.drawLine(QPointF(0, middle), QPointF(width(), middle));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

}  // namespace holdfast
