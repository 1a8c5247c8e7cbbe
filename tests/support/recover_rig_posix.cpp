#include "tests/support/recover_rig_posix.h"

#include <csignal>
#include <filesystem>

namespace holdfast {
namespace fs = std::filesystem;

namespace {

Files filesIn(const std::string& folder) {
    Files files;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (!fs::is_regular_file(entry.symlink_status())) continue;
        files[entry.path().filename().string()] = readFile(entry.path().string());
    }
    return files;
}

void putBack(const std::string& folder, const Files& files) {
    for (const auto& [name, bytes] : filesIn(folder)) {
        if (!files.contains(name)) fs::remove(folder + "/" + name);
    }
    for (const auto& [name, bytes] : files) writeFile(folder + "/" + name, bytes);
}

}  // namespace

std::uint64_t RecoverRig::crash(const std::string& name, std::uint64_t leastFrames,
                                const Words& more) const {
    Words arguments = {"-D", "synth:ramp", "--json", name};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ChildProcess child(command(arguments));
    const auto started = child.waitForLine(R"("event":"started")");
    EXPECT_TRUE(started) << child.err();
    // The hint for `list` is written beside the recording, by a thread of its own.
    const std::string ring = nlohmann::json::parse(started.value_or("{\"ring\":\"\"}"))["ring"];
    const std::size_t nameAt = ring.find_last_of("/\\") + 1;
    const std::string hint = sessionFolder() + "/" + fs::path(ring.substr(nameAt)).stem().string();
    std::uint64_t captured = 0;
    std::size_t read = 0;
    child.waitUntil([&] {
        const std::string& out = child.out();
        for (std::size_t end; (end = out.find('\n', read)) != std::string::npos; read = end + 1) {
            const auto event = nlohmann::json::parse(out.substr(read, end - read));
            if (event["event"] == "status") captured = event["captured_frames"];
        }
        return captured >= leastFrames && !readFile(hint).empty();
    });
    child.signal(SIGKILL);
    EXPECT_EQ(child.wait().signal, SIGKILL) << child.err();
    EXPECT_GE(captured, leastFrames);
    return captured;
}

CaptureOutcome RecoverRig::recover(const Words& arguments) const {
    return run(recovery(arguments));
}

nlohmann::json RecoverRig::recoverJson(Words arguments) const {
    arguments.emplace_back("--json");
    const CaptureOutcome outcome = recover(arguments);
    auto events = eventsOf(outcome.out);
    // A slow machine makes long work of it.
    std::erase_if(events, [](const auto& event) { return event["event"] == "progress"; });
    if (events.size() != 1) {
        ADD_FAILURE() << events.size() << " objects: " << outcome.out << outcome.err;
        return {};
    }
    EXPECT_EQ(events.front()["exit"], outcome.end.status);
    return events.front();
}

Files RecoverRig::contents() const {
    return filesIn(folder());
}

RecoverRig::State RecoverRig::save() const {
    return {contents(), filesIn(ringFolder())};
}

void RecoverRig::restore(const State& state) const {
    putBack(folder(), state.takes);
    putBack(ringFolder(), state.rings);
}

}  // namespace holdfast
