#!/usr/bin/env python3
"""A disk that fails writes for two seconds while it is recorded on, and then works again.

The recorder may end the take (exit 5) or get over it (0), but what it called safe is there, no
frame is wrong and none is silently missing; zeros in the middle are what a recorder leaves that
only syncs again, as the control does.

usage: bad_disk.py [--bin DIR] [--results FILE] [--keep DIR] [--only RECORDER,…]
environment: HOLDFAST_FAULTS (a recorder and file system, 2), HOLDFAST_FS (ext4,xfs,btrfs,vfat),
HOLDFAST_SEED
"""
import json
import os
import random
import sys

import disks
import guest
import reboot
import recorders
import table
import workplace
from judge import judge
from oracle import said

SECONDS = 6  # of audio, when the take is not ended by the fault
FAULT = 2    # seconds
REGION = 1 << 15  # sectors behind the take that go bad, 16 MiB: more than it will write

# What fails: all of the disk, which journals notice and stop, or only the place that the take grows
# into, which the file system hardly notices and forgets. Two of them tell where that is.
KINDS = {"disk": ("ext4", "xfs", "btrfs", "vfat"), "region": ("ext4", "xfs")}
FROM = {
    "disk": "from=0; to=$size",
    "region": """from=$(filefrag -b512 -v {file} | awk '/^ *[0-9]+:/ && !/unknown/ {{
            gsub(/[.:]+/, " "); end = $5 + 1 }} END {{ print end }}')
        to=$((from + {region}))""",
}


def job(recorder, file_system, kind, after, binaries):
    """`after`: seconds from the start of the program to the fault."""
    command = recorder.start(binaries).replace("--json", f"--duration {SECONDS} --json")
    place = FROM[kind].format(file=f"/run/disk/{recorder.file}", region=REGION)
    return f"""
export DM_DISABLE_UDEV=1  # nobody else makes the nodes
load drivers/md/dm-mod drivers/md/dm-flakey
size=$(blockdev --getsz /dev/ubda)
become() {{ dmsetup suspend --nolockfs --noflush disk; dmsetup load disk; dmsetup resume disk; }}
# Lines of a table for the sectors from $1 to $2, which may be none: good, bad.
good() {{ [ "$1" = "$2" ] || echo "$1 $(($2 - $1)) linear /dev/ubda $1"; }}
bad() {{ echo "$1 $(($2 - $1)) flakey /dev/ubda $1 0 3600 1 error_writes"; }}
good 0 "$size" | dmsetup create disk || exit 1
mount_disk {file_system} /dev/mapper/disk || exit 1
{command}
sleep {after:.3f}
{place}
{{ good 0 "$from"; bad "$from" "$to"; good "$to" "$size"; }} | become
echo "failing from $from"
sleep {FAULT}
good 0 "$size" | become
echo mended
wait $!
echo "exit $?"
sleep 1000
"""


def broken(oracle, recorder, result):
    """What a failing disk must not do to a take, beyond what a power cut must not."""
    if oracle.exit_status not in (0, 5):
        yield f"exit status {oracle.exit_status}"
    if oracle.exit_status == 5 and not oracle.error:
        yield "it ended with 5 and reported no error"
    if oracle.exit_status == 0 and result["right"] < SECONDS * recorder.rate:
        yield f"it ended with 0 and has {result['right']} frames"


def fault(recorder, file_system, kind, number, options, work):
    dice = random.Random(f"{options.seed}/{recorder.name}/{file_system}/{kind}/{number}")
    after = dice.uniform(0.2 if kind == "disk" else 1.5, 3)  # a region is found behind a take
    image = disks.Disks(work).empty(file_system, "disk.img")
    script = job(recorder, file_system, kind, after, options.bin)
    with workplace.room_for_guest(work) as room:
        with guest.Guest(room, script, [image]) as machine:
            machine.wait_for("exit ", 120)
            machine.cut()  # what the fault left in the page cache is not to be saved by it
            lines = machine.lines
    disks.copy(image, image + ".cut")
    with workplace.room_for_guest(work) as room:
        oracle = said(lines, recorder)
        result = judge(oracle, recorder, reboot.take_out(file_system, [image], room)[0],
                       options.bin)
    result["faults"] += broken(oracle, recorder, result)
    if options.keep and result["faults"] and recorder in recorders.OWN:
        os.makedirs(options.keep, exist_ok=True)
        name = os.path.join(options.keep, f"{recorder.name}-{file_system}-{kind}-{number}")
        disks.copy(image + ".cut", name + ".img")
        with open(name + ".txt", "w", encoding="utf-8") as file:
            file.writelines(f"{moment} {line}\n" for moment, line in lines)
    return {"recorder": recorder.name, "file_system": file_system, "kind": kind,
            "number": number, "after": round(after, 3), "exit": oracle.exit_status,
            "error": oracle.error,
            **result, "seed": options.seed}


def plan(options):
    """The control runs where it shows itself at once: XFS often stops it, a journal always."""
    for recorder in recorders.OWN:
        for kind, possible in KINDS.items():
            for file_system in options.file_systems:
                if file_system in possible:
                    yield recorder, file_system, kind
    yield recorders.BY_NAME["sync-again"], "ext4", "region"


def main():
    options = workplace.settings(__doc__.split("\n", maxsplit=1)[0])
    results = []
    with workplace.folder() as work:
        for recorder, file_system, kind in plan(options):
            if options.only and recorder.name not in options.only:
                continue
            for number in range(int(os.environ.get("HOLDFAST_FAULTS", "2"))):
                try:
                    result = fault(recorder, file_system, kind, number, options, work)
                except guest.GuestFailed as error:
                    print(f"power: {error}", file=sys.stderr)
                    return 2
                results.append(result)
                if options.results:
                    with open(options.results, "a", encoding="utf-8") as file:
                        file.write(json.dumps(result) + "\n")
    print(table.of_faults(results))
    reasons = table.verdict(results)
    for reason in reasons:
        print("FAILED: " + reason)
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
