"""The register of certified copies: every number has an entry, every entry one number."""

import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sohoa.errors import SohoaError
from storage.database import open_database, open_sqlite
from storage.register import Register


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(open_sqlite(tmp_path / "book.sqlite"))


def test_numbers_run_from_one_per_book_and_year(register: Register) -> None:
    assert [register.reserve("SCT/BS", 2026, f"r{n}", {}).number for n in range(3)] == [1, 2, 3]
    assert register.reserve("SCT/BS", 2027, "r0", {}).number == 1
    assert register.reserve("SCT/CK", 2026, "r0", {}).number == 1


def test_a_crashed_try_goes_on_with_its_own_number(register: Register) -> None:
    first = register.reserve("SCT/BS", 2026, "same request", {"pages": 2})
    assert register.reserve("SCT/BS", 2026, "same request", {}) == first


def test_a_closed_entry_stays_closed(register: Register) -> None:
    issued = register.reserve("SCT/BS", 2026, "a", {})
    register.issue(issued, "f" * 64)
    void = register.reserve("SCT/BS", 2026, "b", {})
    register.void(void, "người yêu cầu rút hồ sơ")
    for entry in (issued, void):
        with pytest.raises(SohoaError, match="entry_closed"):
            register.issue(entry, "0" * 64)
        with pytest.raises(SohoaError, match="entry_closed"):
            register.void(entry, "x")
    assert [(e.number, e.state, e.sha256) for e in register.entries("SCT/BS", 2026)] == [(1, "issued", "f" * 64), (2, "void", None)]


def test_the_same_request_finds_what_was_issued(register: Register) -> None:
    register.issue(register.reserve("SCT/BS", 2026, "a", {}), "f" * 64)
    again = register.reserve("SCT/BS", 2026, "a", {})
    assert (again.number, again.state, again.sha256) == (1, "issued", "f" * 64)


def test_after_a_void_the_same_request_gets_a_new_number(register: Register) -> None:
    register.void(register.reserve("SCT/BS", 2026, "a", {}), "sai thông tin")
    assert register.reserve("SCT/BS", 2026, "a", {}).number == 2


def test_many_officers_at_once_leave_no_gap_and_no_double(register: Register) -> None:
    def work(office: int) -> None:
        for n in range(10):
            register.reserve("SCT/BS", 2026, f"{office}-{n}", {})

    threads = [threading.Thread(target=work, args=(office,)) for office in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [e.number for e in register.entries("SCT/BS", 2026)] == list(range(1, 51))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["reserve", "issue", "void"]), st.integers(0, 5)), max_size=20))
def test_whatever_the_order_of_events_numbers_have_no_gap_and_one_entry_each(events: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        register = Register(open_sqlite(Path(folder) / "book.sqlite"))
        play(register, events)
        entries = register.entries("SCT/BS", 2026)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert sum(entry.state != "void" for entry in entries) <= len({request for _, request in events})


def play(register: Register, events: list[tuple[str, int]]) -> None:
    for what, request in events:
        entry = register.reserve("SCT/BS", 2026, str(request), {})
        try:
            if what == "issue":
                register.issue(entry, "f" * 64)
            elif what == "void":
                register.void(entry, "reason")
        except SohoaError as error:
            assert (error.code, entry.state) == ("entry_closed", "issued")


def test_an_issued_copy_is_cancelled_once_and_stays_in_the_book(register: Register) -> None:
    entry = register.reserve("SCT/BS", 2026, "a", {})
    with pytest.raises(SohoaError, match="entry_not_issued"):
        register.cancel(entry, "chưa cấp")
    register.issue(entry, "f" * 64)
    issued = register.entry("SCT/BS", 2026, 1)
    cancelled = register.cancel(issued, "bản chính giả mạo", "01/2026")
    assert (cancelled.number, cancelled.sha256, cancelled.volume) == (1, "f" * 64, "01/2026")
    with pytest.raises(SohoaError, match="entry_cancelled"):
        register.cancel(issued, "lần nữa")
    assert register.cancellations() == [cancelled]
    assert register.entry("SCT/BS", 2026, 1).state == "issued"


def test_a_number_that_does_not_exist_is_told(register: Register) -> None:
    with pytest.raises(SohoaError, match="entry_unknown"):
        register.entry("SCT/BS", 2026, 7)


# One office: reserves, then issues or crashes, until it is killed.
_OFFICE = """
import sys
from pathlib import Path
from storage.database import open_sqlite
from storage.register import Register
register = Register(open_sqlite(Path(sys.argv[1])))
print("ready", flush=True)
for n in range(100000):
    entry = register.reserve("SCT/BS", 2026, f"{sys.argv[2]}-{n}", {})
    register.issue(entry, "f" * 64)
"""


def test_offices_killed_at_any_moment_leave_no_number_without_an_entry(tmp_path: Path) -> None:
    file = tmp_path / "book.sqlite"
    register = Register(open_sqlite(file))
    for round_number in range(2):
        offices = [
            subprocess.Popen([sys.executable, "-c", _OFFICE, str(file), f"{round_number}.{office}"], stdout=subprocess.PIPE)
            for office in range(2)
        ]
        for office in offices:
            assert office.stdout is not None
            office.stdout.readline()
        time.sleep(random.uniform(0.05, 0.4))
        for office in offices:
            office.kill()
            office.communicate()
    entries = register.entries("SCT/BS", 2026)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    left = [entry for entry in entries if entry.state == "reserved"]
    assert len(left) <= 4  # at most one for each office that was killed
    for entry in left:
        assert register.reserve("SCT/BS", 2026, entry.request, {}).number == entry.number
        register.void(entry, "tiến trình dừng đột ngột")
    assert {entry.state for entry in register.entries("SCT/BS", 2026)} <= {"issued", "void"}


# One of several offices that share a database: its own requests, and one that all of them make.
_NEIGHBOUR = """
import sys
from storage.database import open_database
from storage.register import Register
register = Register(open_database(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for n in range(10):
    register.reserve("SCT/BS", 2026, f"{sys.argv[2]}-{n}", {})
    register.reserve("SCT/BS", 2026, f"together-{n}", {})
"""


def test_offices_on_one_server_get_numbers_without_gap_or_double(postgres) -> None:
    where = postgres.database()
    register = Register(open_database(where))
    line = [sys.executable, "-c", _NEIGHBOUR, where]
    offices = [subprocess.Popen([*line, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for n in range(3)]
    for office in offices:
        assert office.stdout is not None
        office.stdout.readline()
    for office in offices:
        assert office.stdin is not None
        office.stdin.write("go\n")
        office.stdin.flush()
    assert [office.wait(60) for office in offices] == [0] * 3
    for office in offices:
        office.communicate()
    entries = register.entries("SCT/BS", 2026)
    assert [entry.number for entry in entries] == list(range(1, 41))
    assert len({entry.request for entry in entries}) == 40
