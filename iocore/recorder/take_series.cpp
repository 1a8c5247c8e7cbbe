#include "iocore/recorder/take_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "iocore/base/path_text.h"

namespace holdfast {
namespace {

constexpr int kNamesToTry = 1000;
constexpr int kPartsAtOnce = 16;
// Header block and trailing chunks.
constexpr std::uint64_t kBesideAudioBytes = kHeaderBlockBytes + kTrailerReserveBytes;

}  // namespace

TakeSeries::TakeSeries(std::shared_ptr<DiskFolder> folder, SpscRing& ring,
                       SpscRing::Consumer consumer, SeriesOptions options, SeriesObserver observer)
    : folder_(std::move(folder)),
      ring_(ring),
      consumer_(std::move(consumer)),
      options_(std::move(options)),
      observer_(std::move(observer)),
      parts_(options_.past.parts + 1),
      partsBegun_(parts_) {
    before_.frames = options_.past.frames;
    take_ = makePart(*folder_, firstNames(options_.first.names.final), firstOrigin(), parts_);
}

TakeNames TakeSeries::firstNames(const std::string& wavName, int attempt) const {
    return TakeNames::ofPart(wavName, options_.past.parts + 1, attempt);
}

TakeOrigin TakeSeries::firstOrigin() const {
    TakeOrigin origin;
    origin.fileFrame = options_.past.frames;
    origin.previousPart = options_.past.lastPath;
    return origin;
}

TakeSeries::~TakeSeries() = default;

std::unique_ptr<TakeWriter> TakeSeries::makePart(DiskFolder& folder, const TakeNames& names,
                                                 const TakeOrigin& origin, std::uint32_t index) {
    TakeOptions part = options_.first;
    part.names = names;
    part.origin = origin;
    part.partIndex = index;
    part.ringLimit = ringLimit_;
    if (index > 1) part.existing = Existing::refuse;
    if (index > options_.past.parts + 1) part.startedEarlierNs = startedEarlierNs_;
    if (part.maxFrames) *part.maxFrames -= std::min(*part.maxFrames, origin.fileFrame);
    part.isLastByFrames = part.maxFrames.has_value();
    if (options_.splitFrames && *options_.splitFrames < part.maxFrames.value_or(UINT64_MAX)) {
        part.maxFrames = options_.splitFrames;
        part.isLastByFrames = false;
    }
    if (options_.splitBytes > 0) {
        part.maxDataBytes = std::min(part.maxDataBytes, options_.splitBytes);
    }
    // A file system that cannot hold an RF64 (FAT) gets parts below its limit instead.
    const std::uint64_t longest = folder.maxFileBytes();
    if (longest <= kMaxRiffDataBytes + kBesideAudioBytes) part.growth.fileType = FileType::wav;
    if (longest > kBesideAudioBytes) {
        part.maxDataBytes = std::min(part.maxDataBytes, longest - kBesideAudioBytes);
    }
    part.continues = options_.splitFrames || options_.splitBytes > 0 || options_.splitAtSizeLimit;
    part.isRelieved = canSpill();
    return std::make_unique<TakeWriter>(folder, consumer_, std::move(part),
                                        partObserver(origin.fileFrame));
}

TakeObserver TakeSeries::partObserver(std::uint64_t firstFrame) const {
    TakeObserver observer;
    observer.error = observer_.take.error;
    if (!observer_.take.gap) return observer;
    observer.gap = [tell = observer_.take.gap, firstFrame](GapRecord gap) {
        gap.fileFrame += firstFrame;
        tell(gap);
    };
    return observer;
}

Result<> TakeSeries::begin() {
    auto begun = take_->begin();
    if (!begun) return begun;
    giveRingTo(parts_);
    if (observer_.begun) observer_.begun(presentId(), journalPath());
    return begun;
}

Result<> TakeSeries::beginLate() {
    const std::string wished = options_.first.names.final;
    Error error;
    for (int attempt = 1; attempt < kNamesToTry; ++attempt) {
        const TakeNames names = firstNames(wished, attempt);
        const Existing existing = attempt > 1 ? Existing::refuse : options_.first.existing;
        if (auto free = checkNamesAreFree(*folder_, names, existing); !free) {
            error = free.error();
            continue;
        }
        // Later parts have that name too.
        if (options_.past.parts == 0) options_.first.names = names;
        take_ = makePart(*folder_, names, firstOrigin(), parts_);
        auto begun = begin();
        if (begun || isLeft_) return begun;
        error = begun.error();
        if (error.code != EEXIST) break;
    }
    if (spill(PartReason::diskFailure)) return {};
    return fail(std::move(error));
}

// The part's journal is durable: what is in the ring is a recording's, and this part's.
void TakeSeries::giveRingTo(std::uint32_t part) {
    ring_.setPart(part);
    ring_.setUse(RingUse::recording);
}

// One commit, and as many more as parts are full: what waits may be worth several.
Result<> TakeSeries::commit() {
    lookAfterClosed({});
    for (int part = 0; part < kPartsAtOnce; ++part) {
        auto done = take_->commit();
        if (!done) return afterFailure(done.error());
        if (take_->committedFrames() > 0) lastPath_ = presentPath();
        const auto reason = reasonToSplit();
        if (!reason) break;
        if (auto split = splitNow(*reason); !split) return split;
    }
    if (wantsToStop_ == StopReason::none && !reasonToSplit()) wantsToStop_ = take_->wantsToStop();
    return {};
}

std::optional<PartReason> TakeSeries::reasonToSplit() const {
    if (take_->writtenFrames() == 0) return std::nullopt;
    if (take_->wantsToStop() == StopReason::none) {
        return splitAsked_ ? std::optional(PartReason::asked) : std::nullopt;
    }
    if (isLastPart(take_->wantsToStop())) return std::nullopt;
    return take_->wantsToStop() == StopReason::duration ? PartReason::time : PartReason::size;
}

// The recording itself is at its end, or may not go on.
bool TakeSeries::isLastPart(StopReason wish) const {
    switch (wish) {
        case StopReason::duration:
            return !options_.splitFrames ||
                   (options_.first.maxFrames && writtenFrames() >= *options_.first.maxFrames);
        case StopReason::sizeLimit:
            return options_.splitBytes == 0 && !options_.splitAtSizeLimit;
        default:
            return true;
    }
}

Result<TakeSeries::Part> TakeSeries::beginNext(std::shared_ptr<DiskFolder> folder,
                                               const TakeOrigin& origin) {
    Error error;
    const std::uint32_t index = partsBegun_ = parts_ + 1;
    for (int attempt = 1; attempt < kNamesToTry; ++attempt) {
        const TakeNames names = TakeNames::ofPart(options_.first.names.final, index, attempt);
        if (auto free = checkNamesAreFree(*folder, names, Existing::refuse); !free) {
            error = free.error();
            continue;
        }
        auto take = makePart(*folder, names, origin, index);
        if (auto begun = take->begin(); !begun) {
            partsBegun_ = parts_;
            return fail(begun.error());
        }
        return Part{std::move(folder), std::move(take)};
    }
    partsBegun_ = parts_;
    return fail(std::move(error));
}

// The order that no kill breaks: the old part's audio is durable and ends here, the next part's
// journal is durable, the ring changes hands, and only then is the old part closed.
void TakeSeries::goTo(Part next) {
    giveRingTo(partsBegun_);
    // Until the old part is closed: without its name nothing of it is sure to be found.
    const bool isUnnamed = take_->committedFrames() > 0 && !take_->named();
    if (isUnnamed && !before_.safeFrames) before_.safeFrames = safeFrames();
    std::vector<CueMark> late = take_->takeLateMarkers();
    for (CueMark& marker : late) marker.frame -= take_->committedFrames();
    addToBefore(*take_);
    closing_ = Part{std::exchange(folder_, std::move(next.folder)),
                    std::exchange(take_, std::move(next.take))};
    parts_ = partsBegun_;
    splitAsked_ = false;
    if (observer_.begun) observer_.begun(presentId(), journalPath());
    take_->adoptMarkers(late);
}

void TakeSeries::goOnIn(Part next, PartReason reason,
                        const std::function<Result<bool>(TakeWriter&)>& end) {
    const TakeId oldId = presentId();
    const std::string oldPath = presentPath();
    const auto safeBefore = before_.safeFrames;
    goTo(std::move(next));
    const auto ended = end(*closing_->take);
    if (isLeft_) return;
    const Part closed = *std::exchange(closing_, std::nullopt);
    if (closed.take->named()) before_.safeFrames = safeBefore;
    if (!ended) report(ended.error());
    const bool complete = ended.value_or(false);
    if (!complete) tellUnfinished(oldPath);
    observer_.tellEnded(*closed.take, oldId, complete);
    if (observer_.wentOn) observer_.wentOn(reason, before_.frames);
}

void TakeSeries::tellUnfinished(const std::string& path) {
    ++before_.unfinished;
    report({Stage::disk, 0,
            fmt::format("{} could not be finished; it is safe to its last commit, and "
                        "holdfast-recover repair --in-place finishes it",
                        path)});
}

void TakeSeries::addToBefore(const TakeWriter& part) {
    before_.frames += part.committedFrames();
    before_.commits += part.commits();
    before_.lostFrames += part.lostFrames();
    before_.gaps += part.gapCount();
}

Result<> TakeSeries::splitNow(PartReason reason) {
    if (!take_->endData()) return afterFailure(take_->failure());
    if (take_->wantsToStop() == StopReason::gap) {
        wantsToStop_ = StopReason::gap;
        return {};
    }
    auto next = beginNext(folder_, take_->nextOrigin());
    if (!next) {
        report(next.error());
        if (spill(PartReason::diskFailure)) return {};
        return goOnBeyondLength(next.error());
    }
    goOnIn(std::move(*next), reason, [](TakeWriter& old) { return old.seal(); });
    return {};
}

// A wish for several files is not worth a frame: the part that is there takes what comes.
Result<> TakeSeries::goOnBeyondLength(const Error& error) {
    if (take_->wantsToStop() == StopReason::sizeLimit && options_.splitBytes == 0) {
        // What waits in the ring is this part's for recovery, which has no such limit.
        take_->abandon();
        return fail(error);
    }
    splitAsked_ = false;
    options_.splitFrames.reset();
    options_.splitBytes = 0;
    std::optional<std::uint64_t> framesLeft = options_.first.maxFrames;
    if (framesLeft) *framesLeft -= std::min(*framesLeft, before_.frames);
    return take_->reopenData(framesLeft, options_.first.maxDataBytes);
}

// The part has stopped at its last commit, and the ring holds all that is not in it.
Result<> TakeSeries::afterFailure(const Error& error) {
    if (error.code == EFBIG && take_->committedFrames() > 0) {
        take_->abandon();
        if (auto next = beginNext(folder_, take_->nextOrigin())) {
            goOnIn(std::move(*next), PartReason::diskLimit,
                   [](TakeWriter& old) { return old.endAtCommit(); });
            return {};
        }
    }
    if (spill(PartReason::diskFailure)) return {};
    return fail(error);
}

bool TakeSeries::spill(PartReason reason) {
    if (!canSpill()) return false;
    const bool wasWell = !take_->hasFailed();
    take_->abandon();
    spilled_ = true;
    auto next = beginNext(options_.spillFolder, take_->nextOrigin());
    if (!next) {
        report(next.error());
        take_->carryOnAlone(wasWell);
        return false;
    }
    spillTo(std::move(*next), reason);
    return true;
}

bool TakeSeries::isWaiting(std::uint64_t endOfRing) {
    return consumer_.writtenFrame() < endOfRing || consumer_.gapHere().has_value();
}

Result<bool> TakeSeries::finish() {
    auto sealed = endPresent(Ending::recording);
    const TakeId id = presentId();
    waitForClosed();
    observer_.tellEnded(*take_, id, sealed.value_or(false));
    return sealed;
}

// All that was captured by now is the recording; it may be more than this part is to hold.
Result<bool> TakeSeries::endPresent(Ending ending) {
    const std::uint64_t end =
        std::min(consumer_.writtenFrame() + consumer_.readableFrames(), ringLimit_);
    splitAsked_ = false;
    bool more = true;
    while (more) {
        if (!take_->endData()) {
            more = afterFailure(take_->failure()).has_value();
            continue;
        }
        const auto reason = reasonToSplit();
        more = reason && isWaiting(end) && splitNow(*reason).has_value();
    }
    if (ending == Ending::sound && !take_->hasFailed()) {
        // A marker may have been set behind the sound's end, before that was known.
        std::vector<CueMark> late = take_->takeLateMarkers();
        for (CueMark& marker : late) marker.frame = take_->committedFrames();
        take_->adoptMarkers(late);
    }
    auto sealed = take_->seal();
    if (take_->committedFrames() > 0) lastPath_ = presentPath();
    return sealed;
}

void TakeSeries::discard() {
    take_->discard();
}

// One that belongs to a part that has ended stands at the beginning of the present one.
bool TakeSeries::addMarker(const std::string& text, std::uint64_t frame) {
    return take_->addMarker(text, frame - std::min(frame, before_.frames));
}

void TakeSeries::report(const Error& error) const {
    if (observer_.take.error) observer_.take.error(error);
}

TakeId TakeSeries::presentId() const {
    return options_.first.sessionId.forPart(parts_);
}

std::string TakeSeries::presentPath() const {
    return take_->presentPath();
}

std::string TakeSeries::finalPath() const {
    return joinPath(folder_->path(), take_->names().final);
}

std::string TakeSeries::journalPath() const {
    return joinPath(folder_->path(), take_->names().journal);
}

std::uint64_t TakeSeries::committedFrames() const {
    return before_.frames + take_->committedFrames();
}

std::uint64_t TakeSeries::safeFrames() const {
    return before_.safeFrames.value_or(before_.frames + take_->safeFrames());
}

std::uint64_t TakeSeries::writtenFrames() const {
    return before_.frames + take_->writtenFrames();
}

std::uint64_t TakeSeries::lostFrames() const {
    return before_.lostFrames + take_->lostFrames();
}

}  // namespace holdfast
