// Text at the system's door, paths of any length, and the system's errors.
#include "iocore/base/utf16_win32.h"

#include <gtest/gtest.h>
#include <windows.h>

#include <cerrno>
#include <string>

#include "iocore/base/system_error_win32.h"

namespace holdfast {
namespace {

TEST(Utf16, EveryScriptComesBack) {
    for (const std::string text : {"", "take", "запись", "録音", "\U0001F399 take"}) {
        EXPECT_EQ(narrowText(wideText(text).value()), text);
    }
    EXPECT_EQ(wideText("\U0001F399").value(), L"\xD83C\xDF99");
}

TEST(Utf16, WhatIsNoUtf8IsRefused) {
    // Cut off, overlong, a surrogate, a byte that never comes.
    for (const std::string text : {"\xc3", "\xc0\xaf", "\xed\xa0\xbc", "a\xff"}) {
        const auto wide = wideText(text);
        ASSERT_FALSE(wide);
        EXPECT_EQ(wide.error().code, EILSEQ);
        EXPECT_FALSE(systemPath("C:\\" + text));
    }
}

TEST(Utf16, HalfASurrogatePairIsMarked) {
    EXPECT_EQ(narrowText(L"a\xD83C"), "a\xEF\xBF\xBD");
}

TEST(Utf16, PathsGetThePrefixThatLiftsTheLimit) {
    EXPECT_EQ(systemPath("C:/takes/./day/../take.wav").value(), L"\\\\?\\C:\\takes\\take.wav");
    EXPECT_EQ(systemPath("\\\\server\\share\\take.wav").value(),
              L"\\\\?\\UNC\\server\\share\\take.wav");
    EXPECT_EQ(systemPath("\\\\?\\C:\\a. \\b").value(), L"\\\\?\\C:\\a. \\b");
    EXPECT_TRUE(systemPath("take.wav").value().starts_with(L"\\\\?\\"));
    const std::string deep = "C:\\" + std::string(300, 'a') + "\\" + std::string(300, 'b');
    EXPECT_EQ(textOfSystemPath(systemPath(deep).value()), deep);
    EXPECT_EQ(textOfSystemPath(L"\\\\?\\UNC\\server\\share"), "\\\\server\\share");
    EXPECT_FALSE(systemPath(""));
    EXPECT_FALSE(systemPath(std::string("C:\\a\0b", 6)));
}

TEST(SystemErrorWindows, CodesAreThoseThatTheCodeComparesWith) {
    EXPECT_EQ(errnoOf(ERROR_SUCCESS), 0);
    for (const unsigned long code : {112UL, 39UL, 1295UL}) {
        EXPECT_EQ(errnoOf(code), ENOSPC);  // full, full behind a handle, quota used up
    }
    EXPECT_EQ(errnoOf(ERROR_FILE_EXISTS), EEXIST);
    EXPECT_EQ(errnoOf(ERROR_ALREADY_EXISTS), EEXIST);
    EXPECT_EQ(errnoOf(ERROR_PATH_NOT_FOUND), ENOENT);
    EXPECT_EQ(errnoOf(ERROR_SHARING_VIOLATION), EBUSY);
    EXPECT_EQ(errnoOf(ERROR_ACCESS_DENIED), EACCES);
    EXPECT_EQ(errnoOf(ERROR_WRITE_PROTECT), EROFS);
    EXPECT_EQ(errnoOf(ERROR_CRC), EIO);
    EXPECT_EQ(errnoOf(ERROR_GEN_FAILURE), EIO);
    EXPECT_EQ(errnoOf(ERROR_FILENAME_EXCED_RANGE), ENAMETOOLONG);
}

TEST(SystemErrorWindows, WordsAreThoseOfOtherSystems) {
    EXPECT_EQ(systemErrorText(ENOSPC), "No space left on device");
    EXPECT_EQ(systemErrorText(ENOENT), "No such file or directory");
    EXPECT_EQ(systemErrorText(EEXIST), "File exists");
    EXPECT_EQ(systemErrorText(EACCES), "Permission denied");
    EXPECT_EQ(systemErrorText(EIO), "Input/output error");
    EXPECT_EQ(systemErrorText(EROFS), "Read-only file system");
    EXPECT_EQ(systemErrorText(EBUSY), "Device or resource busy");
    EXPECT_EQ(systemErrorText(ENOMEM), "Cannot allocate memory");
    EXPECT_EQ(systemErrorText(ENOTDIR), "Not a directory");
    EXPECT_EQ(systemErrorText(EISDIR), "Is a directory");
    EXPECT_EQ(systemErrorText(EFBIG), "File too large");
    EXPECT_EQ(systemErrorText(EINVAL), "Invalid argument");
    EXPECT_EQ(systemErrorText(EBADF), "Bad file descriptor");
    EXPECT_EQ(systemErrorText(EMFILE), "Too many open files");
    EXPECT_EQ(systemErrorText(ELOOP), "Too many levels of symbolic links");
    EXPECT_EQ(systemErrorText(ENOTSUP), "Operation not supported");
}

}  // namespace
}  // namespace holdfast
