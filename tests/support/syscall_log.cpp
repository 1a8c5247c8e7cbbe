#include "tests/support/syscall_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <system_error>
#include <utility>

#include "tests/support/strace_line.h"

namespace holdfast {
namespace {

class LogReader {
  public:
    explicit LogReader(const SyscallLogOptions& options) : options_(options) {
        for (const auto& [name, bytes] : options.before) sizes_[name] = bytes->size();
    }

    // Joins the two halves of a call that others interrupted, and takes it in where it returned.
    void takeLine(const std::string& line) {
        const std::size_t pidEnd = line.find(' ');
        const std::size_t begin = line.find_first_not_of(' ', pidEnd);
        if (begin == std::string::npos) return;
        const std::string pid = line.substr(0, pidEnd);
        const std::string text = line.substr(begin);
        constexpr std::string_view kUnfinished = " <unfinished ...>";
        if (text.ends_with(kUnfinished)) {
            begun_[pid] = {text.substr(0, text.size() - kUnfinished.size()),
                           log_.operations.size()};
            return;
        }
        if (text.starts_with("<... ")) {
            const Begun begun = begun_[pid];
            const std::size_t rest = text.find('>');
            if (rest == std::string::npos) return;
            take(begun.text + text.substr(rest + 1), begun.operations);
            return;
        }
        take(text, log_.operations.size());
    }

    SyscallLog finish() { return std::move(log_); }

  private:
    struct Begun {
        std::string text;
        std::size_t operations = 0;  // returned before it began
    };
    using Kind = DiskOp::Kind;

    void take(const std::string& text, std::size_t begun) {
        const std::optional<StraceLine> parsed = StraceLine::parse(text);
        if (!parsed) return;
        const StraceLine& line = *parsed;
        for (const std::string& argument : line.arguments) {
            if (argument.starts_with("AT_FDCWD<")) {
                cwd_ = line.pathOf(static_cast<std::size_t>(&argument - line.arguments.data()));
            }
        }
        if (line.call == "fsync" || line.call == "fdatasync") return takeSync(line, begun);
        if (line.result < 0) return;  // no effect
        if (line.call == "openat") return takeOpen(line, 2);
        if (line.call == "open") return takeOpen(line, 1);
        if (line.call == "creat") return takeOpen(line, 1);
        if (line.call == "write" || line.call == "writev") return takeWrite(line, std::nullopt);
        if (line.call == "pwrite64" || line.call == "pwritev") {
            return takeWrite(line, line.number(3));
        }
        if (line.call == "lseek") {
            positions_[line.number(0)] = static_cast<std::uint64_t>(line.result);
            return;
        }
        if (line.call.starts_with("dup")) {
            const auto from = positions_.find(line.number(0));
            if (from == positions_.end()) return;
            const std::uint64_t position = from->second;
            positions_[static_cast<std::uint64_t>(line.result)] = position;
            return;
        }
        if (line.call == "ftruncate") return takeResize(line.pathOf(0), line.number(1));
        if (line.call == "fallocate") return takeAllocate(line);
        if (takeName(line)) return;
        takeUnknown(line);
    }

    std::optional<std::string> watched(const std::string& path) {
        const std::size_t slash = path.rfind('/');
        if (slash == std::string::npos || slash + 1 == path.size()) return std::nullopt;
        if (withoutLinks(path.substr(0, slash)) != options_.folder) return std::nullopt;
        return path.substr(slash + 1);
    }

    // Wine names files through its links to drives. Looked up after the fact: such links stay.
    const std::string& withoutLinks(const std::string& folder) {
        auto [at, isNew] = folders_.try_emplace(folder);
        if (isNew) {
            std::error_code ignored;
            at->second = std::filesystem::weakly_canonical(folder, ignored).string();
        }
        return at->second;
    }

    // The path that a call names by folder descriptor and string, or by string alone.
    std::string pathAt(const std::string& folder, const std::string& name) const {
        return name.starts_with('/') ? name : folder + "/" + name;
    }

    void add(DiskOp op) { log_.operations.push_back(std::move(op)); }

    DiskOp makeOp(Kind kind, const std::string& name) const {
        DiskOp op;
        op.kind = kind;
        op.name = name;
        return op;
    }

    void problem(const StraceLine& line, std::string_view why) {
        if (!log_.problem.empty()) return;
        log_.problem = fmt::format("{} on {}: {}", line.call, line.argument(0), why);
    }

    void takeOpen(const StraceLine& line, std::size_t flags) {
        const std::optional<std::string> name = watched(line.resultPath);
        positions_[static_cast<std::uint64_t>(line.result)] = 0;
        if (!name) return;
        if (line.has(flags, "O_SYNC") || line.has(flags, "O_DSYNC")) problem(line, "O_SYNC");
        if (line.has(flags, "O_APPEND")) problem(line, "O_APPEND");
        const bool creates = line.call == "creat" || line.has(flags, "O_CREAT");
        const bool truncates = line.call == "creat" || line.has(flags, "O_TRUNC");
        if (!sizes_.contains(*name)) {
            if (!creates) return problem(line, "was there before, and not told");
            add(makeOp(Kind::create, *name));
            sizes_[*name] = 0;
        } else if (truncates && sizes_[*name] > 0) {
            takeResize(line.resultPath, 0);
        }
    }

    void takeWrite(const StraceLine& line, std::optional<std::uint64_t> offset) {
        const std::optional<std::string> text = line.text(1);
        const std::optional<std::string> name = watched(line.pathOf(0));
        if (!name) {
            if (text && options_.promiseIn) takePromise(*text);
            return;
        }
        const auto count = static_cast<std::size_t>(line.result);
        if (!text || text->size() < count) return problem(line, "its bytes were cut short");
        DiskOp op = makeOp(Kind::write, *name);
        op.offset = offset ? *offset : positions_[line.number(0)];
        const auto bytes = std::as_bytes(std::span(*text)).first(count);
        op.bytes.assign(bytes.begin(), bytes.end());
        const std::uint64_t end = op.offset + count;
        if (!offset) positions_[line.number(0)] = end;
        sizes_[*name] = std::max(sizes_[*name], end);
        add(std::move(op));
    }

    void takePromise(std::string_view text) {
        const std::optional<std::uint64_t> promise = options_.promiseIn(text);
        if (!promise) return;
        DiskOp op = makeOp(Kind::acknowledge, "");
        op.offset = *promise;
        add(std::move(op));
    }

    void takeResize(const std::string& path, std::uint64_t bytes) {
        const std::optional<std::string> name = watched(path);
        if (!name) return;
        DiskOp op = makeOp(Kind::resize, *name);
        op.offset = bytes;
        sizes_[*name] = bytes;
        add(std::move(op));
    }

    void takeAllocate(const StraceLine& line) {
        const std::optional<std::string> name = watched(line.pathOf(0));
        if (!name || line.argument(1) == "FALLOC_FL_KEEP_SIZE") return;
        if (line.argument(1) != "0") return problem(line, "mode not modelled");
        const std::uint64_t end = line.number(2) + line.number(3);
        if (end > sizes_[*name]) takeResize(line.pathOf(0), end);
    }

    // The sync goes where it began as far as its own file is concerned: what returned while it ran
    // may not be covered, and moves behind it.
    void takeSync(const StraceLine& line, std::size_t begun) {
        const std::string path = line.pathOf(0);
        const bool isFolder = path == options_.folder;
        const std::optional<std::string> name = watched(path);
        if (!isFolder && !name) return;
        DiskOp op = makeOp(isFolder ? Kind::folderSync : Kind::sync, name.value_or(""));
        if (line.result < 0) op.error = EIO;  // which error does not matter to the medium
        const auto isBefore = [&](const DiskOp& other) {
            const bool isName = other.kind == Kind::create || other.kind == Kind::rename ||
                                other.kind == Kind::link || other.kind == Kind::remove;
            return isFolder ? !isName : isName || other.name != op.name;
        };
        const auto from = log_.operations.begin() + static_cast<std::ptrdiff_t>(begun);
        const auto at = std::stable_partition(from, log_.operations.end(), isBefore);
        log_.operations.insert(at, std::move(op));
    }

    // True for the calls that change names.
    bool takeName(const StraceLine& line) {
        if (line.call.starts_with("unlink")) {
            const bool isAt = line.call == "unlinkat";
            takeRemove(isAt ? pathAt(line.pathOf(0), line.text(1).value_or(""))
                            : pathAt(cwd_, line.text(0).value_or("")));
            return true;
        }
        const bool isRename = line.call.starts_with("rename");
        if (!isRename && !line.call.starts_with("link")) return false;
        const bool isAt = line.call != "rename" && line.call != "link";
        const std::string from = isAt ? pathAt(line.pathOf(0), line.text(1).value_or(""))
                                      : pathAt(cwd_, line.text(0).value_or(""));
        const std::string to = isAt ? pathAt(line.pathOf(2), line.text(3).value_or(""))
                                    : pathAt(cwd_, line.text(1).value_or(""));
        const std::optional<std::string> name = watched(from);
        const std::optional<std::string> toName = watched(to);
        if (!name && toName) problem(line, "comes from another folder");
        if (name && !toName && isRename) takeRemove(from);
        if (!name || !toName) return true;
        if (line.has(4, "RENAME_EXCHANGE")) problem(line, "exchange");
        DiskOp op = makeOp(isRename ? Kind::rename : Kind::link, *name);
        op.to = *toName;
        add(std::move(op));
        sizes_[*toName] = sizes_[*name];
        if (isRename) sizes_.erase(*name);
        return true;
    }

    void takeRemove(const std::string& path) {
        const std::optional<std::string> name = watched(path);
        if (!name || sizes_.erase(*name) == 0) return;
        add(makeOp(Kind::remove, *name));
    }

    void takeUnknown(const StraceLine& line) {
        const std::size_t target = line.call == "copy_file_range" ? 2 : line.call == "mmap" ? 4 : 0;
        if (!watched(line.pathOf(target))) return;
        if (line.call == "mmap" && !(line.has(2, "PROT_WRITE") && line.has(3, "MAP_SHARED")))
            return;
        if (line.call == "ioctl" && line.argument(1).find("FICLONE") == std::string_view::npos) {
            return;
        }
        if (line.call == "close") return;
        problem(line, "not modelled");
    }

    const SyscallLogOptions& options_;
    SyscallLog log_;
    std::map<std::string, Begun> begun_;                // by process id
    std::map<std::uint64_t, std::uint64_t> positions_;  // by descriptor
    std::map<std::string, std::uint64_t> sizes_;        // of the files there now
    std::map<std::string, std::string> folders_;        // as named -> without links
    std::string cwd_;
};

}  // namespace

std::vector<std::string> straceCommand(const std::string& logPath) {
    // -s: no write of ours is longer. Bytes not in the log would be a problem, not a gap.
    return {"strace",
            "-f",
            "-y",
            "-xx",
            "-s",
            "16777216",
            "-qq",
            "-e",
            "signal=none",
            "--seccomp-bpf",
            "-e",
            "trace=open,openat,creat,write,writev,pwrite64,pwritev,pwritev2,lseek,dup,dup2,dup3,"
            "ftruncate,truncate,fallocate,fdatasync,fsync,rename,renameat,renameat2,link,linkat,"
            "unlink,unlinkat,mmap,ioctl,copy_file_range,sendfile",
            "-o",
            logPath};
}

SyscallLog readSyscallLog(const std::string& logPath, const SyscallLogOptions& options) {
    LogReader reader(options);
    std::ifstream file(logPath);
    std::string line;
    while (std::getline(file, line)) reader.takeLine(line);
    return reader.finish();
}

}  // namespace holdfast
