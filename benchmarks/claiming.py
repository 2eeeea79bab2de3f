"""What it costs to claim one unit of work, with 100 documents in the backlog and with 100,000.

SQLite in a file as `sohoa run` uses it, PostgreSQL as started for the tests, with its usual fsync. Times are wall
milliseconds of `Records.claim`, every claim a transaction of its own.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from storage.database import open_database
from storage.records import Claim, Finished, NewDocument, Records, Terms

_CLAIMS = 200
_BACKLOGS = (100, 100_000)


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Median and 95th percentile per database and backlog."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.servers import Postgres

    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="sohoa-claiming-") as folder:
        for backlog in _BACKLOGS:
            figures[f"sqlite_{backlog}"] = _claims(str(Path(folder) / f"{backlog}.sqlite"), backlog)
    server = Postgres()
    try:
        server.start()
        for backlog in _BACKLOGS:
            figures[f"postgresql_{backlog}"] = _claims(server.database(), backlog)
    finally:
        server.close()
    for name, figure in figures.items():
        print(f"{name:>20}: {figure['median_ms']:.2f} ms, p95 {figure['p95_ms']:.2f} ms; {figure['claims']} claims")
    return figures


def _claims(where: str, backlog: int) -> dict[str, float]:
    records = Records(open_database(where))
    for office in ("a", "b"):
        many = [NewDocument(f"in/{n}", f"{n}", f"{n:064d}") for n in range(backlog // 2)]
        records.create_batch(office, "{}", many, Terms(office=office))
    times, held = [], list[Claim]()
    for _ in range(min(_CLAIMS, backlog)):
        started = time.perf_counter()
        claim = records.claim("benchmark", 60)
        times.append((time.perf_counter() - started) * 1000)
        held += [claim] if claim else []
    ends = []
    for claim in held:
        started = time.perf_counter()
        records.finish(claim, Finished("done"))
        ends.append((time.perf_counter() - started) * 1000)
    return {
        "claims": len(times),
        "median_ms": round(median(times), 3),
        "p95_ms": round(quantiles(times, n=20)[-1], 3),
        "finish_median_ms": round(median(ends), 3),
    }
