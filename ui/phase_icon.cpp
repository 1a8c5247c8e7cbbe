#include "ui/phase_icon.h"

#include <QPainter>
#include <QPixmap>
#include <array>

namespace holdfast {
namespace {

const QColor kRed(0xd3, 0x2f, 0x2f);

template <typename Draw>
QIcon drawn(const Draw& draw) {
    QIcon icon;
    for (const int size : {16, 24, 32, 48, 64, 128}) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.scale(size / 16.0, size / 16.0);
        painter.setPen(Qt::NoPen);
        draw(painter);
        painter.end();
        icon.addPixmap(pixmap);
    }
    return icon;
}

}  // namespace

QIcon phaseIcon(RecorderDeck::Phase phase, const QPalette& palette) {
    using Phase = RecorderDeck::Phase;
    const QColor ink = palette.color(QPalette::WindowText);
    switch (phase) {
        case Phase::recording:
            return drawn([](QPainter& painter) {
                painter.setBrush(kRed);
                painter.drawEllipse(2, 2, 12, 12);
            });
        case Phase::paused:
            return drawn([&](QPainter& painter) {
                painter.setBrush(ink);
                painter.drawRect(3, 2, 4, 12);
                painter.drawRect(9, 2, 4, 12);
            });
        case Phase::deviceLost:
        case Phase::noDevice:
            return drawn([](QPainter& painter) {
                painter.setPen(QPen(kRed, 2));
                painter.drawLine(3, 3, 13, 13);
                painter.drawLine(13, 3, 3, 13);
            });
        case Phase::opening:
        case Phase::monitoring:
            return drawn([&](QPainter& painter) {
                painter.setPen(QPen(ink, 2));
                painter.drawEllipse(3, 3, 10, 10);
            });
        case Phase::finalising:
            return drawn([&](QPainter& painter) {
                painter.setBrush(ink);
                painter.drawPolygon(
                    QPolygonF({QPointF(2, 8), QPointF(8, 14), QPointF(14, 8), QPointF(10, 8),
                               QPointF(10, 2), QPointF(6, 2), QPointF(6, 8)}));
            });
    }
    return {};
}

QIcon stopIcon(const QPalette& palette) {
    return drawn([&](QPainter& painter) {
        painter.setBrush(palette.color(QPalette::ButtonText));
        painter.drawRect(3, 3, 10, 10);
    });
}

}  // namespace holdfast
