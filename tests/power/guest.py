"""A machine that can lose its power: Linux as a user process, killed with SIGKILL.

Its memory, the page cache with it, is gone with the process; what it had written to its disk is in
the disk's file on the host. It speaks through a console, one line at a time.
"""
import atexit
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
KERNEL = "linux.uml"


@functools.cache
def kernel_environment():
    """Of the guest's kernel: with what lets it run on processors newer than it."""
    folder = tempfile.mkdtemp(prefix="holdfast-guest-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = os.path.join(folder, "wide_registers.so")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library,
                    os.path.join(HERE, "wide_registers.c")], check=True)
    return dict(os.environ, LD_PRELOAD=library)


class GuestFailed(Exception):
    """The guest did not do its part: the harness is broken, not the recorder."""


class Guest:
    def __init__(self, work, job, disks):
        """Boots; `job` is the text of a shell script, `disks` are image files (ubda, ubdb, …)."""
        self.log = os.path.join(work, "kernel.log")
        with open(os.path.join(work, "job.sh"), "w", encoding="utf-8") as script:
            script.write(job)
        arguments = [
            KERNEL, "mem=256M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
            f"init={HERE}/guest_init.sh", f"uml_dir={work}/uml", "quiet", "con=null",
            "con0=null,fd:2", "con1=null,fd:1",
            f"HOLDFAST_GUEST_WORK={work}", "HOLDFAST_GUEST_JOB=job.sh"]
        arguments += [f"ubd{chr(ord('a') + i)}={disk}" for i, disk in enumerate(disks)]
        self.lines = []  # (moment of arrival, text), whole lines only
        self._arrived = threading.Condition()
        self._ended = False
        with open(self.log, "wb") as log:
            # pylint: disable=consider-using-with
            self._process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL,
                                             stdout=subprocess.PIPE, stderr=log,
                                             start_new_session=True, env=kernel_environment())
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        rest = b""
        while chunk := os.read(self._process.stdout.fileno(), 65536):
            now = time.monotonic()
            *whole, rest = (rest + chunk).split(b"\n")
            with self._arrived:
                self.lines += [(now, line.decode(errors="replace").strip()) for line in whole]
                self._arrived.notify_all()
        with self._arrived:
            self._ended = True
            self._arrived.notify_all()

    def wait_for(self, text, seconds=60):
        """Waits for a line that contains `text`; returns the moment at which it came."""
        deadline = time.monotonic() + seconds
        seen = 0
        with self._arrived:
            while True:
                for moment, line in self.lines[seen:]:
                    if text in line:
                        return moment
                seen = len(self.lines)
                if self._ended or not self._arrived.wait(deadline - time.monotonic()):
                    raise GuestFailed(f"no '{text}' from the guest; its kernel said:\n"
                                      + self.kernel_said())

    def kernel_said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()[-2000:]

    def cut(self):
        """Cuts the power; returns the moment. Waits until nothing of the guest is left."""
        os.killpg(self._process.pid, signal.SIGKILL)
        moment = time.monotonic()
        self._process.wait()
        # Each process of the guest holds the console: its end is the end of the last of them.
        self._reader.join(timeout=30)
        if self._reader.is_alive():
            raise GuestFailed("a process of the guest lives on after the cut")
        self._process.stdout.close()
        return moment

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.returncode is None:
            self.cut()
