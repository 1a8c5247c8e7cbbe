// The files that this process has open for writing, by path: only their own handles can rename,
// remove or sync them, for these let nobody else do so.
#pragma once

#include <memory>
#include <string>

#include "iocore/disk/file_handle_win32.h"

namespace holdfast {

// [any thread] Never blocks for longer than it takes to look: a file on a disk that hangs must not
// hold up another one.
void addOwnFile(const std::wstring& path, std::shared_ptr<FileHandle> file);
void moveOwnFile(const FileHandle& file, const std::wstring& to);
void forgetOwnFile(const FileHandle& file);
// Null when this process does not write it.
std::shared_ptr<FileHandle> ownFileAt(const std::wstring& path);

}  // namespace holdfast
