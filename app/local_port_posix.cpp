#include "app/local_port.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace holdfast {
namespace {

constexpr int kWaitingCallers = 8;

class Descriptor {
  public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int get() const { return number_; }
    int release() { return std::exchange(number_, -1); }

  private:
    int number_;
};

tl::unexpected<Error> failed(const std::string& path, int code) {
    return fail(Stage::usage, code, path + ": " + systemErrorText(code));
}

Result<sockaddr_un> addressOf(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return fail(Stage::usage, ENAMETOOLONG,
                    path + ": the path of a socket has 1 to " +
                        std::to_string(sizeof address.sun_path - 1) + " bytes");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

const sockaddr* plain(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

Descriptor newSocket() {
    Descriptor made(::socket(AF_UNIX, SOCK_STREAM, 0));
    if (made.get() >= 0) ::fcntl(made.get(), F_SETFD, FD_CLOEXEC);
    return made;
}

Result<Descriptor> connected(const std::string& path) {
    const auto address = addressOf(path);
    if (!address) return fail(address.error());
    Descriptor socket = newSocket();
    if (socket.get() < 0) return failed(path, errno);
    if (::connect(socket.get(), plain(*address), sizeof *address) != 0) return failed(path, errno);
    return socket;
}

// Another file under that name is none of ours to remove.
Result<> removeDeadSocket(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) return {};
    if (!S_ISSOCK(found.st_mode)) {
        return fail(Stage::usage, EEXIST, path + ": is there already, and is no socket");
    }
    const auto alive = connected(path);
    if (alive) return fail(Stage::usage, EADDRINUSE, path + ": another recorder listens there");
    if (alive.error().code != ECONNREFUSED) return fail(alive.error());
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed(path, errno);
    return {};
}

}  // namespace

LocalStream::~LocalStream() {
    ::close(static_cast<int>(handle_));
}

Result<std::unique_ptr<LocalStream>> LocalStream::connect(const std::string& path) {
    auto socket = connected(path);
    if (!socket) return fail(socket.error());
    return std::make_unique<LocalStream>(socket->release());
}

std::size_t LocalStream::read(std::span<char> into) {
    while (true) {
        const ssize_t got = ::recv(static_cast<int>(handle_), into.data(), into.size(), 0);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return 0;
    }
}

bool LocalStream::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t put =
            ::send(static_cast<int>(handle_), text.data(), text.size(), MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

struct LocalPort::State {
    std::string path;
    Descriptor socket;
    std::array<Descriptor, 2> ending;  // a pipe: its end is what accept() waits for besides
    struct stat made {};
};

LocalPort::LocalPort(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<LocalPort>> LocalPort::open(const std::string& path) {
    const auto address = addressOf(path);
    if (!address) return fail(address.error());
    if (auto free = removeDeadSocket(path); !free) return fail(free.error());
    auto state = std::make_unique<State>();
    state->path = path;
    state->socket = newSocket();
    std::array<int, 2> ends{};
    if (state->socket.get() < 0 || ::pipe(ends.data()) != 0) return failed(path, errno);
    for (std::size_t i = 0; i < ends.size(); ++i) {
        ::fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        state->ending[i] = Descriptor(ends[i]);
    }
    // From its first moment on nobody else may connect.
    const mode_t mask = ::umask(0177);
    const int bound = ::bind(state->socket.get(), plain(*address), sizeof *address);
    const int code = errno;
    ::umask(mask);
    if (bound != 0) return failed(path, code);
    ::fcntl(state->socket.get(), F_SETFL, O_NONBLOCK);
    if (::lstat(path.c_str(), &state->made) != 0 ||
        ::listen(state->socket.get(), kWaitingCallers) != 0) {
        const int why = errno;
        ::unlink(path.c_str());
        return failed(path, why);
    }
    return std::unique_ptr<LocalPort>(new LocalPort(std::move(state)));
}

LocalPort::~LocalPort() = default;

std::unique_ptr<LocalStream> LocalPort::accept() {
    while (true) {
        std::array<pollfd, 2> waiting = {pollfd{state_->socket.get(), POLLIN, 0},
                                         pollfd{state_->ending[0].get(), POLLIN, 0}};
        const int ready = ::poll(waiting.data(), waiting.size(), -1);
        if (ready < 0 && errno != EINTR) return nullptr;
        if (ready <= 0) continue;
        if (waiting[1].revents != 0) return nullptr;
        const int caller = ::accept(state_->socket.get(), nullptr, nullptr);
        if (caller >= 0) {
            ::fcntl(caller, F_SETFD, FD_CLOEXEC);
            ::fcntl(caller, F_SETFL, 0);
            return std::make_unique<LocalStream>(caller);
        }
        // One that has hung up meanwhile is no reason to end.
        const bool passes = errno == EINTR || errno == EAGAIN || errno == ECONNABORTED;
        if (!passes) return nullptr;
    }
}

void LocalPort::close() {
    struct stat now {};
    const bool isOurs = ::lstat(state_->path.c_str(), &now) == 0 &&
                        now.st_ino == state_->made.st_ino && now.st_dev == state_->made.st_dev;
    if (isOurs) ::unlink(state_->path.c_str());
    const char word = 0;
    [[maybe_unused]] const ssize_t put = ::write(state_->ending[1].get(), &word, 1);
}

}  // namespace holdfast
