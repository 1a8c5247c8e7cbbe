#include "iocore/capture/wavein_priority.h"

namespace holdfast {

namespace {

// avrt.h, by hand: its library is not linked.
using JoinFunction = HANDLE(WINAPI*)(LPCWSTR task, LPDWORD taskIndex);
using LeaveFunction = BOOL(WINAPI*)(HANDLE task);

template <typename Function>
Function find(HMODULE library, const char* name) {
    if (library == nullptr) return nullptr;
    return reinterpret_cast<Function>(reinterpret_cast<void*>(::GetProcAddress(library, name)));
}

}  // namespace

CaptureThreadPriority::CaptureThreadPriority(const wchar_t* library)
    : library_(::LoadLibraryExW(library, nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32)) {
    if (joinScheduler(L"Pro Audio", Kind::proAudio) || joinScheduler(L"Audio", Kind::audio)) return;
    before_ = ::GetThreadPriority(::GetCurrentThread());
    if (::SetThreadPriority(::GetCurrentThread(), THREAD_PRIORITY_TIME_CRITICAL) != 0) {
        kind_ = Kind::timeCritical;
    }
}

bool CaptureThreadPriority::joinScheduler(const wchar_t* task, Kind kind) {
    const auto join = find<JoinFunction>(library_, "AvSetMmThreadCharacteristicsW");
    DWORD index = 0;
    if (join != nullptr) task_ = join(task, &index);
    if (task_ != nullptr) kind_ = kind;
    return task_ != nullptr;
}

CaptureThreadPriority::~CaptureThreadPriority() {
    const auto leave = find<LeaveFunction>(library_, "AvRevertMmThreadCharacteristics");
    if (task_ != nullptr && leave != nullptr) (void)leave(task_);
    if (kind_ == Kind::timeCritical) (void)::SetThreadPriority(::GetCurrentThread(), before_);
    if (library_ != nullptr) ::FreeLibrary(library_);
}

SystemAwake::SystemAwake() {
    (void)::SetThreadExecutionState(ES_CONTINUOUS | ES_SYSTEM_REQUIRED);
}

SystemAwake::~SystemAwake() {
    (void)::SetThreadExecutionState(ES_CONTINUOUS);
}

}  // namespace holdfast
