#include "iocore/base/system_error_win32.h"

#include <windows.h>

#include <cerrno>
#include <system_error>

#include "iocore/base/result.h"

namespace holdfast {
namespace {

constexpr unsigned long kDiskQuotaExceeded = 1295;  // mingw's winerror.h has no name for it

}  // namespace

int errnoOf(unsigned long code) {
    switch (code) {
        case ERROR_SUCCESS:
            return 0;
        case ERROR_FILE_NOT_FOUND:
        case ERROR_PATH_NOT_FOUND:
        case ERROR_INVALID_NAME:
        case ERROR_BAD_PATHNAME:
        case ERROR_BAD_NETPATH:
        case ERROR_BAD_NET_NAME:
        case ERROR_INVALID_DRIVE:
        case ERROR_NOT_READY:
            return ENOENT;
        case ERROR_ACCESS_DENIED:
        case ERROR_NETWORK_ACCESS_DENIED:
            return EACCES;
        case ERROR_SHARING_VIOLATION:
        case ERROR_LOCK_VIOLATION:
        case ERROR_BUSY:
        case ERROR_DELETE_PENDING:
        case ERROR_USER_MAPPED_FILE:
            return EBUSY;
        case ERROR_FILE_EXISTS:
        case ERROR_ALREADY_EXISTS:
            return EEXIST;
        case ERROR_DISK_FULL:
        case ERROR_HANDLE_DISK_FULL:
        case kDiskQuotaExceeded:
            return ENOSPC;
        case ERROR_WRITE_PROTECT:
            return EROFS;
        case ERROR_FILE_TOO_LARGE:
            return EFBIG;
        case ERROR_FILENAME_EXCED_RANGE:
            return ENAMETOOLONG;
        case ERROR_DIR_NOT_EMPTY:
            return ENOTEMPTY;
        case ERROR_DIRECTORY:
            return ENOTDIR;
        case ERROR_NOT_ENOUGH_MEMORY:
        case ERROR_OUTOFMEMORY:
        case ERROR_NO_SYSTEM_RESOURCES:
        case ERROR_COMMITMENT_LIMIT:
        case ERROR_NOT_ENOUGH_QUOTA:  // of memory
            return ENOMEM;
        case ERROR_TOO_MANY_OPEN_FILES:
            return EMFILE;
        case ERROR_INVALID_PARAMETER:
        case ERROR_NEGATIVE_SEEK:
            return EINVAL;
        case ERROR_NOT_SUPPORTED:
        case ERROR_INVALID_FUNCTION:
        case ERROR_CALL_NOT_IMPLEMENTED:
            return ENOTSUP;
        case ERROR_NOT_SAME_DEVICE:
            return EXDEV;
        case ERROR_INVALID_HANDLE:
            return EBADF;
        case ERROR_BROKEN_PIPE:
        case ERROR_NO_DATA:
            return EPIPE;
        case ERROR_NO_UNICODE_TRANSLATION:
            return EILSEQ;
        default:
            return EIO;
    }
}

int lastErrno() {
    return errnoOf(GetLastError());
}

// In the words of other systems, which people look for; the C library here knows fewer, and says
// "Resource device" of what is busy.
std::string systemErrorText(int code) {
    switch (code) {
        case EBUSY:
            return "Device or resource busy";
        case ENOMEM:
            return "Cannot allocate memory";
        case EXDEV:
            return "Invalid cross-device link";
        case ENAMETOOLONG:
            return "File name too long";
        case ENOTEMPTY:
            return "Directory not empty";
        case ELOOP:
            return "Too many levels of symbolic links";
        case ENOTSUP:
            return "Operation not supported";
        case ECANCELED:
            return "Operation canceled";
        default:
            return std::generic_category().message(code);
    }
}

}  // namespace holdfast
