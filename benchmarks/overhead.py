"""Overhead: what queue, records and pipes cost beside the bare reader, and how fast the program and a worker start.

Two bare processes read half of the pages each, with nothing around them; then `sohoa run --jobs 2` reads the same pages.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from benchmarks.process import cost
from benchmarks.reading import pages_with_truth

ROOT = Path(__file__).parents[1]
_REPEATED = 6  # so that starting weighs no more than in a day's work
_BARE = """
import sys, json
from pathlib import Path
from ocr.tasks import Assemble, Extract, Inspect, ReadPage
from ocr.work import assemble, extract, inspect, read_page
work = Path(sys.argv[1])
for number, path in enumerate(sys.argv[2:]):
    kind = "image/png" if path.endswith("png") else "image/jpeg"
    here = work / str(number)
    here.mkdir(parents=True)
    inspect(Inspect(path, kind))
    page = read_page(ReadPage(path, kind, 1, str(here)))
    extract(Extract(path, kind, str(here), (page,)))
    assemble(Assemble(str(here), (page,), str(here / "document.pdf"), "00" * 32, "title", {}))
"""


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """`throughput` is ours over that of the two bare processes (more is better), `overhead` the share of CPU time we add."""
    pages = pages_with_truth(args.pages or ROOT / "samples" / "drawn")
    rounds = []
    with TemporaryDirectory() as work:
        folder = Path(work) / "pages"
        folder.mkdir()
        for turn in range(_REPEATED):
            for page in pages:
                # What follows the end of a picture is nobody's; equal files would be read once only.
                (folder / f"{turn}-{page.name}").write_bytes(page.read_bytes() + f"{turn}".encode())
        all_pages = sorted(map(str, folder.iterdir()))
        for number in range(args.rounds):
            env = {**os.environ, "OMP_THREAD_LIMIT": "1", "SOHOA_HOME": f"{work}/home{number}"}
            started = monotonic()
            pair = [
                subprocess.Popen([sys.executable, "-c", _BARE, f"{work}/bare{number}-{half}", *all_pages[half::2]], env=env, cwd=ROOT)
                for half in (0, 1)
            ]
            used = [os.wait4(one.pid, 0)[2] for one in pair]
            wall, cpu = monotonic() - started, sum(one.ru_utime + one.ru_stime for one in used)
            line = [sys.executable, "-P", "-m", "sohoa", "run", str(folder), "-o", f"{work}/out{number}", "--jobs", "2"]
            ours = cost(line, env)
            rows = json.loads(Path(work, f"out{number}", "batch.json").read_text(encoding="utf8"))
            if len(rows) != len(all_pages) or any(row["error_code"] for row in rows):
                raise RuntimeError(ours.said)
            rounds.append((wall / ours.wall, ours.cpu / cpu - 1))
        helped = min(cost([sys.executable, "-P", "-m", "sohoa", "--help"], os.environ).wall for _ in range(5))
    figures = {
        "pages": len(all_pages),
        "throughput": round(median(one for one, _ in rounds), 3),
        "overhead": round(median(two for _, two in rounds), 3),
        "help_seconds": helped,
        "worker_start_seconds": round(_worker_start(), 2),
    }
    print(json.dumps(figures, indent=1))
    return figures


def _worker_start() -> float:
    """From nothing to a worker's first answer."""
    from ocr.tasks import INSPECT, Inspect
    from pipeline.workers import PRELOAD
    from sohoa.child import Child

    page = pages_with_truth(ROOT / "samples" / "drawn")[0]
    started = monotonic()
    with Child(PRELOAD) as child:
        child.call(INSPECT, Inspect(str(page), "image/jpeg"))
    return monotonic() - started
