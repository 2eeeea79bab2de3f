"""What people see: the report, the terminal text, and the check page."""

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from verification.masking import mask
from verification.page import app
from verification.report import report_html, report_text
from verification.truststore import TrustStore
from verification.verify import verify

SEVEN = ["Chủ thể ký", "Tổ chức cấp chứng thư", "Đơn vị quản lý chứng thư", "Thời gian ký", "Tính toàn vẹn", "Hiệu lực chứng thư khi ký",
         "Thời hạn chứng thư"]  # fmt: skip


def test_a_valid_file_reads_as_one_sentence_three_lamps_and_seven_facts(judge, signed) -> None:
    html = report_html(judge(signed), "a.pdf")
    assert 'lang="vi"' in html and "<h1>HỢP LỆ</h1>" in html
    for words in (*SEVEN, "Nội dung nguyên vẹn?", "Ai ký?", "Tin cậy vào thời điểm ký?", "AATL"):
        assert words in html


@pytest.mark.parametrize(
    ("make", "title"),
    [
        (lambda f: f["judge"](f["signed"]), "HỢP LỆ"),
        (lambda f: f["judge"](f["signed"] + b"x"), "KHÔNG HỢP LỆ"),
        (lambda f: f["judge"](f["signed"], store=TrustStore()), "KHÔNG XÁC ĐỊNH"),
        (lambda f: f["judge"](f["paper"]), "KHÔNG CÓ CHỮ KÝ SỐ"),
    ],
)
def test_the_terminal_text_starts_with_the_verdict(judge, signed, paper, make, title) -> None:
    text = report_text(make({"judge": judge, "signed": signed, "paper": paper}), "/tmp/thư/a.pdf")  # noqa: S108
    assert text.startswith(f"{title} · a.pdf\n")


def test_file_names_and_certificate_names_are_escaped_and_numbers_masked(judge, signed) -> None:
    html = report_html(judge(signed), "<script>alert(1)</script> 001099012345.pdf")
    assert "<script" not in html
    assert "001099012345" not in html and "*********345" in html


def test_the_report_needs_nothing_from_outside(judge, signed) -> None:
    found: list[str] = []

    class Outside(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            nonlocal found
            found += [f"{tag}.{key}" for key, _ in attrs if key in ("src", "href", "srcset", "action", "onclick")]

    reader = Outside()
    html = report_html(judge(signed), "a.pdf")
    reader.feed(html)
    assert found == [] and "url(" not in html and "@import" not in html
    assert "default-src 'none'" in html


def test_numbers_of_persons_are_cut_short_and_tax_codes_stay() -> None:
    assert mask("CCCD 001099012345") == "CCCD *********345"
    assert mask("CMND:123456789") == "CMND:******789"
    assert mask("MST:0106200129") == "MST:0106200129"


@pytest.fixture
def client(judge) -> TestClient:
    seen: list[Path] = []

    def check(path: Path) -> Any:
        seen.append(path)
        return judge(path.read_bytes())

    client = TestClient(app(check, largest=2 << 20))
    client.seen = seen  # type: ignore[attr-defined]
    return client


def test_the_page_asks_for_a_file_without_scripts_and_under_a_strict_policy(client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200 and 'type="file"' in answer.text and "<script" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None


def test_the_style_sheet_is_the_one_the_policy_allows(client) -> None:
    import base64
    import hashlib

    answer = client.get("/")
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert digest in answer.headers["content-security-policy"]


def test_an_upload_is_answered_and_not_kept(client, signed) -> None:
    answer = client.post("/check", files={"file": ("quyết định.pdf", signed)})
    assert answer.status_code == 200 and "HỢP LỆ" in answer.text and "quyết định.pdf" in answer.text
    assert client.seen and not any(os.path.lexists(path) for path in client.seen)


def test_programs_get_json(client, signed) -> None:
    answer = client.post("/check", files={"file": ("a.pdf", signed)}, headers={"Accept": "application/json"})
    assert (answer.json()["file"], answer.json()["verdict"]) == ("a.pdf", "valid")


def test_no_file_and_too_large_a_file_are_refused_in_words(client) -> None:
    assert client.post("/check").status_code == 400
    large = client.post("/check", files={"file": ("a.pdf", b"%PDF-" + b"0" * (3 << 20))})
    assert large.status_code == 413 and "2 MB" in large.text
    assert client.seen == []


def test_every_reason_has_its_next_step_in_two_languages() -> None:
    from sohoa.messages import message
    from verification.policy import load_policy, policy_names

    for name in policy_names():
        for rule in load_policy(name).rules.values():
            for reason in filter(None, (rule.reason, rule.unknown_reason)):
                said = message(reason)
                assert "chưa có mô tả" not in said.vi and said.en and said.next_vi and said.next_en, reason


def test_every_check_of_the_policies_has_texts_for_every_result() -> None:
    from sohoa.messages import check_sentences
    from verification.policy import load_policy, policy_names

    for name in policy_names():
        for code in load_policy(name).rules:
            for result in ("passed", "warning", "failed", "not_made"):
                assert all(check_sentences(code, result)), (code, result)


def test_a_verdict_says_under_which_law_it_was_made(signed) -> None:
    verdict = verify(signed)
    assert (verdict.policy, verdict.policy_version != "") == ("signature", True)
