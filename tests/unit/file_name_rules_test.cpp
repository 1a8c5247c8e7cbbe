// Names that Windows gives no file, judged on every platform.
#include "app/file_name_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast {
namespace {

bool says(const std::string& name, const std::string& part) {
    return windowsFileNameFault(name).find(part) != std::string::npos;
}

TEST(WindowsFileNames, OrdinaryNamesAreNotRefused) {
    for (const char* name :
         {"take.wav", "Take 2.1.wav", ".hidden.wav", "запись.wav", "録音🎙.wav", "100%.wav",
          "console.wav", "com10.wav", "COM0.wav", "lpt.wav", "aux-in.wav", "nul_.wav", "it's.wav",
          " con.wav", "a..wav", ".", ".."}) {
        EXPECT_EQ(windowsFileNameFault(name), "") << name;
    }
}

TEST(WindowsFileNames, CharactersAreRefusedWithTheirNameAndTheWayOut) {
    for (const char* bad : {"<", ">", ":", "\"", "|", "?", "*", "/", "\\"}) {
        const std::string name = std::string("a") + bad + "b.wav";
        EXPECT_TRUE(says(name, std::string("no '") + bad + "'")) << windowsFileNameFault(name);
        EXPECT_TRUE(says(name, "write 'a-b.wav'")) << windowsFileNameFault(name);
    }
    EXPECT_TRUE(says("a\tb.wav", R"(no '\x09')"));
    // Every one of them is replaced in the name that is proposed.
    EXPECT_TRUE(says("05:06:07?.wav", "write '05-06-07-.wav'"));
}

TEST(WindowsFileNames, DevicesAreRefusedWithAnyExtension) {
    for (const char* name : {"CON", "con.wav", "Prn.wav", "aux.tar.wav", "NUL .wav", "com1.wav",
                             "LPT9.wav", "COM\u00b2.wav", "conin$.wav", "CONOUT$"}) {
        EXPECT_TRUE(says(name, "is a device")) << name;
        EXPECT_TRUE(says(name, std::string("write '_") + name)) << name;
    }
}

TEST(WindowsFileNames, DotsAndBlanksAtTheEndAreRefused) {
    EXPECT_TRUE(says("takes.", "no '.' at the end"));
    EXPECT_TRUE(says("takes .", "write 'takes'"));
    EXPECT_TRUE(says("takes ", "no ' ' at the end"));
    EXPECT_TRUE(says("...", "write another"));
}

}  // namespace
}  // namespace holdfast
