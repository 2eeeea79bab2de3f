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
    """`wall` and `cpu` in seconds, `own` of the CPU time the process's own without its children's; `peak` in bytes of
    proportional set size. The last two are sampled ten times a second."""

    wall: float
    cpu: float
    peak: int
    code: int
    said: str
    own: float = 0.0


def cost(line: Sequence[str], env: Mapping[str, str], memory: bool = True) -> Cost:
    """Run `line` to its end, with `memory` looking at how much it has."""
    with tempfile.TemporaryFile() as errors:
        started = time.monotonic()
        child = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=errors, env=dict(env))
        peak, own = 0, 0.0
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            peak, own = max(peak, _tree_memory(child.pid) if memory else 0), max(own, _own_cpu(child.pid))
            time.sleep(0.1)
        wall = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace")[-2000:]
    return Cost(round(wall, 2), round(usage.ru_utime + usage.ru_stime, 2), peak, child.returncode, said, own)


def _own_cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
