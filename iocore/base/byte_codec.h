// ByteWriter and ByteReader: little-endian fields in order, for records of variable length.
//
// The reader never goes past its end: a short or lying record makes ok() false and yields zeros, so
// a decoder reads straight through and asks once.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "iocore/base/little_endian.h"

namespace holdfast {

class ByteWriter {
  public:
    template <std::unsigned_integral T>
    ByteWriter& put(T value) {
        const std::size_t at = bytes_.size();
        bytes_.resize(at + sizeof(T));
        storeLe(bytes_.data() + at, value);
        return *this;
    }
    ByteWriter& put(std::span<const std::byte> raw) {
        bytes_.insert(bytes_.end(), raw.begin(), raw.end());
        return *this;
    }
    // Length (32 bit), then the characters.
    ByteWriter& put(std::string_view text) {
        put(static_cast<std::uint32_t>(text.size()));
        return put(std::as_bytes(std::span(text.data(), text.size())));
    }
    ByteWriter& zeros(std::size_t count) {
        bytes_.resize(bytes_.size() + count);
        return *this;
    }
    // In place of what was put there. REQUIRES that it was.
    template <std::unsigned_integral T>
    void putAt(std::size_t at, T value) {
        storeLe(bytes_.data() + at, value);
    }
    // To begin anew in the same memory.
    void clear() { bytes_.clear(); }
    void reserve(std::size_t count) { bytes_.reserve(count); }
    [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
    [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

  private:
    std::vector<std::byte> bytes_;
};

class ByteReader {
  public:
    explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

    template <std::unsigned_integral T>
    T get() {
        const auto raw = getBytes(sizeof(T));
        return raw.size() == sizeof(T) ? loadLe<T>(raw.data()) : T{0};
    }
    std::span<const std::byte> getBytes(std::size_t count) {
        if (count > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const auto part = rest_.first(count);
        rest_ = rest_.subspan(count);
        return part;
    }
    std::string getText() {
        const auto raw = getBytes(get<std::uint32_t>());
        return {reinterpret_cast<const char*>(raw.data()), raw.size()};
    }
    [[nodiscard]] std::span<const std::byte> rest() const { return rest_; }
    // False once anything was asked for that was not there.
    [[nodiscard]] bool ok() const { return ok_; }

  private:
    std::span<const std::byte> rest_;
    bool ok_ = true;
};

}  // namespace holdfast
