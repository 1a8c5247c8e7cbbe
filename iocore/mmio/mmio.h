// The multimedia file API (mmio): the system's <mmsystem.h> where there is one, else the same API
// declared here and implemented in mmio_posix.cpp.
//
// Everything above this header is written once and cannot tell the two apart: the names, the widths
// (LONG and DWORD are 32 bits) and the structure layouts are the same, which the assertions below
// hold both to. What every implementation must do is in tests/unit/mmio_*conformance_test.cpp.
#pragma once

#if __has_include(<mmsystem.h>)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
// <mmsystem.h> needs <windows.h> before it.
#include <mmsystem.h>
#else
#include "iocore/mmio/mmsystem_posix.h"
#endif

#include <cstddef>

static_assert(sizeof(LONG) == 4 && sizeof(DWORD) == 4 && sizeof(FOURCC) == 4);
static_assert(sizeof(LPARAM) == sizeof(void*) && sizeof(LRESULT) == sizeof(void*));
// Packed to single bytes: of a machine with 64-bit pointers, 100 bytes.
static_assert(alignof(MMIOINFO) == 1 && alignof(MMCKINFO) == 1);
static_assert(sizeof(MMIOINFO) == 44 + 7 * sizeof(void*));
static_assert(offsetof(MMIOINFO, pIOProc) == 8);
static_assert(offsetof(MMIOINFO, wErrorRet) == 8 + sizeof(void*));
static_assert(offsetof(MMIOINFO, htask) == 12 + sizeof(void*));
static_assert(offsetof(MMIOINFO, cchBuffer) == 12 + 2 * sizeof(void*));
static_assert(offsetof(MMIOINFO, pchBuffer) == 16 + 2 * sizeof(void*));
static_assert(offsetof(MMIOINFO, pchNext) == 16 + 3 * sizeof(void*));
static_assert(offsetof(MMIOINFO, pchEndRead) == 16 + 4 * sizeof(void*));
static_assert(offsetof(MMIOINFO, pchEndWrite) == 16 + 5 * sizeof(void*));
static_assert(offsetof(MMIOINFO, lBufOffset) == 16 + 6 * sizeof(void*));
static_assert(offsetof(MMIOINFO, lDiskOffset) == 20 + 6 * sizeof(void*));
static_assert(offsetof(MMIOINFO, adwInfo) == 24 + 6 * sizeof(void*));
static_assert(sizeof(MMIOINFO::adwInfo) == 12, "three DWORDs: no room for a pointer and more");
static_assert(offsetof(MMIOINFO, hmmio) == 44 + 6 * sizeof(void*));
static_assert(sizeof(MMCKINFO) == 20 && offsetof(MMCKINFO, cksize) == 4);
static_assert(offsetof(MMCKINFO, fccType) == 8 && offsetof(MMCKINFO, dwDataOffset) == 12);
static_assert(offsetof(MMCKINFO, dwFlags) == 16);
