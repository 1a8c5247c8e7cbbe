// Digest files, checked by the tool that people check them with.
#include "iocore/disk/digest_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/command_output.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

const std::string kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(DigestFile, Sha256sumChecksItWhateverTheNameIs) {
    const TempFolder folder;
    auto disk = openFolder(folder.path().string());
    ASSERT_TRUE(disk);
    for (const std::string name :
         {"take.wav", "two words.wav", "back\\slash.wav", "new\nline.wav"}) {
        std::ofstream(folder.path() / name) << "abc";
        ASSERT_TRUE(writeDigestFile(**disk, name, kOfAbc, Existing::refuse));
        const auto checked =
            outputOf("cd '" + folder.path().string() + "' && sha256sum -c '" + name + ".sha256'");
        EXPECT_EQ(checked.status, 0) << checked.text;
    }
}

}  // namespace
}  // namespace holdfast
