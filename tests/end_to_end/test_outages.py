"""What is away for a while costs time and nothing else: a full disk, a clock that is set, database and object store gone.

Runner, records and children are the real ones, called as `sohoa run` and `sohoa worker` call them.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fpdf import FPDF

from pipeline.batch import run_batch
from pipeline.finish import Finishing
from pipeline.intake import Intake
from pipeline.job import Job
from pipeline.reports import report_in_child
from pipeline.runner import Duty, LocalRunner, Place
from sohoa.child import Child, Limits
from sohoa.errors import SohoaError
from sohoa.settings import Settings
from storage.audit import Audit
from storage.database import open_database
from storage.records import Progress, Records
from storage.s3 import S3Objects

LIMITS = Limits()


def paper(file: Path, pages: int) -> Path:
    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    for page in range(pages):
        pdf.add_page()
        pdf.multi_cell(0, 8, f"{file.stem}, trang {page + 1}.")
    pdf.output(str(file))
    return file


@pytest.fixture
def papers(tmp_path: Path) -> list[Path]:
    return [paper(tmp_path / f"{name}.pdf", 20) for name in ("mot", "hai", "ba")]


def run(
    papers: list[Path], out: Path, home: Path, tick: Callable[[Progress], None] = lambda _: None, jobs: int | list[Child] = 1
) -> list[str]:
    done = run_batch(papers, Job(out=str(out)), home, Settings(), Finishing(), jobs, keep=True, tick=tick)
    assert [row["pages"] for row in done.rows] == [20] * len(papers)
    return [row["status"] for row in done.rows]


def deaths(home: Path) -> int:
    with sqlite3.connect(home / "sohoa.sqlite") as rows:
        found = rows.execute("SELECT sum(deaths) FROM unit WHERE state = 'done'").fetchone()[0]
    return int(found)


def test_the_pages_of_one_document_are_read_by_all_workers(tmp_path: Path) -> None:
    file, home, seen, over = paper(tmp_path / "long.pdf", 120), tmp_path / "home", set(), threading.Event()
    home.mkdir()
    open_database(home / "sohoa.sqlite").dispose()

    def look() -> None:
        with sqlite3.connect(home / "sohoa.sqlite") as rows:
            while not over.wait(0.005):
                seen.update(rows.execute("SELECT owner FROM unit WHERE state = 'leased' AND stage = 'page'").fetchall())

    watch = threading.Thread(target=look)
    watch.start()
    try:
        done = run_batch([file], Job(out=str(tmp_path / "out")), home, Settings(), Finishing(), 3, keep=True)
    finally:
        over.set()
        watch.join()
    assert len(seen) == 3
    text = (tmp_path / "out" / "long" / "document.txt").read_text(encoding="utf8").split("\f")
    assert [f"trang {number}." in page for number, page in enumerate(text[:120], 1)] == [True] * 120
    assert done.rows[0]["pages"] == 120


def test_a_clock_that_is_set_takes_no_work_away(papers: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, shift, jumps = time.time, [0.0], [86400.0, -86400.0]
    monkeypatch.setattr(time, "time", lambda: real() + shift[0])
    monkeypatch.setattr("storage.clock.time", lambda: real() + shift[0])

    with Child((), LIMITS) as child:

        def jump(now: Progress) -> None:
            if jumps and now.pages_over:
                os.kill(child.pid, signal.SIGSTOP)  # in mid-work, however fast the machine
                shift[0] = jumps.pop(0)
                time.sleep(1.5)  # longer than a round of the watch
                os.kill(child.pid, signal.SIGCONT)

        assert run(papers, tmp_path / "out", tmp_path / "home", jump, [child]) == ["done"] * 3
    assert jumps == []
    assert deaths(tmp_path / "home") == 0


def fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError as error:
            assert error.errno == 28
    return filler


def test_results_wait_for_room_on_a_full_disk(papers: list[Path], small: Path, tmp_path: Path) -> None:
    filler, waited = fill(small), []

    def make_room(now: Progress) -> None:
        with sqlite3.connect(tmp_path / "home" / "sohoa.sqlite") as rows:
            waited.extend(rows.execute("SELECT cause FROM unit WHERE state = 'delayed'").fetchall())
        if waited:
            filler.unlink(missing_ok=True)

    assert run(papers, small / "out", tmp_path / "home", make_room) == ["done"] * 3
    assert set(waited) == {("disk_full",)}
    assert deaths(tmp_path / "home") == 0


def test_a_state_folder_without_room_ends_the_run_with_its_code_and_the_next_run_goes_on(
    papers: list[Path], small: Path, tmp_path: Path
) -> None:
    filler: list[Path] = []

    def squeeze(now: Progress) -> None:
        if now.pages_over and not filler:
            filler.append(fill(small))

    with pytest.raises(SohoaError, match="disk_full"):
        run(papers, tmp_path / "out", small, squeeze)
    filler[0].unlink()
    assert run(papers, tmp_path / "out", small) == ["done"] * 3
    assert deaths(small) == 0


def test_reports_without_room_end_with_their_code(papers: list[Path], small: Path, tmp_path: Path) -> None:
    rows = ({"name": "x" * 1000, "position": number} for number in range(100))
    filler = fill(small)
    with Child((), LIMITS) as child:
        with pytest.raises(SohoaError, match="disk_full"):
            report_in_child(child, rows, small / "rows", tmp_path, "")
        with pytest.raises(SohoaError, match="disk_full"):
            report_in_child(child, (), tmp_path / "rows", small, "")
    filler.unlink()


def test_a_command_that_cannot_say_its_result_ends_with_the_code(papers: list[Path]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-m", "sohoa", "verify", papers[0], "--json"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert "[disk_full]" in done.stderr.decode("utf8")


def test_database_and_object_store_may_be_gone_for_a_while(
    papers: list[Path], postgres, s3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until
) -> None:
    for name, key in s3.KEYS.items():
        monkeypatch.setenv(name, key)
    records = Records(open_database(postgres.database()))
    place = Place(records, S3Objects(s3.bucket(), tmp_path / "cache"), tmp_path / "work")
    with Child((), LIMITS) as child:
        new = Intake(place.objects, 1 << 20, child).accept(papers)
    batch = records.create_batch(str(tmp_path / "out"), Job(out=str(tmp_path / "out")).encode(), new)
    with LocalRunner(place, 2, Finishing(), LIMITS, Duty(idle=0.2, lease=3.0, shared=True)):
        until(lambda: records.progress(batch).pages_over > 5)
        s3.stop()
        time.sleep(1)
        postgres.stop()
        time.sleep(4)  # longer than a lease
        postgres.start()
        s3.start()
        until(lambda: records.progress(batch).units_left == 0)
    assert {document.status for document in records.documents(batch)} == {"done"}
    with records.engine.connect() as tx:
        assert tx.exec_driver_sql("SELECT sum(deaths) FROM unit").scalar() == 0
    ends = [entry.subject for entry in Audit(records.engine).entries(limit=100) if entry.action == "document.finished"]
    assert len(ends) == len(set(ends)) == 3
