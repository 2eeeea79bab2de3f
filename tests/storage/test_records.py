"""The state machine: what is claimed, who may finish it, and what survives a death."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from sohoa.errors import SohoaError, UsageError
from storage.audit import Audit
from storage.database import file_system, open_database, open_sqlite
from storage.outbox import MOST_TRIES, Outbox, OutMessage
from storage.records import (
    INTERACTIVE,
    Claim,
    Document,
    Finished,
    NewDocument,
    Opened,
    PageRead,
    Records,
    SearchText,
    Terms,
    Unsigned,
)
from storage.search import Search


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    where = tmp_path / "sohoa.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres").database()
    engine = open_database(where)
    yield engine
    engine.dispose()


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


def test_a_lease_that_ran_out_while_the_database_kept_us_waiting_is_nobodys_death(records: Records, clock: Clock) -> None:
    records.create_batch("out", "{}", new("a"))
    claim(records, "slow", lease=60)
    clock.now += 61
    assert records.sweep(began=time.monotonic() - 5) == 0
    clock.now += 5
    assert records.sweep(began=time.monotonic() - 5) == 1


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


def test_a_page_that_takes_three_workers_with_it_is_claimed_with_its_count_and_cause(records: Records, clock: Clock) -> None:
    records.create_batch("out", "{}", new("a"))
    for _ in range(3):
        claim(records, lease=60)
        clock.now += 61
        records.sweep()
    last = claim(records)
    assert (last.deaths, last.cause) == (3, "worker_lost")


def test_what_may_pass_waits_for_its_pause_and_is_no_death(records: Records, clock: Clock) -> None:
    records.create_batch("out", "{}", new("a"))
    records.release(claim(records), pause=30, cause="store_unreachable")
    records.sweep()
    assert records.claim("w", 60) is None
    clock.now += 31
    records.sweep()
    again = claim(records)
    assert (again.tries, again.deaths, again.cause) == (1, 0, "store_unreachable")


def test_a_clock_that_was_set_forward_takes_no_lease_away(records: Records, clock: Clock) -> None:
    records.create_batch("out", "{}", new("a"))
    mine = claim(records, lease=60)
    clock.now += 86400
    records.forgive(60)
    assert records.sweep() == 0
    assert records.finish(mine, Opened("image/jpeg", 1))


def test_a_lease_that_is_renewed_stays(records: Records, clock: Clock) -> None:
    records.create_batch("out", "{}", new("a"))
    mine = claim(records, lease=60)
    for _ in range(5):
        clock.now += 40
        records.renew([mine], 60)
        assert records.sweep() == 0
    assert records.lost([mine]) == set()


def test_interactive_work_goes_before_bulk(records: Records) -> None:
    records.create_batch("bulk", "{}", new("a", "b"))
    records.finish(claim(records), Opened("image/jpeg", 1))
    urgent = records.create_batch("urgent", "{}", new("c"), Terms(priority=INTERACTIVE))
    assert claim(records).batch == urgent


def test_an_office_that_comes_later_is_served_beside_one_with_a_long_queue(records: Records) -> None:
    big = records.create_batch("big", "{}", [NewDocument(f"in/{n}", str(n), f"{n:064d}") for n in range(1200)], Terms(office="big"))
    for _ in range(100):
        records.finish(claim(records), Finished("done"))
    small = records.create_batch("small", "{}", new(*"abcdefghij"), Terms(office="small"))
    served = []
    for _ in range(25):
        got = claim(records)
        served.append(got.batch)
        records.finish(got, Finished("done"))
    assert served.count(small) == 10
    assert big in served


def test_an_office_with_twice_the_weight_gets_twice_the_share(records: Records) -> None:
    many = [NewDocument(f"in/{n}", str(n), f"{n:064d}") for n in range(60)]
    records.create_batch("one", "{}", many, Terms(office="one"))
    two = records.create_batch("two", "{}", many, Terms(office="two", weight=2.0))
    served = []
    for _ in range(30):
        got = claim(records)
        served.append(got.batch)
        records.finish(got, Finished("done"))
    assert 19 <= served.count(two) <= 21


def test_an_office_cannot_have_more_documents_waiting_than_its_quota(records: Records) -> None:
    terms = Terms(office="x", most_waiting=2)
    batch = records.create_batch("out", "{}", new("a", "b"), terms)
    with pytest.raises(SohoaError, match="quota_full"):
        records.add_document(batch, new("c")[0])
    records.finish(claim(records), Finished("done"))
    records.add_document(batch, new("c")[0])


def test_stages_go_to_the_queues_of_the_batch(records: Records) -> None:
    records.create_batch("out", "{}", new("a"), Terms(queues={"sign": "signing.can_bo"}))
    records.finish(claim(records), Opened("image/jpeg", 1))
    records.finish(claim(records), PageRead("x", files={"page.json": "p" * 64}))
    built = claim(records)
    records.finish(built, Unsigned({"template": None}, files={"document.pdf": "d" * 64}))
    assert records.claim("w", 60) is None
    got = records.claim("w", 60, queues=("reading", "signing.can_bo"))
    assert got is not None and got.stage == "sign"
    assert records.document(got.document).status == "waiting"
    left = records.unsigned(got.document)
    assert (left.summary, left.files) == ({"template": None}, {"document.pdf": "d" * 64})
    assert records.stage_files(got.document, "page") == {"page.json": "p" * 64}
    assert {"d" * 64, "p" * 64} <= records.objects_in_use()
    assert records.progress(got.batch).units_left == 1
    records.finish(got, Finished("done"))
    assert records.progress(got.batch).units_left == 0


def test_a_cancelled_batch_is_over_and_what_was_in_work_is_taken_away(records: Records) -> None:
    batch = records.create_batch("out", "{}", new("a", "b"))
    mine = claim(records)
    assert records.cancel(batch) == 2
    assert records.lost([mine]) == {mine.unit}
    assert not records.finish(mine, Opened("image/jpeg", 1))
    assert records.claim("w", 60) is None
    assert {(d.status, d.error_code) for d in records.documents(batch)} == {("failed", "cancelled")}
    assert records.progress(batch).units_left == 0


def test_retrying_works_again_on_the_failed_pages_alone_when_the_others_are_kept(records: Records) -> None:
    batch = records.create_batch("out", "{}", new("a"))
    records.finish(claim(records), Opened("image/jpeg", 3))
    for failed in (None, "time_limit", None):
        got = claim(records)
        records.finish(got, PageRead(f"page {got.page}", failed=failed))
    records.finish(claim(records), Finished("partial", "time_limit"))
    (dead,) = records.dead_letters(batch)[1:]
    assert (dead.stage, dead.page, dead.cause) == ("page", 2, "time_limit")
    records.retry(dead.document, pages_kept=True)
    again = claim(records)
    assert (again.stage, again.page, again.deaths) == ("page", 2, 0)
    records.finish(again, PageRead("page 2"))
    records.finish(claim(records), Finished("done"))
    assert records.documents(batch)[0].status == "done"
    assert records.dead_letters(batch) == []


def test_retrying_without_kept_pages_starts_from_the_beginning(records: Records) -> None:
    batch = records.create_batch("out", "{}", new("a"))
    records.finish(claim(records), Finished("failed", "pdf_damaged"))
    records.retry(records.documents(batch)[0].id)
    again = claim(records)
    assert (again.stage, again.attempt) == ("open", 2)


def test_the_last_document_tells_of_its_dossier_and_its_batch(records: Records, engine: Engine, clock: Clock) -> None:
    one, two = (NewDocument(f"in/{name}", name, name * 8, dossier="hs1") for name in "ab")
    records.create_batch("out", "{}", [one, two], Terms(notify=True))
    heard: list[str] = []
    box = Outbox(engine, records._clock)
    for _ in range(2):
        records.finish(claim(records), Finished("done"))
        box.dispatch("event", lambda message: heard.append(message.topic))
        heard.append("-")
    assert heard == ["document.finished", "-", "document.finished", "dossier.finished", "batch.finished", "-"]


def test_a_message_that_does_not_arrive_is_sent_again_later_under_the_same_id_and_is_dead_at_last(
    records: Records, engine: Engine, clock: Clock
) -> None:
    records.create_batch("out", "{}", new("a"), Terms(notify=True))
    records.finish(claim(records), Finished("done"))
    box, tried = Outbox(engine, records._clock), []

    def refuse(message: OutMessage) -> None:
        tried.append(message.id)
        raise SohoaError("net_failed")

    assert box.dispatch("event", refuse) == 0
    assert box.dispatch("event", refuse) == 0  # its pause is not over
    for _ in range(MOST_TRIES):
        clock.now += 2 * 3600
        box.dispatch("event", refuse)
    assert len(tried) == 2 * MOST_TRIES  # the document's event and the batch's
    assert len(set(tried)) == 2
    dead = box.dead()
    assert {message.id for message in dead} == set(tried)
    box.revive(dead[0].id)
    assert box.dispatch("event", lambda _: None) == 1


def test_work_that_other_machines_do_is_rung_for_in_the_transaction_that_opens_it(records: Records, engine: Engine) -> None:
    records.create_batch("out", "{}", new("a"), Terms(ring=True))
    records.finish(claim(records), Opened("image/jpeg", 3))
    rings: list[tuple[str, int]] = []
    Outbox(engine, records._clock).dispatch("ring", lambda message: rings.append((message.topic, message.payload["count"])))
    assert rings == [("reading", 1), ("reading", 3)]


def test_every_end_of_a_document_is_in_the_audit_trail_whose_chain_shows_a_change(records: Records, engine: Engine) -> None:
    records.create_batch("out", "{}", new("a", "b"))
    work_off(records)
    audit = Audit(engine)
    assert [entry.action for entry in audit.entries()] == ["batch.created", "document.finished", "document.finished"]
    report = audit.verify_chain()
    assert (report.entries, report.broken) == (3, None)
    assert audit.verify_chain((5, "0" * 64)).broken == 4  # its end was cut off
    with pytest.raises(DBAPIError), engine.begin() as tx:
        tx.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE id = 2")
    with engine.begin() as tx:
        tx.exec_driver_sql(
            "DROP TRIGGER audit_unchanged" if engine.dialect.name == "sqlite" else "ALTER TABLE audit DISABLE TRIGGER audit_guard"
        )
        tx.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE id = 2")
    assert audit.verify_chain().broken == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("nguyen thi", {"a", "b"}),
        ("Nguyễn", {"a"}),
        ("nguyên", {"b"}),
        ("duong lang", {"a"}),
        ("hoà bình", {"b"}),
        ("HÒA", {"b"}),
        ('"; drop table', set()),
        ("", set()),
    ],
)
def test_texts_are_found_with_and_without_diacritics(records: Records, engine: Engine, query: str, found: set[str]) -> None:
    records.create_batch("out", "{}", new("a", "b"))
    texts = {"a": "Họ tên: NGUYỄN THỊ ÁNH, số 5 đường Láng", "b": "Nguyên Thị Bình, xã Hòa Bình"}
    for _ in range(2):
        got = claim(records)
        name = records.document(got.document).name
        records.finish(got, Finished("done", texts=(SearchText(1, texts[name]),)))
    hits = Search(engine).find(query)
    assert {hit.name for hit in hits} == found
    if found:
        assert all(hit.page == 1 and hit.snippet for hit in hits)


def test_forgotten_documents_are_found_no_more(records: Records, engine: Engine) -> None:
    batch = records.create_batch("out", "{}", new("a"))
    records.finish(claim(records), Finished("done", texts=(SearchText(1, "độc nhất"),)))
    assert Search(engine).find("doc nhat")
    records.drop_batch(batch)
    assert Search(engine).find("doc nhat") == []


def test_state_on_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_system(Path("/proc")) == "proc"
    assert not file_system(tmp_path).startswith("nfs")
    monkeypatch.setattr("storage.database.file_system", lambda _: "nfs4")
    with pytest.raises(UsageError, match="state_on_network"):
        open_sqlite(tmp_path / "x.sqlite")
