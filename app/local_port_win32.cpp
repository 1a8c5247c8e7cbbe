#include "app/local_port.h"

#include <windows.h>

#include <atomic>
#include <utility>

#include "iocore/base/owner_only_win32.h"
#include "iocore/base/system_error_win32.h"
#include "iocore/base/utf16_win32.h"

namespace holdfast {
namespace {

constexpr std::string_view kPrefix = R"(\\.\pipe\)";
constexpr DWORD kBufferBytes = 4096;
constexpr DWORD kPatienceMs = 5000;

Result<std::wstring> pipeName(const std::string& path) {
    const bool isWhole = path.starts_with(kPrefix);
    const std::string name = isWhole ? path.substr(kPrefix.size()) : path;
    if (name.empty() || name.find('\\') != std::string::npos) {
        return fail(Stage::usage,
                    path + R"(: no name of a pipe; give \\.\pipe\NAME or NAME, without more "\")");
    }
    return wideText(std::string(kPrefix) + name);
}

HANDLE handleOf(std::intptr_t handle) {
    return reinterpret_cast<HANDLE>(handle);
}

enum class Instance { first, next };

HANDLE newInstance(const std::wstring& name, Instance which) {
    OwnerOnly owner(OwnerOnly::Of::file);
    const DWORD first = which == Instance::first ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0;
    return ::CreateNamedPipeW(
        name.c_str(), PIPE_ACCESS_DUPLEX | first,
        PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
        PIPE_UNLIMITED_INSTANCES, kBufferBytes, kBufferBytes, 0, owner.get());
}

HANDLE openOtherEnd(const std::wstring& name) {
    return ::CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING, 0,
                         nullptr);
}

tl::unexpected<Error> failed(const std::string& path) {
    const int code = lastErrno();
    return fail(Stage::usage, code, path + ": " + systemErrorText(code));
}

}  // namespace

// What the other end has not read yet is not taken from it: only DisconnectNamedPipe would.
LocalStream::~LocalStream() {
    ::CloseHandle(handleOf(handle_));
}

Result<std::unique_ptr<LocalStream>> LocalStream::connect(const std::string& path) {
    const auto name = pipeName(path);
    if (!name) return fail(name.error());
    while (true) {
        const HANDLE pipe = openOtherEnd(*name);
        if (pipe != INVALID_HANDLE_VALUE) {
            return std::make_unique<LocalStream>(reinterpret_cast<std::intptr_t>(pipe));
        }
        // Between two callers there may be no instance that waits.
        if (::GetLastError() != ERROR_PIPE_BUSY) return failed(path);
        if (::WaitNamedPipeW(name->c_str(), kPatienceMs) == 0) return failed(path);
    }
}

std::size_t LocalStream::read(std::span<char> into) {
    DWORD got = 0;
    const BOOL done =
        ::ReadFile(handleOf(handle_), into.data(), static_cast<DWORD>(into.size()), &got, nullptr);
    return done != 0 ? got : 0;
}

bool LocalStream::write(std::string_view text) {
    while (!text.empty()) {
        DWORD put = 0;
        if (::WriteFile(handleOf(handle_), text.data(), static_cast<DWORD>(text.size()), &put,
                        nullptr) == 0 ||
            put == 0) {
            return false;
        }
        text.remove_prefix(put);
    }
    return true;
}

struct LocalPort::State {
    std::wstring name;
    HANDLE next = INVALID_HANDLE_VALUE;  // the instance that waits for a caller
    std::atomic<bool> closed{false};
};

LocalPort::LocalPort(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<LocalPort>> LocalPort::open(const std::string& path) {
    auto name = pipeName(path);
    if (!name) return fail(name.error());
    const auto inUse = fail(Stage::usage, path + ": another recorder listens there");
    // Wine lets a second process have a "first" instance; on Windows the flag alone would do.
    if (::WaitNamedPipeW(name->c_str(), 1) != 0 || ::GetLastError() != ERROR_FILE_NOT_FOUND) {
        return inUse;
    }
    auto state = std::make_unique<State>();
    state->name = std::move(*name);
    state->next = newInstance(state->name, Instance::first);
    if (state->next == INVALID_HANDLE_VALUE) {
        // The system calls a pipe that is there an access that is denied.
        if (::GetLastError() == ERROR_ACCESS_DENIED || ::GetLastError() == ERROR_PIPE_BUSY) {
            return inUse;
        }
        return failed(path);
    }
    return std::unique_ptr<LocalPort>(new LocalPort(std::move(state)));
}

LocalPort::~LocalPort() {
    if (state_->next != INVALID_HANDLE_VALUE) ::CloseHandle(state_->next);
}

std::unique_ptr<LocalStream> LocalPort::accept() {
    while (!state_->closed && state_->next != INVALID_HANDLE_VALUE) {
        const BOOL came = ::ConnectNamedPipe(state_->next, nullptr);
        const DWORD code = came != 0 ? ERROR_PIPE_CONNECTED : ::GetLastError();
        // Once closed there is no other: the name is free when this one goes.
        const HANDLE next =
            state_->closed ? INVALID_HANDLE_VALUE : newInstance(state_->name, Instance::next);
        const HANDLE caller = std::exchange(state_->next, next);
        if (code == ERROR_PIPE_CONNECTED && !state_->closed) {
            return std::make_unique<LocalStream>(reinterpret_cast<std::intptr_t>(caller));
        }
        ::CloseHandle(caller);
    }
    return nullptr;
}

// Nothing but a caller ends ConnectNamedPipe.
void LocalPort::close() {
    state_->closed = true;
    const HANDLE caller = openOtherEnd(state_->name);
    if (caller != INVALID_HANDLE_VALUE) ::CloseHandle(caller);
}

}  // namespace holdfast
