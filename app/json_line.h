// What every JSON line of the programs begins and ends with.
//
//   {"v":1,"event":"gap","t_ns":MONOTONIC,"frame":POSITION_IN_THE_FILE,…}
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/event_stamp.h"
#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"

namespace holdfast {

// Fields stay in the order in which they were set.
using Json = nlohmann::ordered_json;

Json opening(const char* event, const EventStamp& stamp);
Json formatJson(const PcmFormat& format);
// Sets stage, code and text.
void setError(Json& json, const Error& error);
// With its line end; text that is no UTF-8 is mended (U+FFFD).
std::string lineOf(const Json& json);

}  // namespace holdfast
