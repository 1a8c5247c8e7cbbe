// Endpoints: what the system's device store (MMDevice API) says of a recording device.
//
// winmm's own names are cut at 31 characters and its numbers change when a device is plugged in;
// the endpoint's id is stable, and leads to its full name and its own format.
#pragma once

#include <windows.h>

#include <optional>
#include <string>

#include "iocore/capture/wavein_api.h"

namespace holdfast {

// The id of winmm's `device`, by waveInMessage; empty when the driver knows none.
// [control thread] [blocks]
std::wstring endpointIdOf(WaveInApi& api, UINT device);

// By COM, which is set up for the duration of the call. Nothing when there is no such endpoint.
// [control thread] [blocks]
std::optional<EndpointFacts> readEndpoint(const std::wstring& id);

// The default recording device's id; empty: there is none. [control thread] [blocks]
std::wstring readDefaultEndpoint();

}  // namespace holdfast
