#include "iocore/recorder/dead_rings.h"

#include <cstddef>
#include <vector>

#include "iocore/base/process_identity.h"
#include "iocore/disk/disk_file.h"
#include "iocore/ring/ring_format.h"

namespace holdfast {
namespace {

// A ring that is being made is not sealed yet, and so none.
bool isDead(DiskFolder& folder, const std::string& name) {
    auto file = folder.open(name, Access::read);
    if (!file) return false;
    std::vector<std::byte> head(kRingAudioOffset);
    const auto size = (*file)->size();
    const auto got = (*file)->readAt(0, head);
    if (!size || !got || *got != head.size()) return false;
    const auto ring = decodeRing(head, *size);
    return ring && ring->use == RingUse::monitoring && !isAlive(ring->writer);
}

}  // namespace

void removeDeadRings(const std::vector<std::string>& folders) {
    for (const std::string& path : folders) {
        const auto folder = openFolder(path);
        if (!folder) continue;
        const auto names = (*folder)->list();
        if (!names) continue;
        for (const std::string& name : *names) {
            if (name.ends_with(".ring") && isDead(**folder, name)) (void)(*folder)->remove(name);
        }
    }
}

}  // namespace holdfast
