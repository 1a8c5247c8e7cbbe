// SoundFile: an open libsndfile handle that closes itself.
#pragma once

#include <sndfile.h>

#include <memory>
#include <string>

namespace holdfast {

struct SoundFileCloser {
    void operator()(SNDFILE* file) const { sf_close(file); }
};
using SoundFile = std::unique_ptr<SNDFILE, SoundFileCloser>;

// Opens `path` (UTF-8) for reading; empty on failure, with the reason in sf_strerror(nullptr).
// [control thread] [blocks]
SoundFile openSoundFile(const std::string& path, SF_INFO& info);

}  // namespace holdfast
