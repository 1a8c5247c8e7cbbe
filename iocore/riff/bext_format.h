// The `bext` chunk of a Broadcast Wave file: what the user says, what can be known, the bytes.
//
// Version 1 of EBU Tech 3285: with a UMID, without loudness. Where the chunk stands, and what it
// says in each part of a recording: FORMAT.md, section 2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "iocore/base/local_time.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"

namespace holdfast {

// The whole payload, CodingHistory included, is never longer: libsndfile reads none of 10 KiB and
// more.
inline constexpr std::size_t kMaxBextBytes = 10'000;
// Everything before CodingHistory.
inline constexpr std::size_t kBextFixedBytes = 602;

// As the user gave them, checked; what is not there is filled in, or stays empty.
struct BextFields {
    std::optional<std::string> description = {};
    std::optional<std::string> originator = {};
    std::optional<std::string> originatorReference = {};
    std::optional<std::string> originationDate = {};  // yyyy-mm-dd, with any separator of the EBU's
    std::optional<std::string> originationTime = {};  // hh:mm:ss, the same
    std::optional<std::uint64_t> timeReference = {};  // frames
    std::optional<std::vector<std::byte>> umid = {};  // 32 (basic) or 64 bytes (extended)
    std::optional<std::string> codingHistory = {};    // lines that end in CR LF
};

// "KEY=VALUE"; keys in any case of letters. Errors: Stage::usage, naming the key and what is
// known or allowed: unknown key, key given twice, value that its field cannot hold.
Result<> setBextField(BextFields& fields, const std::string& assignment);

// What all parts of one recording share.
struct BextInfo {
    BextFields given;
    LocalTime startedAt;  // of the recording's first frame
};

// The payload for the part that begins `firstFrame` frames into the recording: date, time and
// TimeReference are moved on by them. Not given: Originator is "Holdfast", date and time are those
// of the start, TimeReference counts from that day's midnight, CodingHistory tells the format.
std::vector<std::byte> encodeBext(const BextInfo& info, const PcmFormat& format,
                                  std::uint64_t firstFrame);

}  // namespace holdfast
