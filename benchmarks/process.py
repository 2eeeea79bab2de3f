"""What a command costs, children and all: wall and CPU seconds and the peak memory of its whole process tree."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """`wall` and `cpu` in seconds; `peak` in bytes of proportional set size, sampled ten times a second."""

    wall: float
    cpu: float
    peak: int
    code: int
    said: str


def cost(line: Sequence[str], env: Mapping[str, str]) -> Cost:
    """Run `line` to its end."""
    with tempfile.TemporaryFile() as errors:
        started = time.monotonic()
        child = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=errors, env=dict(env))
        peak = 0
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, _tree_memory(child.pid))
            time.sleep(0.1)
        wall = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace")[-2000:]
    return Cost(round(wall, 2), round(usage.ru_utime + usage.ru_stime, 2), peak, child.returncode, said)


def _tree_memory(pid: int) -> int:
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            for row in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if row.startswith("Pss:"):
                    total += int(row.split()[1]) << 10
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return total
