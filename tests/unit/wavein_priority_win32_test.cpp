#include "iocore/capture/wavein_priority.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using Kind = CaptureThreadPriority::Kind;

TEST(WaveInPriority, MultimediaSchedulerIsAskedFirst) {
    const CaptureThreadPriority priority;
    EXPECT_TRUE(priority.kind() == Kind::proAudio || priority.kind() == Kind::audio);
}

TEST(WaveInPriority, WithoutItTheThreadIsTimeCriticalWhileItRecords) {
    const int before = ::GetThreadPriority(::GetCurrentThread());
    {
        const CaptureThreadPriority priority(L"no-such-library.dll");
        EXPECT_EQ(priority.kind(), Kind::timeCritical);
        EXPECT_EQ(::GetThreadPriority(::GetCurrentThread()), THREAD_PRIORITY_TIME_CRITICAL);
    }
    EXPECT_EQ(::GetThreadPriority(::GetCurrentThread()), before);
}

TEST(WaveInPriority, SystemStaysAwakeWhileOneLives) {
    // Setting a state returns the one before.
    const EXECUTION_STATE before = ::SetThreadExecutionState(ES_CONTINUOUS);
    {
        const SystemAwake awake;
        EXPECT_EQ(::SetThreadExecutionState(ES_CONTINUOUS | ES_SYSTEM_REQUIRED),
                  static_cast<EXECUTION_STATE>(ES_CONTINUOUS | ES_SYSTEM_REQUIRED));
    }
    EXPECT_EQ(::SetThreadExecutionState(ES_CONTINUOUS), before | ES_CONTINUOUS);
}

}  // namespace
}  // namespace holdfast
