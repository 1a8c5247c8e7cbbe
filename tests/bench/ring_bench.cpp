// Throughput of the ring between two threads, beside what bounds it: memcpy twice in one thread,
// and a queue of the boost library where that is installed. The contestants take turns within each
// round, so that a noisy machine is noisy for all; printed are medians and ratios to memcpy twice.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "iocore/ring/spsc_ring.h"

#if __has_include(<boost/lockfree/spsc_queue.hpp>)
#include <boost/lockfree/spsc_queue.hpp>
#define HOLDFAST_HAS_BOOST_LOCKFREE 1
#endif

namespace {

using holdfast::PcmFormat;
using holdfast::RingMemory;
using holdfast::SampleType;
using holdfast::SpscRing;
using holdfast::TakeId;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kRingBytes = 1 << 20;
constexpr int kRounds = 9;

double secondsOf(const std::function<void()>& work) {
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Waits politely, so that a machine with one free core still finishes.
class Patience {
  public:
    void wait() {
        if (++spins_ % 4096 == 0) std::this_thread::yield();
    }

  private:
    unsigned spins_ = 0;
};

double memcpyTwice(std::size_t block, std::size_t blocks) {
    std::vector<std::byte> from(block, std::byte{1});
    std::vector<std::byte> ring(kRingBytes / block * block);
    std::vector<std::byte> to(block);
    return secondsOf([&] {
        std::size_t at = 0;
        for (std::size_t i = 0; i < blocks; ++i) {
            std::memcpy(ring.data() + at, from.data(), block);
            asm volatile("" ::: "memory");
            std::memcpy(to.data(), ring.data() + at, block);
            asm volatile("" ::: "memory");
            at = at + block < ring.size() ? at + block : 0;
        }
    });
}

double spscRing(std::size_t block, std::size_t blocks) {
    const PcmFormat format{48'000, 2, SampleType::S32, 0};  // 8 bytes a frame
    const std::uint64_t capacity = kRingBytes / format.bytesPerFrame();
    auto memory = RingMemory::anonymous(SpscRing::memoryBytes(format, capacity));
    auto ring = SpscRing::create(std::move(*memory), format, capacity, TakeId::random());
    auto producer = (*ring)->producer();
    auto consumer = (*ring)->consumer();
    std::vector<std::byte> from(block, std::byte{1});
    std::vector<std::byte> to(block);
    const std::uint64_t frames = block / format.bytesPerFrame();
    return secondsOf([&] {
        std::thread writer([&] {
            Patience patience;
            for (std::size_t left = blocks * block; left > 0;) {
                const auto audio = consumer.peek(frames);
                if (audio.empty()) {
                    patience.wait();
                    continue;
                }
                std::memcpy(to.data(), audio.data(), audio.size());
                consumer.advanceWritten(audio.size() / format.bytesPerFrame());
                consumer.markDurable();
                left -= audio.size();
            }
        });
        Patience patience;
        for (std::size_t i = 0; i < blocks;) {
            if (producer.freeFrames() < frames) {
                patience.wait();
                continue;
            }
            producer.write(from);
            ++i;
        }
        writer.join();
    });
}

#ifdef HOLDFAST_HAS_BOOST_LOCKFREE
double boostQueue(std::size_t block, std::size_t blocks) {
    boost::lockfree::spsc_queue<std::byte> queue(kRingBytes);
    std::vector<std::byte> from(block, std::byte{1});
    std::vector<std::byte> to(block);
    return secondsOf([&] {
        std::thread reader([&] {
            Patience patience;
            for (std::size_t left = blocks * block; left > 0;) {
                const std::size_t got = queue.pop(to.data(), block);
                if (got == 0) patience.wait();
                left -= got;
            }
        });
        Patience patience;
        for (std::size_t left = blocks * block; left > 0;) {
            const std::size_t put = queue.push(from.data(), std::min(block, left));
            if (put == 0) patience.wait();
            left -= put;
        }
        reader.join();
    });
}
#endif

struct Contestant {
    std::string name;
    std::function<double(std::size_t, std::size_t)> run;
    std::vector<double> gigabytesPerSecond;
};

void compare(std::size_t block, std::size_t totalBytes) {
    std::vector<Contestant> contestants{{"memcpy twice", memcpyTwice, {}},
                                        {"SpscRing", spscRing, {}}};
#ifdef HOLDFAST_HAS_BOOST_LOCKFREE
    contestants.push_back({"boost spsc_queue", boostQueue, {}});
#endif
    const std::size_t blocks = totalBytes / block;
    for (int round = 0; round < kRounds; ++round) {
        for (Contestant& one : contestants) {
            const double seconds = one.run(block, blocks);
            one.gigabytesPerSecond.push_back(static_cast<double>(blocks * block) / seconds / 1e9);
        }
    }
    double limit = 0;
    for (Contestant& one : contestants) {
        std::sort(one.gigabytesPerSecond.begin(), one.gigabytesPerSecond.end());
        const double median = one.gigabytesPerSecond[kRounds / 2];
        if (limit == 0) limit = median;
        fmt::print("{:>6} B  {:<18} {:7.2f} GB/s  x {:.2f} of memcpy twice  ({:.2f} to {:.2f})\n",
                   block, one.name, median, median / limit, one.gigabytesPerSecond.front(),
                   one.gigabytesPerSecond.back());
    }
}

}  // namespace

int main() {
    compare(64, std::size_t{128} << 20);
    compare(3840, std::size_t{1} << 30);
    compare(30'720, std::size_t{1} << 30);
}
