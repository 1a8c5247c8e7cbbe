// The end of the user's session: logoff, restart, shutdown, an update that closes programs.
//
// Console events do not tell of it: a program that has loaded user32 (the sound system does) gets
// no logoff and no shutdown event. Windows are told; so there is one, which nobody sees.
#pragma once

#include <functional>

namespace holdfast {

// `onEnd` is called on a thread of this watch when the session ends for certain. Where there are
// no windows (a service), nothing is watched. The system ends the process when it has waited long
// enough, about 5 s; until the process ends by itself the watch does not let it go earlier.
// Once in a program. [control thread]
void watchSessionEnd(std::function<void()> onEnd);

}  // namespace holdfast
