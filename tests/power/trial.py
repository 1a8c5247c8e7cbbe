"""One power cut: boots a guest, lets it record, cuts its power at a moment drawn from the seed."""
import dataclasses
import random
import time

from guest import Guest

# What a cut falls into: its weight, and the least and most seconds from the line that it waits for.
MOMENTS = {
    "start": (15, 0.05, 0.6),      # from the start of the program
    "young take": (15, 0, 0.25),   # from `started`: the name is new, the second commit not there
    "take": (25, 0, 2.5),
    "long take": (5, 5, 25),
    "finish": (25, 0, 0.03),       # from SIGTERM
    "repair": (8, 0, 0.25),        # of a take whose recorder was killed: from its begin
    "repair in place": (7, 0, 0.25),
}
# On Wine no start of a program is part of a moment, and its way from a signal is longer.
ON_WINE = {"start": (15, 0, 0.3),   # from the first file that it makes
           "finish": (25, 0, 0.3)}


@dataclasses.dataclass
class Trial:
    number: int
    file_system: str
    recorders: list
    moment: str
    wait: float     # seconds from the line that the moment begins with to the cut
    stop_after: float = 0.0  # finish, repair: seconds from the start of the program to its end
    image: str = ""
    lines: list = dataclasses.field(default_factory=list)
    cut_at: float = 0.0

    @property
    def name(self):
        return f"{self.recorders[0].name}-{self.file_system}-{self.number}"

    def describe(self):
        return {"number": self.number, "moment": self.moment, "wait": round(self.wait, 4)}


def draw(seed, number, file_system, recorders):
    """The same seed gives the same moments."""
    dice = random.Random(f"{seed}/{recorders[0].name}/{file_system}/{number}")
    if not recorders[0].ours:
        # Long enough that the system's own write-back (5 s, 30 s) has its part in what is kept.
        return Trial(number, file_system, recorders, "take", dice.uniform(2, 45))
    if recorders[0].control_of:
        return Trial(number, file_system, recorders, "take", dice.uniform(0.5, 6))
    moment = dice.choices(list(MOMENTS), [weight for weight, _, _ in MOMENTS.values()])[0]
    _, least, most = {**MOMENTS, **(ON_WINE if recorders[0].on_wine else {})}[moment]
    return Trial(number, file_system, recorders, moment, dice.uniform(least, most),
                 stop_after=dice.uniform(0.7, 2))


def first_write_of_repair(recorder):
    """Shell that waits for it, or for the end of the tool."""
    take = f"/run/disk/{recorder.name}"
    return (f"until [ -e {take}.recovered.part.wav ] || [ {take}.wav.journal -nt /run/killed ] || "
            "! kill -0 $!; do sleep 0.01; done")


def job(trial, options):
    lines = [f"mount_disk {trial.file_system} /dev/ubda || exit 1", "echo ready"]
    lines += [recorder.start(options) for recorder in trial.recorders]
    ours = trial.recorders[0]
    if ours.on_wine:
        lines += [f"until [ -e /run/disk/{ours.file}.journal ]; do sleep 0.01; done", "echo begun"]
    if trial.moment == "finish":
        lines += [f"sleep {trial.stop_after:.3f}", "echo stopping", f"kill -{ours.stop_signal} $!"]
    elif trial.moment.startswith("repair"):
        how = "--in-place " if trial.moment == "repair in place" else ""
        lines += [f"sleep {trial.stop_after:.3f}", "kill -KILL $!", "wait", "touch /run/killed",
                  *([] if ours.on_wine else ["echo repairing"]), ours.repair(options, how) + " &"]
        if ours.on_wine:
            lines += [first_write_of_repair(ours), "echo repairing"]
    return "\n".join(lines + ["wait", "sleep 1000", ""])


def run(trial, work, options):
    """Fills in what the guest said until the cut, and when the cut was."""
    if not trial.recorders[0].ours:
        begins = [f"captured {recorder.name} " for recorder in trial.recorders]
    else:
        begins = [{"start": "begun" if trial.recorders[0].on_wine else "ready",
                   "finish": "stopping", "repair": "repairing",
                   "repair in place": "repairing"}.get(trial.moment, '"event":"started"')]
    with Guest(work, job(trial, options), [trial.image]) as guest:
        begun = max(guest.wait_for(line) for line in begins)
        time.sleep(max(0.0, begun + trial.wait - time.monotonic()))
        trial.cut_at = guest.cut()
        trial.lines = guest.lines
