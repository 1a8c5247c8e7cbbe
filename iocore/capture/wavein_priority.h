// What the capture thread asks of the system while it records: to come first, and to stay awake.
#pragma once

#include <windows.h>

namespace holdfast {

// The calling thread's priority while one lives: the multimedia scheduler's (MMCSS) "Pro Audio",
// else its "Audio", else THREAD_PRIORITY_TIME_CRITICAL. The scheduler's library is loaded when it
// is there; some editions of Windows lack it. [capture thread, which also ends it]
class CaptureThreadPriority {
  public:
    enum class Kind { proAudio, audio, timeCritical, unchanged };

    explicit CaptureThreadPriority(const wchar_t* library = L"avrt.dll");
    ~CaptureThreadPriority();
    CaptureThreadPriority(const CaptureThreadPriority&) = delete;
    CaptureThreadPriority& operator=(const CaptureThreadPriority&) = delete;

    [[nodiscard]] Kind kind() const { return kind_; }

  private:
    bool joinScheduler(const wchar_t* task, Kind kind);

    HMODULE library_;
    HANDLE task_ = nullptr;  // of the scheduler
    int before_ = THREAD_PRIORITY_NORMAL;
    Kind kind_ = Kind::unchanged;
};

// The machine does not go to sleep by itself while one lives; its display may.
// [capture thread, which also ends it]
class SystemAwake {
  public:
    SystemAwake();
    ~SystemAwake();
    SystemAwake(const SystemAwake&) = delete;
    SystemAwake& operator=(const SystemAwake&) = delete;
};

}  // namespace holdfast
