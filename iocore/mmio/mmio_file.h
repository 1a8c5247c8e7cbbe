// MmioFile: one file written through mmio, unbuffered, by an IOProc that knows the messages of
// ioproc_messages.h.
//
// mmio's own answers are never enough: after every call the IOProc is asked for its latched first
// error, and positions are its 64-bit ones. Which mmio calls are trusted with what, and why, is
// shown by tests/unit/mmio_conformance_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "iocore/base/result.h"
#include "iocore/mmio/ioproc_messages.h"
#include "iocore/mmio/mmio.h"

namespace holdfast {

// The IOProc of a file, and the cookie by which it finds that file's state: a pointer does not fit
// into adwInfo.
struct IoProcBinding {
    FOURCC code = 0;  // upper case; one code, one IOProc, in the whole process
    LPMMIOPROC proc = nullptr;
    std::uint32_t cookie = 0;  // reaches the IOProc in adwInfo[0]
};

// Errors: what the IOProc latched, as it is (its stage, its code); Stage::mmio where mmio failed
// and nothing is latched. A latched error fails every later write until clearError().
// All calls: [writer thread] [blocks]; one thread at a time.
class MmioFile {
  public:
    // The most bytes of one mmioWrite, whose count is a signed 32-bit number.
    static constexpr std::size_t kMaxWriteBytes = std::size_t{1} << 30;

    // Installs the IOProc under its code and opens with it for writing. An IOProc that does not
    // answer kMsgPosition and kMsgLastError is refused.
    static Result<MmioFile> open(const IoProcBinding& binding);
    // Closes without a word: what was not made durable may be lost. Call close() to know.
    ~MmioFile();
    MmioFile(MmioFile&& other) noexcept;
    MmioFile& operator=(MmioFile&& other) noexcept;

    // At the write position, which it moves. All bytes, or an error after any prefix of them. What
    // would end past 2 GiB goes by kMsgWrite, around mmio's own 31-bit position.
    Result<> write(std::span<const std::byte> bytes);
    // Opens a chunk in the present one, size 0; `formType` only for 'RIFF' and 'LIST'. Refused from
    // 2 GiB on, where mmio's positions end.
    Result<> createChunk(FOURCC id, FOURCC formType = 0);
    // Ends the innermost chunk: pads it and corrects its size. REQUIRES an open chunk. Refused as
    // above.
    Result<> ascend();

    // What the next writeFlush() will have reached.
    Result<> announce(const CommitPosition& position);
    // Writes and makes durable, these bytes and all before them; none = a barrier alone.
    Result<> writeFlush(std::span<const std::byte> bytes);
    // Writes at `offset` (bytes) and makes that durable; the write position stays.
    Result<> patchFlush(std::uint64_t offset, std::span<const std::byte> bytes);
    // What the last durable write has made sure of.
    Result<CommitReceipt> receipt();

    // The write position in bytes; also with an error latched, as the next two.
    Result<std::uint64_t> position();
    // After an error: forget it, and go back to what has to be written again.
    Result<> clearError();
    Result<> seekTo(std::uint64_t offset);

    // Ends the file's use whatever it returns: a latched error, or what the IOProc's CLOSE
    // answered. Later calls fail.
    Result<> close();

  private:
    MmioFile(HMMIO handle, const IoProcBinding& binding) : handle_(handle), binding_(binding) {}

    // Questions are sent with an impossible answer in place: who does not know them leaves it.
    LRESULT send(UINT message, const void* first, std::size_t second = 0);
    LRESULT mmioWriteAll(std::span<const std::byte> bytes);
    // The latched error; else, unless `asExpected`, that `call` answered `answer`.
    Result<> settle(bool asExpected, const char* call, LRESULT answer);
    // The latched error, or nullptr.
    Result<const Error*> latchedError();
    // Refuses `call` where a 32-bit position cannot reach.
    Result<> requireSmallPosition(const char* call);
    MMRESULT closeHandle();

    HMMIO handle_ = nullptr;
    IoProcBinding binding_;
    std::vector<MMCKINFO> chunks_;  // open ones, outermost first
};

}  // namespace holdfast
