#include "iocore/disk/digest_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

#include "iocore/base/sha256.h"

namespace holdfast {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;
constexpr int kNamesToTry = 10;

// As sha256sum does: a name with such characters is escaped, and a backslash in front says so.
std::string digestLine(const std::string& sha256, const std::string& name) {
    std::string escaped;
    for (const char c : name) {
        switch (c) {
            case '\\':
                escaped += "\\\\";
                break;
            case '\n':
                escaped += "\\n";
                break;
            case '\r':
                escaped += "\\r";
                break;
            default:
                escaped += c;
        }
    }
    return fmt::format("{}{}  {}\n", escaped == name ? "" : "\\", sha256, escaped);
}

bool says(DiskFolder& folder, const std::string& name, const std::string& line) {
    auto file = folder.open(name, Access::read);
    if (!file) return false;
    std::string there(line.size() + 1, '\0');
    const auto got = (*file)->readAt(0, std::as_writable_bytes(std::span(there)));
    return got && there.substr(0, *got) == line;
}

struct Temporary {
    std::string name;
    std::unique_ptr<DiskFile> file;
};

// What stands under such a name may be anybody's.
Result<Temporary> makeTemporary(DiskFolder& folder, const std::string& digestName) {
    Error error;
    for (int number = 1; number <= kNamesToTry; ++number) {
        const std::string name =
            digestName + (number == 1 ? std::string(".part") : fmt::format(".part-{}", number));
        auto file = folder.create(name, false);
        if (file) return Temporary{name, std::move(*file)};
        error = file.error();
        if (error.code != EEXIST) break;
    }
    return fail(std::move(error));
}

tl::unexpected<Error> takenName(const std::string& digestName, const std::string& sha256) {
    return fail(Stage::disk, EEXIST,
                fmt::format("{} is there already and says something else: it is left as it is; "
                            "the digest is {}",
                            digestName, sha256));
}

}  // namespace

std::string digestNameOf(const std::string& name) {
    return name + ".sha256";
}

Result<std::string> digestOfFile(DiskFolder& folder, const std::string& name,
                                 const std::function<bool()>& goOn) {
    auto digest = Sha256::create();
    if (!digest) return fail(digest.error());
    auto file = folder.open(name, Access::read);
    if (!file) return fail(file.error());
    std::vector<std::byte> piece(kPieceBytes);
    std::uint64_t offset = 0;
    while (true) {
        const auto got = (*file)->readAt(offset, piece);
        if (!got) return fail(got.error());
        digest->update(std::span<const std::byte>(piece).first(*got));
        offset += *got;
        if (*got < piece.size()) return digest->hex();
        if (!goOn()) return fail(Stage::disk, ECANCELED, name + ": its digest was left out");
    }
}

Result<> writeDigestFile(DiskFolder& folder, const std::string& name, const std::string& sha256,
                         Existing existing) {
    const std::string digestName = digestNameOf(name);
    const std::string line = digestLine(sha256, name);
    if (existing == Existing::refuse && folder.exists(digestName)) {
        return says(folder, digestName, line) ? Result<>{} : takenName(digestName, sha256);
    }
    auto made = makeTemporary(folder, digestName);
    if (!made) return fail(made.error());
    auto written = made->file->writeAt(0, std::as_bytes(std::span(line)))
                       .and_then([&] { return made->file->sync(); })
                       .and_then([&] { return folder.rename(made->name, digestName, existing); });
    if (written) return folder.sync();
    made->file.reset();
    (void)folder.remove(made->name);
    return written.error().code == EEXIST ? takenName(digestName, sha256) : written;
}

}  // namespace holdfast
