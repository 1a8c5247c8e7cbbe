#include "app/report_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/recover_exit.h"
#include "iocore/base/shell_quoted.h"
#include "tests/support/report_sample.h"

namespace holdfast {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t linesOf(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(ReportText, SoundFileIsOneLine) {
    const std::string text = checkText("a/take.wav", soundReport(), {});
    EXPECT_EQ(text, "a/take.wav: sound, 0:00:01.0 (48000 frames)\n");
    EXPECT_EQ(checkText("a/take.wav", soundReport(), {.quiet = true}), "");
}

TEST(ReportText, TellsWhatIsSureWhatIsNotAndWhatIsGone) {
    const std::string text = checkText("a/take.wav", sampleReport(), {});
    EXPECT_THAT(text, HasSubstr("a/take.wav: unfinished; all of it can be recovered\n"));
    EXPECT_THAT(text, HasSubstr("recoverable  0:00:10.0  480000 frames\n"));
    EXPECT_THAT(text, HasSubstr("verified   0:00:09.7  470000 frames, by checksum; 48000 of them "
                                "not yet in the file\n"));
    EXPECT_THAT(text, HasSubstr("unverified 0:00:00.2  10000 frames"));
    EXPECT_THAT(text, HasSubstr("dropped      1024 bytes (0:00:00.0): zeros behind"));
    EXPECT_THAT(text, HasSubstr("last safe    0:00:09.0  432000 frames\n"));
    EXPECT_THAT(text, HasSubstr("0:00:05.0  intro\n"));
}

TEST(ReportText, PausesAreNotCalledMissing) {
    const std::string text = checkText("take.wav", sampleReport(), {});
    EXPECT_THAT(text, HasSubstr("gaps         2, 4800 frames missing\n"));
    EXPECT_THAT(text,
                HasSubstr("0:00:01.0  4800 frames missing (ring_full), filled with silence\n"));
    EXPECT_THAT(text, HasSubstr("0:00:02.0  9600 frames not recorded (paused)\n"));
}

TEST(ReportText, NextCommandCanBeCopied) {
    EXPECT_THAT(checkText("it's.wav", sampleReport(), {}),
                HasSubstr("holdfast-recover repair --in-place " + shellQuoted("it's.wav")));
    EXPECT_THAT(checkText("-v.wav", sampleReport(), {}),
                HasSubstr("--in-place " + shellQuoted("./-v.wav")));
    RecoveryReport foreign = sampleReport();
    foreign.ours = false;
    EXPECT_THAT(checkText("f.wav", foreign, {}),
                HasSubstr("recover repair " + shellQuoted("f.wav")));
    RecoveryReport orphan = sampleReport();
    orphan.wavName.clear();
    EXPECT_THAT(checkText("f.wav.journal", orphan, {}), Not(HasSubstr("--in-place")));
}

TEST(ReportText, NamesAndMarksAreShownAndNeverObeyed) {
    RecoveryReport report = sampleReport();
    report.markers[0].text = "\x1b[2J";
    report.deviceName = "\x07";
    report.reason = report.dropped[0].reason = report.ringPath = "\x1b]0;";
    report.notes = {"\x1b[1m"};
    report.journalName = "\x1b.journal";
    for (const Verdict verdict : {Verdict::unfinished, Verdict::damaged, Verdict::live,
                                  Verdict::leftover, Verdict::rewritten, Verdict::unusable}) {
        report.verdict = verdict;
        const std::string text = checkText("\x1b.wav", report, {.verbose = true});
        EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
        EXPECT_EQ(text.find('\x07'), std::string::npos) << text;
    }
    EXPECT_EQ(errorText("\x1b.wav", {Stage::disk, 2, "\x1b.wav: gone"}), "\\x1b.wav: gone\n");
}

TEST(ReportText, ColorIsOnlyTheVerdict) {
    const std::string text = checkText("take.wav", sampleReport(), {.color = true});
    EXPECT_EQ(std::count(text.begin(), text.end(), '\x1b'), 2);
    EXPECT_EQ(checkText("take.wav", sampleReport(), {}).find('\x1b'), std::string::npos);
}

TEST(ReportText, LongListsAreCutAndSaySo) {
    RecoveryReport report = sampleReport();
    report.markers.assign(100, {1, "m"});
    EXPECT_THAT(checkText("take.wav", report, {}), HasSubstr("and 92 more (-v lists all)"));
    EXPECT_GE(linesOf(checkText("take.wav", report, {.verbose = true})), 100U);
    EXPECT_EQ(linesOf(checkText("take.wav", report, {.quiet = true})), 1U);
}

TEST(ReportText, EachVerdictHasAWayOn) {
    RecoveryReport report = sampleReport();
    const auto textOf = [&](Verdict verdict) {
        report.verdict = verdict;
        return checkText("take.wav", report, {});
    };
    EXPECT_THAT(textOf(Verdict::damaged), HasSubstr("next         holdfast-recover repair"));
    EXPECT_THAT(textOf(Verdict::live), HasSubstr("stop the recorder"));
    EXPECT_THAT(textOf(Verdict::leftover), HasSubstr("can be deleted"));
    EXPECT_THAT(textOf(Verdict::rewritten), HasSubstr("take.wav.journal is of no more use"));
    EXPECT_THAT(textOf(Verdict::unusable), HasSubstr("left as it is"));
    EXPECT_THAT(textOf(Verdict::unusable), Not(HasSubstr("recoverable  ")));
}

TEST(ReportText, DryRunSaysWhatWouldBeWritten) {
    const RecoveryReport report = sampleReport();
    RepairPlan copy{.resultPath = "a/take.recovered.wav", .bytes = 2'880'512, .freeBytes = 5'000};
    const std::string text = planText("a/take.wav", report, copy, {});
    EXPECT_THAT(text, HasSubstr("would write  a/take.recovered.wav, 2.9 MB (5000 bytes free)\n"));
    EXPECT_THAT(text, HasSubstr("not enough room"));
    EXPECT_THAT(text, HasSubstr("then remove  a/take.wav.journal and its ring\n"));
    EXPECT_THAT(text, HasSubstr("nothing was written"));
    RepairPlan inPlace{.inPlace = true,
                       .resultPath = "a/take.wav",
                       .audioBytes = audioToWrite(report, true),
                       .undoPath = "a/take.wav.undo"};
    EXPECT_THAT(planText("a/take.wav", report, inPlace, {}),
                HasSubstr("a/take.wav, in place: its header, 288.0 kB of audio, its marks\n"));
}

TEST(ReportText, QuickFindPromisesNothing) {
    const std::string text = foundText("a/take.wav", sampleReport(), {});
    EXPECT_THAT(text, HasSubstr("a/take.wav: unfinished\n"));
    EXPECT_THAT(text, HasSubstr("recoverable  0:00:10.0, 2 gaps, last safe 0:00:09.0\n"));
    EXPECT_THAT(text, HasSubstr("repair --in-place " + shellQuoted("a/take.wav") + "\n"));
}

TEST(ReportText, RepairSaysWhereTheResultIsAndHowToTakeItBack) {
    RepairDone done;
    done.result.outcome = RepairOutcome::recovered;
    done.result.report = sampleReport();
    done.result.resultName = "take.recovered.wav";
    done.resultPath = "a/take.recovered.wav";
    EXPECT_THAT(repairText("a/take.wav", done, {}),
                HasSubstr("a/take.wav: recovered as a/take.recovered.wav, 0:00:10.0 (480000 "
                          "frames), read back and verified\n"));
    done.inPlace = true;
    done.result.resultName = "take.wav";
    done.resultPath = "a/take.wav";
    EXPECT_THAT(repairText("a/take.part.wav", done, {}),
                HasSubstr("take back    holdfast-recover repair --undo " +
                          shellQuoted("a/take.wav") + "\n"));
    done.result.damageLeft = true;
    EXPECT_THAT(repairText("a/take.wav", done, {.quiet = true}), HasSubstr("damage is left\n"));
    done.result.damageLeft = false;
    done.result.outcome = RepairOutcome::alreadyRecovered;
    EXPECT_EQ(repairText("a/take.wav", done, {.quiet = true}), "");
}

TEST(RecoverExit, FollowsFsck) {
    RecoveryReport report = sampleReport();
    const auto exitOf = [&](Verdict verdict) {
        report.verdict = verdict;
        return exitOfCheck(report);
    };
    EXPECT_EQ(exitOf(Verdict::sound), 0);
    EXPECT_EQ(exitOf(Verdict::unfinished), 4);
    EXPECT_EQ(exitOf(Verdict::damaged), 4);
    EXPECT_EQ(exitOf(Verdict::leftover), 4);
    EXPECT_EQ(exitOf(Verdict::live), 8);
    EXPECT_EQ(exitOf(Verdict::unusable), 8);
    RepairResult result;
    for (const auto outcome : {RepairOutcome::recovered, RepairOutcome::alreadyRecovered}) {
        result.outcome = outcome;
        result.damageLeft = false;
        EXPECT_EQ(exitOfRepair(result), 1);
        result.damageLeft = true;
        EXPECT_EQ(exitOfRepair(result), 4);
    }
    EXPECT_EQ(exitOfError({Stage::recovery, ECANCELED, ""}), 32);
    EXPECT_EQ(exitOfError({Stage::disk, ENOSPC, ""}), 8);
    EXPECT_EQ(exitOfError({Stage::usage, 0, ""}), 16);
}

}  // namespace
}  // namespace holdfast
