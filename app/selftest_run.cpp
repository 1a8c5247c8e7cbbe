#include "app/selftest_run.h"

#include "iocore/selftest/self_test.h"

namespace holdfast {

void selfTestFolder(const RecoverOptions& options, RecoverConsole& console,
                    const Cancelled& cancelled) {
    const std::string& path = options.paths.front();
    auto folder = openFolder(path);
    if (!folder) return console.failed(path, folder.error());
    SelfTestOptions test;
    test.probe.seconds = options.seconds;
    const auto clock = test.probe.clock;
    const std::int64_t begin = clock.nowNs();
    const std::uint64_t total = options.seconds * std::uint64_t{1'000'000'000};
    test.probe.cancelled = [&] {
        console.progress(path, static_cast<std::uint64_t>(clock.nowNs() - begin), total);
        return cancelled();
    };
    const auto report = runSelfTest(**folder, test);
    if (!report) return console.failed(path, report.error());
    console.selfTested(path, *report);
}

}  // namespace holdfast
