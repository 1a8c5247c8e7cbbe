// Sha256: the digest that sha256sum prints, by libgcrypt.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "iocore/base/result.h"

namespace holdfast {

class Sha256 {
  public:
    // Errors: Stage::disk with the library's words; it has no memory, or allows no SHA-256.
    // [any thread]
    static Result<Sha256> create();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();

    void update(std::span<const std::byte> bytes);
    // 64 lower-case digits, of all bytes so far. Once.
    std::string hex();

  private:
    struct State;
    explicit Sha256(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace holdfast
