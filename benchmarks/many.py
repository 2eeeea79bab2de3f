"""Many: 10,000 documents of one page each through records and local runner. The parent's memory must stay flat.

Every page is one line of text of its own, so that what is measured is everything around the reading, the comparing of all
documents at the end included. `SOHOA_BENCH_DOCUMENTS` makes it smaller.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fpdf import FPDF

DOCUMENTS = int(os.environ.get("SOHOA_BENCH_DOCUMENTS", "10000"))
_GROWTH_MB = 8  # the databases' page caches fill up once


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Documents per second, and the parent's own memory in MB after a tenth of the documents and at its most after that."""
    with TemporaryDirectory(prefix="sohoa-many-") as work:
        inbox, out = Path(work) / "inbox", Path(work) / "out"
        inbox.mkdir()
        for number in range(DOCUMENTS):
            _page(inbox / f"{number:05}.pdf", number)
        line = [sys.executable, "-P", "-m", "sohoa", "run", str(inbox), "-o", str(out), "--jobs", "2"]
        started = time.monotonic()
        run = subprocess.Popen(line, env={**os.environ, "SOHOA_HOME": f"{work}/home"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        early, most, finished, marks = 0, 0, 0, dict[int, int]()
        while True:
            pid, _, usage = os.wait4(run.pid, os.WNOHANG)
            if pid:
                break
            finished = sum(1 for _ in out.iterdir()) if out.is_dir() else 0
            memory = _memory(run.pid)
            if finished < DOCUMENTS // 10:
                early = max(early, memory)
            most = max(most, memory)
            marks[10 * finished // DOCUMENTS] = memory >> 20
            time.sleep(1)
        wall = time.monotonic() - started
        rows = json.loads((out / "batch.json").read_text(encoding="utf8"))
        lost = sum(not (out / row["name"] / "document.pdf").is_file() for row in rows)
    figures = {
        "documents": len(rows),
        "statuses": dict(Counter(row["status"] for row in rows)),
        "lost": lost + DOCUMENTS - len(rows),
        "parent_mb_first_tenth": early >> 20,
        "parent_mb_most": most >> 20,
        "parent_mb_by_tenths": list(marks.values()),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "wall_seconds": round(wall, 1),
    }
    print(json.dumps(figures, indent=1))
    grown = (most - early) >> 20
    print(f"{'OK' if grown <= _GROWTH_MB else 'NOT MET'}: the parent grew by {grown} MB after the first tenth (most: {_GROWTH_MB} MB)")
    return figures


def _page(file: Path, number: int) -> None:
    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    pdf.add_page()
    pdf.multi_cell(0, 8, f"Van ban so {number}.")
    pdf.output(str(file))


def _memory(pid: int) -> int:
    """The process's own proportional set size in bytes, without its children."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf8").splitlines()
    except OSError:
        return 0
    return sum(int(row.split()[1]) << 10 for row in rows if row.startswith("Pss:"))
