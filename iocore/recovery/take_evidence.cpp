#include "iocore/recovery/take_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "iocore/base/path_text.h"
#include "iocore/recovery/original_view.h"
#include "iocore/recovery/undo_fit.h"

namespace holdfast {
namespace {

constexpr std::size_t kUnwrittenBytes = 64u << 10;  // a system may have given it room already

Result<std::unique_ptr<DiskFile>> openSystemRing(const std::string& path) {
    const SplitPath split = splitPath(path);
    auto folder = openFolder(split.folder);
    if (!folder) return fail(folder.error());
    return (*folder)->open(split.name, Access::read);
}

Result<DecodedHeader> readHeader(DiskFile& file) {
    HeaderImage image{};
    const auto got = file.readAt(0, image);
    if (!got) return fail(got.error());
    return decodeHeaderBlock(image);
}

// A lock that is only tried: closing the handle gives it back.
bool isLocked(DiskFolder& folder, const std::string& name) {
    if (name.empty()) return false;
    auto file = folder.open(name, Access::read);
    if (!file) return false;
    const auto locked = (*file)->tryLock();
    return locked.has_value() && !*locked;
}

class Gatherer {
  public:
    Gatherer(DiskFolder& folder, const ScanOptions& options) : folder_(folder), options_(options) {}

    Result<TakeEvidence> gather(const std::string& name);

  private:
    Result<> beginWithJournal(const std::string& name);
    Result<> openWav(const std::string& name);
    void findWavOfJournal();
    void findJournal();
    bool tryJournal(const std::string& name);
    bool belongs(const JournalEvidence& journal) const;
    Result<> applyUndo();
    void findRing();
    void tryRing(const std::string& path);
    std::string ringProblem(const RingSnapshot& ring) const;
    std::uint32_t partIndex() const;
    bool isOfAnotherFile(const RingSnapshot& ring) const;
    void judgeLife();

    DiskFolder& folder_;
    const ScanOptions& options_;
    TakeEvidence take_;
};

Result<TakeEvidence> Gatherer::gather(const std::string& name) {
    take_.name = name;
    if (name.ends_with(".journal") || name.ends_with(".undo")) {
        if (auto begun = beginWithJournal(name); !begun) return fail(begun.error());
    } else {
        if (auto opened = openWav(name); !opened) return fail(opened.error());
        findJournal();
    }
    if (auto applied = applyUndo(); !applied) return fail(applied.error());
    findRing();
    judgeLife();
    return std::move(take_);
}

Result<> Gatherer::beginWithJournal(const std::string& name) {
    auto file = folder_.open(name, Access::read);
    if (!file) return fail(file.error());
    if (isUnwrittenJournal(folder_, **file, name)) {
        take_.unwritten = std::move(*file);
        return {};
    }
    auto journal = readJournalEvidence(std::move(*file), name);
    if (!journal) {
        Error error = journal.error();
        error.text = fmt::format("{}: {}", name, error.text);
        return fail(std::move(error));
    }
    take_.journal = std::move(*journal);
    findWavOfJournal();
    return {};
}

Result<> Gatherer::openWav(const std::string& name) {
    auto file = folder_.open(name, Access::read);
    if (!file) return fail(file.error());
    const auto size = (*file)->size();
    if (!size) return fail(size.error());
    const auto header = readHeader(**file);
    if (!header) return fail(header.error());
    take_.wavName = name;
    take_.wav = std::move(*file);
    take_.fileBytes = *size;
    take_.header = take_.headerNow = *header;
    return {};
}

// By the names that the journal gives, then by take id.
void Gatherer::findWavOfJournal() {
    const TakeId& id = take_.journal->reading.header.takeId;
    const auto isIt = [&](const std::string& name, bool byNameAlone) {
        if (!folder_.exists(name) || !openWav(name)) return false;
        if (take_.header.state == SealState::sound ? take_.header.block.seal.takeId == id
                                                   : byNameAlone) {
            return true;
        }
        take_.wav.reset();
        take_.wavName.clear();
        take_.fileBytes = 0;
        take_.header = take_.headerNow = {};
        return false;
    };
    std::vector<std::string> names;
    if (take_.journal->start) names.push_back(take_.journal->start->wavName);
    names.push_back(take_.name.substr(0, take_.name.rfind('.')));
    for (const std::string& name : names) {
        if (isIt(name, true)) return;
        if (!name.ends_with(".wav")) continue;
        if (isIt(name.substr(0, name.size() - 4) + ".part.wav", true)) return;
    }
    const auto listed = folder_.list();
    if (!listed) return;
    for (const std::string& name : *listed) {
        if (!name.ends_with(".wav") || name.ends_with(".recovered.wav")) continue;
        if (isIt(name, false)) return;
    }
}

void Gatherer::findJournal() {
    if (tryJournal(journalNameOf(take_.wavName)) || tryJournal(undoNameOf(take_.wavName))) return;
    if (take_.header.state != SealState::sound) return;
    const auto listed = folder_.list();
    if (!listed) return;
    for (const std::string& name : *listed) {
        if (!name.ends_with(".journal") && !name.ends_with(".undo")) continue;
        auto file = folder_.open(name, Access::read);
        std::vector<std::byte> head(kJournalHeaderBytes);
        if (!file || (*file)->readAt(0, head).value_or(0) != head.size()) continue;
        const auto header = decodeJournalHeader(head);
        if (header && header->takeId == take_.header.block.seal.takeId && tryJournal(name)) return;
    }
}

bool Gatherer::tryJournal(const std::string& name) {
    if (!folder_.exists(name)) return false;
    auto file = folder_.open(name, Access::read);
    if (!file) {
        take_.notes.push_back(file.error().message());
        return false;
    }
    auto journal = readJournalEvidence(std::move(*file), name);
    if (!journal) {
        take_.notes.push_back(fmt::format("{} cannot be used: {}", name, journal.error().text));
        return false;
    }
    if (!belongs(*journal)) {
        take_.notes.push_back(fmt::format("{} is of another take and is ignored", name));
        return false;
    }
    take_.journal = std::move(*journal);
    return true;
}

// A header that cannot be read cannot contradict: the segments' checksums will.
bool Gatherer::belongs(const JournalEvidence& journal) const {
    return take_.header.state != SealState::sound ||
           take_.header.block.seal.takeId == journal.reading.header.takeId;
}

Result<> Gatherer::applyUndo() {
    if (!take_.wav || !take_.journal || !take_.journal->undo) return {};
    const auto fit = fitOfUndo(*take_.wav, *take_.journal);
    if (!fit) return fail(fit.error());
    if (*fit == UndoFit::repaired) return {};
    if (*fit == UndoFit::changed) {
        take_.staleUndoLog = take_.journal->name;
        take_.notes.push_back(fmt::format("{} is of an earlier state of {} and is ignored",
                                          take_.staleUndoLog, take_.wavName));
        take_.journal.reset();
        return {};
    }
    const UndoState& undo = *take_.journal->undo;
    take_.original = std::make_unique<OriginalView>(*take_.wav, *take_.journal->file, undo);
    take_.fileBytes = undo.fileBytes;
    const auto header = readHeader(*take_.original);
    if (!header) return fail(header.error());
    take_.header = *header;
    return {};
}

void Gatherer::findRing() {
    if (take_.journal && take_.journal->start) {
        if (!take_.journal->start->ringPath.empty()) tryRing(take_.journal->start->ringPath);
        return;
    }
    if (take_.header.state != SealState::sound) return;
    for (const std::string& folder : options_.ringFolders) {
        if (take_.ring) return;
        const HeaderSeal& seal = take_.header.block.seal;
        tryRing(joinPath(folder, seal.takeId.forPart(seal.partIndex).hex() + ".ring"));
    }
    take_.ringUnread = false;  // folders that were only looked into
}

void Gatherer::tryRing(const std::string& path) {
    auto file = options_.openRing ? options_.openRing(path) : openSystemRing(path);
    if (!file) {
        if (file.error().code == ENOENT) return;
        take_.notes.push_back(file.error().message());
        take_.ringUnread = true;
        return;
    }
    std::vector<std::byte> head(kRingAudioOffset);
    const auto size = (*file)->size();
    const auto got = (*file)->readAt(0, head);
    if (!size || !got) {
        take_.notes.emplace_back("the ring cannot be read");
        take_.ringUnread = true;
        return;
    }
    if (*got != head.size()) {
        take_.notes.emplace_back("the ring is cut short and is ignored");
        take_.ringIgnored = true;
        return;
    }
    auto snapshot = decodeRing(head, *size);
    // The session has gone on to another part, or not yet come to this one: all that this part
    // got of the ring is in its file.
    if (snapshot && snapshot->part != partIndex()) {
        take_.handedOn = ringProblem(*snapshot).empty() && snapshot->part > partIndex();
        return;
    }
    if (snapshot && isOfAnotherFile(*snapshot)) {
        take_.handedOn = true;
        return;
    }
    const std::string problem = snapshot ? ringProblem(*snapshot) : snapshot.error().text;
    if (!problem.empty()) {
        take_.ringIgnored = !snapshot;
        take_.notes.push_back(fmt::format("the ring is ignored: {}", problem));
        return;
    }
    take_.ring = RingEvidence{path, std::move(*file), std::move(*snapshot)};
}

// A part that could not be begun may leave its journal on a failing disk; the file that got its
// number instead, elsewhere, has the frames that the ring has given away since.
bool Gatherer::isOfAnotherFile(const RingSnapshot& ring) const {
    if (partIndex() == 1 || !take_.journal || !take_.journal->start) return false;
    const bool hasAudio = !take_.journal->segments.empty() || take_.fileBytes > kHeaderBlockBytes;
    return !hasAudio && ring.oldestFrame() > take_.journal->start->firstRingFrame;
}

std::uint32_t Gatherer::partIndex() const {
    if (take_.header.state == SealState::sound) return take_.header.block.seal.partIndex;
    return take_.journal ? take_.journal->reading.header.partIndex : 1;
}

// Empty: it counts.
std::string Gatherer::ringProblem(const RingSnapshot& ring) const {
    bool known = false;
    std::optional<PcmFormat> format;
    if (take_.header.state == SealState::sound) {
        const HeaderSeal& seal = take_.header.block.seal;
        known = seal.takeId.forPart(seal.partIndex) == ring.takeId;
        format = take_.header.block.format;
    }
    if (take_.journal) {
        // The parts of a session share one ring.
        known = known || ring.takeId == take_.journal->reading.header.sessionId;
        if (!format && take_.journal->start) format = take_.journal->start->format;
    }
    if (!known) return "it is of another take";
    if (ring.writer.bootId != currentBootId()) return "it is from before the last reboot";
    if (ring.use != RingUse::recording) return "it was only monitoring";
    if (format && (format->channels != ring.format.channels ||
                   format->sampleType != ring.format.sampleType)) {
        return "its format is another";
    }
    return "";
}

void Gatherer::judgeLife() {
    std::vector<ProcessIdentity> writers;
    if (take_.journal) writers.push_back(take_.journal->reading.header.writer);
    if (take_.ring) writers.push_back(take_.ring->snapshot.writer);
    if (!writers.empty()) take_.writerProcess = writers.front().processId;
    const bool closed = take_.journal && (take_.journal->resolved || take_.journal->undo);
    if (!options_.locksAreOurs && (isLocked(folder_, take_.wavName) ||
                                   (take_.journal && isLocked(folder_, take_.journal->name)))) {
        take_.live = true;
        take_.liveReason = "another program holds its lock";
        return;
    }
    if (options_.ignoreLivingProcess || closed) return;
    for (const ProcessIdentity& writer : writers) {
        // A take that failed in this very process may be repaired by it: the lock is free.
        if (!isAlive(writer) || writer == currentProcess()) continue;
        take_.live = true;
        take_.liveReason = fmt::format("process {} is recording it", writer.processId);
    }
}

}  // namespace

bool isCancelled(const Error& error) {
    return error.stage == Stage::recovery && error.code == ECANCELED;
}

bool bearsTakeId(std::span<const std::byte> block, const TakeId& takeId) {
    constexpr std::size_t kIdOffset = kSealOffset + 16;
    return block.size() >= kHeaderBlockBytes &&
           std::ranges::equal(block.subspan(kIdOffset, takeId.bytes.size()), takeId.bytes);
}

bool isUnwrittenJournal(DiskFolder& folder, DiskFile& file, const std::string& name) {
    if (!name.ends_with(".journal")) return false;
    const std::string wav = name.substr(0, name.rfind('.'));
    if (folder.exists(wav) || folder.exists(partNameOf(wav))) return false;
    std::vector<std::byte> bytes(kUnwrittenBytes);
    const auto got = file.readAt(0, bytes);
    return got && *got < bytes.size() &&
           std::all_of(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*got),
                       [](std::byte byte) { return byte == std::byte{0}; });
}

Result<TakeEvidence> gatherEvidence(DiskFolder& folder, const std::string& name,
                                    const ScanOptions& options) {
    return Gatherer(folder, options).gather(name);
}

}  // namespace holdfast
