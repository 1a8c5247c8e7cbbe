// What a system's layer is known to do instead of what the documentation of mmio says.
//
// The conformance tests are one source for our layer and for a system's. Ours has to do as
// documented. A system's may also do what is named: one value in expectDocumentedOr, or a whole row
// in the table of its mmio_deviations file. A row of the table that does as documented after all
// fails, so that the table never hides more than it says.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <source_location>
#include <span>

namespace holdfast::mmio_conformance {

// True where the layer under test is a system's. For expectDocumentedOr; no test asks it.
bool deviationsAreAccepted();

// A test that the layer under test is known not to pass.
struct Deviation {
    const char* test;  // "MmioMemory.FileOfNoBytesGrows"
    const char* does;  // what happens instead
    int failures;      // expectations that do not hold; kNeverReturns: it is not run
};
inline constexpr int kNeverReturns = -1;
std::span<const Deviation> knownDeviations();

// While one lives, the running test's failures are counted and not reported where it is in the
// table. Skips the test where it would never return.
class DeviationWatch {
  public:
    DeviationWatch();
    ~DeviationWatch();
    DeviationWatch(const DeviationWatch&) = delete;
    DeviationWatch& operator=(const DeviationWatch&) = delete;

    // Compares with the table. [once, at the test's end]
    void judge();

  private:
    struct Intercepted;
    const Deviation* row_ = nullptr;
    std::unique_ptr<Intercepted> intercepted_;
};

// `why` says what the other layer does, in a few words.
template <typename Actual, typename Documented, typename Accepted>
void expectDocumentedOr(const Actual& actual, const Documented& documented,
                        const Accepted& accepted, const char* why,
                        std::source_location row = std::source_location::current()) {
    if (actual == documented) return;
    if (deviationsAreAccepted() && actual == accepted) return;
    ADD_FAILURE_AT(row.file_name(), static_cast<int>(row.line()))
        << "is " << testing::PrintToString(actual) << ", documented is "
        << testing::PrintToString(documented)
        << (deviationsAreAccepted() ? ", known is " + testing::PrintToString(accepted) : "") << " ("
        << why << ")";
}

}  // namespace holdfast::mmio_conformance
