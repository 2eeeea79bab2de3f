"""Overhead: what queue, records and pipes cost beside the bare reader, and how fast the program and a worker start.

Two bare processes do everything that is done with the pixels of half of the pages each, with nothing around them; then
`sohoa run --jobs 2` reads the same pages. What queue, records and pipes cost is the CPU time of the process that runs the
batch, the workers' apart; what the workers need beyond the bare processes is told beside it.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

from benchmarks.process import cost
from benchmarks.reading import pages_with_truth
from storage.database import open_database
from storage.workers import Workers

ROOT = Path(__file__).parents[1]
_REPEATED = 20  # so that starting weighs no more than in a day's work
_LEAST_THROUGHPUT, _MOST_OVERHEAD, _MOST_HELP, _MOST_START = 0.95, 0.03, 0.3, 3.0
_BARE = """
import sys
from msgspec.structs import replace
from pathlib import Path
from ocr.codes import ReadCodes, worth_a_look
from ocr.tasks import Assemble, Extract, Inspect, ReadPage
from ocr.work import assemble, extract, inspect, read_codes, read_page
work = Path(sys.argv[1])
for number, path in enumerate(sys.argv[2:]):
    kind = "image/png" if path.endswith("png") else "image/jpeg"
    here = work / str(number)
    here.mkdir(parents=True)
    inspect(Inspect(path, kind))
    page = read_page(ReadPage(path, kind, 1, str(here)))
    extract(Extract(path, kind, str(here), (page,), None, str(here)))
    bare = tuple(replace(one, words=()) for one in worth_a_look((page,)))
    if bare:
        read_codes(ReadCodes(path, kind, str(here), bare))
    assemble(Assemble(str(here), (page,), str(here / "document.pdf"), "00" * 32, "title", {}))
"""


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """`throughput` is ours over that of the two bare processes (more is better); `overhead` the CPU time of queue and records
    over that of reading, `all_overhead` everything we add to it, the difference of two large numbers on a machine with others."""
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
            ended = [os.wait4(one.pid, 0) for one in pair]
            wall, cpu = monotonic() - started, sum(used.ru_utime + used.ru_stime for _, _, used in ended)
            if any(status for _, status, _ in ended):
                raise RuntimeError("the bare reader failed")
            line = [sys.executable, "-P", "-m", "sohoa", "run", str(folder), "-o", f"{work}/out{number}", "--jobs", "2"]
            ours = cost(line, env, memory=False)  # looking at memory takes time that the bare processes are not asked for
            rows = json.loads(Path(work, f"out{number}", "batch.json").read_text(encoding="utf8"))
            if len(rows) != len(all_pages) or any(row["error_code"] for row in rows):
                raise RuntimeError(ours.said)
            rounds.append((wall / ours.wall, ours.own / cpu, ours.cpu / cpu - 1))
            print([round(figure, 3) for figure in rounds[-1]], flush=True)
        helped = min(_seconds([sys.executable, "-P", "-m", "sohoa", "--help"]) for _ in range(5))
    throughput, overhead, everything = (round(median(figures), 3) for figures in zip(*rounds, strict=True))
    figures = {
        "pages": len(all_pages),
        "throughput": throughput,
        "overhead": overhead,
        "all_overhead": everything,
        "help_seconds": round(helped, 2),
        "worker_start_seconds": round(_worker_start(), 2),
        "worker_command_seconds": round(_worker_command(), 2),
    }
    print(json.dumps(figures, indent=1))
    _said("two workers over two bare processes", throughput, ">=", _LEAST_THROUGHPUT)
    _said("queue and records over reading, CPU", overhead, "<=", _MOST_OVERHEAD)
    _said("sohoa --help, seconds", figures["help_seconds"], "<=", _MOST_HELP)
    _said("start of a reading process, seconds", figures["worker_start_seconds"], "<=", _MOST_START)
    _said("start of sohoa worker, seconds", figures["worker_command_seconds"], "<=", _MOST_START)
    return figures


def _said(what: str, figure: float, how: str, goal: float) -> None:
    met = figure >= goal if how == ">=" else figure <= goal
    print(f"{'OK' if met else 'NOT MET'}: {what}: {figure} (goal {how} {goal})")


def _seconds(line: list[str]) -> float:
    started = monotonic()
    subprocess.run(line, stdout=subprocess.DEVNULL, check=True)
    return monotonic() - started


def _worker_command() -> float:
    """From nothing to the first sign of life of `sohoa worker`, which by then takes work."""
    sys.path.insert(0, str(ROOT))
    from tests.servers import Redis

    broker = Redis()
    broker.start()
    try:
        with TemporaryDirectory() as home:
            # Its tables are there already, as at every start but the first.
            open_database(Path(home) / "worker" / "sohoa.sqlite").dispose()
            line = [sys.executable, "-P", "-m", "sohoa", "worker", "--broker", broker.address, "--jobs", "1"]
            started = monotonic()
            worker = subprocess.Popen(line, env={**os.environ, "SOHOA_HOME": home}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            try:
                rows = Workers(open_database(Path(home) / "worker" / "sohoa.sqlite"))
                while not rows.all():
                    if worker.poll() is not None:
                        raise RuntimeError("the worker did not start")
                    sleep(0.02)
                return monotonic() - started
            finally:
                worker.terminate()
                worker.wait()
    finally:
        broker.close()


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
