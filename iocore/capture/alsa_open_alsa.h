// Opening an ALSA device: the format that loses nothing, and what to do where it does not open.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "iocore/base/pcm_format.h"
#include "iocore/base/result.h"
#include "iocore/capture/alsa_pcm_alsa.h"
#include "iocore/capture/capture_source.h"

namespace holdfast {

// What makes a device's name one of ALSA's, as `--device` takes it.
inline constexpr const char* kAlsaPrefix = "alsa:";

struct AlsaOpened {
    std::unique_ptr<AlsaPcm> pcm;  // set up, not started
    AlsaSetup setup;
    CaptureGrant grant;
};

// Opens the PCM called `name` (without the prefix). First with conversion switched off, so that the
// device's own format is known; only what is asked for and the device does not have is left to
// plug-ins that convert, and then the grant says so. Errors: Stage::device, with the way out.
// [control thread] [blocks]
Result<AlsaOpened> openAlsa(const AlsaOpener& open, const std::string& name,
                            const CaptureRequest& request);

// How the device would be recorded from if nothing was asked for; unset where it can do nothing of
// what we know. [control thread] [blocks]
std::optional<AlsaSetup> ownAlsaSetup(AlsaPcm& pcm);
// The device's own format, as it was set up.
PcmFormat alsaOwnFormat(const AlsaSetup& setup);

// The error of opening `name`. `devices`: the folder of the device files, for the case in which
// none of them may be opened. [any thread] [blocks]
Error alsaOpenError(const std::string& name, int code, const std::string& devices = "/dev/snd");

}  // namespace holdfast
