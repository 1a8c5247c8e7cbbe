// corpus_files: the corpus as files, and the judge of what any program made of them.
//
//   corpus_files write DIR          the files and DIR/corpus.json, what is true of each
//   corpus_files judge NAME RESULT  {"right":frames,"wrong":frames} of a sound file, by libsndfile
//   corpus_files sndfile IN OUT     libsndfile's own repair: opened for change, header renewed
#include <sndfile.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/support/corpus.h"

namespace holdfast {
namespace {

void writeFile(const std::string& path, const Bytes& bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
}

int writeAll(const std::string& folder) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const DamagedWav& file : makeCorpus()) {
        writeFile(folder + "/" + file.name + file.ending, file.bytes);
        list.push_back({{"name", file.name},
                        {"file", file.name + file.ending},
                        {"damage", file.damage},
                        {"rate", file.format.sampleRate},
                        {"channels", file.format.channels},
                        {"format", sampleTypeName(file.format.sampleType)},
                        {"frames", file.frames},
                        {"needs_format", file.needsFormat}});
    }
    std::ofstream(folder + "/corpus.json") << list.dump(1) << "\n";
    return 0;
}

// The samples of a result in the file's own type, whatever container it is in.
Bytes audioOf(const std::string& path, const DamagedWav& file) {
    SF_INFO info{};
    SNDFILE* sound = sf_open(path.c_str(), SFM_READ, &info);
    if (sound == nullptr) return {};
    const bool isFloat = file.format.sampleType == SampleType::F32;
    const auto channels = static_cast<std::size_t>(info.channels);
    std::vector<std::int32_t> block(4'096 * channels);
    const std::uint32_t width = bytesPerSample(file.format.sampleType);
    Bytes audio;
    for (;;) {
        const sf_count_t got =
            isFloat ? sf_readf_float(sound, reinterpret_cast<float*>(block.data()), 4'096)
                    : sf_readf_int(sound, block.data(), 4'096);
        if (got <= 0) break;
        for (std::size_t i = 0; i < static_cast<std::size_t>(got) * channels; ++i) {
            const auto* bytes = reinterpret_cast<const std::byte*>(&block[i]);
            audio.insert(audio.end(), bytes + (4 - width), bytes + 4);
        }
    }
    sf_close(sound);
    return audio;
}

int judge(const std::string& name, const std::string& path) {
    for (const DamagedWav& file : makeCorpus()) {
        if (file.name != name) continue;
        const Judged judged = judgeAudio(file, audioOf(path, file));
        std::cout << nlohmann::json{{"right", judged.right}, {"wrong", judged.wrong}} << "\n";
        return 0;
    }
    return 2;
}

int renew(const std::string& in, const std::string& out) {
    std::filesystem::copy_file(in, out, std::filesystem::copy_options::overwrite_existing);
    SF_INFO info{};
    SNDFILE* sound = sf_open(out.c_str(), SFM_RDWR, &info);
    if (sound == nullptr) return 1;
    sf_command(sound, SFC_UPDATE_HEADER_NOW, nullptr, 0);
    return sf_close(sound) == 0 ? 0 : 1;
}

int run(const std::vector<std::string>& words) {
    if (words.size() == 2 && words[0] == "write") return writeAll(words[1]);
    if (words.size() == 3 && words[0] == "judge") return judge(words[1], words[2]);
    if (words.size() == 3 && words[0] == "sndfile") return renew(words[1], words[2]);
    std::cerr << "corpus_files write DIR | judge NAME RESULT | sndfile IN OUT\n";
    return 2;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
    return holdfast::run({argv + 1, argv + argc});
}
