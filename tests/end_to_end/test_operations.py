"""What an operator does: look, search, try again, cancel, check, remove, and move to shared servers."""

import json
import shutil
import signal
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The home of a batch of two files, one of them bad, that was kept; tests copy it."""
    folder = tmp_path_factory.mktemp("operations")
    drawn = request.getfixturevalue("drawn")
    (folder / "inbox").mkdir()
    for name in ("birth-registration.clean.pdf", "bad.encrypted.pdf"):
        shutil.copy(drawn / name, folder / "inbox")
    import os
    import subprocess
    import sys

    line = [sys.executable, "-P", "-m", "sohoa", "run", str(folder / "inbox"), "-o", str(folder / "out"), "--keep"]
    done = subprocess.run(line, env={**os.environ, "SOHOA_HOME": str(folder / "home")}, capture_output=True, text=True, timeout=200)
    assert done.returncode == 1, done.stderr
    return folder


@pytest.fixture
def home(kept: Path, sohoa) -> Path:
    shutil.copytree(kept / "home", sohoa.home)
    return sohoa.home


def test_status_names_cause_and_the_command_that_tries_again_which_does(home: Path, sohoa) -> None:
    facts = json.loads(sohoa("status", "--json").stdout)
    (batch,) = facts["batches"]
    assert batch["statuses"]["failed"] == 1
    (letter,) = facts["dead_letters"]
    assert (letter["cause"], letter["stage"]) == ("pdf_encrypted", "open")
    assert "mật khẩu" in sohoa("status").stdout or "pdf_encrypted" in sohoa("status").stdout
    again = sohoa(*letter["retry"].split()[1:], code=1)
    assert "bad.encrypted: failed" in again.stdout
    assert json.loads(sohoa("status", "--json").stdout)["dead_letters"][0]["cause"] == "pdf_encrypted"


def test_a_kept_document_is_found_without_diacritics(home: Path, sohoa) -> None:
    found = sohoa("search", "to", "khai", "--json").stdout.splitlines()
    assert json.loads(found[0])["name"] == "birth-registration.clean"
    sohoa("search", "khongcotunay", code=1)


def test_audit_verify_sees_a_changed_object_and_a_cut_off_trail(home: Path, sohoa) -> None:
    assert "✓" in sohoa("audit", "verify").stdout
    assert "document.finished" in sohoa("audit", "show").stdout
    assert "audit.read" in sohoa("audit", "show").stdout
    victim = next((home / "objects").glob("??/*"))
    victim.chmod(0o600)
    victim.write_bytes(victim.read_bytes() + b"x")
    assert "object_damaged" in sohoa("audit", "verify", code=1).stdout
    victim.unlink()
    assert "object_missing" in sohoa("audit", "verify", code=1).stdout
    import sqlite3

    with sqlite3.connect(home / "sohoa.sqlite") as tx:
        tx.execute("DROP TRIGGER audit_kept")
        tx.execute("DELETE FROM audit WHERE id > 2")
    assert "audit_broken" in sohoa("audit", "verify", "--no-objects", code=1).stdout


def test_purge_shows_first_and_removes_rows_texts_and_objects_only_when_told(home: Path, sohoa) -> None:
    sohoa("purge", code=2)  # no time is set
    (home / "config.toml").write_text("[retention]\ndone = 0\nreview = 0\nfailed = 0\n")
    assert "--yes" in sohoa("purge").stdout
    assert len(list((home / "objects").glob("??/*"))) == 2
    sohoa("purge", "--yes")
    assert list((home / "objects").glob("??/*")) == []
    assert json.loads(sohoa("status", "--json").stdout)["batches"] == []
    sohoa("search", "to", "khai", code=1)
    everything = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert b"birth-registration" not in everything
    assert "document.purged" in sohoa("audit", "show").stdout


def test_everything_moves_to_shared_servers_and_is_found_there(home: Path, sohoa, postgres, s3) -> None:
    records, objects = postgres.database(), s3.bucket()
    said = sohoa("move", "--records", records, "--objects", objects, **s3.KEYS).stdout
    (home / "config.toml").write_text(said[said.index("[storage]") :])
    before = {file.parent.name + file.name for file in (home / "objects").glob("??/*")}
    shutil.rmtree(home / "objects")
    (home / "sohoa.sqlite").unlink()
    assert "✓ Mọi tệp" in sohoa("audit", "verify", **s3.KEYS).stdout
    facts = json.loads(sohoa("status", "--json", **s3.KEYS).stdout)
    assert facts["batches"][0]["statuses"]["failed"] == 1
    assert sohoa("search", "to", "khai", **s3.KEYS).stdout
    assert len(before) == 2
    sohoa("move", "--records", records, "--objects", objects, code=2, **s3.KEYS)  # it is not empty any more


def test_a_cancelled_batch_stops_at_once_and_nothing_of_it_runs_on(sohoa, drawn: Path, tmp_path: Path, wait_for) -> None:
    (tmp_path / "inbox").mkdir()
    for n in range(12):
        shutil.copy(drawn / "birth-registration.scan200.jpg", tmp_path / "inbox" / f"{n}.jpg")
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
    assert sum(row["status"] == "failed" for row in rows) >= 8


def test_doctor_says_what_is_missing(sohoa, tmp_path: Path) -> None:
    assert "✗" not in sohoa("doctor").stdout
    (sohoa.home / "config.toml").write_text('broker = "amqp://127.0.0.1:9//"\n[storage]\nobjects = "s3://x?endpoint=http://127.0.0.1:9"\n')
    said = sohoa("doctor", code=1, PATH=str(tmp_path), AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y").stdout
    assert "tesseract-ocr" in said
    assert "store_unreachable" in said
