// What a WAV's audio is encoded as, in words, for the encodings that this program does not take.
//
// Tags: Microsoft's mmreg.h, RFC 2361.
#pragma once

#include <cstdint>
#include <string>

namespace holdfast {

// "A-law", "64-bit float", "MP3"; of a tag that nobody knows: the tag. [any thread]
std::string wavEncodingName(std::uint16_t tag, std::uint16_t bits);

}  // namespace holdfast
