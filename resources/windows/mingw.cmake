# Cross-building for Windows x86-64 with Debian's mingw-w64, threads by winpthreads (posix model).
# What the build needs beside the compiler is staged by windows_needs.sh; nothing of the host's
# include or library folders is ever seen.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

# try_compile runs this file again, without the cache: the variable has to travel with it.
set(HOLDFAST_NEEDS "" CACHE PATH "What windows_needs.sh staged")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES HOLDFAST_NEEDS)
set(CMAKE_FIND_ROOT_PATH ${HOLDFAST_NEEDS} /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${HOLDFAST_NEEDS}/lib/pkgconfig)

# One file a program: no DLL of a compiler has to come along.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")
set(CMAKE_CROSSCOMPILING_EMULATOR ${CMAKE_CURRENT_LIST_DIR}/on_wine.sh)
