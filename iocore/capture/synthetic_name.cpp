#include "iocore/capture/synthetic_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace holdfast {

namespace {

constexpr std::string_view kGrammar =
    "synth:ramp, synth:tone or synth:noise, then ? and parts joined by &: seed=N (noise only), "
    "gap@FRAME=N, unplug@FRAME, back@MS (behind its unplug@), stall@FRAME=MS, error@open";

std::optional<std::uint64_t> parseNumber(std::string_view text) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, status] = std::from_chars(text.data(), end, number);
    if (status != std::errc{} || stopped != end) return std::nullopt;
    return number;
}

std::optional<SyntheticKind> parseKind(std::string_view text) {
    if (text == "ramp") return SyntheticKind::ramp;
    if (text == "tone") return SyntheticKind::tone;
    if (text == "noise") return SyntheticKind::noise;
    return std::nullopt;
}

// "gap@FRAME=N" and its like.
std::optional<ClockedFault> parseFault(std::string_view part) {
    const std::size_t at = part.find('@');
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view kind = part.substr(0, at);
    std::string_view where = part.substr(at + 1);
    ClockedFault fault;
    if (kind == "unplug") {
        fault.kind = ClockedFault::Kind::unplug;
    } else if (kind == "gap" || kind == "stall") {
        fault.kind = kind == "gap" ? ClockedFault::Kind::gap : ClockedFault::Kind::stall;
        const std::size_t equals = where.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const auto amount = parseNumber(where.substr(equals + 1));
        if (!amount) return std::nullopt;
        fault.amount = *amount;
        where = where.substr(0, equals);
    } else {
        return std::nullopt;
    }
    const auto frame = parseNumber(where);
    if (!frame) return std::nullopt;
    fault.atFrame = *frame;
    return fault;
}

bool parseBack(std::string_view milliseconds, SyntheticName& name) {
    const auto number = parseNumber(milliseconds);
    if (!number || name.faults.empty()) return false;
    ClockedFault& unplug = name.faults.back();
    if (unplug.kind != ClockedFault::Kind::unplug || unplug.comesBack) return false;
    unplug.comesBack = true;
    unplug.amount = *number;
    return true;
}

bool parsePart(std::string_view part, SyntheticName& name) {
    constexpr std::string_view kSeed = "seed=";
    constexpr std::string_view kBack = "back@";
    if (part == "error@open") {
        name.failsToOpen = true;
        return true;
    }
    if (part.starts_with(kSeed)) {
        const auto seed = parseNumber(part.substr(kSeed.size()));
        if (!seed || name.kind != SyntheticKind::noise) return false;
        name.seed = *seed;
        return true;
    }
    if (part.starts_with(kBack)) return parseBack(part.substr(kBack.size()), name);
    const auto fault = parseFault(part);
    if (!fault) return false;
    name.faults.push_back(*fault);
    return true;
}

}  // namespace

Result<SyntheticName> parseSyntheticName(std::string_view device) {
    const auto malformed = [device](std::string_view part) {
        return fail(Stage::usage, fmt::format("device '{}': '{}' is not understood; use {}", device,
                                              part, kGrammar));
    };
    std::string_view rest = device;
    if (rest.starts_with(kSyntheticPrefix)) rest.remove_prefix(kSyntheticPrefix.size());
    const std::size_t question = rest.find('?');
    const std::string_view kindText = rest.substr(0, question);
    const auto kind = parseKind(kindText);
    if (!kind) return malformed(kindText);

    SyntheticName name;
    name.kind = *kind;
    while (question != std::string_view::npos) {
        rest = rest.substr(rest.find_first_of("?&") + 1);
        const std::string_view part = rest.substr(0, rest.find('&'));
        if (!parsePart(part, name)) return malformed(part);
        if (part.size() == rest.size()) break;
    }
    std::stable_sort(
        name.faults.begin(), name.faults.end(),
        [](const ClockedFault& a, const ClockedFault& b) { return a.atFrame < b.atFrame; });
    return name;
}

}  // namespace holdfast
