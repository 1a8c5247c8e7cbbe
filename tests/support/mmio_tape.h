// Tape: an IOProc for tests of mmio that keeps the file in memory and writes down each message.
//
// Includes nothing of ours but mmio.h, so that the conformance tests judge our own layer and a
// system's from one source. Where the documentation and Wine's winmm differ, our layer must do as
// documented and a system's may do either; EXPECT_DOCUMENTED names such a row.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "iocore/mmio/mmio.h"

namespace holdfast::mmio_conformance {

#if __has_include(<mmsystem.h>)
inline constexpr bool kOwnLayer = false;
#else
inline constexpr bool kOwnLayer = true;
#endif

#define EXPECT_DOCUMENTED(row, actual, documented, wine)                  \
    do {                                                                  \
        const auto got = static_cast<std::int64_t>(actual);               \
        if (kOwnLayer || got != static_cast<std::int64_t>(wine)) {        \
            EXPECT_EQ(got, static_cast<std::int64_t>(documented)) << row; \
        }                                                                 \
    } while (false)

inline constexpr FOURCC kXyz = mmioFOURCC('X', 'Y', 'Z', ' ');
inline constexpr MMRESULT kInvalidHandle = 5;
inline constexpr MMRESULT kInvalidParameter = 11;
inline constexpr MMRESULT kFileNotFound = 257;
inline constexpr MMRESULT kCannotOpen = 259;
inline constexpr MMRESULT kCannotWrite = 262;
inline constexpr MMRESULT kCannotSeek = 263;

using Log = std::vector<std::string>;

// An IOProc that keeps the file in memory, writes down every message and can answer wrongly.
struct Tape {
    Log log;
    std::string content;
    LRESULT position = 0;
    MMIOINFO atOpen{};
    LPARAM lastBuffer = 0;
    // Answers in place of the tape where it returns a value.
    std::function<std::optional<LRESULT>(UINT, LPARAM, LPARAM)> fault;

    void failOn(UINT which) {
        fault = [which](UINT message, LPARAM, LPARAM) {
            return message == which ? std::optional<LRESULT>(-1) : std::nullopt;
        };
    }
};

inline Tape* tape = nullptr;  // of the running test: an IOProc has no other way to it

inline std::string describe(UINT message, LPARAM first, LPARAM second) {
    const auto number = [](LPARAM value) { return std::to_string(value); };
    switch (message) {
        case MMIOM_OPEN:
            return "OPEN";
        case MMIOM_CLOSE:
            return "CLOSE";
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

inline LRESULT CALLBACK tapeProc(LPSTR rawInfo, UINT message, LPARAM first, LPARAM second) {
    tape->log.push_back(describe(message, first, second));
    if (message == MMIOM_OPEN) std::memcpy(&tape->atOpen, rawInfo, sizeof(MMIOINFO));
    if (message == MMIOM_READ || message == MMIOM_WRITE) tape->lastBuffer = first;
    if (tape->fault) {
        if (const auto answer = tape->fault(message, first, second)) return *answer;
    }
    auto& content = tape->content;
    const auto position = static_cast<std::size_t>(tape->position);
    switch (message) {
        case MMIOM_READ: {
            const auto left = content.size() - std::min(position, content.size());
            const auto bytes = std::min(left, static_cast<std::size_t>(second));
            std::memcpy(reinterpret_cast<char*>(first), content.data() + position, bytes);
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

inline LRESULT CALLBACK otherProc(LPSTR, UINT, LPARAM, LPARAM) {
    return 0;
}

class MmioConformance : public testing::Test {
  protected:
    MmioConformance() { tape = &tape_; }
    ~MmioConformance() override {
        if (file_ != nullptr) mmioClose(file_, 0);
        while (mmioInstallIOProcW(kXyz, nullptr, MMIO_REMOVEPROC) != nullptr) {
        }
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
        tape = nullptr;
    }

    // Opens on the tape, with the three words in adwInfo.
    void open(DWORD flags = MMIO_READWRITE) {
        MMIOINFO info{};
        info.pIOProc = tapeProc;
        info.adwInfo[0] = 7;
        info.adwInfo[1] = 8;
        info.adwInfo[2] = 0xFFFFFFFF;
        wchar_t name[] = L"tape";
        file_ = mmioOpenW(name, &info, flags);
        ASSERT_NE(file_, nullptr);
    }

    HMMIO openNamed(std::wstring name, MMIOINFO& info, DWORD flags) {
        return mmioOpenW(name.data(), &info, flags);
    }

    std::filesystem::path freshPath() {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        path_ = std::filesystem::temp_directory_path() /
                (std::string("holdfast-mmio-") + test->name() +
                 std::to_string(reinterpret_cast<std::uintptr_t>(this)));
        return path_;
    }

    LONG write(const std::string& bytes) {
        return mmioWrite(file_, bytes.data(), static_cast<LONG>(bytes.size()));
    }

    Tape tape_;
    HMMIO file_ = nullptr;
    std::filesystem::path path_;
};

}  // namespace holdfast::mmio_conformance
