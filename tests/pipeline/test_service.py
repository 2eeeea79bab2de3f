"""A worker that lives but takes no work is found: by whoever asks for its health, and by the code that says what is wrong."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import service
from pipeline.finish import Finishing
from pipeline.metrics import metrics_page
from pipeline.runner import Duty, LocalRunner, Place
from pipeline.service import Health, Service
from pipeline.tasks import application
from sohoa.child import Child, Limits
from storage.database import open_sqlite
from storage.objects import FolderObjects
from storage.records import Finished, NewDocument, Records, Terms

BROKER = "redis://127.0.0.1:9/0"
Until = Callable[..., None]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(Records(open_sqlite(tmp_path / "s.sqlite")), FolderObjects(tmp_path / "objects"), tmp_path / "work")


@pytest.fixture
def runner(place: Place) -> LocalRunner:
    """It was made, but no thread of it takes anything."""
    return LocalRunner(place, [Child()], Finishing(), Limits(), Duty())


@pytest.fixture
def worker(place: Place, runner: LocalRunner, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setattr(service, "_WAITED", 1.0)  # for a minute
    return Service(application(BROKER, 5), place, runner, BROKER)


def wait_in(place: Place, queue: str) -> None:
    place.records.create_batch("out", "{}", [NewDocument("in/a.jpg", "a", "a" * 64)], Terms(queue=queue))


@pytest.fixture
def healthz(place: Place, worker: Service) -> Iterator[Callable[[], str]]:
    with metrics_page(place.records, worker.health, "127.0.0.1", 0) as port:

        def ask() -> str:
            try:
                return str(urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10).read(), "utf8")
            except urllib.error.HTTPError as answer:
                return f"{answer.code} {answer.read().decode()}"

        yield ask


def test_work_that_waits_beside_idle_hands_is_told(place: Place, healthz: Callable[[], str], until: Until) -> None:
    assert healthz() == "ok"
    wait_in(place, "reading")
    until(lambda: healthz() == "503 worker_idle", 5)


def test_work_of_another_queue_is_not_its_own(place: Place, worker: Service, until: Until) -> None:
    wait_in(place, "signing.can_bo")
    until(lambda: place.records.loads()[0].oldest_seconds > 1.2, 5)
    assert worker.health().sound


def test_a_worker_that_its_own_messages_do_not_reach_is_deaf(
    worker: Service, monkeypatch: pytest.MonkeyPatch, healthz: Callable[[], str], until: Until
) -> None:
    monkeypatch.setattr(service, "_DEAF", 0.2)
    until(lambda: healthz() == "503 worker_deaf", 5)
    worker.heard()
    assert healthz() == "ok"


def test_a_worker_whose_thread_ended_is_broken(place: Place, until: Until) -> None:
    broken = LocalRunner(place, [Child(("no.such.module",))], Finishing(), Limits(), Duty())
    sha = place.objects.put(b"%PDF-1.7\n%%EOF\n")
    place.records.create_batch("out", '{"out":"out"}', [NewDocument("in/a.pdf", "a", sha)])
    with broken:
        until(lambda: broken.error is not None, 20)
        assert Service(application(BROKER, 5), place, broken, BROKER).health().code == "worker_broken"
    assert place.records.loads()[0].ready == 1  # what it held is free for another


def test_metrics_tell_how_many_processes_would_work_the_backlog_off(place: Place) -> None:
    records = place.records
    records.create_batch("out", "{}", [NewDocument(f"in/{n}.jpg", str(n), f"{n:064d}") for n in range(5)])
    for seconds in (40.0, 40.0):
        claim = records.claim("w", 60)
        assert claim is not None
        records.finish(claim, Finished("done", seconds=seconds))
    with metrics_page(records, lambda: Health(True), "127.0.0.1", 0) as port:
        said = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    # Three units of forty seconds: two processes do them in a minute.
    for line in ('sohoa_units{queue="reading",state="ready"} 3.0', 'sohoa_backlog_seconds{queue="reading"} 120.0'):
        assert line in said
    assert 'sohoa_processes_wanted{queue="reading"} 2.0' in said
