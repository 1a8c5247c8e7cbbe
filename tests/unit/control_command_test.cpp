#include "app/control_command.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using Verb = ControlCommand::Verb;

TEST(ControlCommand, EachWordIsKnown) {
    EXPECT_EQ(parseControlCommand("split")->verb, Verb::split);
    EXPECT_EQ(parseControlCommand("pause")->verb, Verb::pause);
    EXPECT_EQ(parseControlCommand("resume")->verb, Verb::resume);
    EXPECT_EQ(parseControlCommand("stop")->verb, Verb::stop);
    EXPECT_EQ(parseControlCommand(" status \r")->verb, Verb::status);
    EXPECT_EQ(parseControlCommand("marker")->verb, Verb::marker);
}

TEST(ControlCommand, MarkerHasTheTextBehindIt) {
    EXPECT_EQ(parseControlCommand("marker Second half, 2:1 \r")->text, "Second half, 2:1");
    EXPECT_EQ(parseControlCommand("marker")->text, "");
    EXPECT_EQ(parseControlCommand("marker g\xC3\xB6l")->text, "g\xC3\xB6l");
}

// It goes into files and onto terminals.
TEST(ControlCommand, TextOfAMarkerIsPrintable) {
    const std::string line("marker a\x1B[2J\0b\xFF", 15);
    EXPECT_EQ(parseControlCommand(line)->text, R"(a\x1b[2J\x00b\xff)");
}

TEST(ControlCommand, WhatIsNoCommandIsRefusedByName) {
    EXPECT_NE(parseControlCommand("record").error().text.find("'record'"), std::string::npos);
    EXPECT_FALSE(parseControlCommand("").has_value());
    EXPECT_FALSE(parseControlCommand("STOP").has_value());
    EXPECT_NE(parseControlCommand("stop now").error().text.find("nothing behind it"),
              std::string::npos);
}

}  // namespace
}  // namespace holdfast
