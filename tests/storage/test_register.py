"""The register of certified copies: every number has an entry, every entry one number."""

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sohoa.errors import SohoaError
from storage.database import open_sqlite
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


def test_an_issued_or_voided_entry_stays_closed(register: Register) -> None:
    issued = register.reserve("SCT/BS", 2026, "a", {})
    register.issue(issued, "f" * 64)
    void = register.reserve("SCT/BS", 2026, "b", {})
    register.void(void, "người yêu cầu rút hồ sơ")
    for entry in (issued, void):
        for again in (lambda e=entry: register.issue(e, "0" * 64), lambda e=entry: register.void(e, "x")):
            with pytest.raises(SohoaError, match="entry_closed"):
                again()
        with pytest.raises(SohoaError, match="entry_closed"):
            register.reserve("SCT/BS", 2026, entry.request, {})
    assert [(e.number, e.state) for e in register.entries("SCT/BS", 2026)] == [(1, "issued"), (2, "void")]


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
def test_whatever_the_order_of_events_every_number_has_exactly_one_entry(events: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        numbers = play(Register(open_sqlite(Path(folder) / "book.sqlite")), events)
    assert numbers == list(range(1, len({request for _, request in events}) + 1))


def play(register: Register, events: list[tuple[str, int]]) -> list[int]:
    for what, request in events:
        try:
            entry = register.reserve("SCT/BS", 2026, str(request), {})
            if what == "issue":
                register.issue(entry, "f" * 64)
            elif what == "void":
                register.void(entry, "reason")
        except SohoaError as error:
            assert error.code == "entry_closed"
    return [entry.number for entry in register.entries("SCT/BS", 2026)]
