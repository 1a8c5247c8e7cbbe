#!/usr/bin/env python3
"""Power cuts of a user-mode Linux while it records, and what is left on its disk.

Each cut is one machine that is booted, records, and is killed at a random moment; its disk is then
mounted by a fresh machine, and the files on it are compared with what the recorder had reported as
safe. A control that never syncs runs through the same; it has to lose what it called safe, or the
harness is blind. Other recorders get the same cuts; nothing is promised for them.

usage: power.py [--bin DIR] [--results FILE] [--keep DIR] [--only RECORDER,…]
environment: HOLDFAST_CUTS (cuts a file system, 25), HOLDFAST_FS (ext4,xfs,btrfs,vfat),
HOLDFAST_SEED, HOLDFAST_GUESTS (at a time, 2)
"""
import argparse
import concurrent.futures
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile

import disks
import guest
import reboot
import recorders
import table
import trial
from judge import judge

FEWER = 5  # the control and the peers get one cut for so many of ours


def settings():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    root = os.path.dirname(os.path.dirname(guest.HERE))
    parser.add_argument("--bin", default=os.path.join(root, "build", "bin"))
    parser.add_argument("--results", help="one JSON object a cut is appended to this file")
    parser.add_argument("--keep", help="images of cuts that broke a promise are kept here")
    parser.add_argument("--only", help="recorders, separated by commas")
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    options.cuts = int(os.environ.get("HOLDFAST_CUTS", "25"))
    options.file_systems = os.environ.get("HOLDFAST_FS", "ext4,xfs,btrfs,vfat").split(",")
    options.seed = os.environ.get("HOLDFAST_SEED") or str(secrets.randbits(32))
    options.guests = int(os.environ.get("HOLDFAST_GUESTS", "2"))
    return options


def require(options):
    """Ends with 2 and the names of what is missing."""
    unknown = [fs for fs in options.file_systems if fs not in disks.MAKE]
    if unknown:
        sys.exit(f"power: no file system {', '.join(unknown)}; known: {', '.join(disks.MAKE)}")
    missing = [] if shutil.which(guest.KERNEL) else ["uml (apt-get install user-mode-linux)"]
    missing += [tool for tool in ("cc", "insmod") if not shutil.which(tool)]
    missing += disks.missing_tools(options.file_systems)
    missing += [name for name in ("holdfast-capture", "holdfast-recover")
                if not os.access(os.path.join(options.bin, name), os.X_OK)]
    if missing:
        print("power: missing: " + ", ".join(missing), file=sys.stderr)
        sys.exit(2)


def plan(options):
    """All trials: each recorder of ours alone on its disk, the peers together on one, since none of
    them syncs and so none of them helps another."""
    alone = [[recorder] for recorder in recorders.RECORDERS if recorder.ours]
    absent = recorders.missing_peers()
    if absent:
        print("power: not there, so not cut: " + ", ".join(absent))
    together = [peer for peer in recorders.PEERS if peer.name not in absent]
    wanted = options.only.split(",") if options.only else recorders.BY_NAME
    trials = []
    for group in alone + [together]:
        group = [recorder for recorder in group if recorder.name in wanted]
        if not group:
            continue
        fewer = FEWER if group[0].control or not group[0].ours else 1
        for file_system in options.file_systems:
            trials += [trial.draw(options.seed, number, file_system, group)
                       for number in range(max(1, options.cuts // fewer))]
    return trials


def folder_for_disks():
    """In memory where there is room: the disks of the guests need not wear those of the host."""
    memory = "/dev/shm"
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30:
        return memory
    return None


def cut(one, options, work):
    folder = tempfile.mkdtemp(dir=work)
    shutil.copy(os.path.join(work, "nosync.so"), folder)
    try:
        trial.run(one, folder, options.bin)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep(options, one, result):
    """A cut that broke a promise: its disk as the cut left it, and what the guest had said."""
    if not options.keep or one.recorders[0].control or not result["faults"]:
        return
    os.makedirs(options.keep, exist_ok=True)
    if os.path.exists(one.image + ".cut"):
        disks.copy(one.image + ".cut", os.path.join(options.keep, one.name + ".img"))
    with open(os.path.join(options.keep, one.name + ".txt"), "w", encoding="utf-8") as said:
        said.write(f"cut at {one.cut_at}\n")
        said.writelines(f"{moment} {line}\n" for moment, line in one.lines)


def some(options, trials, work):
    """Cuts a few machines, then reads all of their disks in one boot; yields the results."""
    blank = disks.Disks(work)
    for one in trials:
        one.image = blank.empty(one.file_system, one.name + ".img")
    with concurrent.futures.ThreadPoolExecutor(options.guests) as pool:
        list(pool.map(lambda one: cut(one, options, work), trials))
    for one in trials:
        if options.keep:
            disks.copy(one.image, one.image + ".cut")
    folder = tempfile.mkdtemp(dir=work)
    for one, files in reboot.take_out(trials, folder):
        for recorder in one.recorders:
            result = judge(one, recorder, files, options.bin)
            if recorder.ours:
                keep(options, one, result)
            yield result
    shutil.rmtree(folder)
    for one in trials:
        os.unlink(one.image)
        if options.keep:
            os.unlink(one.image + ".cut")


def run(options, work):
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", os.path.join(work, "nosync.so"),
                    os.path.join(guest.HERE, "nosync.c")], check=True)
    trials = plan(options)
    results = []
    for begin in range(0, len(trials), reboot.ROOM):
        for result in some(options, trials[begin:begin + reboot.ROOM], work):
            results.append(dict(result, seed=options.seed))
            if options.results:
                with open(options.results, "a", encoding="utf-8") as file:
                    file.write(json.dumps(results[-1]) + "\n")
        print(f"power: {min(begin + reboot.ROOM, len(trials))} of {len(trials)} cuts",
              file=sys.stderr)
    return results


def main():
    options = settings()
    require(options)
    print(f"power: HOLDFAST_SEED={options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="holdfast-power-", dir=folder_for_disks()) as work:
        try:
            results = run(options, work)
        except guest.GuestFailed as error:
            print(f"power: {error}", file=sys.stderr)
            return 2
    print(table.markdown(results))
    ours = [r.name for r in recorders.RECORDERS if r.ours and not r.control]
    reasons = table.verdict(results, ours, [r.name for r in recorders.RECORDERS if r.control])
    for reason in reasons:
        print("FAILED: " + reason)
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
