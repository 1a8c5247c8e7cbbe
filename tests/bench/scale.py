#!/usr/bin/env python3
"""Many channels at a high rate: what a recording in real time costs, and whether a frame is lost.

The synthetic device delivers 192 kHz, 32 bits, in real time, in 2, 8, 32 and 64 channels; the last one
for longer. Each file is checked afterwards (every checksum). Needs 50 MB/s of disk and up to 15 GB.

usage: scale.py [--seconds N] [--longest N] [--folder DIR] [--json]
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

BIN = os.environ.get(
    "HOLDFAST_BIN_DIR", os.path.join(os.path.dirname(__file__), "..", "..", "build", "bin"))
RATE, BYTES = 192_000, 4
CHANNELS = (2, 8, 32, 64)


def record(folder, channels, seconds):
    path = f"{folder}/take-{channels}.wav"
    begin = time.monotonic()
    with open(f"{folder}/events", "w+") as events:
        child = subprocess.Popen(
            [os.path.join(BIN, "holdfast-capture"), "-q", "--json", "-D", "synth:ramp", "-r", str(RATE),
             "-c", str(channels), "-f", "S32", "-d", str(seconds), path],
            stdin=subprocess.DEVNULL, stdout=events)
        peak = 0
        while (ended := os.wait4(child.pid, os.WNOHANG))[0] == 0:
            with open(f"/proc/{child.pid}/status") as status:
                peak = max([peak] + [int(line.split()[1]) for line in status
                                     if line.startswith("VmHWM")])
            time.sleep(0.2)
        child.returncode = os.waitstatus_to_exitcode(ended[1])
        events.seek(0)
        told = [json.loads(line) for line in events]
    wall = time.monotonic() - begin
    stopped = [event for event in told if event["event"] == "stopped"][-1]
    status = [event for event in told if event["event"] == "status"]
    sound = subprocess.run([os.path.join(BIN, "holdfast-recover"), "check", path],
                           stdout=subprocess.DEVNULL, check=False).returncode == 0
    os.remove(path)
    return {
        "channels": channels, "seconds": seconds, "mb_per_s": channels * RATE * BYTES / 1e6,
        "frames": stopped["frames"], "expected_frames": seconds * RATE,
        "lost_frames": stopped["lost_frames"], "exit": child.returncode, "file_sound": sound,
        "ring_peak": max(event["ring_peak"] for event in status),
        "commit_ms_most": max(event["commit_ms_last"] for event in status),
        "cpu_percent": 100 * (ended[2].ru_utime + ended[2].ru_stime) / wall,
        "memory_mib": peak / 1024,
    }


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--longest", type=int, default=300, help="of 64 channels")
    options.add_argument("--folder", default=None)
    options.add_argument("--json", action="store_true")
    options = options.parse_args()

    folder = tempfile.mkdtemp(prefix="holdfast-bench-", dir=options.folder)
    needed = max(options.longest * CHANNELS[-1], options.seconds * CHANNELS[-2]) * RATE * BYTES
    try:
        if shutil.disk_usage(folder).free < needed + (1 << 30):
            sys.exit(f"scale.py: {folder} has no room for {needed / 1e9:.0f} GB; --folder names another")
        rows = []
        for channels in CHANNELS:
            rows.append(record(folder, channels,
                               options.longest if channels == CHANNELS[-1] else options.seconds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(rows))
        return
    print("192 kHz / 32 bits, synthetic device in real time, commits of 250 ms")
    print(f"{'channels':>8} {'MB/s':>6} {'seconds':>8} {'lost':>6} {'exit':>5} {'sound':>6} "
          f"{'ring peak':>10} {'commit at most':>15} {'CPU':>6} {'memory MiB':>11}")
    for row in rows:
        print(f"{row['channels']:8} {row['mb_per_s']:6.1f} {row['seconds']:8} {row['lost_frames']:6} "
              f"{row['exit']:5} {'yes' if row['file_sound'] else 'NO':>6} {row['ring_peak']:10.1%} "
              f"{row['commit_ms_most']:12} ms {row['cpu_percent']:5.1f}% {row['memory_mib']:11.1f}")


if __name__ == "__main__":
    main()
