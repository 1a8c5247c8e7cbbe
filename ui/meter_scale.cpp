#include "ui/meter_scale.h"

#include <algorithm>

namespace holdfast {

double meterPosition(double db) {
    return std::clamp((db - kScaleFloorDb) / -kScaleFloorDb, 0.0, 1.0);
}

MeterZone meterZone(double db) {
    if (db >= kHotDb) return MeterZone::hot;
    return db >= kWarmDb ? MeterZone::warm : MeterZone::calm;
}

}  // namespace holdfast
