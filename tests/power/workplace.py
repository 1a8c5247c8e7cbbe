"""What the programs of this folder share: their settings, what they need, a folder to work in."""
import argparse
import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile

import disks
import guest
import recorders
import wine


def settings(what, program):
    """The command line and the environment of a program of this folder; ends with 2 and names what
    is missing."""
    parser = argparse.ArgumentParser(description=what)
    root = os.path.dirname(os.path.dirname(guest.HERE))
    parser.add_argument("--bin", default=os.path.join(root, "build", "bin"))
    parser.add_argument("--windows-bin", default=os.path.join(root, "build-mingw", "bin"))
    parser.add_argument("--results", help="one JSON object a state is appended to this file")
    parser.add_argument("--keep", help="disks on which a promise was broken are kept here")
    parser.add_argument("--only", help="recorders, separated by commas")
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    options.windows_bin = os.path.abspath(options.windows_bin)
    options.only = options.only.split(",") if options.only else []
    options.on_wine = any(recorder.on_wine
                          for recorder in recorders.with_controls(program, options.only))
    options.file_systems = os.environ.get("HOLDFAST_FS", ",".join(disks.MAKE)).split(",")
    options.seed = os.environ.get("HOLDFAST_SEED") or str(secrets.randbits(32))
    options.guests = int(os.environ.get("HOLDFAST_GUESTS", "2"))
    require(options)
    print(f"power: HOLDFAST_SEED={options.seed}", flush=True)
    return options


def require(options):
    unknown = [fs for fs in options.file_systems if fs not in disks.MAKE]
    if unknown:
        print(f"power: no file system {', '.join(unknown)}; known: {', '.join(disks.MAKE)}",
              file=sys.stderr)
        sys.exit(2)
    for folder_seen in (guest.HERE, options.bin, options.windows_bin):
        if " " in folder_seen or folder_seen.startswith(("/dev/", "/proc/", "/run/", "/sys/")):
            print(f"power: a guest cannot see {folder_seen}: it has its own /dev, /proc, /run and "
                  "/sys, and its kernel takes no blank in a path", file=sys.stderr)
            sys.exit(2)
    missing = [] if shutil.which(guest.KERNEL) else ["uml (apt-get install user-mode-linux)"]
    missing += [tool for tool in ("cc", "insmod", "dmsetup") if not shutil.which(tool)]
    missing += disks.missing_tools(options.file_systems)
    missing += [name for name in ("holdfast-capture", "holdfast-recover")
                if not os.access(os.path.join(options.bin, name), os.X_OK)]
    if options.on_wine:
        missing += wine.missing(options.windows_bin)
    if missing:
        print("power: missing: " + ", ".join(missing), file=sys.stderr)
        sys.exit(2)


def folder_for_disks():
    """In memory where there is room: the disks of the guests need not wear those of the host."""
    memory = "/dev/shm"
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30:
        return memory
    return None


@contextlib.contextmanager
def folder(options):
    """A folder that is gone afterwards, with the library that makes the control in it, and what
    Wine needs."""
    with tempfile.TemporaryDirectory(prefix="holdfast-power-", dir=folder_for_disks()) as work:
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", os.path.join(work, "nosync.so"),
                        os.path.join(guest.HERE, "nosync.c")], check=True)
        if options.on_wine:
            wine.make_prefix(work)
        yield work


@contextlib.contextmanager
def room_for_guest(work):
    """The folder that one guest sees as /run/host."""
    with tempfile.TemporaryDirectory(dir=work) as inner:
        shutil.copy(os.path.join(work, "nosync.so"), inner)
        yield inner
