// Keys: single keys of the terminal in front of the user, without Enter and without echo.
#pragma once

#include <memory>
#include <optional>

namespace holdfast {

class Keys {
  public:
    // None when stdin or stderr is no terminal, or this program does not own it: stdin is then
    // never read. Ctrl-Z, which would stop the recording threads, is off while keys are read.
    // [control thread]
    static std::unique_ptr<Keys> open();
    // The terminal is as it was before.
    ~Keys();
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;

    // A key that was pressed and not read yet. Never waits. [control thread]
    std::optional<char> read();

  private:
    Keys() = default;
};

}  // namespace holdfast
