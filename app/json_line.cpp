#include "app/json_line.h"

namespace holdfast {

Json opening(const char* event, const EventStamp& stamp) {
    return Json{{"v", 1}, {"event", event}, {"t_ns", stamp.timeNs}, {"frame", stamp.frame}};
}

Json formatJson(const PcmFormat& format) {
    return Json{{"rate", format.sampleRate},
                {"channels", format.channels},
                {"format", sampleTypeName(format.sampleType)}};
}

void setError(Json& json, const Error& error) {
    json["stage"] = stageName(error.stage);
    json["code"] = error.code;
    json["text"] = error.text;
}

std::string lineOf(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace holdfast
