#include "iocore/mmio/mmio_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <mutex>
#include <utility>

namespace holdfast {
namespace {

// Around install, open and close: nothing promises that the system's own tables are guarded.
// Never destroyed: a thread abandoned on a hanging disk may outlive the statics.
std::mutex& openCloseMutex() {
    static auto* const mutex = new std::mutex;
    return *mutex;
}

// Room for a chunk header, a pad byte and no doubt below the last signed 32-bit position.
constexpr std::int64_t kLastSmallPosition = std::numeric_limits<LONG>::max() - 64;

bool isSmall(std::uint64_t position) {
    return position <= std::uint64_t{kLastSmallPosition};
}

UINT createFlags(FOURCC id) {
    if (id == FOURCC_RIFF) return MMIO_CREATERIFF;
    if (id == FOURCC_LIST) return MMIO_CREATELIST;
    return 0;
}

}  // namespace

Result<MmioFile> MmioFile::open(const IoProcBinding& binding) {
    assert(binding.proc != nullptr && binding.code != 0);
    MMIOINFO info{};
    info.fccIOProc = binding.code;
    info.adwInfo[0] = binding.cookie;
    wchar_t name[] = L"holdfast";  // no file's name: the cookie says which
    HMMIO handle = nullptr;
    {
        const std::lock_guard lock(openCloseMutex());
        if (mmioInstallIOProcW(binding.code, binding.proc, MMIO_INSTALLPROC) == nullptr) {
            return fail(Stage::mmio, "mmioInstallIOProc failed");
        }
        handle = mmioOpenW(name, &info, MMIO_WRITE);
        if (handle == nullptr) mmioInstallIOProcW(binding.code, nullptr, MMIO_REMOVEPROC);
    }
    if (handle == nullptr) {
        return fail(Stage::mmio, static_cast<int>(info.wErrorRet), "mmioOpen failed");
    }
    MmioFile file(handle, binding);
    if (auto answered = file.position(); !answered) return fail(std::move(answered.error()));
    if (auto settled = file.settle(true, "mmioOpen", 0); !settled) {
        return fail(std::move(settled.error()));
    }
    return file;
}

MmioFile::~MmioFile() {
    closeHandle();
}

MmioFile::MmioFile(MmioFile&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      binding_(other.binding_),
      chunks_(std::move(other.chunks_)) {}

MmioFile& MmioFile::operator=(MmioFile&& other) noexcept {
    if (this == &other) return *this;
    closeHandle();
    handle_ = std::exchange(other.handle_, nullptr);
    binding_ = other.binding_;
    chunks_ = std::move(other.chunks_);
    return *this;
}

Result<> MmioFile::write(std::span<const std::byte> bytes) {
    auto at = position();
    if (!at) return fail(at.error());
    while (!bytes.empty()) {
        const auto piece = bytes.first(std::min(bytes.size(), kMaxWriteBytes));
        *at += piece.size();
        const LRESULT written =
            isSmall(*at) ? mmioWriteAll(piece) : send(kMsgWrite, piece.data(), piece.size());
        const bool all = written == static_cast<LRESULT>(piece.size());
        if (auto settled = settle(all, "mmioWrite", written); !settled) return settled;
        bytes = bytes.subspan(piece.size());
    }
    return {};
}

LRESULT MmioFile::mmioWriteAll(std::span<const std::byte> bytes) {
    return mmioWrite(handle_, reinterpret_cast<const char*>(bytes.data()),
                     static_cast<LONG>(bytes.size()));
}

Result<> MmioFile::createChunk(FOURCC id, FOURCC formType) {
    if (auto small = requireSmallPosition("mmioCreateChunk"); !small) return small;
    MMCKINFO chunk{};
    chunk.ckid = id;
    chunk.fccType = formType;
    const MMRESULT answer = mmioCreateChunk(handle_, &chunk, createFlags(id));
    auto settled =
        settle(answer == MMSYSERR_NOERROR, "mmioCreateChunk", static_cast<LRESULT>(answer));
    if (settled) chunks_.push_back(chunk);
    return settled;
}

Result<> MmioFile::ascend() {
    assert(!chunks_.empty());
    if (auto small = requireSmallPosition("mmioAscend"); !small) return small;
    const MMRESULT answer = mmioAscend(handle_, &chunks_.back(), 0);
    auto settled = settle(answer == MMSYSERR_NOERROR, "mmioAscend", static_cast<LRESULT>(answer));
    if (settled) chunks_.pop_back();
    return settled;
}

Result<> MmioFile::writeFlush(std::span<const std::byte> bytes) {
    if (bytes.size() > kMaxWriteBytes) {
        const std::size_t ahead = bytes.size() - kMaxWriteBytes;
        if (auto written = write(bytes.first(ahead)); !written) return written;
        bytes = bytes.subspan(ahead);
    }
    // The count alone proves nothing: a refused message answers 11, an unknown one 0. That the
    // IOProc's own position moved does.
    const auto before = position();
    if (!before) return fail(before.error());
    const LRESULT answer = send(kMsgWriteFlush, bytes.data(), bytes.size());
    const auto after = position();
    if (!after) return fail(after.error());
    const bool all = answer == static_cast<LRESULT>(bytes.size()) &&
                     after.value() == before.value() + bytes.size();
    return settle(all, "the write-flush message", answer);
}

Result<> MmioFile::announce(const CommitPosition& position) {
    const LRESULT answer = send(kMsgAnnounce, &position);
    return settle(answer == 0, "the announce message", answer);
}

Result<> MmioFile::patchFlush(std::uint64_t offset, std::span<const std::byte> bytes) {
    assert(bytes.size() <= kMaxWriteBytes);
    const PatchRequest request{offset, bytes.data(), static_cast<std::uint32_t>(bytes.size())};
    const LRESULT answer = send(kMsgPatchFlush, &request);
    return settle(answer == 0, "the patch message", answer);
}

Result<CommitReceipt> MmioFile::receipt() {
    constexpr auto kUnanswered = std::numeric_limits<std::uint64_t>::max();
    CommitReceipt receipt;
    receipt.sequence = kUnanswered;
    send(kMsgReceipt, &receipt);
    if (receipt.sequence == kUnanswered) {
        return fail(Stage::mmio, "the IOProc does not tell what is durable");
    }
    return receipt;
}

Result<std::uint64_t> MmioFile::position() {
    std::int64_t position = -1;
    send(kMsgPosition, &position);
    if (position < 0) {
        return fail(Stage::mmio, "the IOProc does not tell its position");
    }
    return static_cast<std::uint64_t>(position);
}

Result<> MmioFile::clearError() {
    const LRESULT answer = send(kMsgClearError, nullptr);
    return settle(answer == 0, "the clear-error message", answer);
}

Result<> MmioFile::seekTo(std::uint64_t offset) {
    const auto target = static_cast<std::int64_t>(offset);
    const LRESULT answer = send(kMsgSeekTo, &target);
    const auto reached = position();
    if (!reached) return fail(reached.error());
    if (answer == 0 && reached.value() == offset) return {};
    return fail(Stage::mmio, fmt::format("the IOProc stands at {}, not at {}", *reached, offset));
}

Result<> MmioFile::close() {
    if (handle_ == nullptr) return {};
    // Asked first: the error's memory goes with the IOProc's state.
    auto settled = settle(true, "mmioClose", 0);
    const MMRESULT answer = closeHandle();
    if (settled && answer != MMSYSERR_NOERROR) {
        return fail(Stage::mmio, static_cast<int>(answer), "mmioClose failed");
    }
    return settled;
}

LRESULT MmioFile::send(UINT message, const void* first, std::size_t second) {
    return mmioSendMessage(handle_, message, reinterpret_cast<LPARAM>(first),
                           static_cast<LPARAM>(second));
}

Result<> MmioFile::settle(bool asExpected, const char* call, LRESULT answer) {
    const auto latched = latchedError();
    if (!latched) return fail(latched.error());
    if (latched.value() != nullptr) return fail(*latched.value());
    if (asExpected) return {};
    return fail(Stage::mmio, fmt::format("{} answered {}", call, answer));
}

Result<const Error*> MmioFile::latchedError() {
    static const Error unanswered;
    const Error* latched = &unanswered;
    send(kMsgLastError, &latched);
    if (latched == &unanswered) {
        return fail(Stage::mmio, "the IOProc does not tell its errors");
    }
    return latched;
}

Result<> MmioFile::requireSmallPosition(const char* call) {
    const auto here = position();
    if (!here) return fail(here.error());
    if (isSmall(*here)) return {};
    return fail(Stage::mmio, fmt::format("{} at byte {}: mmio ends at 2 GiB", call, *here));
}

MMRESULT MmioFile::closeHandle() {
    if (handle_ == nullptr) return MMSYSERR_NOERROR;
    const std::lock_guard lock(openCloseMutex());
    const MMRESULT answer = mmioClose(std::exchange(handle_, nullptr), 0);
    mmioInstallIOProcW(binding_.code, nullptr, MMIO_REMOVEPROC);
    return answer;
}

}  // namespace holdfast
