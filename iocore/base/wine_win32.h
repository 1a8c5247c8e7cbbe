// Whether the "Windows" that runs us is Wine, for the few things that it does in the host's way.
#pragma once

namespace holdfast {

bool isWine();

}  // namespace holdfast
