#include "iocore/disk/small_file.h"

#include <span>

namespace holdfast {

Result<> replaceSmallFile(DiskFolder& folder, const std::string& name, std::string_view text,
                          const SmallFileOptions& options) {
    const std::string fresh = name + ".part";
    if (folder.exists(fresh)) {
        if (auto removed = folder.remove(fresh); !removed) return removed;
    }
    {
        auto file = folder.create(fresh, options.ownerOnly);
        if (!file) return fail(file.error());
        if (auto put = (*file)->writeAt(0, std::as_bytes(std::span(text))); !put) return put;
        if (options.durable) {
            if (auto synced = (*file)->sync(); !synced) return synced;
        }
    }
    auto renamed = folder.rename(fresh, name, Existing::replace);
    return renamed && options.durable ? folder.sync() : renamed;
}

Result<std::string> readSmallFile(DiskFolder& folder, const std::string& name, std::size_t most) {
    auto file = folder.open(name, Access::read);
    if (!file) return fail(file.error());
    std::string text(most, '\0');
    const auto got = (*file)->readAt(0, std::as_writable_bytes(std::span(text)));
    if (!got) return fail(got.error());
    text.resize(*got);
    return text;
}

}  // namespace holdfast
