#!/usr/bin/env python3
"""Damaged WAVs with a known truth: what four programs bring back of each.

right: frames that are the recorded ones at their place. wrong: any others in the result. A program
that makes no file has neither. Ours is told the format where the file does not say it, and sox is
given such files as raw audio too; the better of its two results counts, and of libsndfile's two
(read as it is, and opened for change with the header renewed).
"""
# builds: corpus_files
import argparse
import json
import os
import subprocess
import sys
import tempfile

BIN = os.environ.get(
    "HOLDFAST_BIN_DIR", os.path.join(os.path.dirname(__file__), "..", "..", "build", "bin"))
NONE = {"right": 0, "wrong": 0}


def call(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)


def judge(entry, path):
    if not os.path.exists(path):
        return NONE
    return json.loads(call(f"{BIN}/corpus_files", "judge", entry["name"], path).stdout)


def best(*results):
    return max(results, key=lambda result: (result["right"], -result["wrong"]))


def ours(entry, source, result):
    words = [f"{BIN}/holdfast-recover", "repair", "--json", "-o", result, source]
    if entry["needs_format"]:
        words += ["--assume", f"{entry['rate']},{entry['channels']},{entry['format']}"]
    report = json.loads(call(*words).stdout.splitlines()[-1])
    sound = report.get("outcome") == "nothing_to_do"
    judged = judge(entry, source if sound else result)
    told = report.get("zero_tail_frames", 0) >= judged["wrong"]
    return dict(judged, silent=0 if told else judged["wrong"])


def sox(entry, source, result):
    encoding = "floating-point" if entry["format"] == "F32" else "signed-integer"
    call("sox", "--ignore-length", source, result)
    normal = judge(entry, result)
    if not entry["needs_format"]:
        return normal
    call("sox", "-t", "raw", "-r", str(entry["rate"]), "-c", str(entry["channels"]), "-e", encoding,
         "-b", entry["format"][1:], source, result + ".raw.wav")
    return best(normal, judge(entry, result + ".raw.wav"))


def ffmpeg(entry, source, result):
    call("ffmpeg", "-nostdin", "-loglevel", "quiet", "-y", "-i", source, "-c", "copy", result)
    return judge(entry, result)


def sndfile(entry, source, result):
    call(f"{BIN}/corpus_files", "sndfile", source, result)
    return best(judge(entry, source), judge(entry, result))


PROGRAMS = {"holdfast-recover": ours, "sox --ignore-length": sox, "ffmpeg -c copy": ffmpeg,
            "libsndfile": sndfile}


def measure(entry, folder, number):
    source = os.path.join(folder, entry["file"])
    row = {"file": entry["name"], "damage": entry["damage"], "frames": entry["frames"]}
    for index, (name, program) in enumerate(PROGRAMS.items()):
        result = program(entry, source, os.path.join(folder, f"out-{number}-{index}.wav"))
        row[name] = dict(result, silent=result.get("silent", result["wrong"]))
    return row


def table(rows):
    print(f"{'file':<38}{'frames':>8}" + "".join(f"{name:>24}" for name in PROGRAMS))
    for row in rows:
        cells = "".join(f"{row[name]['right']:>13} -{row[name]['wrong']:<9}" for name in PROGRAMS)
        print(f"{row['file']:<38}{row['frames']:>8}{cells}")
    print(f"\n{len(rows)} files; right, and -wrong, frames of each")


def totals(rows):
    print(f"\n{'program':<22}{'right':>10}{'of all':>9}{'wrong':>9}{'unsaid':>9}{'whole files':>13}")
    everything = sum(row["frames"] for row in rows)
    for name in PROGRAMS:
        right = sum(row[name]["right"] for row in rows)
        wrong = sum(row[name]["wrong"] for row in rows)
        silent = sum(row[name]["silent"] for row in rows)
        whole = sum(row[name]["right"] == row["frames"] and row[name]["silent"] == 0
                    for row in rows)
        print(f"{name:<22}{right:>10}{100 * right / everything:>8.1f}%{wrong:>9}{silent:>9}"
              f"{whole:>13}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="one object a file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        call(f"{BIN}/corpus_files", "write", folder)
        with open(os.path.join(folder, "corpus.json"), encoding="utf-8") as file:
            entries = json.load(file)
        rows = [measure(entry, folder, number) for number, entry in enumerate(entries)]
    if options.json:
        for row in rows:
            print(json.dumps(row))
    else:
        table(rows)
        totals(rows)
    ahead = [row["file"] for row in rows
             if any(row[name]["right"] > row["holdfast-recover"]["right"] for name in PROGRAMS)]
    silent = [row["file"] for row in rows if row["holdfast-recover"]["silent"]]
    if ahead or silent:
        sys.exit(f"another program has more of {ahead}; wrong in silence: {silent}")


main()
