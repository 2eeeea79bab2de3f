"""When a file in a watched folder is whole: slow writers, renames, partial copies, removed files."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watching import Stability, one_watcher
from sohoa.errors import SohoaError


@dataclass
class Time:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def after(stability: Stability, clock: Time, seconds: float, folder: Path) -> list[str]:
    clock.now += seconds
    return [file.name for file in stability.stable(folder)]


def test_a_slow_writer_is_waited_for(inbox: Path, clock: Time) -> None:
    stability, file = Stability(2, clock), inbox / "scan.pdf"
    for part in range(5):
        with file.open("ab") as writing:
            writing.write(b"x" * (part + 1))
        assert after(stability, clock, 1.5, inbox) == []
    assert after(stability, clock, 1, inbox) == []
    assert after(stability, clock, 1.5, inbox) == ["scan.pdf"]
    assert after(stability, clock, 10, inbox) == []  # given once


def test_a_file_that_somebody_has_open_for_writing_is_waited_for(inbox: Path, clock: Time) -> None:
    stability, file = Stability(2, clock), inbox / "scan.pdf"
    with file.open("wb") as writing:
        writing.write(b"half")
        writing.flush()
        after(stability, clock, 0, inbox)
        assert after(stability, clock, 60, inbox) == []
    assert after(stability, clock, 1, inbox) == ["scan.pdf"]


def test_names_of_copies_in_progress_are_left_alone_until_renamed(inbox: Path, clock: Time) -> None:
    stability = Stability(2, clock)
    for name in (".scan.pdf.Xy12", "scan.pdf.part", "scan.pdf.filepart", "~$scan.pdf", "scan.TMP"):
        (inbox / name).write_bytes(b"x")
    after(stability, clock, 0, inbox)
    assert after(stability, clock, 60, inbox) == []
    (inbox / "scan.pdf.part").rename(inbox / "scan.pdf")
    after(stability, clock, 0, inbox)
    assert after(stability, clock, 3, inbox) == ["scan.pdf"]


def test_a_file_that_changes_later_is_given_again_and_a_removed_one_is_forgotten(inbox: Path, clock: Time) -> None:
    stability, file = Stability(2, clock), inbox / "a.pdf"
    file.write_bytes(b"one")
    after(stability, clock, 0, inbox)
    assert after(stability, clock, 3, inbox) == ["a.pdf"]
    file.write_bytes(b"another")
    after(stability, clock, 0, inbox)
    assert after(stability, clock, 3, inbox) == ["a.pdf"]
    file.unlink()
    assert after(stability, clock, 3, inbox) == []
    file.write_bytes(b"one")
    assert after(stability, clock, 1, inbox) == []


def test_an_empty_file_is_given_a_long_time_to_be_filled(inbox: Path, clock: Time) -> None:
    stability = Stability(2, clock)
    (inbox / "empty.pdf").touch()
    after(stability, clock, 0, inbox)
    assert after(stability, clock, 20, inbox) == []
    assert after(stability, clock, 20, inbox) == ["empty.pdf"]


def test_links_and_results_inside_the_folder_are_left_out(inbox: Path, clock: Time, tmp_path: Path) -> None:
    (tmp_path / "secret.pdf").write_bytes(b"x")
    (inbox / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    (inbox / "out" / "a").mkdir(parents=True)
    (inbox / "out" / "a" / "document.pdf").write_bytes(b"x")
    stability = Stability(2, clock, leave_out=inbox / "out")
    after(stability, clock, 0, inbox)
    assert after(stability, clock, 60, inbox) == []


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["write", "grow", "remove", "wait"]), st.floats(0.1, 3)), max_size=30)
)
def test_nothing_is_given_that_changed_within_the_time(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, float]]
) -> None:
    folder, clock = tmp_path_factory.mktemp("in"), Time()
    stability, changed, tick = Stability(2, clock), dict[str, float](), 0
    for name, what, seconds in steps:
        file = folder / name
        if what in ("write", "grow"):
            with file.open("wb" if what == "write" else "ab") as writing:
                writing.write(b"x")
            tick += 1
            os.utime(file, ns=(tick * 10**9, tick * 10**9))
            changed[name] = clock.now
        elif what == "remove":
            file.unlink(missing_ok=True)
            changed.pop(name, None)
        clock.now += seconds
        for given_file in stability.stable(folder):
            assert clock.now - changed[given_file.name] >= 2


def test_a_folder_has_one_watcher(inbox: Path) -> None:
    with one_watcher(inbox), pytest.raises(SohoaError, match="batch_running"), one_watcher(inbox):
        pass
    with one_watcher(inbox):
        pass
