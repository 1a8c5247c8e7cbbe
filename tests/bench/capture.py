#!/usr/bin/env python3
"""CPU, memory and context switches of a live recording, beside arecord and parecord.

A private PulseAudio server plays noise into a virtual cable; all programs record its monitor at the
same time, 48 kHz, 24 bits, stereo, in blocks of 125 ms. Rounds are repeated; medians and ratios to
holdfast-capture are printed. Figures, not a gate.

usage: capture.py [--seconds N] [--rounds N] [--json]
"""
import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

BIN = os.environ.get(
    "HOLDFAST_BIN_DIR", os.path.join(os.path.dirname(__file__), "..", "..", "build", "bin"))


class Server:
    """A sound server of our own, so that nothing else is measured or disturbed."""

    def __init__(self, folder, sample_format="s24le", signal_file="/dev/urandom"):
        self.env = dict(os.environ, HOME=folder, XDG_RUNTIME_DIR=folder,
                        XDG_CONFIG_HOME=folder, PULSE_SERVER=f"unix:{folder}/native")
        self.process = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
             "-L", f"module-native-protocol-unix socket={folder}/native auth-anonymous=1",
             "-L", f"module-null-sink sink_name=cable format={sample_format} rate=48000 channels=2"],
            env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while subprocess.run(["pactl", "info"], env=self.env, capture_output=True).returncode:
            if time.monotonic() > deadline:
                sys.exit("capture.py: the private PulseAudio server did not start")
            time.sleep(0.1)
        self.player = None
        if signal_file:
            self.player = subprocess.Popen(
                ["pacat", "--raw", "--device=cable", f"--format={sample_format}", "--rate=48000",
                 "--channels=2", signal_file], env=self.env, stderr=subprocess.DEVNULL)

    def stop(self):
        for process in (self.player, self.process):
            if process:
                process.terminate()
                process.wait()


def programs(folder):
    return {
        "holdfast-capture": [os.path.join(BIN, "holdfast-capture"), "-q", "--device",
                             "cable.monitor", "--overwrite", f"{folder}/holdfast.wav"],
        "arecord": ["arecord", "-q", "-D", "pulse:cable.monitor", "-f", "S24_3LE", "-r", "48000",
                    "-c", "2", "--period-time=125000", "--buffer-time=500000", "-t", "wav",
                    f"{folder}/arecord.wav"],
        "parecord": ["parecord", "--device=cable.monitor", "--latency-msec=125",
                     "--format=s24le", "--rate=48000", "--channels=2", "--file-format=wav",
                     f"{folder}/parecord.wav"],
    }


def measure(commands, env, seconds):
    """All at once for `seconds`; the system's own accounting of each when it has ended."""
    children = {name: subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for name, words in commands.items()}
    time.sleep(seconds)
    figures = {}
    for name, child in children.items():
        # Not ru_maxrss: that begins with the memory of the process it was forked from.
        with open(f"/proc/{child.pid}/status") as status_file:
            peak_kib = next(int(line.split()[1]) for line in status_file
                            if line.startswith("VmHWM"))
        child.send_signal(signal.SIGINT)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        figures[name] = {
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "rss_mib": peak_kib / 1024,
            "switches_per_s": (usage.ru_nvcsw + usage.ru_nivcsw) / seconds,
        }
    return figures


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--json", action="store_true")
    options = options.parse_args()

    folder = tempfile.mkdtemp(prefix="holdfast-bench-")
    with open(f"{folder}/asound.conf", "w") as config:
        config.write('</usr/share/alsa/alsa.conf>\n'
                     'pcm.pulse { @args [ DEV ] @args.DEV { type string }\n'
                     '            type pulse device $DEV }\n')
    server = Server(folder)
    server.env["ALSA_CONFIG_PATH"] = f"{folder}/asound.conf"
    try:
        rounds = [measure(programs(folder), server.env, options.seconds)
                  for _ in range(options.rounds)]
        sizes = {name: os.path.getsize(f"{folder}/{file}.wav") for name, file in
                 (("holdfast-capture", "holdfast"), ("arecord", "arecord"),
                  ("parecord", "parecord"))}
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)

    names = list(rounds[0])
    keys = list(rounds[0][names[0]])
    result = {name: {key: statistics.median(r[name][key] for r in rounds) for key in keys}
              for name in names}
    for name in names:
        for key in keys:
            result[name][key + "_ratio"] = statistics.median(
                r[name][key] / max(r[names[0]][key], 1e-9) for r in rounds)
        result[name]["file_bytes"] = sizes[name]
    if options.json:
        print(json.dumps({"seconds": options.seconds, "rounds": options.rounds,
                          "programs": result}))
        return
    print(f"{options.rounds} rounds of {options.seconds} s, all at once, 48 kHz / 24 bits / stereo, "
          "blocks of 125 ms; medians (ratio to holdfast-capture)")
    print(f"{'program':18} {'CPU s':>16} {'RSS MiB':>16} {'switches/s':>16} {'file bytes':>12}")
    for name in names:
        row = result[name]
        cells = [f"{row[key]:8.3f} ({row[key + '_ratio']:4.2f}x)" for key in keys]
        print(f"{name:18} " + " ".join(f"{c:>16}" for c in cells) + f" {row['file_bytes']:>12}")


if __name__ == "__main__":
    main()
