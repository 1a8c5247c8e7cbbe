// What main() gets is in the code page of the user, which has no room for most names.
#include <windows.h>

#include <shellapi.h>

#include <memory>

#include "app/arguments.h"
#include "iocore/base/utf16_win32.h"

namespace holdfast {

Arguments::Arguments(int argc, const char* const* argv) {
    int count = 0;
    const std::unique_ptr<LPWSTR, decltype(&::LocalFree)> words(
        ::CommandLineToArgvW(::GetCommandLineW(), &count), &::LocalFree);
    if (words == nullptr) {
        words_.assign(argv, argv + argc);
    } else {
        for (int i = 0; i < count; ++i) words_.push_back(narrowText(words.get()[i]));
    }
    pointAtWords();
}

}  // namespace holdfast
