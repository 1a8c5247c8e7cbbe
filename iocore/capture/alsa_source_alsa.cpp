#include "iocore/capture/alsa_source_alsa.h"

#include <fmt/format.h>

#include <cassert>
#include <cerrno>
#include <chrono>
#include <future>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "iocore/base/process_end.h"
#include "iocore/capture/alsa_reader_alsa.h"

namespace holdfast {

namespace {

// How long the control thread waits for a driver, or for the server behind a plug-in.
constexpr std::chrono::seconds kPatience{3};

// An open device with its capture thread. Both have a share of it: a thread that hangs in a driver
// is left behind with it, and finds the gate to the feed shut when it comes back.
class AlsaSession : public std::enable_shared_from_this<AlsaSession> {
  public:
    explicit AlsaSession(AlsaOpened opened) : opened_(std::move(opened)) {}

    [[nodiscard]] const CaptureGrant& grant() const { return opened_.grant; }
    Result<> start(CaptureFeed& feed);
    void stop();
    void finish();

  private:
    void capture();

    AlsaOpened opened_;
    std::optional<AlsaReader> reader_;
    // Steps of the thread that others wait for.
    std::promise<void> drained_;
    std::promise<void> closed_;
    std::future<void> isDrained_ = drained_.get_future();
    std::future<void> isClosed_ = closed_.get_future();
    std::thread thread_;
};

Result<> AlsaSession::start(CaptureFeed& feed) {
    assert(!reader_ && hasSameFrames(feed.format(), grant().format));
    const auto failed = [this](int code, const char* why) {
        return fail(Stage::device, code,
                    fmt::format("{} ({}) does not start: {}", grant().name, grant().id, why));
    };
    if (const int done = opened_.pcm->start(); done < 0) return failed(-done, snd_strerror(done));
    reader_.emplace(opened_, feed);
    try {
        thread_ = std::thread([self = shared_from_this()] { self->capture(); });
    } catch (const std::system_error& error) {
        reader_.reset();
        return failed(error.code().value(), "no thread for it");
    }
    return {};
}

void AlsaSession::capture() {
    const ForeignCode mayHang;
    if (reader_->run() == AlsaReader::End::stopped) reader_->drain();
    drained_.set_value();
    opened_.pcm->close();
    closed_.set_value();
}

void AlsaSession::stop() {
    if (!thread_.joinable()) return;
    reader_->stop();
    (void)isDrained_.wait_for(kPatience);
    reader_->gate().shut();
}

void AlsaSession::finish() {
    stop();
    if (!thread_.joinable()) return;
    if (isClosed_.wait_for(kPatience) == std::future_status::ready) {
        thread_.join();
    } else {
        thread_.detach();
    }
}

class AlsaSource final : public CaptureSource {
  public:
    explicit AlsaSource(AlsaOpened opened)
        : session_(std::make_shared<AlsaSession>(std::move(opened))), grant_(session_->grant()) {}
    ~AlsaSource() override { session_->finish(); }

    [[nodiscard]] const CaptureGrant& grant() const override { return grant_; }
    Result<> start(CaptureFeed& feed) override { return session_->start(feed); }
    void stop() override { session_->stop(); }

  private:
    std::shared_ptr<AlsaSession> session_;
    CaptureGrant grant_;
};

}  // namespace

Result<std::unique_ptr<CaptureSource>> openAlsaSource(const CaptureRequest& request,
                                                      const AlsaOpener& open) {
    assert(request.device.starts_with(kAlsaPrefix));
    const std::string name = request.device.substr(std::string_view(kAlsaPrefix).size());
    if (name.empty()) {
        return fail(Stage::usage,
                    "alsa: wants a name behind it, such as alsa:default or alsa:hw:0");
    }
    auto opened = openAlsa(open, name, request);
    if (!opened) return fail(opened.error());
    return std::make_unique<AlsaSource>(std::move(*opened));
}

}  // namespace holdfast
