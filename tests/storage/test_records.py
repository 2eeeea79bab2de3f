"""The state machine: what is claimed, who may finish it, and what survives a death."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sohoa.errors import UsageError
from storage.database import file_system, open_sqlite
from storage.records import Claim, Document, Finished, NewDocument, Opened, PageRead, Records


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_sqlite(tmp_path / "sohoa.sqlite")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(engine: Engine, clock: Clock) -> Records:
    return Records(engine, clock)


def new(*names: str) -> list[NewDocument]:
    return [NewDocument(f"in/{name}.jpg", name, name * 8) for name in names]


def claim(records: Records, owner: str = "w", lease: float = 60) -> Claim:
    got = records.claim(owner, lease)
    assert got is not None
    return got


def by_name(records: Records, batch: str) -> dict[str, Document]:
    return {document.name: document for document in records.documents(batch)}


def work_off(records: Records, pages: int = 2) -> None:
    while got := records.claim("w", 60):
        outcome = {"open": Opened("image/jpeg", pages), "page": PageRead(f"page {got.page}"), "finish": Finished("done")}[got.stage]
        assert records.finish(got, outcome)


def test_a_document_goes_from_opening_over_its_pages_to_finishing(records: Records) -> None:
    batch = records.create_batch("out", "{}", new("a"))
    opened = claim(records)
    assert (opened.stage, records.claim("w", 60)) == ("open", None)
    records.finish(opened, Opened("application/pdf", 3, {"signed": False}))
    pages = [claim(records) for _ in range(3)]
    assert [p.page for p in pages] == [1, 2, 3]
    for page in reversed(pages):
        assert records.claim("w", 60) is None  # the join waits for the last one, whichever that is
        records.finish(page, PageRead(f"page {page.page}"))
    last = claim(records)
    assert last.stage == "finish"
    assert records.page_results(last.document) == ["page 1", "page 2", "page 3"]
    records.finish(last, Finished("done", summary={"template": None}))
    (document,) = records.documents(batch)
    assert (document.status, document.pages, document.summary) == ("done", 3, {"template": None})
    assert records.progress(batch).units_left == 0


def test_opening_comes_before_pages_and_finishing_before_further_pages(records: Records) -> None:
    records.create_batch("out", "{}", new("a", "b"))
    records.finish(claim(records), Opened("image/jpeg", 1))
    assert claim(records).stage == "open"
    page = claim(records)
    records.create_batch("other", "{}", new("c"))
    records.finish(claim(records), Opened("image/jpeg", 1))
    records.finish(page, PageRead("x"))
    assert claim(records).stage == "finish"


def test_an_overdue_lease_goes_to_another_and_the_late_answer_changes_nothing(records: Records, clock: Clock) -> None:
    batch = records.create_batch("out", "{}", new("a"))
    late = claim(records, "slow", lease=60)
    assert records.claim("quick", 60) is None
    clock.now += 61
    assert records.sweep() == 1
    again = claim(records, "quick")
    assert (again.unit, again.attempt) == (late.unit, late.attempt + 1)
    assert not records.finish(late, Opened("image/jpeg", 9))
    assert records.finish(again, Opened("image/jpeg", 1))
    assert records.documents(batch)[0].pages == 1
    assert not records.finish(again, Opened("image/jpeg", 5))  # nor does saying it twice


def test_a_released_unit_is_free_at_once_and_counts_a_death_only_when_told(records: Records) -> None:
    records.create_batch("out", "{}", new("a"))
    records.release(claim(records))
    got = claim(records)
    assert got.deaths == 0
    records.release(got, died=True)
    assert claim(records).deaths == 1


def test_an_interrupted_batch_goes_on_where_it_was(records: Records) -> None:
    batch = records.create_batch("out", "{}", new("a", "b"))
    for _ in range(2):
        records.finish(claim(records), Opened("image/jpeg", 1))
    page = claim(records)
    records.finish(page, PageRead("x"))
    records.finish(claim(records), Finished("done"))
    claim(records)  # the process dies here, with a lease
    assert records.create_batch("out", "{}", new("a", "b")) == batch
    assert {name: d.status for name, d in by_name(records, batch).items()} == {"a": "done", "b": "waiting"}
    assert claim(records).stage == "page"


def test_another_set_of_inputs_keeps_what_is_the_same(records: Records) -> None:
    batch = records.create_batch("out", "{}", new("a", "b"))
    work_off(records)
    before = by_name(records, batch)
    records.create_batch("out", "{}", [*new("b"), NewDocument("in/a.jpg", "a", "changed"), *new("c")])
    after = by_name(records, batch)
    assert after["b"].id == before["b"].id
    assert after["a"].id != before["a"].id
    assert [d.name for d in records.documents(batch)] == ["b", "a", "c"]
    assert {d.name for d in records.documents(batch) if d.status == "waiting"} == {"a", "c"}


def test_other_settings_start_afresh(records: Records) -> None:
    records.create_batch("out", '{"reader":"a"}', new("a"))
    work_off(records)
    batch = records.create_batch("out", '{"reader":"b"}', new("a"))
    assert records.documents(batch)[0].status == "waiting"


def test_a_failed_document_is_tried_again_by_the_next_run(records: Records) -> None:
    batch = records.create_batch("out", "{}", new("a"))
    records.finish(claim(records), Finished("failed", "pdf_damaged"))
    assert records.documents(batch)[0].error_code == "pdf_damaged"
    records.create_batch("out", "{}", new("a"))
    assert claim(records).stage == "open"


def test_a_refused_upload_has_a_row_and_no_work(records: Records) -> None:
    batch = records.create_batch("out", "{}", [NewDocument("in/x", "x", "", "file_empty")])
    assert records.claim("w", 60) is None
    assert (records.documents(batch)[0].status, records.documents(batch)[0].error_code) == ("failed", "file_empty")


def test_the_same_upload_is_one_document_in_a_standing_batch(records: Records) -> None:
    batch = records.open_batch("service", "{}")
    assert records.open_batch("service", "{}") == batch
    first = records.add_document(batch, NewDocument("in/a.jpg", "a", "1" * 64))
    assert records.add_document(batch, NewDocument("in/a.jpg", "a", "1" * 64)) == first
    other = records.add_document(batch, NewDocument("elsewhere/a.jpg", "a", "2" * 64))
    assert records.document(other).name == "a__22222222"


def test_a_process_that_works_alone_frees_what_its_dead_forerunner_held(records: Records) -> None:
    records.open_batch("service", "{}")
    records.add_document(records.open_batch("service", "{}"), new("a")[0])
    old = claim(records)
    records.free_leases()
    again = claim(records)
    assert (again.unit, again.attempt) == (old.unit, 2)
    assert not records.finish(old, Opened("image/jpeg", 1))


def test_no_unit_is_claimed_twice_by_many_threads(records: Records) -> None:
    records.create_batch("out", "{}", new(*"abcdefghijklmnopqrst"))
    got: list[int] = []

    def work(owner: str) -> None:
        while mine := records.claim(owner, 60):
            got.append(mine.unit)

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(set(got))
    assert len(got) == 20


def test_state_on_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_system(Path("/proc")) == "proc"
    assert not file_system(tmp_path).startswith("nfs")
    monkeypatch.setattr("storage.database.file_system", lambda _: "nfs4")
    with pytest.raises(UsageError, match="state_on_network"):
        open_sqlite(tmp_path / "x.sqlite")
