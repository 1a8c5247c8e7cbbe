#include "tests/support/sparse_disk.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>

namespace holdfast {
namespace {

constexpr std::size_t kPageBytes = 64 << 10;
using Page = std::array<std::byte, kPageBytes>;

bool isZero(std::span<const std::byte> bytes) {
    static constexpr Page zeros{};
    return std::memcmp(bytes.data(), zeros.data(), bytes.size()) == 0;
}

tl::unexpected<Error> missing(const std::string& name) {
    return fail(Stage::disk, ENOENT, name + ": not there");
}

}  // namespace

struct SparseDisk::File {
    std::string name;
    std::map<std::uint64_t, std::shared_ptr<const Page>> pages;
    std::uint64_t bytes = 0;
    std::int64_t modified = 1'000'000'000;

    // Calls with each part of [offset, offset + size) that lies in one page.
    template <typename Part>
    static void forEachPage(std::uint64_t offset, std::size_t size, Part part) {
        for (std::size_t done = 0; done < size;) {
            const std::uint64_t at = offset + done;
            const auto in = static_cast<std::size_t>(at % kPageBytes);
            const std::size_t count = std::min(size - done, kPageBytes - in);
            part(at / kPageBytes, in, done, count);
            done += count;
        }
    }

    void write(std::uint64_t offset, std::span<const std::byte> from) {
        forEachPage(offset, from.size(), [&](auto page, auto in, auto done, auto count) {
            const auto part = from.subspan(done, count);
            const auto found = pages.find(page);
            if (found == pages.end() && isZero(part)) return;
            auto changed = std::make_shared<Page>(found == pages.end() ? Page{} : *found->second);
            std::ranges::copy(part, changed->begin() + static_cast<std::ptrdiff_t>(in));
            pages[page] = std::move(changed);
        });
        bytes = std::max<std::uint64_t>(bytes, offset + from.size());
    }

    std::size_t read(std::uint64_t offset, std::span<std::byte> into) const {
        if (offset >= bytes) return 0;
        into = into.first(
            static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), bytes - offset)));
        forEachPage(offset, into.size(), [&](auto page, auto in, auto done, auto count) {
            const auto found = pages.find(page);
            if (found == pages.end()) {
                std::memset(into.data() + done, 0, count);
            } else {
                std::memcpy(into.data() + done, found->second->data() + in, count);
            }
        });
        return into.size();
    }

    void resize(std::uint64_t wanted) {
        if (wanted < bytes) {
            pages.erase(pages.lower_bound(wanted / kPageBytes + 1), pages.end());
            const std::uint64_t page = wanted / kPageBytes;
            if (const auto found = pages.find(page); found != pages.end()) {
                auto cut = std::make_shared<Page>(*found->second);
                std::fill(cut->begin() + static_cast<std::ptrdiff_t>(wanted % kPageBytes),
                          cut->end(), std::byte{0});
                found->second = std::move(cut);
            }
        }
        bytes = wanted;
    }
};

namespace {

using Look = std::function<void(const std::string&, std::uint64_t)>;

class Handle final : public DiskFile {
  public:
    Handle(std::shared_ptr<SparseDisk::File> file, std::shared_ptr<Look> look)
        : file_(std::move(file)), look_(std::move(look)) {}

    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) override {
        return file_->read(offset, into);
    }
    Result<> writeAt(std::uint64_t offset, std::span<const std::byte> bytes) override {
        file_->write(offset, bytes);
        if (*look_) (*look_)(file_->name, offset);
        return {};
    }
    Result<> resize(std::uint64_t bytes) override {
        file_->resize(bytes);
        return {};
    }
    Result<> sync() override { return {}; }
    Result<std::uint64_t> size() override { return file_->bytes; }
    Result<bool> tryLock() override { return true; }
    Result<std::int64_t> modificationTime() override { return file_->modified; }
    Result<> setModificationTime(std::int64_t nanoseconds) override {
        file_->modified = nanoseconds;
        return {};
    }

  private:
    std::shared_ptr<SparseDisk::File> file_;
    std::shared_ptr<Look> look_;
};

}  // namespace

SparseDisk::SparseDisk(const SparseDisk& other) : DiskFolder() {
    for (const auto& [name, file] : other.files_) files_[name] = std::make_shared<File>(*file);
}

void SparseDisk::afterWrite(Look look) {
    *look_ = std::move(look);
}

bool SparseDisk::sameAs(const SparseDisk& other, const std::string& name) const {
    const auto mine = files_.find(name);
    const auto theirs = other.files_.find(name);
    if (mine == files_.end() || theirs == other.files_.end()) return false;
    const File& a = *mine->second;
    const File& b = *theirs->second;
    const auto covers = [](const File& all, const File& part) {
        return std::ranges::all_of(part.pages, [&](const auto& page) {
            const auto found = all.pages.find(page.first);
            return found == all.pages.end() ? isZero(*page.second) : *found->second == *page.second;
        });
    };
    return a.bytes == b.bytes && covers(a, b) && covers(b, a);
}

std::uint64_t SparseDisk::storedBytes() const {
    std::uint64_t bytes = 0;
    for (const auto& [name, file] : files_) bytes += file->pages.size() * kPageBytes;
    return bytes;
}

Result<std::unique_ptr<DiskFile>> SparseDisk::create(const std::string& name, bool) {
    if (exists(name)) return fail(Stage::disk, EEXIST, name + ": is there already");
    auto file = std::make_shared<File>();
    file->name = name;
    files_[name] = file;
    return std::make_unique<Handle>(std::move(file), look_);
}

Result<std::unique_ptr<DiskFile>> SparseDisk::open(const std::string& name, Access) {
    const auto found = files_.find(name);
    if (found == files_.end()) return missing(name);
    return std::make_unique<Handle>(found->second, look_);
}

Result<> SparseDisk::rename(const std::string& from, const std::string& to, Existing existing) {
    const auto found = files_.find(from);
    if (found == files_.end()) return missing(from);
    if (existing == Existing::refuse && exists(to)) {
        return fail(Stage::disk, EEXIST, to + ": is there already");
    }
    auto file = found->second;
    files_.erase(found);
    file->name = to;
    files_[to] = std::move(file);
    return {};
}

Result<> SparseDisk::remove(const std::string& name) {
    return files_.erase(name) == 1 ? Result<>{} : missing(name);
}

Result<std::vector<std::string>> SparseDisk::list() {
    std::vector<std::string> names;
    for (const auto& [name, file] : files_) names.push_back(name);
    return names;
}

}  // namespace holdfast
