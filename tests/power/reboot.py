"""The boot after the cut: mounts the disks as any restart would, journals are replayed, and takes
the files out. In a guest, so that the host needs neither root nor the file system."""
import os

from guest import Guest

ROOM = 8  # disks in one guest


def job(trials):
    lines = []
    for index, trial in enumerate(trials):
        lines.append(
            f"if mount_disk {trial.file_system} /dev/ubd{chr(ord('a') + index)}; then "
            f"cp -r /run/disk /run/work/out/{index}; umount /run/disk; "
            f"else echo unmountable {index}; fi")
    return "\n".join(lines + [""])


def take_out(trials, work):
    """Yields (trial, folder with the files of its disk, or None where it does not mount)."""
    out = os.path.join(work, "out")
    os.makedirs(out)
    with Guest(work, job(trials), [trial.image for trial in trials]) as guest:
        guest.wait_for("end of job", 120)
        lines = [line for _, line in guest.lines]
    for index, trial in enumerate(trials):
        mounted = f"unmountable {index}" not in lines
        yield trial, os.path.join(out, str(index)) if mounted else None
