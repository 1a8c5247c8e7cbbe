"""The boot after the cut: mounts the disks as any restart would, journals are replayed, and takes
the files out. In a guest, so that the host needs neither root nor the file system."""
import os

from guest import Guest, GuestFailed

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
        guest.wait_for("end of job", 300)
        said = [line for _, line in guest.lines]
        folders = [os.path.join(out, str(index)) for index, _ in enumerate(images)]
        for index, folder in enumerate(folders):
            # A file that reads with an error is taken out as far as it reads: so a player sees it.
            if f"unmountable {index}" in said:
                folders[index] = None
            elif not os.path.isdir(folder):
                raise GuestFailed("files could not be taken out:\n" + guest.kernel_said())
    return folders
