// expectDocumentedOr: what the documentation of mmio says, or the one other thing that a system's
// layer is known to do.
//
// The conformance tests are one source for our layer and for a system's. Ours has to do as
// documented. A system's may also do what its row names, and nothing third: mmio_deviations_posix
// and mmio_deviations_win32 say which of the two is judged.
#pragma once

#include <gtest/gtest.h>

#include <source_location>

namespace holdfast::mmio_conformance {

// True where the layer under test is a system's. For expectDocumentedOr; no test asks it.
bool deviationsAreAccepted();

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
