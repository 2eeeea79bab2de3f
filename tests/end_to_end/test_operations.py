"""What an operator does: look, search, try again, cancel, check, remove, and move to shared servers.

The commands are called as the program calls them, in this process; starting it anew for each would show nothing more.
"""

import json
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from sohoa.cli import main


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, drawn: Path) -> Path:
    """The home of a batch of two files, one of them bad, that was kept; tests copy it."""
    folder = tmp_path_factory.mktemp("operations")
    (folder / "inbox").mkdir()
    for name in ("birth-registration.clean.pdf", "bad.encrypted.pdf"):
        shutil.copy(drawn / name, folder / "inbox")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOHOA_HOME", str(folder / "home"))
        assert main(["run", str(folder / "inbox"), "-o", str(folder / "out"), "--keep", "--jobs", "1"]) == 1
    return folder


@pytest.fixture
def home(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(kept / "home", tmp_path / "home")
    monkeypatch.setenv("SOHOA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


Operator = Callable[..., str]


@pytest.fixture
def operator(capsys: pytest.CaptureFixture[str]) -> Operator:
    """`sohoa` with these words; gives what it prints, and holds it to its exit code."""

    def command(*words: object, code: int = 0) -> str:
        capsys.readouterr()
        ended = main([str(word) for word in words])
        said = capsys.readouterr()
        assert ended == code, (ended, said.out[-3000:], said.err[-3000:])
        return said.out

    return command


def test_status_names_cause_and_the_command_that_tries_again_which_does(home: Path, operator: Operator) -> None:
    facts = json.loads(operator("status", "--json"))
    (batch,) = facts["batches"]
    assert batch["statuses"]["failed"] == 1
    (letter,) = facts["dead_letters"]
    assert (letter["cause"], letter["stage"]) == ("pdf_encrypted", "open")
    assert "mật khẩu" in operator("status") or "pdf_encrypted" in operator("status")
    again = operator(*letter["retry"].split()[1:], code=1)
    assert "bad.encrypted: failed" in again
    assert json.loads(operator("status", "--json"))["dead_letters"][0]["cause"] == "pdf_encrypted"


def test_a_kept_document_is_found_without_diacritics(home: Path, operator: Operator) -> None:
    found = operator("search", "to", "khai", "--json").splitlines()
    assert json.loads(found[0])["name"] == "birth-registration.clean"
    operator("search", "khongcotunay", code=1)


def test_audit_verify_sees_a_changed_object_and_a_cut_off_trail(home: Path, operator: Operator) -> None:
    assert "✓" in operator("audit", "verify")
    assert "document.finished" in operator("audit", "show")
    assert "audit.read" in operator("audit", "show")
    victim = next((home / "objects").glob("??/*"))
    victim.chmod(0o600)
    victim.write_bytes(victim.read_bytes() + b"x")
    assert "object_damaged" in operator("audit", "verify", code=1)
    victim.unlink()
    assert "object_missing" in operator("audit", "verify", code=1)
    with sqlite3.connect(home / "sohoa.sqlite") as tx:
        tx.execute("DROP TRIGGER audit_kept")
        tx.execute("DELETE FROM audit WHERE id > 2")
    assert "audit_broken" in operator("audit", "verify", "--no-objects", code=1)


def test_purge_shows_first_and_removes_rows_texts_and_objects_only_when_told(home: Path, operator: Operator) -> None:
    operator("purge", code=2)  # no time is set
    (home / "config.toml").write_text("[retention]\ndone = 0\nreview = 0\nfailed = 0\n")
    assert "--yes" in operator("purge")
    assert len(list((home / "objects").glob("??/*"))) == 2
    operator("purge", "--yes")
    assert list((home / "objects").glob("??/*")) == []
    assert json.loads(operator("status", "--json"))["batches"] == []
    operator("search", "to", "khai", code=1)
    everything = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert b"birth-registration" not in everything
    assert "document.purged" in operator("audit", "show")


def test_everything_moves_to_shared_servers_and_is_found_there(
    home: Path, operator: Operator, postgres, s3, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, key in s3.KEYS.items():
        monkeypatch.setenv(name, key)
    records, objects = postgres.database(), s3.bucket()
    said = operator("move", "--records", records, "--objects", objects)
    (home / "config.toml").write_text(said[said.index("[storage]") :])
    before = {file.parent.name + file.name for file in (home / "objects").glob("??/*")}
    shutil.rmtree(home / "objects")
    (home / "sohoa.sqlite").unlink()
    assert "✓ Mọi tệp" in operator("audit", "verify")
    facts = json.loads(operator("status", "--json"))
    assert facts["batches"][0]["statuses"]["failed"] == 1
    assert operator("search", "to", "khai")
    assert len(before) == 2
    operator("move", "--records", records, "--objects", objects, code=2)  # it is not empty any more


def test_a_cancelled_batch_stops_at_once_and_nothing_of_it_runs_on(sohoa, head: Path, tmp_path: Path, wait_for) -> None:
    (tmp_path / "inbox").mkdir()
    for n in range(40):
        shutil.copy(head, tmp_path / "inbox" / f"{n:02}.jpg")
    process = sohoa.start("run", tmp_path / "inbox", "-o", tmp_path / "out", "--keep", "--jobs", "1")
    try:
        wait_for(lambda: list((tmp_path / "out").glob("*/document.json")), 120)
        sohoa("cancel", str(tmp_path / "out"))
        assert process.wait(20) == 1
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    rows = json.loads((tmp_path / "out" / "batch.json").read_text(encoding="utf8"))
    assert {row["error_code"] for row in rows if row["status"] == "failed"} == {"cancelled"}
    assert sum(row["status"] == "failed" for row in rows) >= 5


def test_doctor_says_what_is_missing(home: Path, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "✗" not in operator("doctor")
    (home / "config.toml").write_text('broker = "amqp://127.0.0.1:9//"\n[storage]\nobjects = "s3://x?endpoint=http://127.0.0.1:9"\n')
    for name, value in {"PATH": str(tmp_path), "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}.items():
        monkeypatch.setenv(name, value)
    said = operator("doctor", code=1)
    assert "tesseract-ocr" in said
    assert "store_unreachable" in said
