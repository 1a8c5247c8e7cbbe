#include "app/capture_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <sstream>

#include "app/byte_size.h"
#include "app/exit_status.h"
#include "app/start_condition.h"
#include "app/stop_signal.h"
#include "iocore/base/duration.h"
#include "iocore/base/shell_quoted.h"

namespace holdfast {
namespace {

constexpr const char* kProgram = "holdfast-capture";
constexpr std::uint64_t kMaxRingMs = 3'600'000;
constexpr std::uint64_t kMinRingMs = 100;
constexpr std::uint64_t kMinSplitMs = 1'000;
constexpr std::uint64_t kMinSplitBytes = 64u << 10;

constexpr const char* kFooter = R"(
FILE
  none           YYYY-MM-DD_HH-MM-SS.wav in Music/Recordings
  a folder       the same name in it
  a name         strftime escapes (%H-%M) are expanded, .wav is added

Examples:
  holdfast-capture interview.wav
  holdfast-capture -D synth:tone -d 10 test.wav
  holdfast-capture -l
  holdfast-capture -c 1 -f S16 -d 1h30m --mkdir {example}

Keys of --bext, in any case, each once: Description, Originator [Holdfast],
  OriginatorReference, OriginationDate (YYYY-MM-DD) and OriginationTime
  (HH:MM:SS) [local time of the start], TimeReference (frames) [since midnight],
  UMID (64 or 128 hexadecimal digits), CodingHistory [the format]. ASCII only. In
  later files date, time and TimeReference are moved on.

Built-in devices: synth:tone, synth:noise, synth:ramp (every sample is its frame's number),
  file:PATH (any file that libsndfile reads).
Keys:    q stop   space pause   m marker   n new file   ? help
--control takes one command a line, of this user only: marker [TEXT], split, pause,
  resume, stop, status. Each is answered by a line when it is done, a marker when it is
  on the disk: ok, error WHY, or for status the event of --json.
--on-file-closed: the shell runs CMD with the file's path in HOLDFAST_FILE (and as "$1")
  when the file is finished and verified; again, 5 s to 10 min apart, until it ends with
  0. What is left at the end is done by the next recording into the folder.
With --preroll, --trigger or --start-at nothing is written before the start: a sound, the
  time, and in any case r, space or n, or USR1. The take begins --preroll earlier, and
  --duration counts from there.
)";

// Texts that need more than a type: turned into options after the parse.
struct RawTexts {
    std::string duration;
    std::string ring;
    std::string preroll;
    std::string trigger;
    std::string startAt;
    std::string keep;
    std::string minFree = "64M";
    std::string splitTime;
    std::string splitSize;
    std::string sampleFormat;
    std::string channelMap;
    std::string gaps = "fill";
    std::string onLost = "stop";
    std::string fileType = "auto";
    std::vector<std::string> bext;
    std::string meter = "auto";
    std::string color = "auto";
    std::string speed;
};

void addDeviceOptions(CLI::App& app, CaptureOptions& options, RawTexts& raw) {
    const char* group = "Device and format";
    const auto add = [&](CLI::Option* option) { return option->group(group); };
    add(app.add_option("-D,--device", options.capture.device,
                       "Id or name from -l, or a part [the system's default]"))
        ->type_name("NAME");
    add(app.add_flag("-l,--list-devices", options.listDevices,
                     "List the devices; with --json as JSON"));
    add(app.add_option("-r,--rate", options.capture.sampleRate,
                       "Frames a second, 8000 to 384000 [the device's]"))
        ->type_name("HZ")
        ->check(CLI::Range(kMinSampleRate, kMaxSampleRate).description(""));
    add(app.add_option("-c,--channels", options.capture.channels, "1 to 64 [the device's]"))
        ->type_name("N")
        ->check(CLI::Range(1U, kMaxChannels).description(""));
    add(app.add_option("-f,--format", raw.sampleFormat,
                       "S16, S24 (packed), S32 or F32\n[S24, or the nearest that loses nothing]"))
        ->type_name("FORMAT")
        ->transform(CLI::IsMember({"S16", "S24", "S32", "F32"}, CLI::ignore_case).description(""));
    add(app.add_option("--channel-map", raw.channelMap,
                       "Record these channels of the device alone, in this\norder: 3,4 [all]"))
        ->type_name("LIST");
    add(app.add_option("--speed", raw.speed,
                       "synth: and file: devices run as fast as the path\ntakes them"))
        ->type_name("max")
        ->check(CLI::IsMember({"max"}).description(""));
}

void addTakeOptions(CLI::App& app, CaptureOptions& options, RawTexts& raw) {
    const char* group = "Recording";
    const auto add = [&](CLI::Option* option) { return option->group(group); };
    app.add_option("FILE", options.file, "Where to record; see below")->type_name(" ");
    add(app.add_option("-d,--duration", raw.duration,
                       "Stop after so much audio: 90, 1h30m, 00:10:00, 250ms"))
        ->type_name("TIME");
    add(app.add_option(
            "--preroll", raw.preroll,
            "Wait for the start (a key, USR1; --trigger, --start-at),\nand begin so much "
            "before it: 10s"))
        ->type_name("TIME");
    add(app.add_option(
            "--trigger", raw.trigger,
            "Wait for a sound of at least DBFS, and end its file HOLD\nafter the last one; "
            "the next sound begins the next\nfile: -40,3s. Not with --start-at"))
        ->type_name("DBFS,HOLD");
    add(app.add_option("--start-at", raw.startAt,
                       "Wait until then: 20:15, 20:15:30, 2030-12-31T20:15"))
        ->type_name("TIME");
    add(app.add_flag("--overwrite", options.overwrite,
                     "Replace FILE once the new take's first commit is done"));
    add(app.add_flag("--mkdir", options.makeFolders, "Make missing folders"));
    add(app.add_option(
            "--split-time", raw.splitTime,
            "Go on in NAME-002.wav, … after so much audio each,\nwithout losing a frame"))
        ->type_name("TIME");
    add(app.add_option("--split-size", raw.splitSize, "The same by the size of the file"))
        ->type_name("BYTES");
    add(app.add_option("--gaps", raw.gaps,
                       "Where the device loses audio: mark it, fill it with\nsilence, or stop "
                       "[fill]"))
        ->type_name("MODE")
        ->check(CLI::IsMember({"mark", "fill", "stop"}).description(""));
    add(app.add_option("--on-lost", raw.onLost,
                       "When the device is lost: stop; wait for it; fallback:\nthe same, but go on "
                       "with the system's default device\nif it is not there [stop]"))
        ->type_name("MODE")
        ->check(CLI::IsMember({"stop", "wait", "fallback"}).description(""));
    add(app.add_option(
            "--file-type", raw.fileType,
            "auto: WAV, and RF64 above 4 GiB; wav: a new file\nbelow 4 GiB; rf64 from the "
            "start [auto]"))
        ->type_name("TYPE")
        ->check(CLI::IsMember({"auto", "wav", "rf64"}).description(""));
    add(app.add_option("--bext", raw.bext,
                       "Broadcast Wave (EBU Tech 3285): set a field, fill in\nthe others that can "
                       "be known; see below"))
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
}

void addSafetyOptions(CLI::App& app, CaptureOptions& options, RawTexts& raw) {
    const char* group = "Safety";
    const auto add = [&](CLI::Option* option) { return option->group(group); };
    add(app.add_option("--commit-ms", options.commitMs,
                       "A power cut loses no more than about this [250]"))
        ->type_name("N")
        ->check(CLI::Range(10U, 60'000U).description(""));
    add(app.add_option("--ring", raw.ring,
                       "The disk may stand still so long at no cost\n[30 s, at most 256 MiB]"))
        ->type_name("TIME");
    add(app.add_option("--min-free", raw.minFree,
                       "Finish before less is left on the disk: 500M, 2G [64M]"))
        ->type_name("BYTES");
    add(app.add_option("--spill", options.spillFolder,
                       "Go on in this folder, best on another disk, when the\nfirst is full, fails "
                       "or does not answer"))
        ->type_name("DIR");
    add(app.add_option(
            "--mirror", options.mirrorFolder,
            "A second copy at once in this folder, best on another\ndisk; either goes on "
            "when the other fails"))
        ->type_name("DIR");
    add(app.add_flag("--sha256", options.sha256,
                     "FILE.sha256 beside each finished file, for\nsha256sum -c"));
}

void addServiceOptions(CLI::App& app, CaptureOptions& options, RawTexts& raw) {
    const char* group = "Unattended";
    const auto add = [&](CLI::Option* option) { return option->group(group); };
    add(app.add_option("--control", options.controlPath,
                       "Take commands at this local socket (on Windows: named\npipe); see below"))
        ->type_name("PATH");
    add(app.add_flag("--resume", options.resume,
                     "When the same command was killed, or the computer went\ndown: repair its "
                     "recording and go on in its next part"));
    add(app.add_option("--on-file-closed", options.onFileClosed,
                       "Run this for each finished file; see below"))
        ->type_name("CMD");
    add(app.add_option("--keep", raw.keep,
                       "Remove the oldest finished files that were recorded\ninto the folder "
                       "with --keep: keep 24, 7d or 50G"))
        ->type_name("MOST");
    add(app.add_option("--metrics", options.metricsPath,
                       "Keep the figures in FILE, as Prometheus text"))
        ->type_name("FILE");
}

void addOutputOptions(CLI::App& app, CaptureOptions& options, RawTexts& raw) {
    const char* group = "Output";
    const auto add = [&](CLI::Option* option) { return option->group(group); };
    add(app.add_flag("--json", options.json, "Events on stdout, one JSON object a line"));
    add(app.add_option("--events-fd", options.eventsFd, "Events on this descriptor"))
        ->type_name("N")
        ->check(CLI::Range(0, 65'535).description(""));
    add(app.add_option("-V,--meter", raw.meter, "Levels: auto, none or peak [auto]"))
        ->type_name("MODE")
        ->check(CLI::IsMember({"auto", "none", "peak"}).description(""));
    add(app.add_flag("-q,--quiet", options.quiet, "Only warnings and errors"));
    add(app.add_flag("-v,--verbose", options.verbose, "Tell more"));
    add(app.add_option("--color", raw.color, "auto, always or never [auto]"))
        ->type_name("WHEN")
        ->check(CLI::IsMember({"auto", "always", "never"}).description(""));
    app.allow_config_extras(CLI::config_extras_mode::error);
    add(app.set_config("--config", "", "Read options from FILE: lines of name=value"))
        ->type_name("FILE");
    app.set_version_flag("--version", std::string(kProgram) + " " HOLDFAST_VERSION,
                         "Show the version")
        ->group(group);
    app.set_help_flag("-h,--help", "Show this help")->group(group);
}

Result<std::uint64_t> timeOption(const char* name, const std::string& text) {
    auto ms = parseDuration(text);
    if (!ms) return fail(Stage::usage, fmt::format("{}: {}", name, ms.error().text));
    if (*ms == 0) return fail(Stage::usage, fmt::format("{}: must be more than nothing", name));
    return *ms;
}

Result<> applyTimes(CaptureOptions& options, const RawTexts& raw) {
    if (!raw.duration.empty()) {
        const auto ms = timeOption("--duration", raw.duration);
        if (!ms) return fail(ms.error());
        options.durationMs = *ms;
    }
    if (!raw.splitTime.empty()) {
        const auto ms = timeOption("--split-time", raw.splitTime);
        if (!ms) return fail(ms.error());
        if (*ms < kMinSplitMs) return fail(Stage::usage, "--split-time: must be at least 1s");
        options.splitMs = *ms;
    }
    if (!raw.preroll.empty()) {
        const auto ms = timeOption("--preroll", raw.preroll);
        if (!ms) return fail(ms.error());
        if (options.durationMs && *ms >= *options.durationMs) {
            return fail(Stage::usage, "--preroll: must be shorter than --duration");
        }
        options.prerollMs = *ms;
    }
    if (raw.ring.empty()) return {};
    const auto ms = timeOption("--ring", raw.ring);
    if (!ms) return fail(ms.error());
    if (*ms < kMinRingMs || *ms > kMaxRingMs) {
        return fail(Stage::usage, "--ring: must be 100ms to 1h");
    }
    options.ringMs = static_cast<std::uint32_t>(*ms);
    return {};
}

Result<> applyStart(CaptureOptions& options, const RawTexts& raw) {
    if (!raw.trigger.empty() && !raw.startAt.empty()) {
        return fail(Stage::usage, "--trigger and --start-at: only one of them");
    }
    if (!raw.trigger.empty()) {
        const auto trigger = parseTrigger(raw.trigger);
        if (!trigger) return fail(Stage::usage, "--trigger: " + trigger.error().text);
        options.trigger = *trigger;
    }
    if (!raw.startAt.empty()) {
        const auto at = parseStartTime(raw.startAt, std::chrono::system_clock::now());
        if (!at) return fail(Stage::usage, "--start-at: " + at.error().text);
        options.startAt = *at;
    }
    if (options.trigger || options.startAt) options.prerollMs = options.prerollMs.value_or(0);
    return {};
}

Result<> applyKeep(CaptureOptions& options, const RawTexts& raw) {
    if (raw.keep.empty()) return {};
    const auto retention = parseRetention(raw.keep);
    if (!retention) return fail(Stage::usage, "--keep: " + retention.error().text);
    options.retention = *retention;
    return {};
}

Result<> applyChannels(CaptureOptions& options, const RawTexts& raw) {
    if (raw.channelMap.empty()) return {};
    auto map = parseChannelMap(raw.channelMap);
    if (!map) return fail(Stage::usage, "--channel-map: " + map.error().text);
    if (options.capture.channels && *options.capture.channels != map->size()) {
        return fail(Stage::usage, fmt::format("--channel-map names {} channels, --channels {}",
                                              map->size(), *options.capture.channels));
    }
    options.capture.channels.reset();
    options.capture.channelMap = std::move(*map);
    return {};
}

Result<> applySizes(CaptureOptions& options, const RawTexts& raw) {
    const auto bytes = parseByteSize(raw.minFree);
    if (!bytes) return fail(Stage::usage, "--min-free: " + bytes.error().text);
    options.minFreeBytes = *bytes;
    if (raw.splitSize.empty()) return {};
    const auto split = parseByteSize(raw.splitSize);
    if (!split) return fail(Stage::usage, "--split-size: " + split.error().text);
    if (*split < kMinSplitBytes) return fail(Stage::usage, "--split-size: must be at least 64K");
    options.splitBytes = *split;
    return {};
}

Result<> applyBext(CaptureOptions& options, const RawTexts& raw) {
    if (raw.bext.empty()) return {};
    options.bext.emplace();
    for (const std::string& assignment : raw.bext) {
        if (auto set = setBextField(*options.bext, assignment); !set) return set;
    }
    return {};
}

Result<> apply(CaptureOptions& options, const RawTexts& raw) {
    static const std::map<std::string, GapMode> gapModes = {
        {"mark", GapMode::mark}, {"fill", GapMode::fill}, {"stop", GapMode::stop}};
    static const std::map<std::string, MeterMode> meterModes = {
        {"auto", MeterMode::automatic}, {"none", MeterMode::none}, {"peak", MeterMode::peak}};
    static const std::map<std::string, ColorMode> colorModes = {
        {"auto", ColorMode::automatic}, {"always", ColorMode::always}, {"never", ColorMode::never}};
    static const std::map<std::string, FileType> fileTypes = {
        {"auto", FileType::autoPromote}, {"wav", FileType::wav}, {"rf64", FileType::rf64}};
    static const std::map<std::string, OnLost> onLost = {
        {"stop", OnLost::stop}, {"wait", OnLost::wait}, {"fallback", OnLost::fallback}};
    options.gapMode = gapModes.at(raw.gaps);
    options.onLost = onLost.at(raw.onLost);
    options.fileType = fileTypes.at(raw.fileType);
    options.meter = meterModes.at(raw.meter);
    options.color = colorModes.at(raw.color);
    if (!raw.sampleFormat.empty()) {
        const auto type = parseSampleType(raw.sampleFormat);
        if (!type) return fail(type.error());
        options.capture.sampleType = *type;
    }
    options.capture.maxSpeed = !raw.speed.empty();
    const std::string& device = options.capture.device;
    if (options.capture.maxSpeed && !device.starts_with("synth:") && !device.starts_with("file:")) {
        return fail(Stage::usage,
                    "--speed max: only synth: and file: devices can run faster than time");
    }
    return applyTimes(options, raw)
        .and_then([&] { return applyStart(options, raw); })
        .and_then([&] { return applyKeep(options, raw); })
        .and_then([&] { return applyChannels(options, raw); })
        .and_then([&] { return applySizes(options, raw); })
        .and_then([&] { return applyBext(options, raw); });
}

std::string footer() {
    return fmt::format(kFooter, fmt::arg("example", shellQuoted("lectures/%Y-%m-%d"))) +
           std::string(StopSignal::help()) + "\n" + std::string(captureExitText());
}

CommandAnswer refusal(const std::string& text) {
    return {kExitUsage, fmt::format("{0}: {1}\nTry '{0} --help' for more.\n", kProgram, text)};
}

}  // namespace

std::variant<CaptureOptions, CommandAnswer> parseCaptureOptions(int argc, const char* const* argv) {
    CaptureOptions options;
    RawTexts raw;
    CLI::App app("Record audio so that a crash or a power cut costs next to nothing.", kProgram);
    app.footer(footer());
    app.get_formatter()->column_width(26);
    // A path may begin with a slash on every platform.
    app.allow_windows_style_options(false);
    addDeviceOptions(app, options, raw);
    addTakeOptions(app, options, raw);
    addSafetyOptions(app, options, raw);
    addServiceOptions(app, options, raw);
    addOutputOptions(app, options, raw);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {
        std::ostringstream text;
        app.exit(asked, text, text);
        return CommandAnswer{kExitComplete, text.str()};
    } catch (const CLI::ParseError& error) {
        return refusal(error.what());
    }
    if (auto applied = apply(options, raw); !applied) return refusal(applied.error().text);
    return options;
}

}  // namespace holdfast
