#include "iocore/recorder/preroll_window.h"

#include <algorithm>
#include <utility>

namespace holdfast {

PrerollWindow::PrerollWindow(SpscRing::Consumer consumer, std::uint64_t frames)
    : consumer_(std::move(consumer)), frames_(frames) {}

void PrerollWindow::slide() {
    (void)slideTo(consumer_.writtenFrame() + consumer_.readableFrames());
}

std::uint64_t PrerollWindow::slideTo(std::uint64_t ringFrame) {
    std::uint64_t length = lengthTo(ringFrame);
    while (length > frames_) {
        const std::uint64_t excess = length - frames_;
        if (const auto gap = consumer_.gapHere()) {
            consumer_.takeGap();
            pastGapFrames_ += gap->frames;
            length -= std::min(length, gap->frames);
            continue;
        }
        const std::uint64_t frames = consumer_.framesHere(excess);
        if (frames == 0) break;
        consumer_.advanceWritten(frames);
        length -= frames;
    }
    consumer_.markDurable();
    return length;
}

std::uint64_t PrerollWindow::lengthTo(std::uint64_t ringFrame) {
    const std::uint64_t here = consumer_.writtenFrame();
    if (ringFrame <= here) return 0;
    return ringFrame - here + consumer_.gapFramesBefore(ringFrame);
}

}  // namespace holdfast
