"""What a recorder had told the host before its power went: what it is held to."""
import dataclasses
import json
import ntpath
import re

REPORTS = 0.1  # seconds between two reports of what was captured


@dataclasses.dataclass
class Said:
    started: bool = False
    promised: int = 0    # frames that were called safe
    captured: int = 0    # frames captured at the cut: last report, and the time since then
    stopped: bool = False
    error: str = ""
    exit_status: int = -1
    slowest_commit: int = 0  # ms, of those that were reported
    repaired: str = ""   # name of the file that a repair called complete
    repaired_frames: int = 0


def said(lines, recorder, cut_at=0.0):
    """`lines` are (moment, text), whole lines only: half a line acknowledges nothing."""
    result, moment = Said(), None
    for arrived, line in lines:
        if line in ("stopping", "repairing"):
            moment = None
        elif recorder.ours and line.startswith("{"):
            moment = take_in(json.loads(line), result, arrived, moment)
        elif found := re.fullmatch(rf"captured {recorder.name} (\d+)", line):
            result.captured, moment = int(found[1]), arrived
        elif found := re.fullmatch(r"exit (\d+)", line):
            result.exit_status = int(found[1])
    if moment and result.captured:
        result.captured += round(min(max(0, cut_at - moment), REPORTS) * recorder.rate)
    return result


def take_in(event, result, arrived, moment):
    """One event of ours; returns when `captured` was last said while it still grew."""
    kind = event["event"]
    result.started |= kind == "started"
    result.promised = max(result.promised, event.get("safe_frames", 0))
    result.slowest_commit = max(result.slowest_commit, event.get("commit_ms_last", 0))
    if kind == "error":
        result.error = event["text"]
    if kind == "repaired" and event["outcome"] == "recovered":
        result.repaired = ntpath.basename(event["result"])  # of either platform
        result.repaired_frames = event["recoverable_frames"]
    if kind == "stopped":
        result.stopped = True
        result.promised = result.captured = event["frames"]
        return None
    if "captured_frames" in event:
        # After "stopping" there was no moment, and nothing grows any more.
        stopping = moment is None and result.captured > 0
        result.captured = event["captured_frames"]
        return None if stopping else arrived
    return moment
