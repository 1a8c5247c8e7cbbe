// Tape: an IOProc for tests of mmio that keeps the file in memory and writes down each message.
//
// Includes nothing of the code under test but mmio.h, so that the conformance tests judge our own
// layer and a system's from one source.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "iocore/mmio/mmio.h"
#include "tests/support/mmio_deviations.h"

namespace holdfast::mmio_conformance {

inline constexpr FOURCC kXyz = mmioFOURCC('X', 'Y', 'Z', ' ');
inline constexpr FOURCC kWave = mmioFOURCC('W', 'A', 'V', 'E');
inline constexpr FOURCC kFmt = mmioFOURCC('f', 'm', 't', ' ');
inline constexpr FOURCC kData = mmioFOURCC('d', 'a', 't', 'a');

using Log = std::vector<std::string>;

// An IOProc as documented (it maintains lDiskOffset), that can answer wrongly.
struct Tape {
    Log log;
    std::string content;
    LRESULT position = 0;
    MMIOINFO atOpen{};
    LPARAM lastBuffer = 0;
    std::vector<std::string> names;  // told by OPEN and RENAME
    // Answers in place of the tape where it returns a value.
    std::function<std::optional<LRESULT>(UINT, LPARAM, LPARAM)> fault;

    void failOn(UINT which, LRESULT answer = -1);
    // How often a message that begins so was sent.
    [[nodiscard]] std::ptrdiff_t count(const std::string& message) const;
};

// "OPEN", "WRITE 8", "SEEK 0,CUR", "USER+7 1,2".
std::string describe(UINT message, LPARAM first, LPARAM second);

LRESULT CALLBACK tapeProc(LPSTR rawInfo, UINT message, LPARAM first, LPARAM second);
// Answers everything with 0.
LRESULT CALLBACK otherProc(LPSTR rawInfo, UINT message, LPARAM first, LPARAM second);

// Bytes 0, 1, 2, …, none of them equal to a near one.
std::string counting(std::size_t bytes);

class MmioConformance : public testing::Test {
  protected:
    MmioConformance();
    // Closes the file, removes IOProcs under kXyz and the files of freshPath().
    ~MmioConformance() override;
    void TearDown() override { deviation_.judge(); }

    // Opens on the tape, with 7, 8 and 0xFFFFFFFF in adwInfo.
    void open(DWORD flags = MMIO_READWRITE, LONG cchBuffer = 0, HPSTR buffer = nullptr);
    static HMMIO openNamed(std::wstring name, MMIOINFO& info, DWORD flags);
    MMRESULT close();
    // A name of this test's own, in a folder of this test's own.
    std::filesystem::path freshPath(const std::string& name = "file");

    LONG write(const std::string& bytes);
    // What mmioRead gave: shorter at the end; "error" for -1.
    std::string read(LONG bytes);
    LONG tell();
    MMIOINFO info();

    DeviationWatch deviation_;
    Tape tape_;
    HMMIO file_ = nullptr;
    std::filesystem::path folder_;
};

}  // namespace holdfast::mmio_conformance
