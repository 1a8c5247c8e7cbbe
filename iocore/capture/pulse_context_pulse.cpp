#include "iocore/capture/pulse_context_pulse.h"

#include <fmt/format.h>

#include <cassert>

namespace holdfast {

namespace {

// Longer than any healthy server needs for an answer, shorter than a user's patience; libpulse
// itself gives a request up only after 30 s.
constexpr pa_usec_t kDeadlineUs = 10 * PA_USEC_PER_SEC;

Error noServer(int code) {
    return Error{Stage::device, code,
                 fmt::format("no sound server answers ({}): start PulseAudio or PipeWire, name its "
                             "socket in PULSE_SERVER, or record the built-in test signal with "
                             "--device synth:tone",
                             pa_strerror(code))};
}

}  // namespace

bool isServerMissing(const Error& error) {
    return error.code == PA_ERR_CONNECTIONREFUSED || error.code == PA_ERR_INVALIDSERVER;
}

Result<std::unique_ptr<PulseContext>> PulseContext::connect() {
    std::unique_ptr<PulseContext> self(new PulseContext);
    self->loop_ = pa_threaded_mainloop_new();
    if (self->loop_ == nullptr) return fail(noServer(PA_ERR_INTERNAL));
    self->context_ = pa_context_new(pa_threaded_mainloop_get_api(self->loop_), "Holdfast");
    if (self->context_ == nullptr) return fail(noServer(PA_ERR_INTERNAL));
    pa_context_set_state_callback(
        self->context_, [](pa_context*, void* user) { static_cast<PulseContext*>(user)->signal(); },
        self.get());
    if (pa_threaded_mainloop_start(self->loop_) < 0) return fail(noServer(PA_ERR_INTERNAL));

    const Lock lock(*self);
    if (pa_context_connect(self->context_, nullptr, PA_CONTEXT_NOFLAGS, nullptr) < 0) {
        return fail(noServer(pa_context_errno(self->context_)));
    }
    const bool answered = self->waitUntil([&] {
        return pa_context_get_state(self->context_) == PA_CONTEXT_READY || !self->isAlive();
    });
    if (!answered) return fail(noServer(PA_ERR_TIMEOUT));
    if (!self->isAlive()) return fail(noServer(pa_context_errno(self->context_)));
    return self;
}

PulseContext::~PulseContext() {
    if (context_ != nullptr) {
        const Lock lock(*this);
        pa_context_set_state_callback(context_, nullptr, nullptr);
        pa_context_disconnect(context_);
        pa_context_unref(context_);
    }
    if (loop_ != nullptr) {
        pa_threaded_mainloop_stop(loop_);
        pa_threaded_mainloop_free(loop_);
    }
}

bool PulseContext::isAlive() const {
    return PA_CONTEXT_IS_GOOD(pa_context_get_state(context_));
}

bool PulseContext::waitUntil(const std::function<bool()>& done) {
    struct Deadline {
        pa_threaded_mainloop* loop;
        bool passed = false;
    } deadline{loop_};
    pa_time_event* event = pa_context_rttime_new(
        context_, pa_rtclock_now() + kDeadlineUs,
        [](pa_mainloop_api*, pa_time_event*, const timeval*, void* user) {
            auto* reached = static_cast<Deadline*>(user);
            reached->passed = true;
            pa_threaded_mainloop_signal(reached->loop, 0);
        },
        &deadline);
    if (event == nullptr) return false;
    bool isDone = done();
    while (!isDone && !deadline.passed) {
        pa_threaded_mainloop_wait(loop_);
        isDone = done();
    }
    pa_threaded_mainloop_get_api(loop_)->time_free(event);
    return isDone;
}

bool PulseContext::finish(pa_operation* operation) {
    if (operation == nullptr) return false;
    pa_operation_set_state_callback(
        operation, [](pa_operation*, void* user) { static_cast<PulseContext*>(user)->signal(); },
        this);
    waitUntil(
        [&] { return pa_operation_get_state(operation) != PA_OPERATION_RUNNING || !isAlive(); });
    const bool ended = pa_operation_get_state(operation) == PA_OPERATION_DONE;
    pa_operation_set_state_callback(operation, nullptr, nullptr);
    // An answer that comes later finds no one: its callback's data may be gone.
    if (!ended) pa_operation_cancel(operation);
    pa_operation_unref(operation);
    return ended;
}

Error PulseContext::lastError(const std::string& what) const {
    const int code = pa_context_errno(context_);
    return Error{Stage::device, code, fmt::format("{}: {}", what, pa_strerror(code))};
}

}  // namespace holdfast
