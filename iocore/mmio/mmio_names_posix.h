// Names of plain files, and what mmio asks about them without opening any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "iocore/mmio/mmio.h"

namespace holdfast::mmio_posix {

// The code that "take.xyz+one" asks for, 'XYZ '; 0 for a plain name.
FOURCC fourCcOfName(std::string_view name);

// nullopt for what is no character of Unicode, or no UTF-8.
std::optional<std::string> utf8Of(const wchar_t* text);
std::optional<std::wstring> wideOf(std::string_view utf8);

// Why a call of the system failed on a file.
MMRESULT fileErrorOf(int systemError, const char* name);

// From the root on, without "." and ".."; links are left as they are. nullopt for an empty name.
std::optional<std::string> qualifiedName(const std::string& name);
bool isFile(const std::string& name);
// Makes an empty file of a new name. `wish` is its folder and how its name begins, both optional.
std::optional<std::string> createTemporary(const std::string& wish);

// 0, or the error of mmio.
MMRESULT removeFile(const char* name);
// Never replaces what has the new name: MMIOERR_ACCESSDENIED.
MMRESULT renameFile(const char* from, const char* to);

}  // namespace holdfast::mmio_posix
