// Names that this platform gives no file, or gives one that nobody can open again.
//
// POSIX takes every name. Windows refuses some characters, takes ':' for a stream inside of
// another file, and keeps some names for devices: a take called CON would go to the screen.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// What is wrong with a file's or folder's name (one step of a path), and the way out, as a sentence
// for people; empty where nothing is. [any thread]
std::string fileNameFault(std::string_view name);
// The same by the rules of Windows, on every platform. Source: "Naming Files, Paths, and
// Namespaces" of the Windows documentation. [any thread]
std::string windowsFileNameFault(std::string_view name);

}  // namespace holdfast
