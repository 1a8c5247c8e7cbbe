#include "iocore/recorder/take_files.h"

#include <fmt/format.h>

#include <cerrno>

#include "iocore/base/path_text.h"
#include "iocore/base/shell_quoted.h"

namespace holdfast {

TakeNames TakeNames::of(const std::string& wavName) {
    const std::string stem = wavName.substr(0, wavName.size() - 4);
    return {wavName, stem + ".part.wav", wavName + ".journal"};
}

TakeNames TakeNames::ofPart(const std::string& wavName, std::uint32_t index, int attempt) {
    const std::size_t stem = wavName.size() - 4;
    const std::string part = index > 1 ? fmt::format("-{:03}", index) : "";
    const std::string again = attempt > 1 ? fmt::format("-{}", attempt) : "";
    return of(wavName.substr(0, stem) + part + again + wavName.substr(stem));
}

Result<> checkNamesAreFree(DiskFolder& folder, const TakeNames& names, Existing existing) {
    const std::string path = joinPath(folder.path(), names.final);
    for (const std::string& left : {names.journal, names.part}) {
        if (!folder.exists(left)) continue;
        const std::string take = folder.exists(names.final)  ? names.final
                                 : folder.exists(names.part) ? names.part
                                                             : names.journal;
        return fail(Stage::usage,
                    fmt::format("{} belongs to a take that was not finished; it is left as it is. "
                                "Recover it first:  holdfast-recover repair --in-place {}",
                                left, shellQuoted(joinPath(folder.path(), take))));
    }
    if (existing == Existing::refuse && folder.exists(names.final)) {
        return fail(Stage::usage,
                    fmt::format("{} is there already; choose another name, or --overwrite", path));
    }
    return {};
}

Result<> renameToFinal(DiskFolder& folder, TakeNames& names, Existing existing) {
    const std::string stem = names.final.substr(0, names.final.size() - 4);
    const std::string extension = names.final.substr(names.final.size() - 4);
    auto renamed = folder.rename(names.part, names.final, existing);
    for (int number = 2; !renamed && renamed.error().code == EEXIST && number < 1000; ++number) {
        const TakeNames next = TakeNames::of(fmt::format("{}-{}{}", stem, number, extension));
        renamed = folder.rename(names.part, next.final, Existing::refuse);
        if (!renamed) continue;
        // The journal follows its take; recovery finds it by the take id where it does not.
        if (folder.rename(names.journal, next.journal, Existing::refuse)) {
            names.journal = next.journal;
        }
        names.final = next.final;
    }
    return renamed;
}

}  // namespace holdfast
