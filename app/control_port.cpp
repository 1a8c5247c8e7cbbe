#include "app/control_port.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "app/local_port.h"

namespace holdfast {
namespace {

// Lines of one caller.
class LineReader {
  public:
    explicit LineReader(LocalStream& stream) : stream_(stream) {}

    // None: the caller has gone, or its line is too long.
    std::optional<std::string> next() {
        while (true) {
            const std::size_t end = read_.find('\n');
            if (end != std::string::npos) {
                std::string line = read_.substr(0, end);
                read_.erase(0, end + 1);
                return line;
            }
            if (read_.size() > ControlPort::kMaxLineBytes) {
                stream_.write("error a line has at most 1024 bytes\n");
                return std::nullopt;
            }
            std::array<char, 512> piece{};
            const std::size_t got = stream_.read(piece);
            if (got == 0) return lastLine();
            read_.append(piece.data(), got);
        }
    }

  private:
    // A caller may leave out the last line's end.
    std::optional<std::string> lastLine() {
        if (read_.empty()) return std::nullopt;
        return std::exchange(read_, {});
    }

    LocalStream& stream_;
    std::string read_;
};

}  // namespace

struct ControlPort::Shared {
    std::unique_ptr<LocalPort> port;

    std::mutex mutex;
    std::condition_variable changed;
    std::function<void()> wake;
    std::vector<ControlRequest> asked;
    std::size_t callers = 0;
    std::size_t unanswered = 0;  // asked for, and the answer is not written
    bool closed = false;

    std::optional<std::future<std::string>> ask(ControlCommand command);
    void answerTo(LocalStream& stream, const std::string& line);
    void serve(LocalStream& stream);
    bool admit();
    void run(const std::shared_ptr<Shared>& self);
};

// None: nobody takes requests any more.
std::optional<std::future<std::string>> ControlPort::Shared::ask(ControlCommand command) {
    std::promise<std::string> promise;
    auto answer = promise.get_future();
    const std::lock_guard lock(mutex);
    if (closed) return std::nullopt;
    asked.emplace_back(std::move(command), std::move(promise));
    ++unanswered;
    if (wake) wake();
    return answer;
}

void ControlPort::Shared::answerTo(LocalStream& stream, const std::string& line) {
    auto command = parseControlCommand(line);
    if (!command) {
        stream.write("error " + command.error().text + "\n");
        return;
    }
    auto answer = ask(std::move(*command));
    std::string text = "error the recording has ended\n";
    if (answer) {
        try {
            text = answer->get();
        } catch (const std::future_error&) {
            // Destroyed unanswered: the recording has ended.
        }
    }
    stream.write(text);
    if (!answer) return;
    const std::lock_guard lock(mutex);
    --unanswered;
    changed.notify_all();
}

void ControlPort::Shared::serve(LocalStream& stream) {
    LineReader reader(stream);
    while (const auto line = reader.next()) {
        if (!line->empty()) answerTo(stream, *line);
    }
    const std::lock_guard lock(mutex);
    --callers;
}

bool ControlPort::Shared::admit() {
    const std::lock_guard lock(mutex);
    if (callers == kMaxCallers) return false;
    ++callers;
    return true;
}

void ControlPort::Shared::run(const std::shared_ptr<Shared>& self) {
    while (std::shared_ptr<LocalStream> caller = port->accept()) {
        if (!admit()) {
            caller->write("error too many callers\n");
            continue;
        }
        std::thread([self, caller] { self->serve(*caller); }).detach();
    }
}

ControlPort::ControlPort(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {
    std::thread([shared = shared_] { shared->run(shared); }).detach();
}

Result<std::unique_ptr<ControlPort>> ControlPort::open(const std::string& path) {
    auto port = LocalPort::open(path);
    if (!port) return fail(port.error());
    auto shared = std::make_shared<Shared>();
    shared->port = std::move(*port);
    return std::unique_ptr<ControlPort>(new ControlPort(std::move(shared)));
}

ControlPort::~ControlPort() {
    std::vector<ControlRequest> late;
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->closed = true;
        shared_->wake = {};
        late = std::move(shared_->asked);
    }
    shared_->port->close();
}

// Under the lock, so that onRequest({}) is a promise that nothing is called any more.
void ControlPort::onRequest(std::function<void()> wake) {
    const std::lock_guard lock(shared_->mutex);
    shared_->wake = std::move(wake);
}

std::vector<ControlRequest> ControlPort::take() {
    const std::lock_guard lock(shared_->mutex);
    return std::exchange(shared_->asked, {});
}

void ControlPort::drain(std::chrono::milliseconds patience) {
    std::unique_lock lock(shared_->mutex);
    shared_->closed = true;
    shared_->asked.clear();
    shared_->changed.wait_for(lock, patience, [this] { return shared_->unanswered == 0; });
}

}  // namespace holdfast
