"""Compares what a cut left with what had been promised before it."""
import json
import os
import shutil
import subprocess

from readers import by_sndfile, by_wave
from recorders import Ramp

RAMPS = {}


def ramp_of(recorder):
    return RAMPS.setdefault((recorder.sample_bytes, recorder.channels), Ramp(recorder))


def judge(oracle, recorder, folder, binaries, in_order=True):
    """Compares the files in `folder` (None: the disk does not mount) with what was said. In the
    result `faults` is empty when every promise was held. A disk that does not keep the order of
    its writes (`in_order`) may leave holes in what no checksum covers."""
    result = {"started": oracle.started, "stopped": oracle.stopped, "captured": oracle.captured,
              "promised": oracle.promised, "slowest_commit_ms": oracle.slowest_commit,
              "opens": False, "right": 0, "faults": [],
              "files": sorted(os.listdir(folder)) if folder else None}
    faults = result["faults"]
    path = os.path.join(folder or "", recorder.file)
    there = folder is not None and os.path.isfile(path)
    if not folder:
        faults.append("the disk does not mount")
    if there:
        judge_file(path, recorder, result)
    result["lost_ms"] = round(max(0, oracle.captured - result["right"]) * 1000 / recorder.rate)
    if not recorder.ours:
        return result

    if oracle.started and not there:
        faults.append("no file, and it was reported as started")
    result["below_safe"] = max(0, oracle.promised - result["right"])
    if result["below_safe"]:
        faults.append(f"{result['below_safe']} safe frames are lost or wrong")
    if oracle.repaired and folder:
        result["repaired"] = oracle.repaired_frames
        seen = by_wave(os.path.join(folder, oracle.repaired), recorder, ramp_of(recorder))
        if seen.right < oracle.repaired_frames:
            faults.append(f"{oracle.repaired_frames} frames were repaired, {seen.right} are right")
    if there:
        judge_recovery(path, recorder, result, binaries, in_order)
    return result


def judge_file(path, recorder, result):
    """A file under its final name opens, and all that a plain reader sees is right."""
    seen = [by_sndfile(path, recorder, ramp_of(recorder))]
    if recorder.ours:
        seen.append(by_wave(path, recorder, ramp_of(recorder)))
    result["opens"] = all(audio.opens for audio in seen)
    result["frames"] = min(audio.frames for audio in seen)
    result["right"] = min(audio.right for audio in seen)
    result["faults"] += ["does not open: " + audio.why for audio in seen if not audio.opens]
    if len({audio.frames for audio in seen}) > 1:
        result["faults"].append("readers disagree on its length")
    if result["opens"] and result["right"] < result["frames"]:
        result["faults"].append(f"frame {result['right']} of {result['frames']} is wrong")


def judge_recovery(path, recorder, result, binaries, in_order):
    """The tool finds no damage and has at least what a plain reader saw."""
    tool = os.path.join(binaries, "holdfast-recover")
    folder = os.path.dirname(path)
    # The tool's list of sessions and its rings are the host's: an empty home has none of them.
    home = os.path.join(folder, "home")
    os.mkdir(home)
    env = dict(os.environ, HOME=home, XDG_RUNTIME_DIR=home, XDG_STATE_HOME=home)
    check, repair = (
        subprocess.run([tool, *how, path], env=env, capture_output=True, check=False)
        for how in (["check"], ["repair", "--json"]))
    result["check"], result["repair"] = check.returncode, repair.returncode
    if check.returncode not in (0, 4):
        result["faults"].append(f"check ends with {check.returncode}: {check.stderr.decode()}")
    if repair.returncode not in (0, 1):
        result["faults"].append(f"repair ends with {repair.returncode}: "
                                + (repair.stdout + repair.stderr).decode())
    copy = os.path.join(folder, recorder.name + ".recovered.wav")
    audio = by_wave(copy if os.path.exists(copy) else path, recorder, ramp_of(recorder))
    result["recovered"] = audio.right
    result["recovered_lost_ms"] = round(
        max(0, result["captured"] - audio.right) * 1000 / recorder.rate)
    result["verified"] = verified_frames(repair.stdout.decode())
    held = audio.frames if in_order else max(result["right"], result["verified"])
    if audio.right < max(held, result["right"]):
        result["faults"].append(f"repair made {audio.frames} frames, {audio.right} of them right")
    shutil.rmtree(home)


def verified_frames(events):
    """Frames of the copy that a checksum covers: the tool calls them verified."""
    return max((json.loads(line).get("verified_frames", 0) for line in events.splitlines()
                if line.startswith("{")), default=0)
