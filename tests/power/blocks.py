#!/usr/bin/env python3
"""Every write to the disk during one take is logged below the file system; then disks are made as a
power cut between two of those writes would have left them, and judged.

A state is a point of the log and a fate for what no flush had covered there: all of it kept (the
disk writes in order), or a random part of it, with torn writes (the disk has a cache). Marks in the
log say what had been called safe. Controls that leave out syncs have to break a promise.

usage: blocks.py [--bin DIR] [--windows-bin DIR] [--results FILE] [--keep DIR]
  [--only RECORDER,…]
environment: HOLDFAST_STATES (a recorder and file system, 64), HOLDFAST_FS (ext4,xfs,btrfs,vfat),
HOLDFAST_SEED
"""
import json
import os
import random
import shutil
import sys

import disks
import guest
import log_writes
import reboot
import recorders
import table
import workplace
from judge import judge
from oracle import Said

SECONDS = 3  # of audio in the take; start and finish are where most of the states differ


def job(recorder, file_system, options):
    """Records a short take from start to finish. What was called safe is marked in the log after
    it had been said, so a mark never claims too much."""
    command = recorder.start(options).removesuffix(" &").replace(
        "--json", f"--duration {SECONDS} --json")
    return f"""
export DM_DISABLE_UDEV=1  # nobody else makes the nodes
load drivers/md/dm-mod drivers/md/dm-log-writes
mark() {{ dmsetup message logged 0 mark "$1"; }}
dmsetup create logged --table \
"0 $(blockdev --getsz /dev/ubda) log-writes /dev/ubda /dev/ubdb" || exit 1
mount_disk {file_system} /dev/mapper/logged || exit 1
safe=0
{command} | while read -r line; do
    case $line in
    *'"event":"started"'*) mark started ;;
    *'"event":"stopped"'*) now=${{line#*'"frames":'}}; mark "safe:${{now%%,*}}"; mark stopped ;;
    *'"safe_frames":'*)
        now=${{line#*'"safe_frames":'}}; now=${{now%%,*}}
        [ "$now" = "$safe" ] || mark "safe:$now"
        safe=$now ;;
    esac
done
umount /run/disk
dmsetup remove logged
echo recorded
"""


def record(recorder, file_system, work, options):
    """The disk before the take, and the log of what was written to it."""
    before = disks.Disks(work).empty(file_system, "before")
    after, log = os.path.join(work, "after"), os.path.join(work, "log")
    disks.copy(before, after)
    with open(log, "wb") as file:
        file.truncate(disks.SIZE)
    with workplace.room_for_guest(work) as room:
        with guest.Guest(room, job(recorder, file_system, options), [after, log]) as machine:
            machine.wait_for("recorded", 120)
            machine.wait_for("end of job")
    os.unlink(after)
    return before, log_writes.read(log)


class State:
    """A disk between two writes of the log."""

    def __init__(self, entries, point, dice=None):
        """The first `point` entries happened. With `dice` the disk has a cache that is lost."""
        self.point, self.volatile = point, dice is not None
        self.flushed = max((i for i in range(point) if entries[i].is_barrier), default=0)
        self.loose = []  # pieces (sector, bytes) of what no flush had covered, as they come out
        for entry in entries[self.flushed:point]:
            if entry.is_write:
                certain = dice is None or entry.is_durable
                self.loose += [(entry.sector, entry.data)] if certain else part_of(entry, dice)
        marks = [e.data.decode() for e in entries[:point] if e.is_mark]
        safe = max((int(m[5:]) for m in marks if m.startswith("safe:")), default=0)
        self.oracle = Said(started="started" in marks, stopped="stopped" in marks,
                           promised=safe, captured=safe)


def part_of(entry, dice):
    """The fate of a write that was in the cache: lost, kept, or torn between sectors."""
    fate = dice.choice(["lost", "kept", "torn"])
    if fate != "torn":
        return [(entry.sector, entry.data)] if fate == "kept" else []
    size = log_writes.SECTOR
    return [(entry.sector + n, entry.data[n * size:(n + 1) * size])
            for n in range(len(entry.data) // size) if dice.random() < 0.5]


def choose(entries, count, dice):
    """Half in order, each point of the log at most once; the rest with a lost cache."""
    points = range(1, len(entries) + 1)
    in_order = dice.sample(points, min(count // 2, len(points)))
    chosen = [State(entries, point) for point in in_order]
    chosen += [State(entries, point, dice)
               for point in dice.choices(points, k=count - len(in_order))]
    return sorted(chosen, key=lambda state: state.flushed)


class Replay:
    """Makes the disks of states that come in the order of their last flush."""

    def __init__(self, before, entries, work):
        self._entries, self._done, self._flushed = entries, 0, os.path.join(work, "flushed")
        disks.copy(before, self._flushed)

    def image(self, state, path):
        apply(self._flushed, [(e.sector, e.data) for e in self._entries[self._done:state.flushed]
                              if e.is_write])
        self._done = state.flushed
        disks.copy(self._flushed, path)
        apply(path, state.loose)
        return path


def apply(path, pieces):
    with open(path, "r+b") as disk:
        for sector, data in pieces:
            disk.seek(sector * log_writes.SECTOR)
            disk.write(data)


def judged(states, replay, recorder, file_system, options, work):
    """Yields the results of as many states as one boot can mount."""
    images = [replay.image(state, os.path.join(work, f"state-{i}"))
              for i, state in enumerate(states)]
    if options.keep:
        for image in images:
            disks.copy(image, image + ".cut")
    with workplace.room_for_guest(work) as room:
        for state, image, files in zip(states, images, reboot.take_out(file_system, images, room)):
            result = judge(state.oracle, recorder, files, options.bin,
                           in_order=not state.volatile)
            if files is None:
                result["faults"] = []  # no program can help a file system that torn blocks break
            if options.keep and result["faults"] and recorder in recorders.OWN:
                os.makedirs(options.keep, exist_ok=True)
                shutil.move(image + ".cut", os.path.join(
                    options.keep, f"{recorder.name}-{file_system}-block-{state.point}.img"))
            yield {"recorder": recorder.name, "file_system": file_system, "number": state.point,
                   "cache_lost": state.volatile, **result, "seed": options.seed}


def run(recorder, file_system, options, work):
    before, entries = record(recorder, file_system, work, options)
    dice = random.Random(f"{options.seed}/{recorder.name}/{file_system}")
    states = choose(entries, int(os.environ.get("HOLDFAST_STATES", "64")), dice)
    print(f"power: {len(entries)} writes and barriers of {recorder.name} on {file_system}",
          file=sys.stderr, flush=True)
    replay = Replay(before, entries, work)
    results = []
    for begin in range(0, len(states), reboot.ROOM):
        results += judged(states[begin:begin + reboot.ROOM], replay, recorder, file_system,
                          options, work)
    if options.results:
        with open(options.results, "a", encoding="utf-8") as file:
            file.writelines(json.dumps(result) + "\n" for result in results)
    return results


def main():
    options = workplace.settings(__doc__.split("\n", maxsplit=1)[0], "blocks")
    results = []
    with workplace.folder(options) as work:
        for recorder in recorders.with_controls("blocks", options.only):
            for file_system in options.file_systems:
                if file_system in recorder.spared_by:
                    continue
                try:
                    results += run(recorder, file_system, options, work)
                except guest.GuestFailed as error:
                    print(f"power: {error}", file=sys.stderr)
                    return 2
    print(table.of_states(results))
    reasons = table.verdict(results)
    for reason in reasons:
        print("FAILED: " + reason)
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
