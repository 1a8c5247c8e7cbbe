// Windows' error codes as the errno values that the rest of the code compares with.
#pragma once

namespace holdfast {

// Of GetLastError(); what has no fitting one is EIO.
int errnoOf(unsigned long code);
int lastErrno();

}  // namespace holdfast
