"""Images of empty disks: made once for each file system, copied for each trial."""
import os
import shutil
import subprocess

MIB = 1 << 20
SIZE = 512 * MIB  # XFS asks for 300; sparse, so that only what is written costs memory

MAKE = {
    "ext4": ["mkfs.ext4", "-q", "-F"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
    "btrfs": ["mkfs.btrfs", "-q", "-f"],
    "vfat": ["mkfs.vfat"],
}


def missing_tools(file_systems):
    return [MAKE[fs][0] for fs in file_systems if not shutil.which(MAKE[fs][0])]


class Disks:
    def __init__(self, folder):
        self.folder = folder
        self._made = {}

    def empty(self, file_system, name):
        """A new image with an empty file system; returns its path."""
        path = os.path.join(self.folder, name)
        if file_system not in self._made:
            template = os.path.join(self.folder, f"empty.{file_system}")
            with open(template, "wb") as image:
                image.truncate(SIZE)
            subprocess.run(MAKE[file_system] + [template], check=True, stdout=subprocess.DEVNULL)
            self._made[file_system] = template
        copy(self._made[file_system], path)
        return path


def copy(source, target):
    subprocess.run(["cp", "--sparse=always", source, target], check=True)
