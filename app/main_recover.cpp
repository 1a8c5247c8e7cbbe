// holdfast-recover: brings back what a crash, a kill or a power cut has left unfinished.
#include "app/arguments.h"
#include "app/exit_status.h"
#include "app/output_descriptor.h"
#include "app/recover_console.h"
#include "app/recover_options.h"
#include "app/recover_run.h"
#include "app/selftest_run.h"
#include "app/stop_signal.h"
#include "app/terminal.h"
#include "iocore/base/process_end.h"

namespace holdfast {
namespace {

int run(const RecoverOptions& options) {
    const auto signals = StopSignal::install();
    bool stopped = false;
    const Cancelled cancelled = [&] {
        stopped = stopped || signals->look().stop;
        return stopped;
    };
    RecoverConsole console(options);
    switch (options.command) {
        case RecoverCommand::check:
            checkFiles(options, console, cancelled);
            break;
        case RecoverCommand::repair:
            repairFiles(options, console, cancelled);
            break;
        case RecoverCommand::extract:
            extractFiles(options, console, cancelled);
            break;
        case RecoverCommand::scan:
            scanFolders(options, console, cancelled);
            break;
        case RecoverCommand::list:
            listSessions(options, console, cancelled);
            break;
        case RecoverCommand::selftest:
            selfTestFolder(options, console, cancelled);
            break;
    }
    restoreTerminal();
    return console.exitStatus();
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
    using namespace holdfast;
    fillStandardDescriptors();
    const Arguments arguments(argc, argv);
    const auto command = parseRecoverOptions(arguments.count(), arguments.words());
    if (const auto* asked = std::get_if<CommandAnswer>(&command)) {
        (void)writeAll(asked->exitStatus == kRecoverSound ? kStdout : kStderr, asked->text);
        return asked->exitStatus;
    }
    endProcess(run(std::get<RecoverOptions>(command)));
}
