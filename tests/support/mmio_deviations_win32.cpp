// The system's winmm is judged. What is named as accepted was seen on Wine 8.0; Windows itself may
// do either.
#include "tests/support/mmio_deviations.h"

namespace holdfast::mmio_conformance {
namespace {

constexpr Deviation kOnWine[] = {
    // Buffered files.
    {"MmioConformance.BufferedFileGoesOnWhereItWasAfterAMessageThatMovedTheDisk",
     "goes on where the message left the disk", 1},
    {"MmioConformance.SeekFromTheEndCountsBackAndSeesWhatIsDirty",
     "the end is the disk's, without the dirty bytes", 3},
    {"MmioConformance.OverwriteInADirtyBufferKeepsWhatLiesBehind",
     "the buffer's bytes behind a write are lost", 2},
    {"MmioConformance.BufferedSeekRefusesWhatIsNoPosition", "the position overflows", 3},
    {"MmioConformance.ReadsAndWritesAlternateAsInAPlainFile",
     "a read behind a write misses what was read ahead", 13},
    // The buffer itself.
    {"MmioConformance.AdvanceBeforeTheEndOfTheBufferSkipsNothing",
     "the next buffer begins behind what was read ahead", 2},
    {"MmioConformance.AdvanceWithoutInfoMovesTheFilesOwn", "a page fault", kNeverReturns},
    {"MmioConformance.FailedAdvanceSaysWhatFailed", "a page fault", kNeverReturns},
    {"MmioConformance.BufferGoesAndComesWithoutMovingTheFile",
     "the disk stays behind what was read ahead", 3},
    {"MmioWrongPointer.AnotherBufferIsRefused", "taken, and the right one refused then", 1},
    // Files in memory: where the file ends is not kept.
    {"MmioMemory.CreateEndsTheFileAtTheBuffersStart", "what was written is not read again", 1},
    {"MmioMemory.FixedBlockTakesWhatFits", "begins again at the block's start; a page fault",
     kNeverReturns},
    {"MmioMemory.FileForReadingIsNotWritten", "is written", 2},
    {"MmioMemory.AllocatedFileGrowsBySteps", "does not grow", 3},
    {"MmioMemory.OwnBlockFromTheHeapGrowsAndStaysOurs",
     "does not grow; begins again at the block's start", 2},
    {"MmioMemory.FileOfNoBytesGrows", "does not grow", 2},
    {"MmioMemory.AdvanceExpandsAFullFile", "what was written is not read again", 1},
    {"MmioMemory.FlushKeepsTheBytesWhereTheyAre", "what was written is not read again", 1},
    {"MmioMemory.ChunksAreMadeAndFoundInMemory", "what was written is not found again", 1},
    // Names.
    {"MmioPlainFile.HoldsWhatWasWritten", "counts forward from the end", 2},
    {"MmioPlainFile.ReasonsOfARefusedOpenAreTold", "each reason is 257; no name is no error", 4},
    {"MmioPlainFile.SharingModesAreKept", "each reason is 257", 5},
    {"MmioPlainFile.ExistQualifiesTheName", "x\\.. stays in the name", 1},
    {"MmioPlainFile.ParseQualifiesTheName", "the name stays as it is", 2},
    {"MmioPlainFile.DeleteRemovesTheFile", "the file stays", 2},
};

}  // namespace

bool deviationsAreAccepted() {
    return true;
}

std::span<const Deviation> knownDeviations() {
    return kOnWine;
}

}  // namespace holdfast::mmio_conformance
