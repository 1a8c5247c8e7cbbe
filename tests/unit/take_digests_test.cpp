// SHA-256 files: the digest, how it gets beside its file, and the thread that makes it.
#include "iocore/recorder/take_digests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <future>

#include "iocore/base/sha256.h"
#include "iocore/disk/digest_file.h"
#include "tests/support/crash_images.h"
#include "tests/support/take_builder.h"
#include "tests/support/temp_folder.h"

namespace holdfast {
namespace {

const std::string kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const std::string kAbcLine = kOfAbc + "  take.wav\n";

Bytes bytesOf(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    return {bytes.begin(), bytes.end()};
}

std::string textOf(const FaultDisk& disk, const std::string& name) {
    const Bytes bytes = fileOf(disk, name);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

FaultDisk diskWith(const std::map<std::string, std::string>& texts) {
    FileMap files;
    for (const auto& [name, text] : texts) {
        files[name] = std::make_shared<const Bytes>(bytesOf(text));
    }
    return FaultDisk::fromImage(files);
}

Result<> writeDigestOf(FaultDisk& disk, Existing existing) {
    return digestOfFile(disk, "take.wav", [] { return true; })
        .and_then([&](const std::string& hex) {
            return writeDigestFile(disk, "take.wav", hex, existing);
        });
}

// FIPS 180-2, appendix B.
TEST(Sha256, IsTheStandardsDigest) {
    auto digest = Sha256::create();
    ASSERT_TRUE(digest);
    digest->update(bytesOf("a"));
    digest->update(bytesOf("bc"));
    EXPECT_EQ(digest->hex(), kOfAbc);
    auto million = Sha256::create();
    const Bytes thousand = bytesOf(std::string(1'000, 'a'));
    for (int i = 0; i < 1'000; ++i) million->update(thousand);
    EXPECT_EQ(million->hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(DigestFile, IsWholeOrAbsentInEveryCrashState) {
    FaultDisk disk = diskWith({{"take.wav", "abc"}});
    ASSERT_TRUE(writeDigestOf(disk, Existing::refuse));
    EXPECT_EQ(textOf(disk, "take.wav.sha256"), kAbcLine);
    EXPECT_FALSE(disk.exists("take.wav.sha256.part"));
    const auto look = [](const CrashImage& image) {
        if (!image.has("take.wav.sha256")) return;
        EXPECT_EQ(image.at("take.wav.sha256"), bytesOf(kAbcLine)) << image.label;
    };
    // Another name would be one that somebody else may have.
    EXPECT_GT(forEachKillImage(disk, look).distinct, 3u);
    EXPECT_GT(forEachPowerImage(disk, {}, look).distinct, 3u);
}

TEST(DigestFile, AnotherFileUnderItsNameIsLeftAloneUnlessItMayBeReplaced) {
    FaultDisk disk = diskWith({{"take.wav", "abc"},
                               {"take.wav.sha256", "a list of my own\n"},
                               {"take.wav.sha256.part", "mine too"}});
    const auto refused = writeDigestOf(disk, Existing::refuse);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, EEXIST);
    EXPECT_NE(refused.error().text.find(kOfAbc), std::string::npos) << "the digest is told";
    EXPECT_EQ(textOf(disk, "take.wav.sha256"), "a list of my own\n");
    ASSERT_TRUE(writeDigestOf(disk, Existing::replace));
    EXPECT_EQ(textOf(disk, "take.wav.sha256"), kAbcLine);
    EXPECT_EQ(textOf(disk, "take.wav.sha256.part"), "mine too");
    EXPECT_TRUE(writeDigestOf(disk, Existing::refuse)) << "the same digest is there already";
}

TEST(DigestFile, FailureLeavesNothingBehind) {
    for (std::size_t operation = 0; operation < 4; ++operation) {
        FaultDisk disk = diskWith({{"take.wav", "abc"}});
        disk.failAt(operation, EIO);
        const auto written = writeDigestOf(disk, Existing::refuse);
        EXPECT_FALSE(written) << operation;
        EXPECT_EQ(disk.files().size(), 1u) << operation;
    }
}

// ---- the thread ----

struct Digests {
    explicit Digests(FaultDisk on, Existing existing = Existing::refuse) : disk(std::move(on)) {
        options.existing = existing;
        options.error = [this](const Error& error) { errors.push_back(error); };
        options.openFolder = [this](const std::string&) -> Result<std::unique_ptr<DiskFolder>> {
            return disk.handle();
        };
    }
    FaultDisk disk;
    DigestOptions options;
    std::vector<Error> errors;
};

TEST(TakeDigests, EachFileGetsOneAndTheLastIsTold) {
    Digests rig(diskWith({{"take.wav", "abc"}, {"take-002.wav", ""}}));
    TakeDigests digests(rig.options);
    digests.add("/fault/take-002.wav");
    digests.add("/fault/take.wav");
    const DigestsEnd end = digests.finish();
    EXPECT_EQ(end.path, "/fault/take.wav");
    EXPECT_EQ(end.sha256, kOfAbc);
    EXPECT_EQ(end.left, 0u);
    EXPECT_FALSE(end.unreadable);
    EXPECT_EQ(textOf(rig.disk, "take.wav.sha256"), kAbcLine);
    EXPECT_TRUE(rig.disk.exists("take-002.wav.sha256"));
    EXPECT_TRUE(rig.errors.empty());
}

// A split that waited would stand here for ever: the disk answers only afterwards.
TEST(TakeDigests, NamingAFileWaitsForNothing) {
    Digests rig(diskWith({{"take.wav", "abc"}, {"take-002.wav", ""}}));
    std::promise<void> answers;
    const std::shared_future<void> answered = answers.get_future().share();
    rig.options.openFolder = [&](const std::string&) -> Result<std::unique_ptr<DiskFolder>> {
        answered.wait();
        return rig.disk.handle();
    };
    TakeDigests digests(rig.options);
    digests.add("/fault/take.wav");
    digests.add("/fault/take-002.wav");
    answers.set_value();
    EXPECT_EQ(digests.finish().left, 0u);
    EXPECT_TRUE(rig.disk.exists("take.wav.sha256"));
    EXPECT_TRUE(rig.disk.exists("take-002.wav.sha256"));
}

TEST(TakeDigests, FileThatCannotBeReadBackIsSaid) {
    Digests rig(diskWith({{"take.wav", "abc"}}));
    TakeDigests digests(rig.options);
    digests.add("/fault/take.wav");
    digests.add("/fault/gone.wav");
    const DigestsEnd end = digests.finish();
    EXPECT_TRUE(end.unreadable);
    EXPECT_EQ(end.sha256, "");
    ASSERT_EQ(rig.errors.size(), 1u);
    EXPECT_NE(rig.errors[0].text.find("cannot be read back"), std::string::npos);
    EXPECT_TRUE(rig.disk.exists("take.wav.sha256"));
}

TEST(TakeDigests, DigestThatCannotBeWrittenIsSaidAndTheFileIsWell) {
    Digests rig(diskWith({{"take.wav", "abc"}, {"take.wav.sha256", "other"}}));
    TakeDigests digests(rig.options);
    digests.add("/fault/take.wav");
    const DigestsEnd end = digests.finish();
    EXPECT_FALSE(end.unreadable);
    EXPECT_EQ(end.sha256, kOfAbc);
    EXPECT_EQ(rig.errors.size(), 1u);
}

// A file that has no end, as seen by one who cannot wait for it.
class EndlessFile final : public DiskFile {
  public:
    explicit EndlessFile(std::function<void()> onRead) : onRead_(std::move(onRead)) {}
    Result<std::size_t> readAt(std::uint64_t, std::span<std::byte> into) override {
        onRead_();
        return into.size();
    }
    Result<> writeAt(std::uint64_t, std::span<const std::byte>) override { return {}; }
    Result<> resize(std::uint64_t) override { return {}; }
    Result<> sync() override { return {}; }
    Result<std::uint64_t> size() override { return 0; }
    Result<bool> tryLock() override { return true; }
    Result<std::int64_t> modificationTime() override { return 0; }
    Result<> setModificationTime(std::int64_t) override { return {}; }

  private:
    std::function<void()> onRead_;
};

class EndlessFolder final : public DiskFolder {
  public:
    explicit EndlessFolder(std::function<void()> onRead) : onRead_(std::move(onRead)) {}
    Result<std::unique_ptr<DiskFile>> create(const std::string& name, bool) override {
        return fail(Stage::disk, ENOSPC, name);
    }
    Result<std::unique_ptr<DiskFile>> open(const std::string&, Access) override {
        return std::make_unique<EndlessFile>(onRead_);
    }
    Result<> rename(const std::string&, const std::string&, Existing) override { return {}; }
    Result<> remove(const std::string&) override { return {}; }
    bool exists(const std::string&) override { return false; }
    Result<std::vector<std::string>> list() override { return std::vector<std::string>{}; }
    Result<> sync() override { return {}; }
    Result<std::uint64_t> freeBytes() override { return 0; }
    [[nodiscard]] std::string path() const override { return "/endless"; }

  private:
    std::function<void()> onRead_;
};

TEST(TakeDigests, CancelEndsWhatIsBeingReadAndWhatWaits) {
    Digests rig{FaultDisk()};
    std::promise<void> reading;
    std::once_flag once;
    rig.options.openFolder = [&](const std::string&) -> Result<std::unique_ptr<DiskFolder>> {
        return std::make_unique<EndlessFolder>(
            [&] { std::call_once(once, [&] { reading.set_value(); }); });
    };
    TakeDigests digests(rig.options);
    digests.add("/endless/take.wav");
    digests.add("/endless/take-002.wav");
    digests.hurry();
    reading.get_future().wait();
    digests.cancel();
    const DigestsEnd end = digests.finish();
    EXPECT_EQ(end.left, 2u);
    EXPECT_EQ(end.sha256, "");
    EXPECT_FALSE(end.unreadable);
    EXPECT_TRUE(rig.errors.empty());
}

// The end of a recording does not hang on a disk that does not answer.
TEST(TakeDigests, CancelLeavesADiskThatDoesNotAnswer) {
    Digests rig{FaultDisk()};
    auto asked = std::make_shared<std::promise<void>>();
    auto answers = std::make_shared<std::promise<void>>();
    rig.options.openFolder = [asked, answered = answers->get_future().share()](
                                 const std::string&) -> Result<std::unique_ptr<DiskFolder>> {
        asked->set_value();
        answered.wait();
        return fail(Stage::disk, EIO, "it answers at last");
    };
    {
        TakeDigests digests(rig.options);
        digests.add("/fault/take.wav");
        asked->get_future().wait();
        digests.cancel();
        EXPECT_EQ(digests.finish().left, 1u);
    }
    answers->set_value();
    EXPECT_TRUE(rig.errors.empty());
}

}  // namespace
}  // namespace holdfast
