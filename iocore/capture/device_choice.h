// Which of the system's devices a name means: the rule that all platforms share.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "iocore/base/result.h"

namespace holdfast {

// What a device is called.
struct DeviceName {
    std::string id;    // stable, unique
    std::string name;  // for people; two devices may have the same
    bool isDefault = false;
};

// Index of the device that `wished` means. The first of these that finds any decides: the whole id;
// the whole name; a part of id or name, in any case of ASCII letters. An empty name is the default
// device. Errors: Stage::device, naming the devices that it could be, or those that there are.
// [any thread]
Result<std::size_t> chooseDevice(std::span<const DeviceName> devices, const std::string& wished);

}  // namespace holdfast
