// What the generators of crash images share: file contents with their checksum, the effect of
// operations on names and bytes, and the sink that lets each image through once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>

#include "tests/support/crash_images.h"

namespace holdfast {

// Bytes that never change once made, so images share them instead of copying.
struct Content {
    std::shared_ptr<const Bytes> bytes;
    std::uint64_t checksum = 0;

    static Content of(Bytes bytes);
};

using NameMap = std::map<std::string, std::size_t>;  // name -> file

// The files and names of the disk before its log, numbered as the log numbers them.
struct StartingPoint {
    std::vector<Content> files;
    NameMap names;

    explicit StartingPoint(const FaultDisk& disk);
};

// Effect of a create, rename, link or remove; anything else has none.
void applyToNames(const DiskOp& op, NameMap& names);
// Writes the part [from, to) of the op's bytes, counted from the op's own start.
void applyRange(const DiskOp& op, std::size_t from, std::size_t to, Bytes& bytes);
// True for operations that change names and did not fail.
bool changesNames(const DiskOp& op);
// True for writes and resizes that reached the file at least in part.
bool changesBytes(const DiskOp& op);

// Hands every distinct image to the callback.
class ImageSink {
  public:
    explicit ImageSink(const ImageCallback& callback) : callback_(callback) {}

    struct Moment {
        std::size_t point;
        std::uint64_t acknowledged;
    };
    // `contentOf` gives the content of a file; the label is asked for only when it is needed.
    void offer(const NameMap& names, const std::function<const Content&(std::size_t)>& contentOf,
               Moment moment, const std::function<std::string()>& label);
    [[nodiscard]] ImageCounts counts() const { return counts_; }

  private:
    const ImageCallback& callback_;
    std::unordered_set<std::uint64_t> seen_;
    ImageCounts counts_;
};

}  // namespace holdfast
