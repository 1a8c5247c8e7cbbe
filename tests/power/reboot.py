"""The boot after the cut: mounts the disks as any restart would, journals are replayed, and takes
the files out. In a guest, so that the host needs neither root nor the file system."""
import os

from guest import Guest

ROOM = 16  # disks in one guest: ubda to ubdp


def job(file_system, images):
    lines = []
    for index, _ in enumerate(images):
        lines.append(
            f"if mount_disk {file_system} /dev/ubd{chr(ord('a') + index)}; then "
            f"cp -r /run/disk /run/host/out/{index}; umount /run/disk; "
            f"else echo unmountable {index}; fi")
    return "\n".join(lines + [""])


def take_out(file_system, images, work):
    """For each image the folder with its files, or None where it does not mount."""
    out = os.path.join(work, "out")
    os.makedirs(out)
    with Guest(work, job(file_system, images), images) as guest:
        guest.wait_for("end of job", 120)
        lines = [line for _, line in guest.lines]
    return [None if f"unmountable {index}" in lines else os.path.join(out, str(index))
            for index, _ in enumerate(images)]
