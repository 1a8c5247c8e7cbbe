// Windows has no manager of a user's services that is told how they stand.
#include "app/service_notice.h"

namespace holdfast {

std::unique_ptr<ServiceNotice> ServiceNotice::fromEnvironment() {
    return std::make_unique<ServiceNotice>();
}

}  // namespace holdfast
