// The facts on Linux: /proc/self/mountinfo (proc(5)), getrlimit, fallocate.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "iocore/base/take_id.h"
#include "iocore/selftest/file_system.h"

namespace holdfast {
namespace {

constexpr off_t kTriedBytes = 1 << 20;

tl::unexpected<Error> failed(const std::string& path, int code) {
    return fail(Stage::disk, code, fmt::format("{}: {}", path, systemErrorText(code)));
}

// Spaces and the like stand as \040 in mountinfo.
std::string unescaped(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            plain += static_cast<char>(std::strtoul(text.substr(i + 1, 3).c_str(), nullptr, 8));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

bool isUnder(const std::string& path, const std::string& mountPoint) {
    if (mountPoint == "/" || path == mountPoint) return true;
    return path.starts_with(mountPoint + "/");
}

// The mount that covers the folder: the longest one, and of those at one place the last. (Not by
// device number: btrfs gives each subvolume its own.)
void readMount(const std::string& folder, FileSystemFacts& facts) {
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string skipped, mountPoint, type, source;
        fields >> skipped >> skipped >> skipped >> skipped >> mountPoint;
        while (fields >> skipped && skipped != "-") {
        }
        if (!(fields >> type >> source)) continue;
        mountPoint = unescaped(mountPoint);
        if (!isUnder(folder, mountPoint) || mountPoint.size() < facts.mountPoint.size()) continue;
        facts.mountPoint = mountPoint;
        facts.type = type;
        facts.source = unescaped(source);
    }
}

// A file without a name where the file system has such, else one whose name goes at once.
int openNameless(const std::string& folder) {
    const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
    const std::string path =
        fmt::format("{}/.holdfast-selftest-{}.room", folder, TakeId::random().hex());
    const int named =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (named >= 0) ::unlink(path.c_str());
    return named;
}

}  // namespace

Result<FileSystemFacts> fileSystemFacts(const std::string& folder) {
    FileSystemFacts facts;
    readMount(folder, facts);
    facts.kind = storageKindOf(facts.type);
    facts.maxFileBytes = fileLimitOf(facts.type);
    struct rlimit limit {};
    if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        const std::uint64_t bytes = limit.rlim_cur;
        facts.maxFileBytes = std::min(facts.maxFileBytes.value_or(bytes), bytes);
    }
    const int fd = openNameless(folder);
    if (fd < 0) return failed(folder, errno);
    facts.preallocates = ::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, kTriedBytes) == 0;
    ::close(fd);
    return facts;
}

}  // namespace holdfast
