"""The results as a table, and the verdict."""
import statistics

import recorders


def groups(results):
    """(recorder, file system) -> its results, in the order of the trials."""
    found = {}
    for result in results:
        found.setdefault((result["recorder"], result["file_system"]), []).append(result)
    return found


def milliseconds(values):
    if not values:
        return "- | -"
    return " | ".join(f"{value:,.0f} ms" for value in (statistics.median(values), max(values)))


def row(recorder, file_system, results):
    """Ours counts from `started` on; audio is lost only where the take had not been stopped."""
    running = [r for r in results if r["started"] or "below_safe" not in r]
    cut_off = [r["lost_ms"] for r in running
               if not r["stopped"] and not r["moment"].startswith("repair")]
    unopened = sum(not r["opens"] for r in running)
    below = "nothing promised"
    if "below_safe" in results[0]:
        below = f"{sum(r['below_safe'] > 0 for r in results)} cuts"
    return (f"| {recorder} | {file_system} | {len(results)} ({len(results) - len(running)}) | "
            f"{unopened} | {milliseconds(cut_off)} | {below} |")


def markdown(results):
    lines = ["| recorder | file system | cuts (before `started`) | did not open | lost, median | "
             "lost, most | lost below safe |", "|---|---|---|---|---|---|---|"]
    return "\n".join(lines + [row(*key, found) for key, found in groups(results).items()])


def of_states(results):
    """States of a disk have no moment of the cut: only what was promised can be lost."""
    lines = ["| recorder | file system | states (before `started`) | not mountable | "
             "broke a promise | of them did not open | lost below safe |",
             "|---|---|---|---|---|---|---|"]
    for (recorder, file_system), found in groups(results).items():
        mounted = [r for r in found if r["files"] is not None]
        running = [r for r in mounted if r["started"]]
        lines.append(f"| {recorder} | {file_system} | "
                     f"{len(found)} ({sum(not r['started'] for r in found)}) | "
                     f"{len(found) - len(mounted)} | "
                     f"{sum(bool(r['faults']) for r in mounted)} | "
                     f"{sum(not r['opens'] for r in running)} | "
                     f"{sum(r['below_safe'] > 0 for r in mounted)} |")
    return "\n".join(lines)


def of_faults(results):
    lines = ["| recorder | file system | faults | ended with | broke a promise | "
             "lost below safe |", "|---|---|---|---|---|---|"]
    for (recorder, file_system), found in groups(results).items():
        ends = ", ".join(str(status) for status in sorted({r["exit"] for r in found}))
        lines.append(f"| {recorder} | {file_system} | {len(found)} | {ends} | "
                     f"{sum(bool(r['faults']) for r in found)} | "
                     f"{sum(r['below_safe'] > 0 for r in found)} |")
    return "\n".join(lines)


def verdict(results):
    """Reasons to fail; none is success."""
    reasons = []
    for (name, file_system), found in groups(results).items():
        recorder = recorders.BY_NAME[name]
        if recorder.control_of:
            if not any(r["faults"] for r in found):
                reasons.append(f"{name} on {file_system} broke no promise: "
                               "this harness cannot see a loss")
        elif recorder.ours:
            reasons += [f"{name} on {file_system}, {r['number']}: " + "; ".join(r["faults"])
                        for r in found if r["faults"]]
    return reasons
