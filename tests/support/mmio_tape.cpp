#include "tests/support/mmio_tape.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>

namespace holdfast::mmio_conformance {
namespace {

Tape* tape = nullptr;  // of the running test: an IOProc has no other way to it

LRESULT answer(UINT message, LPARAM first, LPARAM second) {
    auto& content = tape->content;
    const auto position = static_cast<std::size_t>(tape->position);
    switch (message) {
        case MMIOM_READ: {
            const auto left = content.size() - std::min(position, content.size());
            const auto bytes = std::min(left, static_cast<std::size_t>(second));
            if (bytes > 0) {
                std::memcpy(reinterpret_cast<char*>(first), content.data() + position, bytes);
            }
            tape->position += static_cast<LRESULT>(bytes);
            return static_cast<LRESULT>(bytes);
        }
        case MMIOM_WRITE: {
            const auto bytes = static_cast<std::size_t>(second);
            if (content.size() < position + bytes) content.resize(position + bytes);
            std::memcpy(content.data() + position, reinterpret_cast<const char*>(first), bytes);
            tape->position += second;
            return second;
        }
        case MMIOM_SEEK:
            if (second == SEEK_SET) tape->position = first;
            if (second == SEEK_CUR) tape->position += first;
            if (second == SEEK_END) tape->position = static_cast<LRESULT>(content.size()) - first;
            return tape->position;
        default:
            return message >= MMIOM_USER ? first * 1000 + second : 0;
    }
}

}  // namespace

void Tape::failOn(UINT which, LRESULT wrong) {
    fault = [which, wrong](UINT message, LPARAM, LPARAM) {
        return message == which ? std::optional<LRESULT>(wrong) : std::nullopt;
    };
}

std::ptrdiff_t Tape::count(const std::string& message) const {
    return std::count_if(log.begin(), log.end(),
                         [&](const auto& m) { return m.starts_with(message); });
}

std::string describe(UINT message, LPARAM first, LPARAM second) {
    const auto number = [](LPARAM value) { return std::to_string(value); };
    switch (message) {
        case MMIOM_OPEN:
            return "OPEN";
        case MMIOM_CLOSE:
            return "CLOSE";
        case MMIOM_RENAME:
            return "RENAME";
        case MMIOM_READ:
            return "READ " + number(second);
        case MMIOM_WRITE:
            return "WRITE " + number(second);
        case MMIOM_WRITEFLUSH:
            return "WRITEFLUSH " + number(second);
        case MMIOM_SEEK:
            return "SEEK " + number(first) +
                   (second == SEEK_SET   ? ",SET"
                    : second == SEEK_CUR ? ",CUR"
                                         : ",END");
        default:
            return "USER+" + number(static_cast<LPARAM>(message) - MMIOM_USER) + " " +
                   number(first) + "," + number(second);
    }
}

LRESULT CALLBACK tapeProc(LPSTR rawInfo, UINT message, LPARAM first, LPARAM second) {
    auto& info = *reinterpret_cast<LPMMIOINFO>(rawInfo);
    tape->log.push_back(describe(message, first, second));
    if (message == MMIOM_OPEN || message == MMIOM_RENAME) {
        tape->atOpen = info;
        for (const LPARAM name : {first, message == MMIOM_RENAME ? second : 0}) {
            if (name != 0) tape->names.emplace_back(reinterpret_cast<const char*>(name));
        }
    }
    if (message == MMIOM_READ || message == MMIOM_WRITE) tape->lastBuffer = first;
    if (tape->fault) {
        if (const auto wrong = tape->fault(message, first, second)) return *wrong;
    }
    const LRESULT right = answer(message, first, second);
    info.lDiskOffset = static_cast<LONG>(tape->position);
    return right;
}

LRESULT CALLBACK otherProc(LPSTR, UINT, LPARAM, LPARAM) {
    return 0;
}

std::string counting(std::size_t bytes) {
    std::string text(bytes, '\0');
    for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i % 251);
    return text;
}

MmioConformance::MmioConformance() {
    tape = &tape_;
}

MmioConformance::~MmioConformance() {
    if (file_ != nullptr) mmioClose(file_, 0);
    while (mmioInstallIOProcW(kXyz, nullptr, MMIO_REMOVEPROC) != nullptr) {
    }
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
    tape = nullptr;
}

void MmioConformance::open(DWORD flags, LONG cchBuffer, HPSTR buffer) {
    MMIOINFO wanted{};
    wanted.pIOProc = tapeProc;
    wanted.cchBuffer = cchBuffer;
    wanted.pchBuffer = buffer;
    wanted.adwInfo[0] = 7;
    wanted.adwInfo[1] = 8;
    wanted.adwInfo[2] = 0xFFFFFFFF;
    file_ = openNamed(L"tape", wanted, flags);
    ASSERT_NE(file_, nullptr) << wanted.wErrorRet;
}

HMMIO MmioConformance::openNamed(std::wstring name, MMIOINFO& info, DWORD flags) {
    return mmioOpenW(name.data(), &info, flags);
}

MMRESULT MmioConformance::close() {
    const HMMIO closing = file_;
    file_ = nullptr;
    return mmioClose(closing, 0);
}

std::filesystem::path MmioConformance::freshPath(const std::string& name) {
    if (folder_.empty()) {
        folder_ = std::filesystem::temp_directory_path() /
                  ("hf" + std::to_string(std::random_device{}()));
        std::filesystem::create_directory(folder_);
    }
    return folder_ / name;
}

LONG MmioConformance::write(const std::string& bytes) {
    return mmioWrite(file_, bytes.data(), static_cast<LONG>(bytes.size()));
}

std::string MmioConformance::read(LONG bytes) {
    std::string into(static_cast<std::size_t>(bytes), '\0');
    const LONG got = mmioRead(file_, into.data(), bytes);
    if (got < 0) return "error";
    into.resize(static_cast<std::size_t>(got));
    return into;
}

LONG MmioConformance::tell() {
    return mmioSeek(file_, 0, SEEK_CUR);
}

MMIOINFO MmioConformance::info() {
    MMIOINFO now{};
    EXPECT_EQ(mmioGetInfo(file_, &now, 0), 0u);
    return now;
}

}  // namespace holdfast::mmio_conformance
