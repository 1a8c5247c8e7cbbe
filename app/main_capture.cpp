// holdfast-capture: the recorder for terminals, scripts and services.
#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "app/arguments.h"
#include "app/best_effort_output.h"
#include "app/capture_options.h"
#include "app/capture_report.h"
#include "app/capture_session.h"
#include "app/console.h"
#include "app/device_list.h"
#include "app/exit_status.h"
#include "app/output_descriptor.h"
#include "app/service_notice.h"
#include "app/stop_signal.h"
#include "app/terminal.h"
#include "iocore/base/process_end.h"

namespace holdfast {
namespace {

// For a reader that is slow; one that does not read at all must not keep the process.
constexpr std::chrono::milliseconds kPatience{2000};

int answer(const CommandAnswer& command) {
    (void)writeAll(command.exitStatus == kExitComplete ? kStdout : kStderr, command.text);
    return command.exitStatus;
}

int listAll(const CaptureOptions& options) {
    const auto devices = listDevices();
    if (!devices) {
        return answer({kExitNoDevice, "holdfast-capture: " + errorReport(devices.error()) + "\n"});
    }
    return answer({kExitComplete, options.json ? deviceJson(*devices) : deviceTable(*devices)});
}

int record(const CaptureOptions& options) {
    const int eventsFd = options.eventsFd.value_or(kStdout);
    if (options.eventsFd && !isWritable(eventsFd)) {
        return answer({kExitUsage, fmt::format("holdfast-capture: --events-fd {}: not open for "
                                               "writing\n",
                                               eventsFd)});
    }
    const auto notice = ServiceNotice::fromEnvironment();
    const auto signals = StopSignal::install();
    Console console(options);
    std::optional<BestEffortOutput> events;
    if (options.json || options.eventsFd) events.emplace(eventsFd);

    const int status =
        CaptureSession(options, *signals, *notice, console, events ? &*events : nullptr).run();
    if (events) events->drain(kPatience);
    console.drain(kPatience);
    restoreTerminal();
    return status;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
    using namespace holdfast;
    fillStandardDescriptors();
    const Arguments arguments(argc, argv);
    const auto command = parseCaptureOptions(arguments.count(), arguments.words());
    if (const auto* asked = std::get_if<CommandAnswer>(&command)) return answer(*asked);
    const auto& options = std::get<CaptureOptions>(command);
    // A device that hangs has kept its thread.
    endProcess(options.listDevices ? listAll(options) : record(options));
}
