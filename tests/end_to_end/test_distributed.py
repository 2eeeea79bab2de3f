"""The same batch by one machine and by workers on real servers: PostgreSQL, S3, RabbitMQ or Redis."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fpdf import FPDF

from signing.trial import trial_pki
from storage.audit import Audit
from storage.database import open_database
from storage.records import Records


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
    def worker(self, name: str, *args: object, only_here: str = "", **secrets: str) -> Iterator[subprocess.Popen[str]]:
        """`only_here` are settings, and `secrets` of the environment, that no other machine has."""
        config = self.root / f"{name}.toml"
        config.write_text(f"{self.config.read_text()}\n{only_here}")
        env = {**self.sohoa.env, **self.env, **secrets, "SOHOA_CONFIG": str(config), "SOHOA_HOME": str(self.root / name)}
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


@dataclass(frozen=True)
class Alone:
    """Inputs, and what one machine made of them."""

    inbox: Path
    out: Path


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, drawn: Path, head: Path) -> Alone:
    folder = tmp_path_factory.mktemp("alone")
    inbox, out = folder / "inbox", folder / "out"
    inbox.mkdir()
    for name in ("birth-registration.clean.pdf", "bad.encrypted.pdf"):
        shutil.copy(drawn / name, inbox)
    shutil.copy(head, inbox)
    env = {**os.environ, "SOHOA_HOME": str(folder / "home")}
    done = subprocess.run([sys.executable, "-P", "-m", "sohoa", "run", str(inbox), "-o", str(out), "--jobs", "1"], env=env, timeout=200)
    assert done.returncode == 1
    return Alone(inbox, out)


def rows(out: Path) -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in json.loads((out / "batch.json").read_text(encoding="utf8"))}


def delivered(out: Path) -> dict[str, bytes]:
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file() and p.parent != out}


@pytest.mark.parametrize("kind", ["rabbit", "redis_server"])
def test_both_runners_give_the_same_bytes_and_workers_tell_of_themselves(
    site, alone: Alone, tmp_path: Path, kind: str, free_port: int, request: pytest.FixtureRequest
) -> None:
    here = site(request.getfixturevalue(kind).address)
    one, many = alone.out, tmp_path / "many"
    with here.worker("first", "--metrics", free_port), here.worker("second"):
        here.run("run", alone.inbox, "-o", many, "--runner", "celery", "--keep", code=1)
        page = urllib.request.urlopen(f"http://127.0.0.1:{free_port}/metrics", timeout=10).read().decode()
        assert "sohoa_workers 2.0" in page
        assert "sohoa_dead_letters 1.0" in page
        assert urllib.request.urlopen(f"http://127.0.0.1:{free_port}/healthz", timeout=10).read() == b"ok"
        said = here.run("status", "--json", code=0).stdout
        assert {worker["heard"] is not None for worker in json.loads(said)["workers"]} == {True}
        assert here.run("search", "to", "khai", code=0).stdout
    assert {name: row["status"] for name, row in rows(many).items()} == {name: row["status"] for name, row in rows(one).items()}
    assert rows(many)["bad.encrypted"]["error_code"] == "pdf_encrypted"
    assert [file for name in ("first", "second") for file in (tmp_path / name / "worker" / "work").rglob("*")] == []
    first, second = delivered(one), delivered(many)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_only_where_the_key_is_is_signed_and_a_killed_signer_is_followed_by_another(site, rabbit, tmp_path: Path, until) -> None:
    here, pki, inbox, out = site(rabbit.address, "lease_seconds = 4"), trial_pki(tmp_path / "pki"), tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    for number in range(6):
        pdf = FPDF()
        pdf.set_font("Helvetica", size=12)
        pdf.add_page()
        pdf.multi_cell(0, 8, f"Van ban so {number}.")
        pdf.output(str(inbox / f"{number}.pdf"))
    key = {
        "only_here": f'[identities.can_bo]\npath = "{pki.folder}/officer.p12"\ntrial = true\n',
        "SOHOA_PASSPHRASE_CAN_BO": pki.passphrase.decode(),
    }
    records = Records(open_database(tomllib.loads(here.config.read_text())["storage"]["records"]))

    def signing(**what: object) -> int:
        with records.engine.connect() as tx:
            found = tx.exec_driver_sql("SELECT state, attempt FROM unit WHERE stage = 'sign'").mappings()
            return sum(what.items() <= dict(row).items() for row in found)

    line = [*here.sohoa.line, "run", str(inbox), "-o", str(out), "--runner", "celery", "--sign", "can_bo", "--keep"]
    env = {**here.sohoa.env, **here.env, "SOHOA_CONFIG": str(here.config), "SOHOA_HOME": str(tmp_path / "home")}
    with here.worker("reader"):
        run = subprocess.Popen(line, env=env)
        try:
            until(lambda: signing(state="ready") == 6)
            time.sleep(3)  # idle workers look every two seconds
            assert signing(attempt=0) == 6
            with here.worker("killed", "--queues", "signing", "--sign", "can_bo", **key) as signer:
                until(lambda: signing(attempt=1), every=0.005)
                signer.kill()
                signer.wait()
            assert signing(state="ready") > 0
            with here.worker("signer", "--queues", "signing", "--sign", "can_bo", **key):
                assert run.wait(60) == 0
        finally:
            run.kill()
            run.wait()
    assert {(row["status"], row["signed_as"]) for row in rows(out).values()} == {("done", "can_bo")}
    ends = [entry.subject for entry in Audit(records.engine).entries(limit=100) if entry.action == "document.finished"]
    assert len(ends) == len(set(ends)) == 6
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "config.toml").write_text(key["only_here"])
    secret = {"SOHOA_PASSPHRASE_CAN_BO": key["SOHOA_PASSPHRASE_CAN_BO"], "SOHOA_HOME": str(tmp_path / "alone")}
    here.sohoa("run", inbox, "-o", tmp_path / "one", "--sign", "can_bo", "--jobs", "1", **secret)
    one, many = delivered(tmp_path / "one"), delivered(out)
    assert one.keys() == many.keys()
    for name in one:
        if name.endswith("signed.pdf"):  # a signature tells when it was made
            assert many[name].startswith(many[name.replace("signed", "document")])
        elif name.endswith("document.json"):
            first, second = json.loads(one[name]), json.loads(many[name])
            assert len(first.pop("signatures")) == len(second.pop("signatures")) == 1
            assert first == second
        elif not name.endswith("verification.json"):
            assert one[name] == many[name], name


CLIENT = """
import json, sys
from celery import Celery

app = Celery(broker=sys.argv[1], backend="rpc://")
app.conf.update(task_default_queue="sohoa.reading", task_default_queue_type="quorum")
asked = [app.send_task("sohoa.digitise", kwargs={"path": path, "out": sys.argv[2]}) for path in sys.argv[3:]]
print(json.dumps([task.get(timeout=120) for task in asked]))
"""


def test_a_portal_calls_by_name_through_quorum_queues(site, rabbit, drawn: Path, tmp_path: Path) -> None:
    here, out = site(rabbit.address), tmp_path / "out"
    with here.worker("only"):
        paths = [str(drawn / name) for name in ("birth-registration.clean.pdf", "bad.encrypted.pdf")]
        line = [sys.executable, "-P", "-c", CLIENT, rabbit.address, str(out), *paths]
        done = subprocess.run(line, capture_output=True, text=True, timeout=150, cwd="/")
    assert done.returncode == 0, done.stderr[-2000:]
    good, bad = json.loads(done.stdout.splitlines()[-1])
    assert (good["status"] in ("done", "review"), bad["error_code"]) == (True, "pdf_encrypted")
    assert (out / good["name"] / "document.pdf").is_file()
