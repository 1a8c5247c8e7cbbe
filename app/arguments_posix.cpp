#include "app/arguments.h"

namespace holdfast {

Arguments::Arguments(int argc, const char* const* argv) : words_(argv, argv + argc) {
    pointAtWords();
}

}  // namespace holdfast
