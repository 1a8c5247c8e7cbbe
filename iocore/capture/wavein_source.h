// WaveInSource: records from a device of Windows' winmm.
#pragma once

#include <memory>
#include <optional>

#include "iocore/base/result.h"
#include "iocore/capture/capture_source.h"
#include "iocore/capture/wavein_api.h"
#include "iocore/capture/wavein_plan.h"
#include "iocore/capture/wavein_session.h"

namespace holdfast {

struct WaveInOptions {
    std::optional<ForcedHeaders> forced;
    WaveInPatience patience;
};

class WaveInSource final : public CaptureSource {
  public:
    // As openSystemSource(). [control thread] [blocks]
    static Result<std::unique_ptr<WaveInSource>> open(const std::shared_ptr<WaveInApi>& api,
                                                      const CaptureRequest& request,
                                                      const WaveInOptions& options);
    // Closes the device; one that hangs is left behind at a deadline. [control thread] [blocks]
    ~WaveInSource() override;
    WaveInSource(const WaveInSource&) = delete;
    WaveInSource& operator=(const WaveInSource&) = delete;

    [[nodiscard]] const CaptureGrant& grant() const override { return grant_; }
    Result<> start(CaptureFeed& feed) override;
    void stop() override;

  private:
    WaveInSource(CaptureGrant grant, std::shared_ptr<WaveInSession> session);

    CaptureGrant grant_;
    std::shared_ptr<WaveInSession> session_;
};

}  // namespace holdfast
