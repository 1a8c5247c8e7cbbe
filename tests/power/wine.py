"""Wine for the guests: what it needs on the host, and the prefix that all of them start from."""
import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ON_WINE = os.path.join(ROOT, "resources", "windows", "on_wine.sh")
LOADERS = ("/usr/lib/wine/wine64", "wine64", "wine")  # as there


def missing(folder):
    """`folder` has the Windows programs."""
    absent = [] if any(map(shutil.which, LOADERS)) else ["wine (apt-get install wine wine64)"]
    absent += [] if shutil.which("wineserver") else ["wineserver"]
    if not all(os.path.exists(os.path.join(folder, name))
               for name in ("holdfast-capture.exe", "holdfast-recover.exe")):
        absent.append(f"the Windows programs in {folder} (./run build windows)")
    return absent


def make_prefix(work):
    """The folder "wine" in `work`, as a first start of Wine leaves it: some 700 MB, mostly zeros.
    guest_init.sh takes from it what a guest needs."""
    prefix = os.path.join(work, "wine")
    env = dict(os.environ, WINEPREFIX=prefix)
    subprocess.run([ON_WINE, "wineboot", "-u"], env=env, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run(["wineserver", "-w"], env=env, check=True)  # it writes the registry at its end
