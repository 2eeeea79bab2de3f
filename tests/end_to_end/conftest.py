"""The real command line, as a person or a script calls it, on the drawn samples."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import pytest

DRAWN = Path(__file__).parents[2] / "samples" / "drawn"


def sources() -> list[Path]:
    """Every sample that has its truth beside it."""
    return sorted(p for p in DRAWN.iterdir() if p.suffix != ".json" and p.with_suffix(".json").is_file())


@dataclass(frozen=True)
class Sohoa:
    """`sohoa` with a state folder of its own."""

    home: Path

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "SOHOA_HOME": str(self.home), "PYTHONUNBUFFERED": "1"}

    @property
    def line(self) -> list[str]:
        return [sys.executable, "-P", "-m", "sohoa"]

    def __call__(self, *args: object, code: int | None = 0, **more: Any) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([*self.line, *map(str, args)], capture_output=True, text=True, env={**self.env, **more}, timeout=300)
        assert code is None or done.returncode == code, (done.returncode, done.stdout[-3000:], done.stderr[-3000:])
        return done

    def start(self, *args: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.line, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.env, preexec_fn=_heed_ctrl_c
        )


def _heed_ctrl_c() -> None:
    """A shell's background jobs are started deaf to Ctrl-C, and so would be whatever these tests start in one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="session")
def drawn() -> Path:
    return DRAWN


@pytest.fixture(scope="session")
def head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The head of a scan: it takes every step of a page that has no text, in a fraction of the time."""
    scan = cv2.imread(str(DRAWN / "birth-registration.scan200.jpg"))
    file = tmp_path_factory.mktemp("head") / "head.jpg"
    cv2.imwrite(str(file), scan[: len(scan) // 6])
    return file


@pytest.fixture
def sohoa(tmp_path: Path) -> Sohoa:
    return Sohoa(tmp_path / "home")


@dataclass(frozen=True)
class Batch:
    """All samples, run once."""

    out: Path
    home: Path
    code: int

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        return {Path(row["source"]).name: row for row in json.loads((self.out / "batch.json").read_text(encoding="utf8"))}

    def folder(self, source: str) -> Path:
        return self.out / self.rows[source]["name"]

    def document(self, source: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder(source) / "document.json").read_text(encoding="utf8"))
        return content


@pytest.fixture(scope="session")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """`sohoa run samples/drawn`, once for all tests that only look at its results."""
    folder = tmp_path_factory.mktemp("batch")
    done = Sohoa(folder / "home")("run", *sources(), "-o", folder / "out", code=None)
    assert done.returncode in (0, 1, 3), done.stderr[-3000:]
    return Batch(folder / "out", folder / "home", done.returncode)


@pytest.fixture
def wait_for() -> Callable[..., Any]:
    import time

    def wait(what: Callable[[], Any], seconds: float = 60) -> Any:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := what():
                return found
            time.sleep(0.05)
        raise AssertionError("waited in vain")

    return wait


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of sixteen megabytes."""
    if os.getuid() != 0:
        pytest.skip("only root may mount a small disk")
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def free_port() -> Iterator[int]:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yield port
