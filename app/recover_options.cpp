#include "app/recover_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <map>
#include <sstream>

#include "app/exit_status.h"
#include "iocore/base/result.h"

namespace holdfast {
namespace {

constexpr const char* kProgram = "holdfast-recover";

constexpr const char* kAbout =
    "Bring back recordings that a crash, a kill or a power cut has left unfinished.\n"
    "A recording is written only with --in-place, which can be taken back. A verified copy\n"
    "that holds everything ends the take: its journal and ring are removed.";

constexpr const char* kFooter = R"(
FILE is a recording (NAME.wav, NAME.part.wav), its journal (NAME.wav.journal), or a
WAV, RF64, BW64 or W64 of another program whose header was left wrong.

Examples:
  holdfast-recover list                          what is unfinished, and what to do
  holdfast-recover check take.wav                what can be brought back; changes nothing
  holdfast-recover repair --in-place take.wav    finish the take itself (small undo file)
  holdfast-recover repair take.wav               make take.recovered.wav beside it
  holdfast-recover repair --undo take.wav        as it was before --in-place
  holdfast-recover repair --assume 48000,2,S24 broken.wav
                                                 its header does not say its format
  holdfast-recover extract --raw -o take.raw take.wav
                                                 the audio alone, without a header
  holdfast-recover selftest ~/Music              what a recording there can promise

)";

constexpr const char* kRepairFooter = R"(
Without --in-place the result is NAME.recovered.wav beside FILE, and FILE is not
written. A repair may be interrupted or killed at any moment: run it again.

)";

constexpr const char* kSelfTestFooter = R"(
Makes commits in DIR as a recording does, and says how much a power cut and a kill
can cost there. Its files (40 MB at most) are removed, also after Ctrl-C.

Exit status:
  0    the promises hold, as far as can be measured
  4    a promise cannot be held: syncs seem not to reach the disk, or no place for
       the ring outlives the program
  8    DIR cannot be read or written, or is full
  16   bad option
  32   cancelled
)";

void addOutputOptions(CLI::App& app, RecoverOptions& options, std::string& color) {
    const char* group = "Output";
    const auto add = [&](CLI::Option* option) { return option->group(group); };
    add(app.add_flag("--json", options.json, "One JSON object a file on stdout, one a line"));
    add(app.add_flag("-q,--quiet", options.quiet, "One line a file, and only where not sound"));
    add(app.add_flag("-v,--verbose", options.verbose, "Tell more"));
    add(app.add_option("--color", color, "auto, always or never [auto]"))
        ->type_name("WHEN")
        ->check(CLI::IsMember({"auto", "always", "never"}).description(""));
    app.set_version_flag("--version", std::string(kProgram) + " " HOLDFAST_VERSION,
                         "Show the version")
        ->group(group);
    app.set_help_flag("-h,--help", "Show this help")->group(group);
}

void addPaths(CLI::App& command, const char* name, RecoverOptions& options) {
    command.add_option(name, options.paths, "One or more")->type_name(" ");
}

void addForce(CLI::App& command, RecoverOptions& options, const char* more = "") {
    command.add_flag("--force", options.force,
                     std::string("Do not believe that the recorder's process is alive\n(its locks "
                                 "count)") +
                         more);
}

constexpr const char* kForceOutput =
    "; replace what has the output's name,\nbut for an unrecovered take";

// What stands in for a format that the file does not say.
void addAssumptions(CLI::App& command, RecoverOptions& options) {
    const auto parse = [&options](const std::string& text) {
        auto format = parseAssumedFormat(text);
        if (!format) throw CLI::ValidationError("--assume", format.error().text);
        options.assumed = *format;
    };
    auto* assume =
        command
            .add_option_function<std::string>(
                "--assume", parse,
                "The format where FILE does not say it: 48000,2,S24.\nOf a file without any "
                "header all is audio")
            ->type_name("RATE,CHANNELS,FORMAT");
    command
        .add_option("--reference", options.reference,
                    "The same, from a sound file of the same recorder")
        ->type_name("FILE")
        ->excludes(assume);
}

void addRepairOptions(CLI::App& command, RecoverOptions& options) {
    command
        .add_option("-o,--output", options.output, "Write the copy to OUT: a new file, or a folder")
        ->type_name("OUT");
    command.add_flag("--in-place", options.inPlace,
                     "Repair FILE itself; what is overwritten goes to\nNAME.wav.undo first");
    command.add_flag("--undo", options.undo, "Put FILE back as it was before --in-place");
    command.add_flag("-n,--dry-run", options.dryRun,
                     "Say what would be written, and write nothing");
    addAssumptions(command, options);
    addForce(command, options, kForceOutput);
}

void addExtractOptions(CLI::App& command, RecoverOptions& options) {
    static bool raw = true;  // there is no other way yet; said for the reader's sake
    command.add_flag("--raw", raw, "Audio without any header, interleaved, little-endian");
    command.add_option("-o,--output", options.output, "A new file, or - for standard output")
        ->type_name("OUT");
    addAssumptions(command, options);
    addForce(command, options, kForceOutput);
}

void addSelfTestOptions(CLI::App& command, RecoverOptions& options) {
    command.add_option("DIR", options.paths, "The folder")->type_name(" ")->expected(1);
    command.add_option("--seconds", options.seconds, "Measure for so long [20]")
        ->type_name("N")
        ->check(CLI::Range(1, 600).description(""));
    command.footer(kSelfTestFooter);
}

struct Commands {
    CLI::App* check;
    CLI::App* repair;
    CLI::App* extract;
    CLI::App* scan;
    CLI::App* list;
    CLI::App* selftest;
};

Commands addCommands(CLI::App& app, RecoverOptions& options) {
    const auto add = [&](const char* name, const char* what) {
        auto* command = app.add_subcommand(name, what);
        command->fallthrough();
        command->set_help_flag("-h,--help", "Show this help");
        command->get_formatter()->column_width(22);
        return command;
    };
    Commands commands{
        add("check", "Say what can be brought back of each FILE; changes nothing"),
        add("repair", "Bring it back: as a copy, or in place"),
        add("extract", "Write the recoverable audio of FILE alone, as raw bytes"),
        add("scan", "Look for unfinished recordings in DIR and below it"),
        add("list", "List the unfinished recordings that this user has"),
        add("selftest", "Measure on DIR's own disk what a recording there can promise"),
    };
    addPaths(*commands.check, "FILE", options);
    addAssumptions(*commands.check, options);
    addForce(*commands.check, options);
    addPaths(*commands.repair, "FILE", options);
    addRepairOptions(*commands.repair, options);
    commands.repair->footer(kRepairFooter + std::string(recoverExitText()));
    addPaths(*commands.extract, "FILE", options);
    addExtractOptions(*commands.extract, options);
    addPaths(*commands.scan, "DIR", options);
    addSelfTestOptions(*commands.selftest, options);
    app.require_subcommand(1);
    return commands;
}

Result<> validateExtract(const RecoverOptions& options) {
    if (options.output.empty()) return fail(Stage::usage, "extract to where? -o OUT");
    if (options.paths.size() > 1) return fail(Stage::usage, "extract takes one FILE at a time");
    if (options.json && options.output == "-") {
        return fail(Stage::usage, "--json and -o - cannot share standard output");
    }
    return {};
}

// What does not go together.
Result<> validate(const RecoverOptions& options) {
    const bool list = options.command == RecoverCommand::list;
    const bool scan = options.command == RecoverCommand::scan;
    if (options.paths.empty() && !list) {
        const bool test = options.command == RecoverCommand::selftest;
        return fail(Stage::usage, test   ? "test which folder?"
                                  : scan ? "scan which folder?"
                                         : "which file?");
    }
    if (options.quiet && options.verbose) return fail(Stage::usage, "-q or -v, not both");
    if (options.command == RecoverCommand::extract) return validateExtract(options);
    if (options.output.empty()) return {};
    for (const auto& [given, name] :
         {std::pair(options.inPlace, "--in-place"), std::pair(options.undo, "--undo")}) {
        if (!given) continue;
        return fail(Stage::usage,
                    fmt::format("{} works on FILE itself: it takes no --output", name));
    }
    return {};
}

CommandAnswer refusal(const std::string& text) {
    return {kRecoverUsage, fmt::format("{0}: {1}\nTry '{0} --help' for more.\n", kProgram, text)};
}

}  // namespace

Result<PcmFormat> parseAssumedFormat(const std::string& text) {
    const auto wrong = [&] {
        return fail(Stage::usage,
                    fmt::format("'{}' is no format; like 48000,2,S24 (S16, S24, S32, F32)", text));
    };
    const std::size_t first = text.find(',');
    const std::size_t second = text.find(',', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) return wrong();
    const auto number = [&text](std::size_t begin, std::size_t end, std::uint32_t& to) {
        const char* last = text.data() + end;
        const auto parsed = std::from_chars(text.data() + begin, last, to);
        return parsed.ec == std::errc() && parsed.ptr == last;
    };
    PcmFormat format;
    const auto type = parseSampleType(text.substr(second + 1));
    if (!type || !number(0, first, format.sampleRate) ||
        !number(first + 1, second, format.channels)) {
        return wrong();
    }
    format.sampleType = *type;
    if (auto valid = validate(format); !valid) return fail(Stage::usage, valid.error().text);
    return format;
}

std::variant<RecoverOptions, CommandAnswer> parseRecoverOptions(int argc, const char* const* argv) {
    static const std::map<std::string, ColorMode> colorModes = {
        {"auto", ColorMode::automatic}, {"always", ColorMode::always}, {"never", ColorMode::never}};
    RecoverOptions options;
    std::string color = "auto";
    CLI::App app(kAbout, kProgram);
    app.footer(kFooter + std::string(recoverExitText()));
    app.get_formatter()->column_width(22);
    // A path may begin with a slash on every platform.
    app.allow_windows_style_options(false);
    addOutputOptions(app, options, color);
    const Commands commands = addCommands(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {
        std::ostringstream text;
        app.exit(asked, text, text);
        return CommandAnswer{kRecoverSound, text.str()};
    } catch (const CLI::ParseError& error) {
        return refusal(error.what());
    }
    options.color = colorModes.at(color);
    if (*commands.repair) options.command = RecoverCommand::repair;
    if (*commands.extract) options.command = RecoverCommand::extract;
    if (*commands.scan) options.command = RecoverCommand::scan;
    if (*commands.list) options.command = RecoverCommand::list;
    if (*commands.selftest) options.command = RecoverCommand::selftest;
    if (auto valid = validate(options); !valid) return refusal(valid.error().text);
    return options;
}

}  // namespace holdfast
