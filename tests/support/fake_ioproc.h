// FakeState and fakeProc: an IOProc for tests of MmioFile that can lie and fail on purpose.
//
// It keeps a position, not the bytes, so that a test can stand anywhere in a large file.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iocore/mmio/ioproc_messages.h"

namespace holdfast {

// The state behind one file, found by its cookie.
struct FakeState {
    std::int64_t position = 0;
    std::optional<Error> latched;
    CommitReceipt receipt;
    std::string lastBytes;
    std::uint64_t lastOffset = 0;
    std::vector<UINT> log;
    LRESULT openAnswer = 0;
    LRESULT closeAnswer = 0;
    bool known = true;  // false: an IOProc that has never heard of our messages
    // What these messages answer in place of the truth; the position then stays.
    std::map<UINT, LRESULT> lies;
    // Messages that do their work, but latch an error and answer as if nothing were wrong.
    std::map<UINT, Error> latches;
};

// By cookie; filled before files are opened and left alone while they are.
inline std::map<DWORD, FakeState*>& fakeStates() {
    static std::map<DWORD, FakeState*> states;
    return states;
}

inline LRESULT fakeWrite(FakeState& state, LPARAM buffer, LPARAM bytes) {
    if (bytes > 0) {
        state.lastBytes.assign(reinterpret_cast<const char*>(buffer),
                               static_cast<std::size_t>(std::min<LPARAM>(bytes, 64)));
    }
    state.position += bytes;
    return bytes;
}

inline LRESULT fakeSeek(FakeState& state, LPARAM offset, LPARAM origin) {
    state.position = origin == SEEK_SET ? offset : state.position + offset;
    return static_cast<LRESULT>(state.position);
}

inline LRESULT fakeAnswerOwn(FakeState& state, UINT message, LPARAM first, LPARAM second) {
    switch (message) {
        case kMsgWrite:
            return fakeWrite(state, first, second);
        case kMsgWriteFlush:
            state.receipt.sequence += 1;
            return fakeWrite(state, first, second);
        case kMsgPatchFlush: {
            const auto& request = *reinterpret_cast<const PatchRequest*>(first);
            state.lastOffset = request.offset;
            state.lastBytes.assign(static_cast<const char*>(request.bytes), request.size);
            return 0;
        }
        case kMsgReceipt:
            *reinterpret_cast<CommitReceipt*>(first) = state.receipt;
            return 0;
        case kMsgLastError:
            *reinterpret_cast<const Error**>(first) = state.latched ? &*state.latched : nullptr;
            return 0;
        case kMsgPosition:
            *reinterpret_cast<std::int64_t*>(first) = state.position;
            return 0;
        case kMsgClearError:
            state.latched.reset();
            return 0;
        case kMsgSeekTo:
            state.position = *reinterpret_cast<const std::int64_t*>(first);
            return 0;
        default:
            return 0;
    }
}

inline LRESULT CALLBACK fakeProc(LPSTR rawInfo, UINT message, LPARAM first, LPARAM second) {
    MMIOINFO info;
    std::memcpy(&info, rawInfo, sizeof info);
    FakeState& state = *fakeStates().at(info.adwInfo[0]);
    state.log.push_back(message);
    if (const auto lie = state.lies.find(message); lie != state.lies.end()) return lie->second;
    if (const auto latch = state.latches.find(message); latch != state.latches.end()) {
        if (!state.latched) state.latched = latch->second;
    }
    switch (message) {
        case MMIOM_OPEN:
            return state.openAnswer;
        case MMIOM_CLOSE:
            return state.closeAnswer;
        case MMIOM_WRITE:
            return fakeWrite(state, first, second);
        case MMIOM_SEEK:
            return fakeSeek(state, first, second);
        default:
            return state.known ? fakeAnswerOwn(state, message, first, second) : 0;
    }
}

}  // namespace holdfast
