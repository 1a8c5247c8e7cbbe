#!/usr/bin/env python3
"""A disk that stands for 25 s, under five recorders of one live source.

A private PulseAudio server plays a running frame number (32 bits, stereo) into a virtual cable. All
programs record its monitor into one ext4 file system, which is frozen (as a disk that does not answer)
and let go again. From the numbers in each file follows what is missing; beside it stands what the
program itself said. Needs root, for the file system. Figures, not a gate.

usage: stall.py [--stall SECONDS] [--json]
"""
import argparse
import array
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import capture  # noqa: E402  the private server

RATE = 48_000
BEFORE, AFTER = 6.0, 10.0  # seconds recorded before and behind the stall


def play_numbers(env, stopping):
    """Frame numbers from 1 on, in real time by the server's own pace."""
    player = subprocess.Popen(
        ["pacat", "--raw", "--device=cable", "--format=s32le", f"--rate={RATE}", "--channels=2",
         "--latency-msec=200"], env=env, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    frame = 1
    while not stopping.is_set():
        block = array.array("i", (n for f in range(frame, frame + RATE // 50) for n in (f, f)))
        try:
            player.stdin.write(block.tobytes())
        except BrokenPipeError:
            break
        frame += RATE // 50
    player.kill()
    player.wait()


def programs(folder):
    device = "cable.monitor"
    return {
        "holdfast-capture": [os.path.join(capture.BIN, "holdfast-capture"), "--json", "-f", "S32",
                             "--device", device, f"{folder}/holdfast-capture.wav"],
        "arecord": ["arecord", "-D", f"pulse:{device}", "-f", "S32_LE", "-r", str(RATE),
                    "-c", "2", "-t", "wav", f"{folder}/arecord.wav"],
        "parecord": ["parecord", f"--device={device}", "--format=s32le", f"--rate={RATE}",
                     "--channels=2", "--file-format=wav", f"{folder}/parecord.wav"],
        "sox": ["sox", "-q", "-t", "pulseaudio", device, "-b", "32", f"{folder}/sox.wav"],
        "ffmpeg": ["ffmpeg", "-loglevel", "warning", "-nostdin", "-f", "pulse", "-i", device,
                   "-c:a", "pcm_s32le", f"{folder}/ffmpeg.wav"],
    }


def numbers(path):
    """The left channel's frame numbers, as far as the file has whole frames."""
    data = open(path, "rb").read()
    at = 12
    while data[at:at + 4] != b"data":
        at += 8 + struct.unpack("<I", data[at + 4:at + 8])[0] + (data[at + 4] & 1)
    audio = data[at + 8:]
    values = array.array("i")
    values.frombytes(audio[:len(audio) // 8 * 8])
    return values[::2]


def missing_frames(path, until):
    """Frames of the signal that are not in the file, from its first number to `until`."""
    last = missing = 0
    for value in numbers(path):
        if value <= 0 or value == last:
            continue  # silence in the place of a gap, or before the signal
        if last and value > last + 1:
            missing += value - last - 1
        last = max(last, value)
    return missing + max(0, until - last), last


def said(name, out, err):
    """What the program itself told of the loss; other programs: their last line."""
    if name != "holdfast-capture":
        return err.strip().splitlines()[-1][:60] if err.strip() else "nothing"
    stopped = [json.loads(line) for line in out.splitlines() if '"stopped"' in line]
    return f"{stopped[-1]['lost_frames']} frames lost" if stopped else "no word"


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--stall", type=float, default=25)
    options.add_argument("--json", action="store_true")
    options = options.parse_args()
    if os.geteuid():
        sys.exit("stall.py: needs root, to mount and freeze a file system of its own")

    folder = tempfile.mkdtemp(prefix="holdfast-bench-")
    disk, image = f"{folder}/disk", f"{folder}/disk.img"
    os.mkdir(disk)
    with open(image, "wb") as file:
        file.truncate(1 << 30)
    with open(f"{folder}/asound.conf", "w") as config:
        config.write('</usr/share/alsa/alsa.conf>\n'
                     'pcm.pulse { @args [ DEV ] @args.DEV { type string }\n'
                     '            type pulse device $DEV }\n')
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, disk], check=True)
    server = capture.Server(folder, "s32le", None)
    server.env["ALSA_CONFIG_PATH"] = f"{folder}/asound.conf"
    stopping = threading.Event()
    player = threading.Thread(target=play_numbers, args=(server.env, stopping))
    children = {}
    frozen = False
    try:
        player.start()
        time.sleep(1)
        for name, words in programs(disk).items():
            children[name] = subprocess.Popen(words, env=server.env, stdin=subprocess.DEVNULL,
                                              stdout=open(f"{folder}/{name}.out", "w"),
                                              stderr=open(f"{folder}/{name}.err", "w"))
        time.sleep(BEFORE)
        subprocess.run(["fsfreeze", "--freeze", disk], check=True)
        frozen = True
        time.sleep(options.stall)
        subprocess.run(["fsfreeze", "--unfreeze", disk], check=True)
        frozen = False
        time.sleep(AFTER)
        status = {}
        for child in children.values():
            child.send_signal(signal.SIGINT)
        for name, child in children.items():
            status[name] = child.wait(60)
        # All were stopped at one moment: what the longest file has, each could have had.
        ends = {name: missing_frames(f"{disk}/{name}.wav", 0)[1] for name in children}
        until = max(ends.values())
        result = {}
        for name in children:
            missing, _ = missing_frames(f"{disk}/{name}.wav", until)
            result[name] = {
                "missing_frames": missing, "missing_s": round(missing / RATE, 2),
                "exit": status[name],
                "said": said(name, open(f"{folder}/{name}.out").read(),
                             open(f"{folder}/{name}.err").read()),
            }
    finally:
        if frozen:
            subprocess.run(["fsfreeze", "--unfreeze", disk], check=False)
        for child in children.values():
            if child.poll() is None:
                child.kill()
                child.wait()
        stopping.set()
        server.stop()
        player.join(10)
        subprocess.run(["umount", disk], check=False)
        shutil.rmtree(folder, ignore_errors=True)

    if options.json:
        print(json.dumps({"stall_s": options.stall, "programs": result}))
        return
    print(f"a disk that stands for {options.stall:g} s, 48 kHz / 32 bits / stereo, one live source")
    print(f"{'program':18} {'missing':>10} {'seconds':>8} {'exit':>5}  said")
    for name, row in result.items():
        print(f"{name:18} {row['missing_frames']:10} {row['missing_s']:8.2f} {row['exit']:5}  "
              f"{row['said']}")


if __name__ == "__main__":
    main()
