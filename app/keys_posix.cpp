#include "app/keys.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>

#include "app/terminal.h"

namespace holdfast {
namespace {

termios savedMode{};
std::atomic<bool> modeIsOurs{false};

bool ownsTerminal() {
    return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

}  // namespace

std::unique_ptr<Keys> Keys::open() {
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) return nullptr;
    if (!ownsTerminal() || ::tcgetattr(STDIN_FILENO, &savedMode) != 0) return nullptr;
    termios mode = savedMode;
    mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    mode.c_cc[VSUSP] = _POSIX_VDISABLE;
    modeIsOurs = true;
    if (::tcsetattr(STDIN_FILENO, TCSANOW, &mode) != 0) {
        modeIsOurs = false;
        return nullptr;
    }
    return std::unique_ptr<Keys>(new Keys);
}

Keys::~Keys() {
    restoreTerminal();
}

std::optional<char> Keys::read() {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, 0) != 1 || (input.revents & POLLIN) == 0 || !ownsTerminal()) {
        return std::nullopt;
    }
    char key = 0;
    if (::read(STDIN_FILENO, &key, 1) != 1) return std::nullopt;
    return key;
}

void restoreTerminal() {
    if (modeIsOurs.exchange(false)) ::tcsetattr(STDIN_FILENO, TCSANOW, &savedMode);
}

}  // namespace holdfast
