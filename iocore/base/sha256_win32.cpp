#include <windows.h>
// bcrypt.h needs windows.h before it.
#include <bcrypt.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "iocore/base/sha256.h"

namespace holdfast {

struct Sha256::State {
    BCRYPT_ALG_HANDLE algorithm = nullptr;
    BCRYPT_HASH_HANDLE hash = nullptr;
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (hash != nullptr) BCryptDestroyHash(hash);
        if (algorithm != nullptr) BCryptCloseAlgorithmProvider(algorithm, 0);
    }
};

Sha256::Sha256(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

Result<Sha256> Sha256::create() {
    auto state = std::make_unique<State>();
    NTSTATUS status =
        BCryptOpenAlgorithmProvider(&state->algorithm, BCRYPT_SHA256_ALGORITHM, nullptr, 0);
    if (status >= 0) {
        status = BCryptCreateHash(state->algorithm, &state->hash, nullptr, 0, nullptr, 0, 0);
    }
    if (status < 0) {
        return fail(Stage::disk,
                    fmt::format("SHA-256: the system's library has none (status {:#x})",
                                static_cast<std::uint32_t>(status)));
    }
    return Sha256(std::move(state));
}

void Sha256::update(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto block =
            bytes.first(std::min<std::size_t>(bytes.size(), std::numeric_limits<ULONG>::max()));
        BCryptHashData(state_->hash, reinterpret_cast<UCHAR*>(const_cast<std::byte*>(block.data())),
                       static_cast<ULONG>(block.size()), 0);
        bytes = bytes.subspan(block.size());
    }
}

std::string Sha256::hex() {
    std::array<UCHAR, 32> digest{};
    BCryptFinishHash(state_->hash, digest.data(), static_cast<ULONG>(digest.size()), 0);
    std::string text;
    for (const UCHAR byte : digest) text += fmt::format("{:02x}", byte);
    return text;
}

}  // namespace holdfast
