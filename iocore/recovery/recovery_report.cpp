#include "iocore/recovery/recovery_report.h"

namespace holdfast {
namespace {

constexpr std::string_view kPart = ".part.wav";
constexpr std::string_view kWav = ".wav";

bool endsWith(const std::string& name, std::string_view suffix) {
    return name.size() > suffix.size() && name.ends_with(suffix);
}

}  // namespace

std::string_view verdictName(Verdict verdict) {
    switch (verdict) {
        case Verdict::sound:
            return "sound";
        case Verdict::unfinished:
            return "unfinished";
        case Verdict::damaged:
            return "damaged";
        case Verdict::live:
            return "live";
        case Verdict::leftover:
            return "leftover";
        case Verdict::rewritten:
            return "rewritten";
        case Verdict::unusable:
            return "unusable";
    }
    return "unknown";
}

std::string partNameOf(const std::string& name) {
    const std::size_t stem = name.ends_with(".wav") ? name.size() - 4 : std::string::npos;
    return stem == std::string::npos ? name : name.substr(0, stem) + std::string(kPart);
}

std::string finalNameOf(const std::string& name) {
    if (!endsWith(name, kPart)) return name;
    return name.substr(0, name.size() - kPart.size()) + std::string(kWav);
}

std::string recoveredNameOf(const std::string& name) {
    const std::string final = finalNameOf(name);
    return final.substr(0, final.size() - wavEndingOf(final).size()) + ".recovered.wav";
}

std::string wavEndingOf(const std::string& name) {
    std::string lower = name;
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    for (std::string_view ending : {".wav", ".wave", ".bwf", ".rf64", ".bw64", ".w64"}) {
        if (endsWith(lower, ending)) return name.substr(name.size() - ending.size());
    }
    return "";
}

std::string journalNameOf(const std::string& name) {
    return finalNameOf(name) + ".journal";
}

std::string undoNameOf(const std::string& name) {
    return finalNameOf(name) + ".undo";
}

}  // namespace holdfast
