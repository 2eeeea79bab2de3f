"""The policy for electronic certified copies, on copies with and without what the law asks."""

from datetime import datetime, timedelta, timezone

import pytest

from verification.truststore import TrustStore

NOW = datetime.now(timezone(timedelta(hours=7)))
STATEMENT = (
    "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM\nCHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH\nSố chứng thực: 99 quyển số: 02/{year} - SCT/BS\n"
    "Bản sao điện tử này gồm {pages} trang, không kể trang lời chứng.\nNgày {day} tháng {month} năm {year}"
)


def statement(pages: int = 1, day: datetime = NOW) -> str:
    return STATEMENT.format(pages=f"{pages:02d}", day=day.day, month=day.month, year=day.year)


@pytest.fixture(scope="module")
def copy(sign, write) -> bytes:
    return sign(sign(write("Bản chính: giấy khai sinh", statement())), "agency", "Sig2")


def results(verdict) -> dict[str, str]:
    return {check.code: check.result for check in verdict.checks}


def test_a_copy_signed_by_officer_and_agency_is_valid_with_its_number(judge, copy) -> None:
    verdict = judge(copy, "certified-copy")
    assert (verdict.verdict, verdict.document_class) == ("valid", "certified_copy")
    stated = verdict.certified_copy
    assert stated is not None
    assert (stated.number, stated.book, stated.pages_stated, stated.cancelled) == ("99", f"02/{NOW.year}", 1, None)
    assert stated.date == NOW.date().isoformat()
    assert "280/2025" in (stated.law or "") or NOW.year < 2026
    assert results(verdict)["not_cancelled"] == "not_made"


def test_one_signature_is_not_enough(judge, sign, write) -> None:
    verdict = judge(sign(write("Bản chính", statement())), "certified-copy")
    assert (verdict.verdict, verdict.reason_code) == ("invalid", "certified_copy_signatures")


def test_the_agency_before_the_officer_is_undecided(judge, sign, write) -> None:
    verdict = judge(sign(sign(write("Bản chính", statement()), "agency"), "officer", "Sig2"), "certified-copy")
    assert (verdict.verdict, verdict.reason_code) == ("indeterminate", "certified_copy_signatures")
    assert verdict.integrity == "extended"


def test_without_a_statement_nothing_is_a_certified_copy(judge, sign, write) -> None:
    verdict = judge(sign(sign(write("Giấy mời họp")), "agency", "Sig2"), "certified-copy")
    assert (verdict.verdict, verdict.reason_code) == ("indeterminate", "statement_missing")


def test_a_wrong_page_count_and_a_day_that_does_not_fit_are_told(judge, sign, write) -> None:
    verdict = judge(sign(sign(write("Bản chính", statement(5, NOW - timedelta(days=30)))), "agency", "Sig2"), "certified-copy")
    assert (results(verdict)["statement_pages"], results(verdict)["statement_date"]) == ("warning", "warning")


def test_a_cancelled_copy_is_invalid(judge, trust, copy) -> None:
    listed = TrustStore(trust.anchors, trust.intermediates, trust.crls, (), frozenset({f"99;02/{NOW.year}"}))
    verdict = judge(copy, "certified-copy", listed)
    assert (verdict.verdict, verdict.reason_code) == ("invalid", "copy_cancelled")
    assert verdict.trust_version != trust.version


def test_an_unsigned_scan_of_a_certified_copy_is_told_apart(judge, write) -> None:
    verdict = judge(write("Bản chính", statement()), "certified-copy")
    assert (verdict.verdict, verdict.document_class) == ("unsigned", "scan_of_certified_copy")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Số chứng thực: 8160 quyển số 03/2026. TP - SCT CK-ĐC\nCHỨNG THỰC CHỮ KÝ", "certified_signature"),
        ("SAO Y\nỦy ban nhân dân xã", "sao_y"),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nQuyết định", "administrative"),
        ("Giấy viết tay", "other"),
    ],
)
def test_other_kinds_of_documents_are_not_taken_for_copies(judge, sign, write, words, kind) -> None:
    assert judge(sign(sign(write(words)), "agency", "Sig2"), "certified-copy").document_class == kind
