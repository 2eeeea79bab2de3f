"""`sohoa watch` as a scanner meets it."""

import json
import shutil
import signal
import threading
import time
from pathlib import Path


def test_what_a_scanner_drops_is_read_once_and_a_bad_file_stops_nothing(sohoa, drawn: Path, tmp_path: Path, wait_for) -> None:
    inbox, out = tmp_path / "máy quét", tmp_path / "out"
    inbox.mkdir()

    def rows() -> dict[str, dict[str, object]]:
        file = out / "batch.json"
        return {row["source"]: row for row in json.loads(file.read_text(encoding="utf8"))} if file.is_file() else {}

    def slowly(body: bytes, file: Path) -> None:
        with file.open("wb") as writing:
            for start in range(0, len(body), max(1, len(body) // 6)):
                writing.write(body[start : start + max(1, len(body) // 6)])
                writing.flush()
                time.sleep(0.4)

    body = (drawn / "decision.clean.pdf").read_bytes()
    first = sohoa.start("watch", inbox, "-o", out, "--settle", "0.5", "--jobs", "1")
    try:
        shutil.copy(drawn / "bad.encrypted.pdf", inbox)
        writer = threading.Thread(target=slowly, args=(body, inbox / "slow.pdf"))
        writer.start()
        (inbox / "coming.pdf.part").write_bytes((drawn / "ct01.clean.pdf").read_bytes())
        (inbox / "gone.pdf").write_bytes(body)
        (inbox / "gone.pdf").unlink()
        wait_for(lambda: "bad.encrypted.pdf" in rows(), 60)
        writer.join()
        (inbox / "coming.pdf.part").rename(inbox / "ngày 1.pdf")
        wait_for(lambda: {"slow.pdf", "ngày 1.pdf"} <= rows().keys(), 90)
        assert rows()["bad.encrypted.pdf"]["error_code"] == "pdf_encrypted"
        assert rows()["slow.pdf"]["sha256"] != rows()["ngày 1.pdf"]["sha256"]
        shutil.copy(inbox / "slow.pdf", inbox / "the same again.pdf")
        time.sleep(2)
    finally:
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=30)
    assert first.returncode == 0
    before = {path: path.stat().st_mtime_ns for path in out.glob("*/document.pdf")}
    second = sohoa.start("watch", inbox, "-o", out, "--settle", "0.5", "--jobs", "1")
    try:
        (inbox / "new.pdf").write_bytes(body + b"\n")
        wait_for(lambda: "new.pdf" in rows(), 60)
    finally:
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=30)
    assert rows().keys() == {"bad.encrypted.pdf", "slow.pdf", "ngày 1.pdf", "new.pdf"}
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert sorted(path.name for path in inbox.iterdir()) == [
        "bad.encrypted.pdf",
        "new.pdf",
        "ngày 1.pdf",
        "slow.pdf",
        "the same again.pdf",
    ]
