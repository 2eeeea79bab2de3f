"""Chaos: 500 scans through real servers while 50 times something is killed, and the object store once for 20 seconds.

The scans are the heads of the drawn pages, which take every step of a page without text in a fraction of the time; each file
has bytes of its own. Workers, their children, PostgreSQL, the S3 server and
RabbitMQ are killed in an order that is always the same; where the blows fall is up to the machine.
`SOHOA_BENCH_SCANS` and `SOHOA_BENCH_BLOWS` make it smaller.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2

from benchmarks.reading import pages_with_truth
from storage.audit import Audit
from storage.database import open_database
from storage.records import Records

ROOT = Path(__file__).parents[1]
SCANS = int(os.environ.get("SOHOA_BENCH_SCANS", "500"))
BLOWS = int(os.environ.get("SOHOA_BENCH_BLOWS", "50"))
_LINE = [sys.executable, "-P", "-m", "sohoa"]
_AWAY = {"postgres": 3.0, "s3": 3.0, "rabbit": 3.0, "s3_long": 20.0}  # seconds


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Scans, blows, and what was lost, doubled or failed: all of the latter must be nothing."""
    sys.path.insert(0, str(ROOT))
    from tests.servers import S3, Postgres, Rabbit

    servers = {"postgres": Postgres(), "s3": S3(), "rabbit": Rabbit()}
    try:
        for server in servers.values():
            server.start()
        with TemporaryDirectory(prefix="sohoa-chaos-") as work:
            figures = _chaos(Path(work), servers, pages_with_truth(args.pages or ROOT / "samples" / "drawn"))
    finally:
        for server in servers.values():
            server.close()
    print(json.dumps(figures, indent=1))
    lost = figures["not_delivered"] + figures["ended_twice"] + figures["units_left"] + len(figures["errors"])
    whole = not lost and figures["audit_chain_whole"] and sum(figures["blows"].values()) == BLOWS
    print(f"{'OK' if whole else 'NOT MET'}: {SCANS} scans, {sum(figures['blows'].values())} blows, {lost} lost, doubled or failed")
    return figures


def _chaos(work: Path, servers: Mapping[str, Any], pages: list[Path]) -> dict[str, Any]:
    inbox, out, where = work / "inbox", work / "out", servers["postgres"].database()
    inbox.mkdir()
    heads = [_head(page) for page in pages]
    for number in range(SCANS):
        # What follows the end of a picture is nobody's: no two files are equal.
        (inbox / f"{number:04}.jpg").write_bytes(heads[number % len(heads)] + f"{number}".encode())
    (work / "config.toml").write_text(
        f'broker = "{servers["rabbit"].address}"\nredeliver_seconds = 10\nlease_seconds = 10\n'
        f'[storage]\nrecords = "{where}"\nobjects = "{servers["s3"].bucket()}"\n'
    )
    env = {**os.environ, **servers["s3"].KEYS, "SOHOA_CONFIG": str(work / "config.toml")}
    records, started, struck = Records(open_database(where)), time.monotonic(), 0
    blows = _blows()
    workers: list[subprocess.Popen[bytes] | None] = [None, None]
    run = subprocess.Popen(
        [*_LINE, "run", str(inbox), "-o", str(out), "--runner", "celery", "--keep"],
        env={**env, "SOHOA_HOME": str(work / "home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while run.poll() is None:
            _tend(workers, env, work)
            time.sleep(0.25)
            batches = records.batches()
            done = sum(count for status, count in batches[0].statuses.items() if status != "waiting") if batches else 0
            if struck < len(blows) and done >= (struck + 1) * SCANS * 0.9 / len(blows):
                _strike(blows[struck], workers, servers)
                struck += 1
    finally:
        for process in (run, *workers):
            if process:
                process.kill()
                process.wait()
    rows = json.loads((out / "batch.json").read_text(encoding="utf8"))
    ends = [entry.subject for entry in Audit(records.engine).entries(limit=10 * SCANS) if entry.action == "document.finished"]
    with records.engine.connect() as tx:
        deaths = tx.exec_driver_sql("SELECT sum(deaths) FROM unit").scalar()
    return {
        "scans": SCANS,
        "blows": dict(Counter(blows[:struck])),
        "statuses": dict(Counter(row["status"] for row in rows)),
        "errors": dict(Counter(row["error_code"] for row in rows if row["error_code"])),
        "not_delivered": SCANS - sum((out / row["name"] / "document.pdf").is_file() for row in rows),
        "ended_twice": len(ends) - len(set(ends)),
        "units_left": records.progress(records.batches()[0].id).units_left,
        "deaths_counted": int(deaths or 0),
        "audit_chain_whole": Audit(records.engine).verify_chain().broken is None,
        "wall_seconds": round(time.monotonic() - started, 1),
    }


def _head(page: Path) -> bytes:
    picture = cv2.imread(str(page))
    if picture is None:
        raise FileNotFoundError("samples/drawn: make it with `python -m samples`")
    return cv2.imencode(".jpg", picture[: len(picture) // 6], [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


def _blows() -> list[str]:
    """A tenth on each server, the rest on workers and their children; the last but a few is the long absence."""
    kinds = ["worker", "child", "worker", "postgres", "child", "s3", "child", "worker", "rabbit", "child"]
    blows = [kinds[number % len(kinds)] for number in range(BLOWS - 1)]
    random.Random(20261122).shuffle(blows)  # noqa: S311 - the same order every time
    return [*blows[: BLOWS // 2], "s3_long", *blows[BLOWS // 2 :]]


def _tend(workers: list[subprocess.Popen[bytes] | None], env: dict[str, str], work: Path) -> None:
    """Start again what is gone, as an operator's init does."""
    for number, process in enumerate(workers):
        if process is None or process.poll() is not None:
            home = {**env, "SOHOA_HOME": str(work / f"worker{number}")}
            with (work / f"worker{number}.txt").open("ab") as said:
                workers[number] = subprocess.Popen([*_LINE, "worker", "--jobs", "1"], env=home, stdout=said, stderr=said)


def _strike(what: str, workers: list[subprocess.Popen[bytes] | None], servers: Mapping[str, Any]) -> None:
    victim = random.choice([worker for worker in workers if worker])  # noqa: S311
    if what == "worker":
        victim.kill()
    elif what == "child":
        children = [pid for task in Path(f"/proc/{victim.pid}/task").glob("*/children") for pid in task.read_text().split()]
        with contextlib.suppress(IndexError, ProcessLookupError):
            os.kill(int(random.choice(children)), signal.SIGKILL)  # noqa: S311
    else:
        server = servers[what.removesuffix("_long")]
        server.stop()
        time.sleep(_AWAY[what])
        server.start()
