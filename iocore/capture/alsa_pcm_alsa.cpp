#include "iocore/capture/alsa_pcm_alsa.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "iocore/capture/alsa_format_alsa.h"

namespace holdfast {

namespace {

using HwParams = std::unique_ptr<snd_pcm_hw_params_t, decltype(&snd_pcm_hw_params_free)>;
using SwParams = std::unique_ptr<snd_pcm_sw_params_t, decltype(&snd_pcm_sw_params_free)>;

constexpr int kNoConversion =
    SND_PCM_NO_AUTO_RESAMPLE | SND_PCM_NO_AUTO_CHANNELS | SND_PCM_NO_AUTO_FORMAT;

HwParams makeHwParams() {
    snd_pcm_hw_params_t* params = nullptr;
    snd_pcm_hw_params_malloc(&params);
    return {params, snd_pcm_hw_params_free};
}

SwParams makeSwParams() {
    snd_pcm_sw_params_t* params = nullptr;
    snd_pcm_sw_params_malloc(&params);
    return {params, snd_pcm_sw_params_free};
}

std::uint64_t inNs(const timespec& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(time.tv_nsec);
}

void saysNothing(const char*, int, const char*, int, const char*, ...) {}

class SystemPcm final : public AlsaPcm {
  public:
    SystemPcm(snd_pcm_t* pcm, int stop) : pcm_(pcm), stop_(stop) {}
    ~SystemPcm() override {
        close();
        ::close(stop_);
    }

    AlsaAbilities abilities(const AlsaFixed& fixed) override;
    int configure(AlsaSetup& setup) override;
    snd_pcm_type_t type() override { return snd_pcm_type(pcm_); }
    std::string fullName() override;

    int start() override { return snd_pcm_start(pcm_); }
    snd_pcm_sframes_t read(std::byte* to, std::uint64_t frames) override {
        return snd_pcm_readi(pcm_, to, frames);
    }
    int prepare() override { return snd_pcm_prepare(pcm_); }
    int resume() override { return snd_pcm_resume(pcm_); }
    void drop() override { snd_pcm_drop(pcm_); }
    AlsaStanding standing() override;
    void wait(std::chrono::milliseconds atMost) override;
    void pause(std::chrono::milliseconds atMost) override;
    void close() override {
        if (pcm_ != nullptr) snd_pcm_close(std::exchange(pcm_, nullptr));
    }
    std::uint64_t nowNs() override {
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        return inNs(now);
    }
    void wake() override {
        const std::uint64_t one = 1;
        // Full: it is readable already.
        [[maybe_unused]] const auto written = ::write(stop_, &one, sizeof one);
    }

  private:
    int begin(snd_pcm_hw_params_t* params, const AlsaFixed& fixed);
    int setSizes(const AlsaFixed& fixed, const AlsaSetup& setup, snd_pcm_hw_params_t* params);
    int setBuffer(const AlsaSetup& setup, snd_pcm_hw_params_t* params);
    int setPeriod(const AlsaSetup& setup, snd_pcm_hw_params_t* params);
    int configureWaking(const AlsaSetup& setup);
    void readPositions(AlsaSetup& setup);

    snd_pcm_t* pcm_;
    int stop_;                    // eventfd, readable once a wait has to end
    std::vector<pollfd> polled_;  // stop_, then the device's own
};

// All that the device can do, narrowed to what is fixed.
int SystemPcm::begin(snd_pcm_hw_params_t* params, const AlsaFixed& fixed) {
    if (const int any = snd_pcm_hw_params_any(pcm_, params); any < 0) return any;
    int done = snd_pcm_hw_params_set_access(pcm_, params, SND_PCM_ACCESS_RW_INTERLEAVED);
    if (done == 0 && fixed.rate) {
        done = snd_pcm_hw_params_set_rate(pcm_, params, *fixed.rate, 0);
    }
    if (done == 0 && fixed.channels) {
        done = snd_pcm_hw_params_set_channels(pcm_, params, *fixed.channels);
    }
    if (done == 0 && fixed.format) {
        done = snd_pcm_hw_params_set_format(pcm_, params, *fixed.format);
    }
    return done;
}

AlsaAbilities SystemPcm::abilities(const AlsaFixed& fixed) {
    AlsaAbilities able;
    const HwParams params = makeHwParams();
    if (begin(params.get(), fixed) < 0) return able;
    snd_pcm_hw_params_get_rate_min(params.get(), &able.leastRate, nullptr);
    snd_pcm_hw_params_get_rate_max(params.get(), &able.mostRate, nullptr);
    snd_pcm_hw_params_get_channels_min(params.get(), &able.leastChannels);
    snd_pcm_hw_params_get_channels_max(params.get(), &able.mostChannels);
    for (const snd_pcm_format_t format : kAlsaFormats) {
        if (snd_pcm_hw_params_test_format(pcm_, params.get(), format) == 0) {
            able.formats.push_back(format);
        }
    }
    return able;
}

// The buffer matters most; where a driver cannot have the period beside it, the other way round,
// then without a period of ours, then as the driver likes.
int SystemPcm::setSizes(const AlsaFixed& fixed, const AlsaSetup& setup,
                        snd_pcm_hw_params_t* params) {
    enum class Wish { buffer, period };
    const std::vector<std::vector<Wish>> tries = {
        {Wish::buffer, Wish::period}, {Wish::period, Wish::buffer}, {Wish::buffer}, {}};
    int done = -EINVAL;
    for (const auto& wishes : tries) {
        done = begin(params, fixed);
        for (const Wish wish : wishes) {
            if (done < 0) break;
            done = wish == Wish::buffer ? setBuffer(setup, params) : setPeriod(setup, params);
        }
        if (done >= 0) done = snd_pcm_hw_params(pcm_, params);
        if (done >= 0) return done;
    }
    return done;
}

int SystemPcm::setBuffer(const AlsaSetup& setup, snd_pcm_hw_params_t* params) {
    snd_pcm_uframes_t frames = setup.bufferFrames;
    return snd_pcm_hw_params_set_buffer_size_near(pcm_, params, &frames);
}

// At least four in a buffer, however small that turned out.
int SystemPcm::setPeriod(const AlsaSetup& setup, snd_pcm_hw_params_t* params) {
    snd_pcm_uframes_t buffer = 0;
    snd_pcm_hw_params_get_buffer_size_max(params, &buffer);
    snd_pcm_uframes_t frames =
        std::clamp<std::uint64_t>(setup.periodFrames, 1, std::max<std::uint64_t>(buffer / 4, 1));
    return snd_pcm_hw_params_set_period_size_near(pcm_, params, &frames, nullptr);
}

int SystemPcm::configure(AlsaSetup& setup) {
    const HwParams params = makeHwParams();
    const AlsaFixed fixed{setup.rate, setup.channels, setup.format};
    if (const int done = setSizes(fixed, setup, params.get()); done < 0) return done;
    snd_pcm_uframes_t period = 0;
    snd_pcm_uframes_t buffer = 0;
    snd_pcm_hw_params_get_period_size(params.get(), &period, nullptr);
    snd_pcm_hw_params_get_buffer_size(params.get(), &buffer);
    setup.periodFrames = period;
    setup.bufferFrames = buffer;
    setup.significantBits = snd_pcm_hw_params_get_sbits(params.get());
    readPositions(setup);
    return configureWaking(setup);
}

std::string SystemPcm::fullName() {
    snd_pcm_info_t* info = nullptr;
    snd_pcm_info_malloc(&info);
    const std::unique_ptr<snd_pcm_info_t, decltype(&snd_pcm_info_free)> owner(info,
                                                                              snd_pcm_info_free);
    if (snd_pcm_info(pcm_, info) < 0) return {};
    char* card = nullptr;
    if (snd_pcm_info_get_card(info) < 0 ||
        snd_card_get_name(snd_pcm_info_get_card(info), &card) < 0) {
        return {};
    }
    const std::unique_ptr<char, decltype(&std::free)> cardOwner(card, std::free);
    const std::string name = snd_pcm_info_get_name(info);
    return name.empty() ? std::string(card) : std::string(card) + ", " + name;
}

void SystemPcm::readPositions(AlsaSetup& setup) {
    setup.positions.clear();
    snd_pcm_chmap_t* map = snd_pcm_get_chmap(pcm_);
    if (map == nullptr) return;
    setup.positions.assign(map->pos, map->pos + map->channels);
    std::free(map);
}

// A wake-up a period, a start only by our word, and the time of the monotonic clock.
int SystemPcm::configureWaking(const AlsaSetup& setup) {
    const SwParams params = makeSwParams();
    snd_pcm_uframes_t never = 0;
    int done = snd_pcm_sw_params_current(pcm_, params.get());
    if (done == 0) done = snd_pcm_sw_params_get_boundary(params.get(), &never);
    if (done == 0) done = snd_pcm_sw_params_set_start_threshold(pcm_, params.get(), never);
    if (done == 0) done = snd_pcm_sw_params_set_avail_min(pcm_, params.get(), setup.periodFrames);
    if (done < 0) return done;
    snd_pcm_sw_params_set_tstamp_mode(pcm_, params.get(), SND_PCM_TSTAMP_ENABLE);
    snd_pcm_sw_params_set_tstamp_type(pcm_, params.get(), SND_PCM_TSTAMP_TYPE_MONOTONIC);
    done = snd_pcm_sw_params(pcm_, params.get());
    if (done < 0) return done;
    const int own = snd_pcm_poll_descriptors_count(pcm_);
    if (own < 0) return own;
    polled_.assign(static_cast<std::size_t>(own) + 1, pollfd{stop_, POLLIN, 0});
    const int filled =
        snd_pcm_poll_descriptors(pcm_, polled_.data() + 1, static_cast<unsigned int>(own));
    return filled < 0 ? filled : 0;
}

AlsaStanding SystemPcm::standing() {
    snd_pcm_uframes_t waiting = 0;
    snd_htimestamp_t at{};
    const bool isKnown = snd_pcm_htimestamp(pcm_, &waiting, &at) == 0;
    // Plug-ins leave the time out.
    const bool hasTime = isKnown && (at.tv_sec != 0 || at.tv_nsec != 0);
    return {isKnown ? waiting : 0, hasTime ? inNs(at) : nowNs()};
}

void SystemPcm::wait(std::chrono::milliseconds atMost) {
    // Interrupted or failed: whoever reads next finds out.
    const int ready = ::poll(polled_.data(), polled_.size(), static_cast<int>(atMost.count()));
    if (ready <= 0) return;
    // Some plug-ins clear what has woken us only here.
    unsigned short events = 0;
    snd_pcm_poll_descriptors_revents(pcm_, polled_.data() + 1,
                                     static_cast<unsigned int>(polled_.size() - 1), &events);
}

void SystemPcm::pause(std::chrono::milliseconds atMost) {
    pollfd stop{stop_, POLLIN, 0};
    (void)::poll(&stop, 1, static_cast<int>(atMost.count()));
}

}  // namespace

void silenceAlsa() {
    snd_lib_error_set_handler(saysNothing);
}

int openAlsaPcm(std::unique_ptr<AlsaPcm>& pcm, const std::string& name, AlsaConversion conversion) {
    silenceAlsa();
    snd_pcm_t* opened = nullptr;
    const int mode = SND_PCM_NONBLOCK | (conversion == AlsaConversion::never ? kNoConversion : 0);
    const int result = snd_pcm_open(&opened, name.c_str(), SND_PCM_STREAM_CAPTURE, mode);
    if (result < 0) return result;
    const int stop = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop < 0) {
        const int error = errno;
        snd_pcm_close(opened);
        return -error;
    }
    pcm = std::make_unique<SystemPcm>(opened, stop);
    return 0;
}

}  // namespace holdfast
