#include "iocore/capture/device_choice.h"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast {
namespace {

const std::vector<DeviceName> kDevices{
    {"{1}", "Microphone (USB Audio)", false},
    {"{2}", "Line In (USB Audio)", true},
    {"{3}", "Microphone (Webcam)", false},
    {"{4}", "Microphone (Webcam)", false},
    {"{44}", "Line In", false},
};

std::string errorOf(const std::vector<DeviceName>& devices, const std::string& wished) {
    const auto chosen = chooseDevice(devices, wished);
    EXPECT_FALSE(chosen) << wished << " chose " << *chosen;
    if (chosen) return {};
    EXPECT_EQ(chosen.error().stage, Stage::device);
    return chosen.error().text;
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(DeviceChoice, WholeIdComesBeforeNameAndPart) {
    EXPECT_EQ(chooseDevice(kDevices, "{1}"), 0U);
    // A part of another's id, and another's name.
    EXPECT_EQ(chooseDevice(kDevices, "{4}"), 3U);
    EXPECT_EQ(chooseDevice(std::vector<DeviceName>{{"a", "b", false}, {"b", "a", false}}, "a"), 0U);
}

TEST(DeviceChoice, WholeNameComesBeforePart) {
    EXPECT_EQ(chooseDevice(kDevices, "Line In"), 4U);
    EXPECT_EQ(chooseDevice(kDevices, "Microphone (USB Audio)"), 0U);
}

TEST(DeviceChoice, PartThatOneDeviceHasIsThatDeviceInAnyCase) {
    EXPECT_EQ(chooseDevice(kDevices, "line in (usb"), 1U);
    EXPECT_EQ(chooseDevice(kDevices, "44"), 4U);
}

TEST(DeviceChoice, NothingMeansTheDefaultDeviceAndNoOther) {
    EXPECT_EQ(chooseDevice(kDevices, ""), 1U);
    const std::string text = errorOf({{"{1}", "Microphone", false}}, "");
    EXPECT_TRUE(holds(text, "no default capture device")) << text;
    EXPECT_TRUE(holds(text, "{1} (Microphone)")) << text;
}

TEST(DeviceChoice, AmbiguousNameOrPartListsThoseThatItCouldBe) {
    std::string text = errorOf(kDevices, "Microphone (Webcam)");
    EXPECT_TRUE(holds(text, "by its id: {3} (Microphone (Webcam)), {4} (Microphone (Webcam))"))
        << text;
    text = errorOf(kDevices, "usb");
    EXPECT_TRUE(holds(text, "{1} (Microphone (USB Audio)), {2} (Line In (USB Audio))")) << text;
    EXPECT_FALSE(holds(text, "{3}")) << text;
}

TEST(DeviceChoice, UnknownNameListsWhatThereIs) {
    std::vector<DeviceName> many;
    for (int i = 0; i < 7; ++i) many.push_back({"id" + std::to_string(i), "", false});
    const std::string text = errorOf(many, "nothing like it");
    EXPECT_TRUE(holds(text, "'nothing like it'; there is: id0, id1, id2, id3, id4 and 2 more"))
        << text;
    EXPECT_TRUE(holds(text, "--list-devices"));
    EXPECT_TRUE(holds(errorOf({}, "x"), "synth:tone"));
}

}  // namespace
}  // namespace holdfast
