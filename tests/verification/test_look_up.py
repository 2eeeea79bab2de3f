"""Whether a certified copy was cancelled is asked of the addresses that the settings name; the answer is a signed list."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pikepdf
import pytest

NOW = datetime.now(timezone(timedelta(hours=7)))
STATEMENT = (
    f"ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM\nCHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH\nSố chứng thực: 99 quyển số: 02/{NOW.year} - SCT/BS\n"
    f"Bản sao điện tử này gồm 01 trang, không kể trang lời chứng.\nNgày {NOW.day} tháng {NOW.month} năm {NOW.year}"
)


@pytest.fixture(scope="module")
def copy(sign, write) -> bytes:
    return sign(sign(write("Bản chính: giấy khai sinh", STATEMENT)), "agency", "Sig2")


@pytest.fixture(scope="module")
def answer(sign, write) -> Callable[[list[dict[str, str]]], bytes]:
    """The office's signed list of cancelled copies."""

    def made(cancelled: list[dict[str, str]]) -> bytes:
        out = BytesIO()
        with pikepdf.open(BytesIO(write("Danh sách bản sao đã hủy"))) as pdf:
            body = json.dumps({"format": 1, "cancelled": cancelled}).encode()
            pdf.attachments["cancelled.json"] = pikepdf.AttachedFileSpec(pdf, body, filename="cancelled.json")
            pdf.save(out)
        return sign(out.getvalue(), "agency")

    return made


@pytest.fixture
def office(answer) -> Iterator[tuple[str, list[dict[str, list[str]]], dict[str, bytes]]]:
    """A service that answers about one number: (address, what it was asked, its answers by number)."""
    asked: list[dict[str, list[str]]] = []
    answers: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            asked.append(query)
            body = answers.get(query["so"][0], b"")
            self.send_response(200 if body else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/huy?so={{number}}&quyen={{book}}&sha256={{sha256}}", asked, answers
    finally:
        server.shutdown()
        server.server_close()


def verified(data: bytes, pki: Any, folder: Path, address: str, *options: str) -> dict[str, Any]:
    (folder / "config.toml").write_text(f'[verify]\ncancellations = ["{address}"]\nallow_loopback = true\n')
    (folder / "a.pdf").write_bytes(data)
    command = [sys.executable, "-m", "sohoa", "verify", str(folder / "a.pdf"), "--trust", str(pki.trust), "--json", *options]
    said = subprocess.run(command, env={"PATH": "/usr/bin:/bin", "SOHOA_HOME": str(folder)}, capture_output=True, text=True, timeout=120)
    answer: dict[str, Any] = json.loads(said.stdout)
    return answer


def test_a_copy_that_the_office_says_was_cancelled_is_invalid(copy, answer, office, pki, tmp_path: Path) -> None:
    address, asked, answers = office
    answers["99"] = answer([{"number": "99", "book": f"02/{NOW.year}", "sha256": ""}])
    verdict = verified(copy, pki, tmp_path, address, "--policy", "certified-copy")
    assert (verdict["verdict"], verdict["reason_code"]) == ("invalid", "copy_cancelled")
    assert asked[0]["quyen"] == [f"02/{NOW.year}"]
    assert asked[0]["sha256"] == [verdict["sha256"]]


def test_an_answer_that_names_others_says_that_this_one_stands(copy, answer, office, pki, tmp_path: Path) -> None:
    address, _, answers = office
    answers["99"] = answer([{"number": "7", "book": f"02/{NOW.year}", "sha256": ""}])
    verdict = verified(copy, pki, tmp_path, address, "--policy", "certified-copy")
    assert (verdict["verdict"], verdict["certified_copy"]["cancelled"]) == ("valid", False)


@pytest.mark.parametrize("given", [b"", b"<html>Khong co</html>", b"%PDF-1.7 nothing"], ids=["none", "a page", "no list"])
def test_without_a_signed_answer_it_stays_unchecked(copy, office, pki, tmp_path: Path, given: bytes) -> None:
    address, _, answers = office
    answers["99"] = given
    verdict = verified(copy, pki, tmp_path, address, "--policy", "certified-copy")
    assert (verdict["verdict"], verdict["certified_copy"]["cancelled"]) == ("valid", None)


def test_nobody_is_asked_offline_or_about_other_documents(copy, signed, office, pki, tmp_path: Path) -> None:
    address, asked, _ = office
    verified(copy, pki, tmp_path, address, "--offline")
    verified(signed, pki, tmp_path, address)
    assert asked == []
