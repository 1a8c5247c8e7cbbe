#include "iocore/capture/device_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace holdfast {

namespace {

constexpr std::size_t kMostNamed = 5;

using Indices = std::vector<std::size_t>;

// ASCII only: other letters have no case that a locale would not change.
std::string lowerCase(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

// "id (name), id (name) and 3 more"; the name is left out where it says nothing new.
std::string listed(std::span<const DeviceName> devices, const Indices& which) {
    std::string text;
    for (std::size_t i = 0; i < std::min(which.size(), kMostNamed); ++i) {
        const DeviceName& device = devices[which[i]];
        text += i == 0 ? "" : ", ";
        text += device.name.empty() || device.name == device.id
                    ? device.id
                    : fmt::format("{} ({})", device.id, device.name);
    }
    if (which.size() > kMostNamed) text += fmt::format(" and {} more", which.size() - kMostNamed);
    return text;
}

template <typename Matches>
Indices those(std::span<const DeviceName> devices, const Matches& matches) {
    Indices found;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        if (matches(devices[i])) found.push_back(i);
    }
    return found;
}

Result<std::size_t> onlyOne(std::span<const DeviceName> devices, const Indices& found,
                            const std::string& wished) {
    if (found.size() == 1) return found.front();
    return fail(Stage::device,
                fmt::format("'{}' can mean several devices, choose one by its id: {}", wished,
                            listed(devices, found)));
}

}  // namespace

Result<std::size_t> chooseDevice(std::span<const DeviceName> devices, const std::string& wished) {
    if (devices.empty()) {
        return fail(Stage::device,
                    "there is no capture device: connect one, or record the built-in test signal "
                    "with --device synth:tone");
    }
    const Indices all = those(devices, [](const DeviceName&) { return true; });
    if (wished.empty()) {
        const Indices marked =
            those(devices, [](const DeviceName& device) { return device.isDefault; });
        if (!marked.empty()) return marked.front();
        return fail(Stage::device,
                    fmt::format("there is no default capture device: choose one with --device: {}",
                                listed(devices, all)));
    }
    const Indices byId =
        those(devices, [&wished](const DeviceName& device) { return device.id == wished; });
    if (!byId.empty()) return onlyOne(devices, byId, wished);
    const Indices byName =
        those(devices, [&wished](const DeviceName& device) { return device.name == wished; });
    if (!byName.empty()) return onlyOne(devices, byName, wished);
    const std::string part = lowerCase(wished);
    const Indices byPart = those(devices, [&part](const DeviceName& device) {
        return lowerCase(device.name).find(part) != std::string::npos ||
               lowerCase(device.id).find(part) != std::string::npos;
    });
    if (!byPart.empty()) return onlyOne(devices, byPart, wished);
    return fail(Stage::device,
                fmt::format("no capture device is called '{}'; there is: {} (all of them: "
                            "holdfast-capture --list-devices)",
                            wished, listed(devices, all)));
}

}  // namespace holdfast
