"""Two hosts with networks of their own; one is cut off in mid-work and comes back when all is over.

Each host is a network namespace that reaches the servers through one link; cutting the link is what a pulled cable is:
no connection is closed, nothing arrives.
"""

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from fpdf import FPDF

from storage.audit import Audit
from storage.database import open_database
from storage.records import Records

DOCUMENTS, PAGES = 4, 30


@dataclass(frozen=True)
class Host:
    """A network namespace; `gate` is the address at which it finds this machine."""

    name: str
    gate: str
    link: str

    def cut(self, down: bool = True) -> None:
        ip("link", "set", self.link, "down" if down else "up")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    if os.getuid() != 0 or not shutil.which("ip"):
        pytest.skip("only root, with iproute2, may make network namespaces")
    mark, made = uuid4().hex[:6], []
    try:
        for number in (1, 2):
            host = Host(f"sohoa{mark}{number}", f"10.219.{number}.1", f"so{mark}{number}")
            try:
                ip("netns", "add", host.name)
            except subprocess.CalledProcessError:
                pytest.skip("this machine makes no network namespaces")
            made.append(host)
            ip("link", "add", host.link, "type", "veth", "peer", "name", "out", "netns", host.name)
            ip("address", "add", f"{host.gate}/24", "dev", host.link)
            ip("link", "set", host.link, "up")
            for words in (f"address add 10.219.{number}.2/24 dev out", "link set out up", "link set lo up"):
                ip("-n", host.name, *words.split())
        yield made[0], made[1]
    finally:
        for host in made:
            subprocess.run(["ip", "netns", "del", host.name], check=False, capture_output=True)
            subprocess.run(["ip", "link", "del", host.link], check=False, capture_output=True)


@pytest.fixture
def doors(hosts: tuple[Host, Host]) -> Iterator[object]:
    """Let both hosts in at a port where a server listens for this machine alone."""
    open_ones: list[socket.socket] = []

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve(door: socket.socket, port: int) -> None:
        with contextlib.suppress(OSError):
            while True:
                guest, _ = door.accept()
                server = socket.create_connection(("127.0.0.1", port))
                for pair in ((guest, server), (server, guest)):
                    threading.Thread(target=pass_on, args=pair, daemon=True).start()

    def let_in(port: int) -> None:
        for host in hosts:
            door = socket.create_server((host.gate, port))
            open_ones.append(door)
            threading.Thread(target=serve, args=(door, port), daemon=True).start()

    yield let_in
    for door in open_ones:
        door.close()


def test_what_a_host_that_was_cut_off_sends_later_changes_nothing(sohoa, postgres, rabbit, s3, hosts, doors, tmp_path: Path, until) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    for number in range(DOCUMENTS):
        pdf = FPDF()
        pdf.set_font("Helvetica", size=12)
        for page in range(PAGES):
            pdf.add_page()
            pdf.multi_cell(0, 8, f"Van ban so {number}, trang {page + 1}.")
        pdf.output(str(inbox / f"{number}.pdf"))
    where, bucket = postgres.database(), s3.bucket()
    for address in (where, rabbit.address, bucket.split("endpoint=")[1]):
        doors(urlsplit(address).port)
    env = {**sohoa.env, **s3.KEYS}

    def config(name: str, gate: str) -> dict[str, str]:
        text = f'broker = "{rabbit.address}"\nlease_seconds = 4\n[storage]\nrecords = "{where}"\nobjects = "{bucket}"\n'
        (tmp_path / f"{name}.toml").write_text(text.replace("127.0.0.1", gate))
        return {**env, "SOHOA_CONFIG": str(tmp_path / f"{name}.toml"), "SOHOA_HOME": str(tmp_path / name)}

    workers, records = [], Records(open_database(where))

    def start(host: Host) -> subprocess.Popen[bytes]:
        said = (tmp_path / f"{host.name}.txt").open("wb")
        line = ["ip", "netns", "exec", host.name, *sohoa.line, "worker", "--jobs", "1"]
        workers.append(subprocess.Popen(line, env=config(host.name, host.gate), stdout=said, stderr=said))
        return workers[-1]

    def held() -> bool:
        with records.engine.connect() as tx:
            return tx.exec_driver_sql("SELECT 1 FROM unit WHERE state = 'leased' AND stage = 'page'").first() is not None

    run = subprocess.Popen(
        [*sohoa.line, "run", str(inbox), "-o", str(out), "--runner", "celery", "--keep"], env=config("here", "127.0.0.1")
    )
    try:
        lost = start(hosts[0])
        until(held, 60, 0.005)
        hosts[0].cut()
        start(hosts[1])
        assert run.wait(120) in (0, 3)
        (batch,) = records.batches()
        before = state(records, out)
        with records.engine.connect() as tx:
            assert tx.exec_driver_sql("SELECT max(deaths) FROM unit").scalar_one() == 1  # what it held was taken over
        assert lost.poll() is None
        hosts[0].cut(down=False)
        time.sleep(5)  # what it held back arrives now
        assert state(records, out) == before
    finally:
        for process in (run, *workers):
            process.kill()
            process.wait()
    assert records.progress(batch.id).units_left == 0
    rows = json.loads((out / "batch.json").read_text(encoding="utf8"))
    assert [(row["pages"], row["error_code"]) for row in rows] == [(PAGES, None)] * DOCUMENTS
    for file in inbox.iterdir():
        assert (out / file.stem / "document.pdf").read_bytes() == file.read_bytes()


def state(records: Records, out: Path) -> object:
    """Everything that a late answer could have changed."""
    with records.engine.connect() as tx:
        units = tx.exec_driver_sql("SELECT id, state, attempt, deaths, result, files FROM unit ORDER BY id").all()
    ends = [entry.subject for entry in Audit(records.engine).entries(limit=1000) if entry.action == "document.finished"]
    assert len(ends) == len(set(ends)) == DOCUMENTS
    files = {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(out.rglob("*")) if file.is_file()}
    return units, sorted(ends), files
