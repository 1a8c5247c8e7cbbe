// Icons that are drawn, in the palette's colours, at any size: no file and no plugin is needed.
#pragma once

#include <QIcon>
#include <QPalette>

#include "ui/recorder_deck.h"

namespace holdfast {

// A shape for each phase: it is told by the shape, not by the colour alone.
QIcon phaseIcon(RecorderDeck::Phase phase, const QPalette& palette);
QIcon stopIcon(const QPalette& palette);

}  // namespace holdfast
