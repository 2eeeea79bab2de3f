"""Of a document that an agency issued, a person is told which of the two signatures it needs is missing."""

import pytest

from verification.model import Verdict
from verification.roles import missing_roles
from verification.trusting import SignatureTrust

ISSUED = "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM\nSố: 12/QĐ-UBND\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nQUYẾT ĐỊNH"


def roles(verdict: Verdict) -> dict[str, str]:
    return {check.code: check.result for check in verdict.checks if check.code in ("officer_signed", "agency_signed")}


def test_a_document_signed_by_person_and_agency_lacks_nobody(judge, sign, write) -> None:
    verdict = judge(sign(sign(write(ISSUED)), "agency", "Sig2"))
    assert roles(verdict) == {"officer_signed": "passed", "agency_signed": "passed"}


@pytest.mark.parametrize(("signer", "missing"), [("officer", "agency_signed"), ("agency", "officer_signed")])
def test_the_missing_signature_is_named_and_takes_nothing_from_the_one_that_stands(judge, sign, write, signer, missing) -> None:
    verdict = judge(sign(write(ISSUED), signer))
    assert verdict.verdict == "valid"
    assert [code for code, result in roles(verdict).items() if result == "warning"] == [missing]
    (told,) = [check.text_vi for check in verdict.checks if check.code == missing]
    assert "Thiếu chữ ký số" in told


def test_a_citizens_own_paper_needs_no_agency(judge, sign, write) -> None:
    verdict = judge(sign(write("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐơn đề nghị\nSố nhà: 12/4 đường Lê Lợi")))
    assert (verdict.document_class, roles(verdict)) == ("administrative", {})


@pytest.mark.parametrize(
    ("name", "agency_signed"),
    [
        ("Sở Tư pháp tỉnh Ví Dụ", "good"),
        ("Công ty TNHH Thử Nghiệm", "good"),
        ("Trương Văn Ví Dụ", "unknown"),
        ("Vũ Thị Ví Dụ", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_certificate_without_numbers_is_told_by_its_name_or_not_at_all(name, agency_signed) -> None:
    found = {one.code: one.outcome for one in missing_roles([SignatureTrust(signer=name)])}
    assert found["agency_signed"] == agency_signed
