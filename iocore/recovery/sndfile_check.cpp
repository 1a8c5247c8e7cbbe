// libsndfile as the second opinion on a result. It reads through DiskFile, so that no path is
// resolved a second time and every kind of folder can be checked.
#include <fmt/format.h>
#include <sndfile.h>

#include <algorithm>
#include <optional>
#include <span>

#include "iocore/recovery/result_file.h"

namespace holdfast {
namespace {

struct VirtualFile {
    DiskFile* file = nullptr;
    sf_count_t position = 0;
    std::optional<Error> error = {};  // the first; from then on the file is at its end
};

sf_count_t length(void* user) {
    const auto size = static_cast<VirtualFile*>(user)->file->size();
    return size ? static_cast<sf_count_t>(*size) : -1;
}

sf_count_t seek(sf_count_t offset, int whence, void* user) {
    auto* self = static_cast<VirtualFile*>(user);
    if (whence == SF_SEEK_CUR) offset += self->position;
    if (whence == SF_SEEK_END) offset += length(user);
    if (offset < 0) return -1;
    if (self->error) offset = length(user);
    return self->position = offset;
}

sf_count_t read(void* to, sf_count_t count, void* user) {
    auto* self = static_cast<VirtualFile*>(user);
    if (self->error) return 0;
    const std::span into(static_cast<std::byte*>(to), static_cast<std::size_t>(count));
    const auto got = self->file->readAt(static_cast<std::uint64_t>(self->position), into);
    if (!got) {
        // libsndfile looks for chunks until it has come to the end, however often a read fails.
        self->error = got.error();
        self->position = length(user);
        return 0;
    }
    self->position += static_cast<sf_count_t>(*got);
    return static_cast<sf_count_t>(*got);
}

sf_count_t write(const void*, sf_count_t, void*) {
    return 0;
}

sf_count_t tell(void* user) {
    return static_cast<VirtualFile*>(user)->position;
}

}  // namespace

Result<std::uint64_t> countFramesBySndfile(DiskFile& file) {
    VirtualFile self{&file};
    SF_VIRTUAL_IO calls{length, seek, read, write, tell};
    SF_INFO info{};
    SNDFILE* opened = sf_open_virtual(&calls, SFM_READ, &info, &self);
    if (self.error) {
        if (opened != nullptr) sf_close(opened);
        return fail(*self.error);
    }
    if (opened == nullptr) {
        return fail(Stage::recovery,
                    fmt::format("libsndfile cannot open the result: {}", sf_strerror(nullptr)));
    }
    sf_close(opened);
    return static_cast<std::uint64_t>(info.frames);
}

}  // namespace holdfast
