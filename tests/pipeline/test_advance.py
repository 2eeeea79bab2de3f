"""What becomes of a unit when something is in its way: tried again, set aside, or failed for good."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.advance import MOST_TRIES, Bench, advance, pause_after
from pipeline.finish import Finishing
from pipeline.job import Job
from sohoa.child import Child
from sohoa.errors import SohoaError
from storage.database import open_sqlite
from storage.records import Claim, Finished, NewDocument, PageRead, Records
from storage.s3 import S3Objects


@pytest.fixture
def claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Claim:
    records = Records(open_sqlite(tmp_path / "s.sqlite"))
    records.create_batch("out", "{}", [NewDocument("in/a.jpg", "a", "a" * 64)])
    claim = records.claim("w", 60)
    assert claim is not None
    return claim


@pytest.fixture
def bench(tmp_path: Path, claim: Claim, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """An object store that nobody answers for."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    objects = S3Objects("s3://b?endpoint=http://127.0.0.1:9", tmp_path / "cache")
    return Bench(objects, Records(open_sqlite(tmp_path / "s.sqlite")), Child(), tmp_path / "work", Finishing())


def test_a_store_that_is_away_is_worth_another_try_until_there_were_many(claim: Claim, bench: Bench, tmp_path: Path) -> None:
    job = Job(out=str(tmp_path / "out"))
    with pytest.raises(SohoaError, match="store_unreachable"):
        advance(claim, job, bench)
    outcome = advance(replace(claim, tries=MOST_TRIES - 1), job, bench)
    assert isinstance(outcome, Finished)
    assert (outcome.status, outcome.error_code) == ("failed", "store_unreachable")


def test_pauses_grow_to_a_minute(claim: Claim) -> None:
    pauses = [pause_after(replace(claim, tries=tries)) for tries in range(MOST_TRIES)]
    assert 0.5 < pauses[0] < 1.5
    assert 40 < pauses[-1] < 80


def test_what_took_three_workers_is_set_aside_with_its_cause_and_meets_no_parser(claim: Claim, bench: Bench, tmp_path: Path) -> None:
    lost = replace(claim, stage="page", page=7, deaths=3, cause="worker_died")
    outcome = advance(lost, Job(out=str(tmp_path / "out")), bench)
    assert isinstance(outcome, PageRead)
    assert outcome.failed == "worker_died"
    assert bench.child.pid is None
