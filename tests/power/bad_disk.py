#!/usr/bin/env python3
"""A disk that fails all writes for two seconds while it is recorded on, and then works again.

The recorder may end the take (exit 5) or get over it (0), but what it called safe is there, no frame
is wrong and none is silently missing; zeros in the middle are what a recorder leaves that only
syncs again.

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


def job(recorder, file_system, after, binaries):
    """`after`: seconds from the start of the program to the fault."""
    command = recorder.start(binaries).replace("--json", f"--duration {SECONDS} --json")
    return f"""
export DM_DISABLE_UDEV=1  # nobody else makes the nodes
load drivers/md/dm-mod drivers/md/dm-flakey
size=$(blockdev --getsz /dev/ubda)
become() {{ dmsetup suspend --nolockfs --noflush disk; dmsetup load disk --table "$1"
    dmsetup resume disk; }}
dmsetup create disk --table "0 $size linear /dev/ubda 0" || exit 1
mount_disk {file_system} /dev/mapper/disk || exit 1
{command}
sleep {after:.3f}
become "0 $size flakey /dev/ubda 0 0 3600 1 error_writes"
echo failing
sleep {FAULT}
become "0 $size linear /dev/ubda 0"
echo mended
wait $!
echo "exit $?"
"""


def broken(oracle, recorder, result):
    """What a failing disk must not do to a take, beyond what a power cut must not."""
    if oracle.exit_status not in (0, 5):
        yield f"exit status {oracle.exit_status}"
    if oracle.exit_status == 5 and not oracle.error:
        yield "it ended with 5 and reported no error"
    if oracle.exit_status == 0 and result["right"] < SECONDS * recorder.rate:
        yield f"it ended with 0 and has {result['right']} frames"


def fault(recorder, file_system, number, options, work):
    dice = random.Random(f"{options.seed}/{recorder.name}/{file_system}/{number}")
    after = dice.uniform(0.2, 3)
    image = disks.Disks(work).empty(file_system, "disk.img")
    with workplace.room_for_guest(work) as room:
        with guest.Guest(room, job(recorder, file_system, after, options.bin), [image]) as machine:
            machine.wait_for("exit ", 120)
            machine.wait_for("end of job", 120)
            lines = machine.lines
    disks.copy(image, image + ".cut")
    with workplace.room_for_guest(work) as room:
        oracle = said(lines, recorder)
        result = judge(oracle, recorder, reboot.take_out(file_system, [image], room)[0],
                       options.bin)
    result["faults"] += broken(oracle, recorder, result)
    if options.keep and result["faults"]:
        os.makedirs(options.keep, exist_ok=True)
        name = os.path.join(options.keep, f"{recorder.name}-{file_system}-bad-{number}")
        disks.copy(image + ".cut", name + ".img")
        with open(name + ".txt", "w", encoding="utf-8") as file:
            file.writelines(f"{moment} {line}\n" for moment, line in lines)
    return {"recorder": recorder.name, "file_system": file_system, "number": number,
            "after": round(after, 3), "exit": oracle.exit_status, "error": oracle.error,
            **result, "seed": options.seed}


def main():
    options = workplace.settings(__doc__.split("\n", maxsplit=1)[0], "ext4,xfs,btrfs,vfat")
    results = []
    with workplace.folder() as work:
        for recorder in recorders.OWN:
            if options.only and recorder.name not in options.only:
                continue
            for file_system in options.file_systems:
                for number in range(int(os.environ.get("HOLDFAST_FAULTS", "2"))):
                    try:
                        results.append(fault(recorder, file_system, number, options, work))
                    except guest.GuestFailed as error:
                        print(f"power: {error}", file=sys.stderr)
                        return 2
    if options.results:
        with open(options.results, "a", encoding="utf-8") as file:
            file.writelines(json.dumps(result) + "\n" for result in results)
    print(table.of_faults(results))
    reasons = table.verdict(results)
    for reason in reasons:
        print("FAILED: " + reason)
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
