#include "iocore/capture/file_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "iocore/base/little_endian.h"
#include "iocore/capture/clocked_source.h"
#include "iocore/capture/frame_counter.h"
#include "iocore/capture/sample_choice.h"
#include "iocore/capture/sound_file.h"

namespace holdfast {

namespace {

// Frames read in one go.
constexpr std::uint64_t kReadFrames = 4096;

// The narrowest of our types that holds every sample of the file.
SampleType nativeType(int fileFormat) {
    switch (fileFormat & SF_FORMAT_SUBMASK) {
        case SF_FORMAT_PCM_24:
        case SF_FORMAT_ALAC_20:
        case SF_FORMAT_ALAC_24:
            return SampleType::S24;
        case SF_FORMAT_PCM_32:
        case SF_FORMAT_ALAC_32:
            return SampleType::S32;
        case SF_FORMAT_FLOAT:
        case SF_FORMAT_DOUBLE:
        case SF_FORMAT_VORBIS:
        case SF_FORMAT_OPUS:
        case SF_FORMAT_MPEG_LAYER_I:
        case SF_FORMAT_MPEG_LAYER_II:
        case SF_FORMAT_MPEG_LAYER_III:
            return SampleType::F32;
        default:
            return SampleType::S16;
    }
}

std::uint32_t toInteger(float sample, std::uint32_t bits) {
    const double fullScale = std::ldexp(1.0, static_cast<int>(bits) - 1);
    const double scaled = std::isnan(sample) ? 0.0 : sample * fullScale;
    return static_cast<std::uint32_t>(std::llrint(std::clamp(scaled, -fullScale, fullScale - 1)));
}

// Reads integers as integers and floats as floats, so that nothing is scaled that need not be.
class FileGenerator final : public FrameGenerator {
  public:
    FileGenerator(SoundFile file, const PcmFormat& format, SampleType native)
        : file_(std::move(file)),
          format_(format),
          asFloat_(native == SampleType::F32 || format.sampleType == SampleType::F32),
          ints_(asFloat_ ? 0 : kReadFrames * format.channels),
          floats_(asFloat_ ? kReadFrames * format.channels : 0) {}

    Result<std::uint64_t> fill(std::uint64_t firstFrame, std::span<std::byte> to) override {
        if (firstFrame != position_) {
            // The ring lost frames: the file goes on with them, as a device would.
            const auto wanted = static_cast<sf_count_t>(firstFrame);
            if (sf_seek(file_.get(), wanted, SEEK_SET) != wanted) return std::uint64_t{0};
            position_ = firstFrame;
        }
        const std::uint64_t frames = to.size() / format_.bytesPerFrame();
        std::uint64_t filled = 0;
        while (filled < frames) {
            const std::uint64_t wanted = std::min(frames - filled, kReadFrames);
            const std::uint64_t got =
                readInto(to.data() + filled * format_.bytesPerFrame(), wanted);
            filled += got;
            if (got < wanted) break;
        }
        position_ += filled;
        if (filled < frames && sf_error(file_.get()) != SF_ERR_NO_ERROR) {
            return fail(Stage::device, fmt::format("reading failed after frame {}: {}", position_,
                                                   sf_strerror(file_.get())));
        }
        return filled;
    }

  private:
    std::uint64_t readInto(std::byte* to, std::uint64_t frames) {
        const auto wanted = static_cast<sf_count_t>(frames);
        const sf_count_t got = asFloat_ ? sf_readf_float(file_.get(), floats_.data(), wanted)
                                        : sf_readf_int(file_.get(), ints_.data(), wanted);
        const std::uint64_t samples = static_cast<std::uint64_t>(got) * format_.channels;
        const std::uint32_t bytes = bytesPerSample(format_.sampleType);
        if (format_.sampleType == SampleType::F32) {
            std::memcpy(to, floats_.data(), samples * bytes);
            return static_cast<std::uint64_t>(got);
        }
        for (std::uint64_t i = 0; i < samples; ++i) {
            // Integers come left-aligned in 32 bits.
            const std::uint32_t value =
                asFloat_ ? toInteger(floats_[i], 8 * bytes)
                         : static_cast<std::uint32_t>(ints_[i]) >> (32 - 8 * bytes);
            for (std::uint32_t b = 0; b < bytes; ++b) {
                *to++ = static_cast<std::byte>(value >> (8 * b));
            }
        }
        return static_cast<std::uint64_t>(got);
    }

    SoundFile file_;
    PcmFormat format_;
    bool asFloat_;
    std::vector<int> ints_;
    std::vector<float> floats_;
    std::uint64_t position_ = 0;
};

Result<> checkWishes(const CaptureRequest& request, const SF_INFO& info) {
    const auto differs = [&](std::string_view what, int has, std::uint32_t wished) {
        return fail(Stage::usage, fmt::format("{} has {} {}, not {}: a file is not converted to "
                                              "another rate or number of channels",
                                              request.device, has, what, wished));
    };
    if (request.sampleRate && *request.sampleRate != static_cast<std::uint32_t>(info.samplerate)) {
        return differs("Hz", info.samplerate, *request.sampleRate);
    }
    if (request.channels && *request.channels != static_cast<std::uint32_t>(info.channels)) {
        return differs("channels", info.channels, *request.channels);
    }
    return {};
}

CaptureGrant makeGrant(const CaptureRequest& request, const SF_INFO& info) {
    CaptureGrant grant;
    grant.id = request.device;
    grant.name = request.device.substr(kFilePrefix.size());
    grant.deviceFormat.sampleRate = static_cast<std::uint32_t>(info.samplerate);
    grant.deviceFormat.channels = static_cast<std::uint32_t>(info.channels);
    grant.deviceFormat.sampleType = nativeType(info.format);
    // Beyond stereo a count of channels says too little about where they belong.
    grant.deviceFormat.channelMask = info.channels <= 2 ? defaultChannelMask(info.channels) : 0;
    grant.format = grant.deviceFormat;
    grant.format.sampleType =
        request.sampleType.value_or(losslessFileType(grant.deviceFormat.sampleType));
    grant.converted = !holdsExactly(grant.format.sampleType, grant.deviceFormat.sampleType) ||
                      (info.format & SF_FORMAT_SUBMASK) == SF_FORMAT_DOUBLE;
    grant.paced = !request.maxSpeed;
    return grant;
}

}  // namespace

Result<std::unique_ptr<CaptureSource>> openFileSource(const CaptureRequest& request) {
    const std::string path = request.device.substr(kFilePrefix.size());
    if (path.empty()) {
        return fail(Stage::usage, "device 'file:' names no file: use file:PATH");
    }
    SF_INFO info{};
    SoundFile file = openSoundFile(path, info);
    if (!file) {
        return fail(Stage::device,
                    fmt::format("{} cannot be read: {}", request.device, sf_strerror(nullptr)));
    }
    if (auto wishes = checkWishes(request, info); !wishes) return fail(wishes.error());
    CaptureGrant grant = makeGrant(request, info);
    if (auto valid = validate(grant.format); !valid) return fail(valid.error());
    grant.fragmentFrames = clockedFragmentFrames(request, grant.format);
    auto counter = FrameCounter::fromEnvironment();
    if (!counter) return fail(counter.error());
    auto generator = std::make_unique<FileGenerator>(std::move(file), grant.format,
                                                     grant.deviceFormat.sampleType);
    return std::make_unique<ClockedSource>(std::move(grant), std::move(generator),
                                           std::vector<ClockedFault>{}, std::move(*counter));
}

}  // namespace holdfast
