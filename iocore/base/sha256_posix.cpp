#include "iocore/base/sha256.h"

#include <gcrypt.h>

#include <utility>

namespace holdfast {
namespace {

// Once in a process, before anything else of the library. Nothing here is secret.
void prepareLibrary() {
    static const bool ready = [] {
        if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) return true;
        gcry_check_version(nullptr);
        gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
        return true;
    }();
    (void)ready;
}

}  // namespace

struct Sha256::State {
    gcry_md_hd_t handle = nullptr;
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { gcry_md_close(handle); }
};

Sha256::Sha256(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

Result<Sha256> Sha256::create() {
    prepareLibrary();
    auto state = std::make_unique<State>();
    if (const gcry_error_t error = gcry_md_open(&state->handle, GCRY_MD_SHA256, 0); error != 0) {
        return fail(Stage::disk, std::string("SHA-256: ") + gcry_strerror(error));
    }
    return Sha256(std::move(state));
}

void Sha256::update(std::span<const std::byte> bytes) {
    gcry_md_write(state_->handle, bytes.data(), bytes.size());
}

std::string Sha256::hex() {
    static constexpr char kDigits[] = "0123456789abcdef";
    const unsigned char* const digest = gcry_md_read(state_->handle, GCRY_MD_SHA256);
    std::string text;
    for (unsigned i = 0; i < gcry_md_get_algo_dlen(GCRY_MD_SHA256); ++i) {
        text += kDigits[digest[i] >> 4];
        text += kDigits[digest[i] & 15];
    }
    return text;
}

}  // namespace holdfast
