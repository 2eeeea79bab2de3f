"""The same batch by one machine and by workers on real servers: PostgreSQL, S3, RabbitMQ or Redis."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

INPUTS = ("birth-registration.clean.pdf", "birth-registration.scan200.jpg", "bad.encrypted.pdf")


@dataclass(frozen=True)
class Site:
    """One installation on shared servers; every worker has a state folder of its own, as on a machine of its own."""

    sohoa: object
    config: Path
    root: Path
    env: dict[str, str]

    def run(self, *args: object, code: int | None = None) -> subprocess.CompletedProcess[str]:
        return self.sohoa(*args, code=code, SOHOA_CONFIG=str(self.config), SOHOA_HOME=str(self.root / "home"), **self.env)

    @contextmanager
    def worker(self, name: str, *args: object) -> Iterator[subprocess.Popen[str]]:
        env = {**self.sohoa.env, **self.env, "SOHOA_CONFIG": str(self.config), "SOHOA_HOME": str(self.root / name)}
        said = (self.root / f"{name}.txt").open("w")
        process = subprocess.Popen(
            [*self.sohoa.line, "worker", "--jobs", "1", *map(str, args)], env=env, stdout=said, stderr=said, text=True
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def site(sohoa, postgres, s3, tmp_path: Path):
    def make(broker: str, more: str = "") -> Site:
        config = tmp_path / "config.toml"
        config.write_text(
            f'broker = "{broker}"\nredeliver_seconds = 5\n{more}\n[storage]\nrecords = "{postgres.database()}"\nobjects = "{s3.bucket()}"\n'
        )
        return Site(sohoa, config, tmp_path, dict(s3.KEYS))

    return make


@pytest.fixture
def inbox(tmp_path: Path, drawn: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name in INPUTS:
        shutil.copy(drawn / name, folder)
    return folder


def rows(out: Path) -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in json.loads((out / "batch.json").read_text(encoding="utf8"))}


def delivered(out: Path) -> dict[str, bytes]:
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file() and p.parent != out}


@pytest.mark.parametrize("kind", ["rabbit", "redis_server"])
def test_both_runners_give_the_same_bytes(site, sohoa, inbox: Path, tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    here = site(request.getfixturevalue(kind).address)
    one, many = tmp_path / "one", tmp_path / "many"
    sohoa("run", inbox, "-o", one, code=None)
    with here.worker("first"), here.worker("second"):
        here.run("run", inbox, "-o", many, "--runner", "celery", code=1)
    assert {name: row["status"] for name, row in rows(many).items()} == {name: row["status"] for name, row in rows(one).items()}
    assert rows(many)["bad.encrypted"]["error_code"] == "pdf_encrypted"
    first, second = delivered(one), delivered(many)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
