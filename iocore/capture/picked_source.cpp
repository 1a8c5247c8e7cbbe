#include "iocore/capture/picked_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace holdfast {
namespace {

class PickedSource final : public CaptureSource {
  public:
    PickedSource(std::unique_ptr<CaptureSource> source, ChannelMap map)
        : source_(std::move(source)), map_(std::move(map)), grant_(source_->grant()) {
        grant_.format.channels = static_cast<std::uint32_t>(map_.size());
        // Of a part of the channels nobody knows where they are to be heard.
        grant_.format.channelMask =
            grant_.format.channels > 2 ? 0 : defaultChannelMask(grant_.format.channels);
        grant_.channelMap = map_;
    }

    [[nodiscard]] const CaptureGrant& grant() const override { return grant_; }
    Result<> start(CaptureFeed& feed) override {
        feed.pickChannels({source_->grant().format, map_});
        return source_->start(feed);
    }
    void stop() override { source_->stop(); }

  private:
    std::unique_ptr<CaptureSource> source_;
    ChannelMap map_;
    CaptureGrant grant_;
};

}  // namespace

Result<std::unique_ptr<CaptureSource>> pickChannels(std::unique_ptr<CaptureSource> source,
                                                    const ChannelMap& map) {
    const CaptureGrant& grant = source->grant();
    const std::uint32_t highest = *std::ranges::max_element(map);
    if (highest > grant.format.channels) {
        return fail(
            Stage::usage,
            fmt::format("--channel-map: {} has {} channel{}; there is no channel {}", grant.name,
                        grant.format.channels, grant.format.channels == 1 ? "" : "s", highest));
    }
    return std::make_unique<PickedSource>(std::move(source), map);
}

}  // namespace holdfast
