// What the self-test found, in words for people and as JSON for scripts. Pure functions.
//
//   {"v":1,"event":"selftest","t_ns":MONOTONIC,"frame":0,"path":…,"promises_hold":true,…,"exit":0}
#pragma once

#include <string>

#include "app/report_json.h"
#include "iocore/selftest/self_test.h"

namespace holdfast {

// Sound, or the bit for "damage left" where a promise cannot be held. [any thread]
int exitOfSelfTest(const SelfTestReport& report);

// `quiet`: one line, and only where a promise cannot be held. [any thread]
std::string selfTestText(const std::string& path, const SelfTestReport& report, bool quiet);
// One line with its line end; times in milliseconds. [any thread]
std::string selfTestJson(const ReportStamp& stamp, const SelfTestReport& report);

}  // namespace holdfast
