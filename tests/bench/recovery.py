#!/usr/bin/env python3
"""What recovery costs: takes of 64 MiB, 1 GiB and 4 GiB whose header block is lost.

in place: `repair --in-place`, which reads only what it needs. all checksums: `check` of the result,
which reads everything, beside `cat` of the same file, both from the page cache; the ratio of the
times, and of the CPU seconds, which a busy machine disturbs less. memory: the peak of repair and
check (GNU time; without it none). Best of the rounds; figures, not a gate. Needs 5 GiB of disk.

usage: recovery.py [--sizes MIB,MIB] [--rounds N] [--json]
"""
# builds: long_take
import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time

BIN = os.environ.get(
    "HOLDFAST_BIN_DIR", os.path.join(os.path.dirname(__file__), "..", "..", "build", "bin"))
LONGEST = 4092  # MiB: what still fits RIFF
TIME = "/usr/bin/time"


def run(*words):
    """Seconds, exit status and seconds of CPU."""
    begin = time.monotonic()
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return time.monotonic() - begin, child.returncode, cpu


def peak_kib(*words):
    """Peak memory. Not from our own wait: a child of Python counts what Python held when it forked."""
    if not os.path.exists(TIME):
        return 0
    report = subprocess.run([TIME, "-f", "%M", *words], stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True).stderr
    return int(report.split()[-1])


def measure(folder, mib, rounds):
    recover = os.path.join(BIN, "holdfast-recover")
    take = os.path.join(folder, "take.wav")
    subprocess.run([os.path.join(BIN, "long_take"), folder, str(mib << 20)], check=True)
    repairs, checks, cats = [], [], []
    for _ in range(rounds):
        seconds, status, _ = run(recover, "repair", "-q", "--in-place", take)
        assert status == 1, status
        repairs.append(seconds)
        run("cat", take)
        seconds, status, cpu = run(recover, "check", "-q", take)
        assert status == 0, status
        checks.append((seconds, cpu))
        seconds, _, cpu = run("cat", take)
        cats.append((seconds, cpu))
        run(recover, "repair", "-q", "--undo", take)
    memory = max(peak_kib(recover, "repair", "-q", "--in-place", take),
                 peak_kib(recover, "check", "-q", take))
    (check_s, check_cpu), (cat_s, cat_cpu) = [map(min, zip(*each)) for each in (checks, cats)]
    return {"mib": mib, "in_place_s": min(repairs), "check_s": check_s, "cat_s": cat_s,
            "check_to_cat": check_s / cat_s, "cpu_ratio": check_cpu / cat_cpu,
            "peak_mib": memory / 1024}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default=f"64,1024,{LONGEST}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.json:
        print(f"{'MiB':>6}{'in place s':>12}{'all checksums s':>17}{'cat s':>9}{'ratio':>8}"
              f"{'of CPU':>8}{'peak MiB':>10}")
    for mib in map(int, options.sizes.split(",")):
        folder = tempfile.mkdtemp(prefix="holdfast-bench-", dir=os.environ.get("TMPDIR"))
        try:
            row = measure(folder, mib, options.rounds)
        finally:
            shutil.rmtree(folder)
        if options.json:
            print(json.dumps(row))
        else:
            print(f"{row['mib']:>6}{row['in_place_s']:>12.3f}{row['check_s']:>17.3f}"
                  f"{row['cat_s']:>9.3f}{row['check_to_cat']:>8.2f}{row['cpu_ratio']:>8.2f}"
                  f"{row['peak_mib']:>10.1f}",
                  flush=True)


main()
