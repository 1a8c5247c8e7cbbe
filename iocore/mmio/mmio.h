// The multimedia file API (mmio): the system's <mmsystem.h> where there is one, else the same API
// declared here and implemented in mmio_posix.cpp.
//
// Everything above this header is written once and cannot tell the two apart: the names, the widths
// (LONG and DWORD are 32 bits) and the structure layouts are the same, which the assertions below
// hold both to. What every implementation must do is in tests/unit/mmio_conformance_test.cpp.
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
static_assert(sizeof(MMCKINFO) == 20 && offsetof(MMCKINFO, dwDataOffset) == 12);
static_assert(sizeof(void*) != 8 || sizeof(MMIOINFO) == 100);
static_assert(sizeof(void*) != 8 || offsetof(MMIOINFO, pIOProc) == 8);
static_assert(sizeof(void*) != 8 || offsetof(MMIOINFO, cchBuffer) == 28);
static_assert(sizeof(void*) != 8 || offsetof(MMIOINFO, lDiskOffset) == 68);
static_assert(sizeof(void*) != 8 || offsetof(MMIOINFO, adwInfo) == 72);
static_assert(sizeof(MMIOINFO::adwInfo) == 12, "three DWORDs: no room for a pointer and more");
static_assert(sizeof(void*) != 8 || offsetof(MMIOINFO, hmmio) == 92);
