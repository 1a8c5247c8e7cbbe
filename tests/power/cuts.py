#!/usr/bin/env python3
"""Power cuts of a user-mode Linux while it records, and what is left on its disk.

Each cut is one machine that is booted, records, and is killed at a random moment; its disk is then
mounted by a fresh machine, and the files on it are compared with what the recorder had reported as
safe. A control that never syncs runs through the same; it has to lose what it called safe, or the
harness is blind. Some cuts fall into the repair of a take whose recorder was killed. Other
recorders get cuts too; nothing is promised for them.

usage: cuts.py [--bin DIR] [--windows-bin DIR] [--results FILE] [--keep DIR]
  [--only RECORDER,…]
environment: HOLDFAST_CUTS (cuts a file system, 25), HOLDFAST_FS (ext4,xfs,btrfs,vfat),
HOLDFAST_SEED, HOLDFAST_GUESTS (at a time, 2)
"""
import concurrent.futures
import json
import os
import sys

import disks
import guest
import reboot
import recorders
import table
import trial
import workplace
from judge import judge
from oracle import said

FEWER = 5  # controls, peers and the Windows program get one cut for so many of ours


def plan(options):
    """Groups of trials, one for a recorder and a file system. Each recorder of ours has a disk for
    itself, the peers share one: none of them syncs, so none of them helps another."""
    absent = recorders.missing_peers()
    if absent:
        print("power: not there, so not cut: " + ", ".join(absent))
    lanes = [[recorder] for recorder in recorders.with_controls("cuts")]
    lanes.append([peer for peer in recorders.PEERS if peer.name not in absent])
    cuts = int(os.environ.get("HOLDFAST_CUTS", "25"))
    for lane in lanes:
        lane = [r for r in lane if not options.only or r.name in options.only]
        if not lane:
            continue
        few = lane[0] not in recorders.OWN or lane[0].on_wine
        for file_system in options.file_systems:
            yield [trial.draw(options.seed, number, file_system, lane)
                   for number in range(max(1, cuts // FEWER) if few else cuts)]


def cut(one, options, work):
    with workplace.room_for_guest(work) as room:
        trial.run(one, room, options)


def keep(options, one):
    """A cut that broke a promise: its disk as the cut left it, and what the guest had said."""
    os.makedirs(options.keep, exist_ok=True)
    disks.copy(one.image + ".cut", os.path.join(options.keep, one.name + ".img"))
    with open(os.path.join(options.keep, one.name + ".txt"), "w", encoding="utf-8") as file:
        file.writelines(f"{moment} {line}\n" for moment, line in one.lines)
        file.write(f"{one.cut_at} the power is cut\n")


def some(options, trials, work):
    """Cuts a few machines, then reads all of their disks in one boot; yields the results."""
    blank = disks.Disks(work)
    for one in trials:
        one.image = blank.empty(one.file_system, one.name + ".img")
    with concurrent.futures.ThreadPoolExecutor(options.guests) as pool:
        list(pool.map(lambda one: cut(one, options, work), trials))
    for one in trials:
        disks.copy(one.image, one.image + ".cut")
    with workplace.room_for_guest(work) as room:
        found = reboot.take_out(trials[0].file_system, [one.image for one in trials], room)
        for one, files in zip(trials, found):
            for recorder in one.recorders:
                oracle = said(one.lines, recorder, one.cut_at)
                result = judge(oracle, recorder, files, options.bin)
                if oracle.error:
                    result["faults"].append("it reported: " + oracle.error)
                if options.keep and recorder in recorders.OWN and result["faults"]:
                    keep(options, one)
                yield {"recorder": recorder.name, "file_system": one.file_system,
                       **one.describe(), **result, "seed": options.seed}
    for one in trials:
        os.unlink(one.image)
        os.unlink(one.image + ".cut")


def run(options, work):
    results = []
    for trials in plan(options):
        for begin in range(0, len(trials), reboot.ROOM):
            for result in some(options, trials[begin:begin + reboot.ROOM], work):
                results.append(result)
                if options.results:
                    with open(options.results, "a", encoding="utf-8") as file:
                        file.write(json.dumps(result) + "\n")
        print(f"power: {len(trials)} cuts of {trials[0].recorders[0].name} on "
              f"{trials[0].file_system}", file=sys.stderr, flush=True)
    return results


def main():
    options = workplace.settings(__doc__.split("\n", maxsplit=1)[0], "cuts")
    with workplace.folder(options) as work:
        try:
            results = run(options, work)
        except guest.GuestFailed as error:
            print(f"power: {error}", file=sys.stderr)
            return 2
    print(table.markdown(results))
    reasons = table.verdict(results)
    for reason in reasons:
        print("FAILED: " + reason)
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
