"""The report as a PDF: one page, PDF/A, signed when asked, and about another file."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from verification.model import Verdict
from verification.report_pdf import report_pdf


@pytest.fixture
def verdict(judge, twice: bytes) -> Verdict:
    return judge(twice)


def text_of(content: bytes) -> str:
    document = pdfium.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_two_signatures_fit_on_one_page_with_all_seven_facts(verdict: Verdict) -> None:
    content = report_pdf(verdict, "quyết định.pdf")
    said = text_of(content)
    assert len(pdfium.PdfDocument(content)) == 1
    assert "HỢP LỆ" in said
    for fact in ("Chủ thể ký", "Tổ chức cấp chứng thư", "Đơn vị quản lý", "Thời gian ký", "Tính toàn vẹn", "Hiệu lực", "Thời hạn"):
        assert said.count(fact) >= 2, fact
    assert verdict.sha256 in said


def test_it_is_pdf_a_and_the_same_verdict_gives_the_same_bytes(
    verdict: Verdict, tmp_path: Path, verapdf: Callable[[Path], list[str]]
) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(report_pdf(verdict, "a.pdf"))
    assert verapdf(file) == []
    time.sleep(1.1)
    assert file.read_bytes() == report_pdf(verdict, "a.pdf")


def test_every_sentence_of_a_refusal_stands_in_it(judge, signed: bytes) -> None:
    broken = bytearray(signed)
    broken[signed.index(b"/MediaBox") + 12] ^= 1
    verdict = judge(bytes(broken))
    said = " ".join(text_of(report_pdf(verdict, "a.pdf")).split())
    assert "KHÔNG HỢP LỆ" in said
    assert verdict.summary_vi in said


def test_the_command_signs_the_report_and_our_own_verifier_believes_it(signed: bytes, pki, tmp_path: Path) -> None:
    (tmp_path / "in.pdf").write_bytes(signed)
    (tmp_path / "config.toml").write_text(f'[identities.van_thu]\npath = "{pki.folder}/agency.p12"\ntrial = true\n')
    env = {"PATH": "/usr/bin:/bin", "SOHOA_HOME": str(tmp_path), "SOHOA_PASSPHRASE_VAN_THU": pki.passphrase.decode()}

    def sohoa(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "sohoa", *map(str, arguments)], env=env, capture_output=True, text=True, check=False)

    report = tmp_path / "report.pdf"
    made = sohoa("verify", tmp_path / "in.pdf", "--trust", pki.trust, "--pdf", report, "--sign", "van_thu")
    assert made.returncode == 0, made.stderr
    assert sohoa("verify", report, "--trust", pki.trust).returncode == 0
    taken = sohoa("verify", tmp_path / "in.pdf", "--pdf", tmp_path / "in.pdf")
    assert (taken.returncode, (tmp_path / "in.pdf").read_bytes() == signed) == (2, True)
    assert "out_is_input" in taken.stderr
