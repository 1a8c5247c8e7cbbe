// LocalPort: a door for other programs of this user on this computer: a local socket on POSIX, a
// named pipe on Windows.
//
// Calls block, each on a thread of its caller's; nothing here knows what is said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "iocore/base/result.h"

namespace holdfast {

// One caller. Two threads must not use it at the same time.
class LocalStream {
  public:
    explicit LocalStream(std::intptr_t handle) : handle_(handle) {}
    // Hangs up.
    ~LocalStream();
    LocalStream(const LocalStream&) = delete;
    LocalStream& operator=(const LocalStream&) = delete;

    // The other end of open(). Errors: Stage::usage. [any thread] [blocks]
    static Result<std::unique_ptr<LocalStream>> connect(const std::string& path);
    // At least one byte; 0: the other end has gone. [any thread] [blocks]
    std::size_t read(std::span<char> into);
    // All of it; false: the other end has gone. [any thread] [blocks]
    bool write(std::string_view text);

  private:
    std::intptr_t handle_;
};

class LocalPort {
  public:
    // `path`: of the socket, which must not be there (one that nobody listens to any more is
    // replaced); on Windows the name of the pipe, with or without "\\.\pipe\". Only this user can
    // connect. Errors: Stage::usage: in use, no such folder, too long. [control thread]
    static Result<std::unique_ptr<LocalPort>> open(const std::string& path);
    // REQUIRES that no accept() is under way.
    ~LocalPort();
    LocalPort(const LocalPort&) = delete;
    LocalPort& operator=(const LocalPort&) = delete;

    // The next caller; none after close(), or when the system fails. [one thread] [blocks]
    std::unique_ptr<LocalStream> accept();
    // Ends accept(), now and for good; the name goes, where it is still ours. [any thread]
    void close();

  private:
    struct State;
    explicit LocalPort(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace holdfast
