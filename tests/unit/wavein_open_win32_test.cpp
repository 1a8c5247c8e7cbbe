// Which device is opened, in which format, and what is said of it.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "iocore/capture/wavein_devices.h"
#include "iocore/capture/wavein_open.h"
#include "tests/support/fake_wavein_win32.h"

namespace holdfast {
namespace {

using test::FakeWaveIn;

constexpr PcmFormat kStereo16{48'000, 2, SampleType::S16, 0x3};

std::shared_ptr<FakeWaveIn> driverWith(std::optional<PcmFormat> format) {
    auto driver = std::make_shared<FakeWaveIn>();
    const std::optional<EndpointFacts> facts =
        EndpointFacts{"Microphone (The Name In Full)", format};
    driver->devices = {{L"Line In", L"{line}", EndpointFacts{"Line In", kStereo16}, 2, {}},
                       {L"Microphone (The Name I", L"{mic}", facts, 2, {}}};
    driver->defaultId = L"{mic}";
    return driver;
}

Result<OpenedWaveIn> open(const std::shared_ptr<FakeWaveIn>& driver,
                          const CaptureRequest& request = {}) {
    auto opened = openWaveIn(driver, request, std::nullopt);
    if (opened) opened->stream->close();
    return opened;
}

std::string textOf(const Result<OpenedWaveIn>& opened) {
    return opened ? "it was opened" : opened.error().text;
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(WaveInDevices, AreKnownByTheirEndpointsIdAndFullName) {
    const auto driver = driverWith(PcmFormat{44'100, 1, SampleType::F32, 0x4});
    const auto devices = listWaveInDevices(*driver);
    ASSERT_EQ(devices.size(), 2U);
    EXPECT_EQ(devices[1].id, "{mic}");
    EXPECT_EQ(devices[1].name, "Microphone (The Name In Full)");
    EXPECT_EQ(devices[1].format, (PcmFormat{44'100, 1, SampleType::F32, 0x4}));
    EXPECT_TRUE(devices[1].isDefault);
    EXPECT_FALSE(devices[0].isDefault);
}

TEST(WaveInDevices, DriverWithoutEndpointsHasNumbersAndItsOwnNames) {
    FakeWaveIn driver;
    driver.devices = {{L"Mikrofon \u00e4", L"", {}, 1, {}},
                      {std::wstring(40, L'x'), L"", {}, 2, {}}};
    const auto devices = listWaveInDevices(driver);
    ASSERT_EQ(devices.size(), 2U);
    EXPECT_EQ(devices[0].id, "wavein:0");
    EXPECT_EQ(devices[0].name, "Mikrofon \xc3\xa4");
    EXPECT_EQ(devices[1].id, "wavein:1");
    EXPECT_EQ(devices[1].name, std::string(31, 'x'));
    EXPECT_FALSE(devices[0].format);
    EXPECT_TRUE(devices[0].isDefault);
}

TEST(WaveInOpen, TheDefaultDeviceIsOpenedAndNamed) {
    const auto driver = driverWith(kStereo16);
    const auto opened = open(driver);
    ASSERT_TRUE(opened) << textOf(opened);
    EXPECT_EQ(opened->grant.id, "{mic}");
    EXPECT_EQ(opened->grant.name, "Microphone (The Name In Full)");
    EXPECT_EQ(opened->grant.format, (PcmFormat{48'000, 2, SampleType::S24, 0x3}));
    EXPECT_EQ(opened->grant.deviceFormat, kStereo16);
    EXPECT_FALSE(opened->grant.converted);
    EXPECT_TRUE(opened->grant.paced);
    EXPECT_EQ(opened->grant.fragmentFrames, 5'461U);
    EXPECT_EQ(driver->openedFormat().Format.wFormatTag, WAVE_FORMAT_EXTENSIBLE);
    EXPECT_EQ(driver->openedFormat().Format.wBitsPerSample, 24);
    EXPECT_FALSE(driver->isOpen());
    EXPECT_EQ(driver->preparedHeaders(), 0U);
}

TEST(WaveInOpen, DriverThatRefusesATypeIsAskedForTheNextThatLosesNothing) {
    const auto driver = driverWith(kStereo16);
    driver->devices[1].accepts = [](const WAVEFORMATEX& format) -> MMRESULT {
        return format.wBitsPerSample == 24 ? WAVERR_BADFORMAT : MMSYSERR_NOERROR;
    };
    EXPECT_EQ(open(driver)->grant.format.sampleType, SampleType::S32);
    driver->devices[1].accepts = [](const WAVEFORMATEX& format) -> MMRESULT {
        return format.wFormatTag == WAVE_FORMAT_PCM ? MMSYSERR_NOERROR : WAVERR_BADFORMAT;
    };
    const auto plain = open(driver);
    EXPECT_EQ(plain->grant.format.sampleType, SampleType::S16);
    EXPECT_FALSE(plain->grant.converted);
}

TEST(WaveInOpen, NothingThatLosesIsTakenUnasked) {
    const auto driver = driverWith(PcmFormat{48'000, 2, SampleType::F32, 0x3});
    driver->devices[1].accepts = [](const WAVEFORMATEX& format) -> MMRESULT {
        return format.wFormatTag == WAVE_FORMAT_PCM ? MMSYSERR_NOERROR : WAVERR_BADFORMAT;
    };
    const auto refused = open(driver);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().stage, Stage::device);
    EXPECT_EQ(refused.error().code, static_cast<int>(WAVERR_BADFORMAT));
    EXPECT_TRUE(holds(textOf(refused), "--format")) << textOf(refused);
    CaptureRequest request;
    request.sampleType = SampleType::S16;
    const auto asked = open(driver, request);
    ASSERT_TRUE(asked) << textOf(asked);
    EXPECT_TRUE(asked->grant.converted);
}

TEST(WaveInOpen, WhatIsAskedForIsOpenedOrRefusedAndNeverReplaced) {
    const auto driver = driverWith(kStereo16);
    driver->devices[1].accepts = [](const WAVEFORMATEX& format) -> MMRESULT {
        return format.nSamplesPerSec == 48'000 ? MMSYSERR_NOERROR : WAVERR_BADFORMAT;
    };
    CaptureRequest request;
    request.sampleRate = 96'000;
    const auto refused = open(driver, request);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(holds(textOf(refused), "its own is 48000 Hz, 2 channels, S16")) << textOf(refused);
    request.sampleRate.reset();
    request.channels = 1;
    const auto mono = open(driver, request);
    ASSERT_TRUE(mono) << textOf(mono);
    EXPECT_EQ(mono->grant.format.channelMask, 0x4U);
    EXPECT_TRUE(mono->grant.converted);
    request.channels = 65;
    EXPECT_EQ(open(driver, request).error().stage, Stage::format);
}

TEST(WaveInOpen, DeviceThatIsInUseIsSaidAndNotTriedInOtherTypes) {
    const auto driver = driverWith(kStereo16);
    driver->fail(FakeWaveIn::Call::open, MMSYSERR_ALLOCATED);
    const auto refused = open(driver);
    EXPECT_TRUE(holds(textOf(refused), "another program has it")) << textOf(refused);
    EXPECT_EQ(driver->calls().size(), 1U);
}

TEST(WaveInOpen, NumberThatBecameAnotherDevicesIsNoticed) {
    const auto driver = driverWith(kStereo16);
    driver->devices[1].accepts = [&](const WAVEFORMATEX&) -> MMRESULT {
        driver->devices[1].id = L"{another}";
        return MMSYSERR_NOERROR;
    };
    const auto refused = open(driver);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(holds(textOf(refused), "devices changed")) << textOf(refused);
    EXPECT_FALSE(driver->isOpen());
}

TEST(WaveInOpen, HeadersThatCannotBePreparedLeaveNothingOpen) {
    const auto driver = driverWith(kStereo16);
    driver->fail(FakeWaveIn::Call::prepare, MMSYSERR_NOMEM);
    const auto refused = open(driver);
    EXPECT_TRUE(holds(textOf(refused), "memory")) << textOf(refused);
    EXPECT_FALSE(driver->isOpen());
}

TEST(WaveInOpen, UnknownOwnFormatIsGuessedAndWhatOpensIsTakenForIt) {
    const auto driver = driverWith(std::nullopt);
    const auto opened = open(driver);
    ASSERT_TRUE(opened) << textOf(opened);
    EXPECT_EQ(opened->grant.format, (PcmFormat{48'000, 2, SampleType::S24, 0x3}));
    EXPECT_EQ(opened->grant.deviceFormat, opened->grant.format);
}

TEST(WaveInOpen, LostDeviceIsLookedForByItsWholeIdOnly) {
    const auto driver = driverWith(kStereo16);
    CaptureRequest request;
    request.device = "{mic";
    EXPECT_EQ(open(driver, request)->grant.id, "{mic}");
    request.lost = LostDevice{};
    EXPECT_EQ(textOf(open(driver, request)), "{mic is not there");
    request.device = "{mic}";
    EXPECT_TRUE(open(driver, request));
}

TEST(WaveInOpen, NoDeviceSaysWhatToDo) {
    const auto refused = open(std::make_shared<FakeWaveIn>());
    EXPECT_TRUE(holds(textOf(refused), "synth:tone")) << textOf(refused);
}

}  // namespace
}  // namespace holdfast
