"""What is cut: each recorder, how it is started in the guest, and the audio that it is given."""
import dataclasses
import os
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclasses.dataclass(frozen=True)
class Recorder:
    name: str
    rate: int
    channels: int
    sample_bytes: int
    command: str     # in the guest; {bin}, {work}, {file}, {here}, {rate}, {name}
    ours: bool       # reports safe_frames, and is held to them
    control_of: tuple = ()  # the programs in which it has to break a promise
    spared_by: tuple = ()   # file systems that hide what it does wrong
    on_wine: bool = False   # the Windows program

    @property
    def frame_bytes(self):
        return self.channels * self.sample_bytes

    @property
    def file(self):
        return f"{self.name}.wav"

    def start(self, options):
        """The line of shell that starts it in the background; $! is the recorder."""
        return self.command.format(
            bin=options.windows_bin if self.on_wine else options.bin, work="/run/host",
            file=self.as_it_says("/run/disk/" + self.file), here=HERE, rate=self.rate,
            name=self.name) + " &"

    def repair(self, options, how):
        """The line of shell that repairs its take, with the tool of its own platform."""
        file = self.as_it_says("/run/disk/" + self.file)
        if self.on_wine:
            return f"(on_wine {options.windows_bin}/holdfast-recover.exe repair {how}--json {file})"
        return f"{options.bin}/holdfast-recover repair {how}--json {file}"

    def as_it_says(self, path):
        return "Z:" + path if self.on_wine else path

    @property
    def stop_signal(self):
        """Wine makes a Ctrl+C of an interrupt; every other signal would end the program at once."""
        return "INT" if self.on_wine else "TERM"


def holdfast(name, rate, channels, commit_ms, nosync="", on_wine=False, **control):
    """Ours in 24 bits; with `nosync` on a system that answers a sync so (nosync.c). On Wine it is
    Wine's server that makes the syncs: started by the program, it has its environment."""
    liar = f"export NOSYNC={nosync} LD_PRELOAD={{work}}/nosync.so; " if nosync else ""
    program = "on_wine {bin}/holdfast-capture.exe" if on_wine else "exec {bin}/holdfast-capture"
    return Recorder(name, rate, channels, 3, f"({liar}{program} -D synth:ramp -r {rate} "
                    f"-c {channels} -f S24 --commit-ms {commit_ms} --json {{file}})", True,
                    on_wine=on_wine, **control)


def peer(name, command):
    """Another recorder, 48 kHz, 16 bits, stereo, that is fed in real time through a pipe."""
    return Recorder(name, 48000, 2, 2, command.replace(
        "PACED", "python3 {here}/pacer.py {name} {rate} 3>/dev/tty1"), False)


RECORDERS = [
    holdfast("holdfast", 48000, 2, 250),
    # Odd frames and a commit each 10 ms: nearly every cut falls into one.
    holdfast("holdfast-10ms", 44100, 1, 10),
    holdfast("never-sync", 48000, 2, 250, "none", control_of=("cuts", "blocks")),
    # A random cut next to never falls between the two writes that this one lets change places; one
    # sync of btrfs makes both of them durable at once.
    holdfast("no-audio-barrier", 48000, 2, 250, "odd", control_of=("blocks",),
             spared_by=("btrfs",)),
    holdfast("sync-again", 48000, 2, 250, "again", control_of=("bad_disk",)),
    holdfast("holdfast-wine", 48000, 2, 250, on_wine=True),
    holdfast("never-sync-wine", 48000, 2, 250, "none", on_wine=True,
             control_of=("cuts", "blocks")),
    peer("arecord", "mkfifo /run/paced; cp {here}/asound.conf /run/; PACED >/run/paced & "
         "ALSA_CONFIG_PATH=/usr/share/alsa/alsa.conf:/run/asound.conf arecord -q -D paced "
         "-f S16_LE -r {rate} -c 2 --period-size=600 -t wav {file}"),
    peer("sox", "PACED | sox -q -t raw -e signed -b 16 -c 2 -r {rate} - {file}"),
    peer("ffmpeg",
         "PACED | ffmpeg -v error -nostdin -f s16le -ar {rate} -ac 2 -i pipe:0 {file}"),
]
BY_NAME = {recorder.name: recorder for recorder in RECORDERS}
OWN = [recorder for recorder in RECORDERS if recorder.ours and not recorder.control_of]
PEERS = [recorder for recorder in RECORDERS if not recorder.ours]


def with_controls(program, only=()):
    """Our recorders, and the controls of `program`; those that `only` names, if it names any."""
    found = OWN + [recorder for recorder in RECORDERS if program in recorder.control_of]
    return [recorder for recorder in found if not only or recorder.name in only]


def missing_peers():
    return [recorder.name for recorder in PEERS if not shutil.which(recorder.name)]


class Ramp:
    """The frames of the ramp as they stand in a file: each channel carries the frame's number,
    modulo the width, little-endian."""

    def __init__(self, recorder):
        self._width, self._channels = recorder.sample_bytes, recorder.channels
        self._bytes = bytearray()

    def first(self, frames):
        frame_bytes = self._width * self._channels
        have = len(self._bytes) // frame_bytes
        mask = (1 << 8 * self._width) - 1
        for n in range(have, frames):
            self._bytes += (n & mask).to_bytes(self._width, "little") * self._channels
        return memoryview(self._bytes)[:frames * frame_bytes]
