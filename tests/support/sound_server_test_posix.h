// SoundServerTest: a test that is run with each sound server that is installed.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "iocore/base/pcm_format.h"
#include "tests/support/pulse_daemon_posix.h"

namespace holdfast::test {

class SoundServerTest : public testing::TestWithParam<SoundServer> {
  protected:
    void SetUp() override {
        const std::string missing = missingPrograms(GetParam());
        if (!missing.empty()) GTEST_SKIP() << "not installed: " << missing;
    }
    // As the server shows a device that was made with `format`: PipeWire's are all float inside.
    [[nodiscard]] static PcmFormat shown(PcmFormat format) {
        if (isPipeWire()) format.sampleType = SampleType::F32;
        return format;
    }
    [[nodiscard]] static bool isPipeWire() { return GetParam() == SoundServer::pipeWire; }
};

inline auto soundServers() {
    return testing::Values(SoundServer::pulseAudio, SoundServer::pipeWire);
}
inline std::string soundServerParam(const testing::TestParamInfo<SoundServer>& server) {
    return soundServerName(server.param);
}

}  // namespace holdfast::test
