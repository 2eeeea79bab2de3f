"""Five hundred pages through real servers while workers, their children and the servers themselves are killed.

The pages have a line of text of their own, so that each is quick; stages, servers and blows are the real ones. The order
of the blows is always the same; where they fall is up to the machine.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from fpdf import FPDF

from storage.audit import Audit
from storage.database import open_database
from storage.records import Records
from storage.workers import Workers

DOCUMENTS, PAGES, BLOWS = 50, 10, 10


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for number in range(DOCUMENTS):
        pdf = FPDF()
        pdf.set_font("Helvetica", size=12)
        for page in range(PAGES):
            pdf.add_page()
            pdf.multi_cell(0, 8, f"Van ban so {number}, trang {page + 1}.")
        pdf.output(str(folder / f"{number:02}.pdf"))
    return folder


class Fleet:
    """Two workers that somebody starts again when they are gone, as an operator's init does."""

    def __init__(self, line: list[str], env: dict[str, str], root: Path) -> None:
        self.line, self.env, self.root = line, env, root
        self.processes: list[subprocess.Popen[bytes] | None] = [None, None]

    def tend(self) -> None:
        for n, process in enumerate(self.processes):
            if process is None or process.poll() is not None:
                env = {**self.env, "SOHOA_HOME": str(self.root / f"worker{n}")}
                said = (self.root / f"worker{n}.txt").open("ab")
                self.processes[n] = subprocess.Popen([*self.line, "worker", "--jobs", "1"], env=env, stdout=said, stderr=said)

    def children(self) -> list[int]:
        found = []
        for process in self.processes:
            for task in Path(f"/proc/{process.pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    found += [int(pid) for pid in task.read_text().split()]
        return found

    def stop(self) -> None:
        for process in self.processes:
            if process:
                process.kill()
                process.wait()


def test_whatever_is_killed_every_page_is_delivered_once(sohoa, postgres, rabbit, s3, inbox: Path, tmp_path: Path) -> None:
    where = postgres.database()
    config = tmp_path / "config.toml"
    config.write_text(
        f'broker = "{rabbit.address}"\nredeliver_seconds = 5\nlease_seconds = 4\n'
        f'[storage]\nrecords = "{where}"\nobjects = "{s3.bucket()}"\n'
    )
    env = {**sohoa.env, **s3.KEYS, "SOHOA_CONFIG": str(config)}
    fleet, out, dice = Fleet(sohoa.line, env, tmp_path), tmp_path / "out", random.Random(20261122)
    blows = ["worker"] * 3 + ["child"] * 4 + ["postgres", "s3", "rabbit"]
    dice.shuffle(blows)
    assert len(blows) == BLOWS
    fleet.tend()
    run = subprocess.Popen(
        [*sohoa.line, "run", str(inbox), "-o", str(out), "--runner", "celery", "--keep"], env=env, stderr=subprocess.PIPE, text=True
    )
    records, struck, deadline = Records(open_database(where)), 0, time.monotonic() + 600
    try:
        while run.poll() is None:
            assert time.monotonic() < deadline, (struck, records.loads(), Workers(records.engine).all(), records.dead_letters())
            time.sleep(0.1)
            fleet.tend()
            batches = records.batches()
            done = sum(count for status, count in batches[0].statuses.items() if status != "waiting") if batches else 0
            if struck < BLOWS and done >= (struck + 1) * DOCUMENTS * 0.8 / BLOWS:
                strike(blows[struck], fleet, dice, {"postgres": postgres, "s3": s3, "rabbit": rabbit})
                struck += 1
        said = run.communicate()[1]
    finally:
        run.kill()
        fleet.stop()
    assert run.returncode in (0, 3), said
    assert struck == BLOWS
    rows = json.loads((out / "batch.json").read_text(encoding="utf8"))
    assert [(row["pages"], row["error_code"]) for row in rows] == [(PAGES, None)] * DOCUMENTS
    for file in inbox.iterdir():
        delivered = out / file.stem
        assert (delivered / "document.pdf").read_bytes() == file.read_bytes()
        text = (delivered / "document.txt").read_text(encoding="utf8").split("\f")
        assert [f"trang {page + 1}." in text[page] for page in range(PAGES)] == [True] * PAGES
    (batch,) = records.batches()
    assert records.progress(batch.id).units_left == 0
    ends = [entry.subject for entry in Audit(records.engine).entries(limit=10_000) if entry.action == "document.finished"]
    assert len(ends) == len(set(ends)) == DOCUMENTS
    assert Audit(records.engine).verify_chain().broken is None


def strike(what: str, fleet: Fleet, dice: random.Random, servers: dict[str, object]) -> None:
    """One blow; a server stays away for a second."""
    if what == "worker":
        dice.choice(fleet.processes).kill()
    elif what == "child":
        with contextlib.suppress(IndexError, ProcessLookupError):
            os.kill(dice.choice(fleet.children()), signal.SIGKILL)
    else:
        servers[what].stop()
        time.sleep(1)
        servers[what].start()
