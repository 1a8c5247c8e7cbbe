// MeterScale: where a level stands on a meter, and which zone it is in. Pure.
#pragma once

namespace holdfast {

// -60 dBFS to 0; linear in decibels.
inline constexpr double kScaleFloorDb = -60;
inline constexpr double kWarmDb = -20;  // from here on the second zone
inline constexpr double kHotDb = -9;    // from here on the third

enum class MeterZone { calm, warm, hot };

// 0 (at the floor and below) to 1 (full scale and above).
double meterPosition(double db);
MeterZone meterZone(double db);

}  // namespace holdfast
