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
REGION = 1 << 15  # sectors from the take's first that go bad, 16 MiB: more than it will write

# What fails: all of the disk, its flush too, which journals notice and stop; or only the free place
# that the take grows into, which the file system hardly notices and forgets. Two of them tell where
# that is. A part that is `flakey` would fail the flush of the whole disk; one that is `error` has
# no part in flushes, as a bad place of a real disk.
KINDS = {"disk": ("ext4", "xfs", "btrfs", "vfat"), "region": ("ext4", "xfs")}

# Shell that prints the table of the disk while it fails. A file system may put what comes later in
# front: in a region the places that files have stay good, or a header that cannot be written any
# more would stop even the control.
FAILING = {
    "disk": """echo "0 $size flakey /dev/ubda 0 0 3600 1 error_writes" """,
    "region": """
    { used {file} | awk -v region={region} -v size="$size" '
          NR == 1 { first = $1 }
          END { print 0, first; print first + region, size }'
      used /run/disk/*; } | sort -n | awk '
        function part(to, how) {
            if (to <= done) return
            print done + 0, to - done, how == "linear" ? "linear /dev/ubda " done + 0 : how
            done = to
        }
        { part($1, "error"); part($2, "linear") }'""",
}


def job(recorder, file_system, kind, after, options):
    """`after`: seconds from the start of the program to the fault."""
    command = recorder.start(options).replace("--json", f"--duration {SECONDS} --json")
    failing = FAILING[kind].replace("{file}", f"/run/disk/{recorder.file}").replace(
        "{region}", str(REGION))
    return f"""
export DM_DISABLE_UDEV=1  # nobody else makes the nodes
load drivers/md/dm-mod drivers/md/dm-flakey
size=$(blockdev --getsz /dev/ubda)
become() {{
    dmsetup suspend --nolockfs --noflush disk && dmsetup load disk && dmsetup resume disk || exit 1
}}
# Sectors "first end" of files, as far as they have a place.
used() {{
    filefrag -b512 -v "$@" | awk '/^ *[0-9]+:/ && !/unknown/ {{
        gsub(/[.:]+/, " "); print $4, $5 + 1 }}' | sort -n
}}
failing() {{
    {failing}
}}
whole="0 $size linear /dev/ubda 0"
echo "$whole" | dmsetup create disk || exit 1
mount_disk {file_system} /dev/mapper/disk || exit 1
{command}
sleep {after:.3f}
failing >/run/failing
become </run/failing
echo "failing: $(dmsetup table disk)"
sleep {FAULT}
echo "$whole" >/run/whole
become </run/whole
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
    if oracle.exit_status == 0 and not oracle.error and not recorder.control_of:
        yield "it met no fault: this harness broke nothing"
    if oracle.exit_status == 0 and result["right"] < SECONDS * recorder.rate:
        yield f"it ended with 0 and has {result['right']} frames"


def fault(recorder, file_system, kind, number, options, work):
    dice = random.Random(f"{options.seed}/{recorder.name}/{file_system}/{kind}/{number}")
    after = dice.uniform(0.2 if kind == "disk" else 1.5, 3)  # a region is found behind a take
    image = disks.Disks(work).empty(file_system, "disk.img")
    script = job(recorder, file_system, kind, after, options)
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
    options = workplace.settings(__doc__.split("\n", maxsplit=1)[0], "bad_disk")
    results = []
    with workplace.folder(options) as work:
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
