#include "app/report_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/report_sample.h"

namespace holdfast {
namespace {

nlohmann::json parsed(const std::string& line) {
    EXPECT_FALSE(line.empty());
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    auto json = nlohmann::json::parse(line, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << line;
    EXPECT_EQ(json["v"], 1);
    EXPECT_EQ(json["t_ns"], 7);
    return json;
}

const ReportStamp kStamp{7, "a/take.wav", 4};

TEST(ReportJson, ReportSaysAllThatPeopleAreTold) {
    const auto json = parsed(checkJson(kStamp, sampleReport()));
    EXPECT_EQ(json["event"], "report");
    EXPECT_EQ(json["path"], "a/take.wav");
    EXPECT_EQ(json["exit"], 4);
    EXPECT_EQ(json["frame"], 480'000);
    EXPECT_EQ(json["verdict"], "unfinished");
    EXPECT_EQ(json["recoverable_frames"], 480'000);
    EXPECT_EQ(json["verified_frames"], 470'000);
    EXPECT_EQ(json["unverified_frames"], 10'000);
    EXPECT_EQ(json["ring_frames"], 48'000);
    EXPECT_EQ(json["safe_frames"], 432'000);
    EXPECT_EQ(json["dropped"][0]["bytes"], 1'024);
    EXPECT_EQ(json["gaps"][0],
              (nlohmann::json{
                  {"at", 48'000}, {"frames", 4'800}, {"filled", 4'800}, {"cause", "ring_full"}}));
    EXPECT_EQ(json["markers"][0]["text"], "intro");
    EXPECT_EQ(json["journal"], "a/take.wav.journal");
    EXPECT_EQ(json["file_format"]["rate"], 48'000);
    EXPECT_EQ(json["plan"][1]["source"], "ring");
    EXPECT_EQ(json["take_id"], std::string("abababababababababababababababab"));
}

TEST(ReportJson, WhatIsNotThereIsNull) {
    RecoveryReport report;
    report.reason = "it is empty";
    const auto json = parsed(checkJson(kStamp, report));
    EXPECT_TRUE(json["file_format"].is_null());
    EXPECT_TRUE(json["wav"].is_null());
    EXPECT_TRUE(json["journal"].is_null());
    EXPECT_TRUE(json["ring"].is_null());
    EXPECT_EQ(json["gaps"], nlohmann::json::array());
}

TEST(ReportJson, BytesThatAreNoTextAreMended) {
    RecoveryReport report = sampleReport();
    report.wavName = report.journalName = report.deviceName = report.ringPath = "\xff\n\"";
    report.reason = report.markers[0].text = report.dropped[0].reason = "\xc3(";
    report.notes = {"\x80"};
    ReportStamp stamp = kStamp;
    stamp.path = "\xfe/take.wav";
    EXPECT_EQ(parsed(checkJson(stamp, report))["markers"][0]["text"], "\xEF\xBF\xBD(");
    parsed(failureJson(stamp, {Stage::disk, 5, "\xff"}));
    parsed(undoJson(stamp, {true, "\xff", "\xff"}));
}

TEST(ReportJson, EachEventHasItsName) {
    EXPECT_EQ(parsed(foundJson(kStamp, sampleReport()))["event"], "found");
    const RepairPlan plan{.inPlace = true, .resultPath = "x", .undoPath = "y"};
    const auto planned = parsed(planJson(kStamp, sampleReport(), plan));
    EXPECT_EQ(planned["event"], "planned");
    EXPECT_EQ(planned["would_write"], true);
    EXPECT_EQ(planned["undo"], "y");
    EXPECT_EQ(parsed(planJson(kStamp, soundReport(), plan))["would_write"], false);
    const auto undone = parsed(undoJson(kStamp, {true, "take.wav", ""}));
    EXPECT_EQ(undone["event"], "undone");
    EXPECT_EQ(undone["wav"], "a/take.wav");
    EXPECT_TRUE(undone["journal"].is_null());
    const auto failure = parsed(failureJson(kStamp, {Stage::disk, 28, "full"}));
    EXPECT_EQ(failure["event"], "error");
    EXPECT_EQ(failure["stage"], "disk");
    EXPECT_EQ(failure["code"], 28);
}

TEST(ReportJson, RepairSaysItsOutcomeAndItsOwnDamage) {
    RepairDone done;
    done.result.outcome = RepairOutcome::alreadyRecovered;
    done.result.report = sampleReport();
    done.result.damageLeft = true;
    done.result.notes = {"the ring could not be removed"};
    done.resultPath = "a/take.recovered.wav";
    const auto json = parsed(repairJson(kStamp, done));
    EXPECT_EQ(json["event"], "repaired");
    EXPECT_EQ(json["outcome"], "already_recovered");
    EXPECT_EQ(json["result"], "a/take.recovered.wav");
    EXPECT_EQ(json["damage_left"], true);
    EXPECT_EQ(json["notes"][0], "the ring could not be removed");
}

}  // namespace
}  // namespace holdfast
