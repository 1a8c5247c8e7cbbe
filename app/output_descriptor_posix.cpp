#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "app/output_descriptor.h"

namespace holdfast {

void fillStandardDescriptors() {
    // open() takes the lowest free number.
    for (int fd = 0; fd <= kStderr;) {
        fd = ::open("/dev/null", O_RDWR);
        if (fd < 0) return;
        if (fd > kStderr) ::close(fd);
    }
}

bool isWritable(int descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFL);
    return flags != -1 && (flags & O_ACCMODE) != O_RDONLY;
}

Result<std::size_t> writeSome(int descriptor, std::string_view text) {
    while (true) {
        const ssize_t put = ::write(descriptor, text.data(), text.size());
        if (put > 0) return static_cast<std::size_t>(put);
        if (put < 0 && errno == EAGAIN) {
            // Somebody else made the descriptor non-blocking.
            pollfd ready{descriptor, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (put == 0 || errno != EINTR) {
            const int code = put == 0 ? EIO : errno;
            return fail(Stage::disk, code, "output: " + systemErrorText(code));
        }
    }
}

}  // namespace holdfast
