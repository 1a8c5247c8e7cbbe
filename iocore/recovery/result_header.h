// encodeResultHeader: the header block of a result, as RF64 where RIFF's 32 bits do not do.
//
// The same 512 bytes as a take's: the JUNK chunk is `ds64` then (EBU Tech 3306).
#pragma once

#include "iocore/riff/riff_format.h"

namespace holdfast {

// Any size.
HeaderImage encodeResultHeader(const HeaderBlock& block);

}  // namespace holdfast
