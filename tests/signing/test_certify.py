from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from asn1crypto.x509 import Certificate
from msgspec.structs import replace
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signing.certify import Certification, CertifiedCopy, Signatory, certify_copy
from signing.keyholder import KeyProcess
from signing.model import Facts
from signing.profiles import load_profile
from signing.sign import sign_file
from signing.tasks import STATEMENT, StatementLine, WriteStatement
from signing.timestamp import TimestampClient
from signing.trial import TrialPki
from signing.wordings import load_wording
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError

FACTS = Certification(
    number="0123",
    book="01/2026",
    day=date(2026, 2, 5),
    place="Ủy ban nhân dân xã Thử Nghiệm",
    officer="Nguyễn Thị Ví Dụ",
    position="Chủ tịch",
    agency="Ủy ban nhân dân xã Thử Nghiệm",
)
Certify = Callable[..., CertifiedCopy]


@pytest.fixture
def certify(
    officer: KeyProcess, agency: KeyProcess, child: Child, tmp_path: Path, now: datetime, handwriting_png: Path, seal_png: Path
) -> Certify:
    def run(source: Path, facts: Certification = FACTS, **more: object) -> CertifiedCopy:
        out = tmp_path / "certified.pdf"
        by, sealed = Signatory(officer, handwriting_png), Signatory(agency, seal_png)
        return certify_copy(source, out, facts, by, sealed, now, child, **more)  # type: ignore[arg-type]

    return run


def words(path: Path, page: int) -> str:
    with pypdfium2.PdfDocument(path) as pdf:
        return " ".join(pdf[page - 1].get_textpage().get_text_range().split())


def test_a_certified_copy_bears_the_officers_and_then_the_agencys_signature(certify: Certify, pdf_a: Path, pki: TrialPki) -> None:
    copy = certify(pdf_a)
    context = ValidationContext(trust_roots=[Certificate.load(pki.as_trust().anchors[0])], allow_fetching=False)
    with copy.path.open("rb") as file:
        officer, agency = PdfFileReader(file).embedded_regular_signatures
        statuses = [validate_pdf_signature(one, context, context) for one in (officer, agency)]
        assert [one.field_name for one in (officer, agency)] == [copy.officer.field, copy.agency.field]
        assert "CCCD:" in str(officer.signer_cert.subject.native)
        assert "MST:" in str(agency.signer_cert.subject.native)
    assert all(status.bottom_line for status in statuses)
    assert statuses[1].coverage.name == "ENTIRE_FILE"


def test_the_statement_is_the_last_page_in_words_that_can_be_copied_out(certify: Certify, pdf_a: Path) -> None:
    copy = certify(pdf_a)
    said = words(copy.path, copy.statement.number)
    assert copy.statement.number == copy.statement.pages == 2
    for part in (
        "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH",
        "Số chứng thực: 0123 quyển số: 01/2026 - SCT/BS",
        "gồm 01 trang",
        "Ngày 05 tháng 02 năm 2026",
        "Người thực hiện chứng thực ký, ghi rõ họ, tên và đóng dấu",
        "CHỦ TỊCH",
        "Nguyễn Thị Ví Dụ",
        "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM",
    ):
        assert part in said


def test_the_pages_stated_are_counted_in_the_file(certify: Certify, born_digital: Path) -> None:
    assert "gồm 02 trang" in words(certify(born_digital).path, 3)


def test_a_pdf_a_copy_stays_pdf_a_with_its_statement(
    pdf_a: Path, child: Child, tmp_path: Path, verapdf: Callable[[Path], list[str]]
) -> None:
    lines = tuple(StatementLine(line.style, line.text) for line in load_wording("chung_thuc_ban_sao", FACTS.day).lines)
    facts = dict.fromkeys(("number", "book", "place", "officer", "position", "agency", "day", "month", "year"), "x")
    page = child.call(STATEMENT, WriteStatement(str(pdf_a), str(tmp_path / "stated.pdf"), lines, facts))
    assert verapdf(tmp_path / "stated.pdf") == []
    assert page.number == 2


def test_the_same_facts_give_the_same_statement_bytes(pdf_a: Path, child: Child, tmp_path: Path) -> None:
    lines = (StatementLine("title", "CHỨNG THỰC"), StatementLine("signature", ""))
    for name in ("1.pdf", "2.pdf"):
        child.call(STATEMENT, WriteStatement(str(pdf_a), str(tmp_path / name), lines, {}))
    assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()


def test_the_pages_of_the_copy_are_untouched(certify: Certify, born_digital: Path) -> None:
    copy = certify(born_digital)
    with pikepdf.open(born_digital) as before, pikepdf.open(copy.path) as after:
        for one, other in zip(before.pages, after.pages, strict=False):
            assert one.obj.Contents.read_bytes() == other.obj.Contents.read_bytes()


def test_the_signature_stands_between_position_and_name_and_the_seal_on_its_left(certify: Certify, pdf_a: Path) -> None:
    copy = certify(pdf_a)
    room, seal, hand = copy.statement.signature, copy.agency.box, copy.officer.box
    assert hand is not None
    assert seal is not None
    assert room[0] - 0.1 <= hand[0] < hand[2] <= room[2] + 0.1
    assert room[1] - 0.1 <= hand[1] < hand[3] <= room[3] + 0.1
    assert (seal[2] - hand[0]) / (hand[2] - hand[0]) == pytest.approx(1 / 3, abs=0.05)
    with pypdfium2.PdfDocument(copy.path) as pdf:
        page = pdf[copy.statement.number - 1].get_textpage()

        def height(text: str) -> float:
            found = page.search(text).get_next()
            assert found is not None
            return 841.89 - page.get_charbox(found[0])[1]

        assert height("CHỦ TỊCH") < hand[1]
        assert height("Nguyễn Thị Ví Dụ") > hand[3]


def test_both_signatures_carry_a_timestamp_at_level_t(certify: Certify, pdf_a: Path, tsa: TimestampClient) -> None:
    copy = certify(pdf_a, level="t", timestamp=tsa)
    with copy.path.open("rb") as file:
        signatures = PdfFileReader(file).embedded_regular_signatures
        assert all("signature_time_stamp_token" in one.signer_info["unsigned_attrs"].native[0]["type"] for one in signatures)


def test_a_copy_that_is_already_signed_is_refused(
    certify: Certify, pdf_a: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime
) -> None:
    signed = sign_file(pdf_a, tmp_path / "signed.pdf", officer, load_profile("invisible"), "b", child, None, Facts(now))
    with pytest.raises(SohoaError, match="statement_on_signed"):
        certify(signed.path)


def test_a_signature_no_form_mentions_is_found_too(
    certify: Certify, pdf_a: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime
) -> None:
    signed = sign_file(pdf_a, tmp_path / "signed.pdf", officer, load_profile("invisible"), "b", child, None, Facts(now))
    hidden = tmp_path / "hidden.pdf"
    with pikepdf.open(signed.path) as pdf:
        pdf.Root.Kept = pdf.Root.AcroForm.Fields[0].V
        del pdf.Root.AcroForm
        for page in pdf.pages:
            del page.obj.Annots
        pdf.save(hidden)
    with pytest.raises(SohoaError, match="statement_on_signed"):
        certify(hidden)


def test_when_the_agency_cannot_sign_nothing_is_left(
    pdf_a: Path, tmp_path: Path, officer: KeyProcess, pki: TrialPki, child: Child, now: datetime
) -> None:
    with KeyProcess(pki.identity("officer-expired"), pki.passphrase) as expired, pytest.raises(SohoaError, match="certificate_expired"):
        certify_copy(pdf_a, tmp_path / "c.pdf", FACTS, Signatory(officer), Signatory(expired), now, child)
    assert list(tmp_path.iterdir()) == []


def test_officer_and_agency_need_two_certificates(pdf_a: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime) -> None:
    with pytest.raises(SohoaError, match="person_signature_missing"):
        certify_copy(pdf_a, tmp_path / "c.pdf", FACTS, Signatory(officer), Signatory(officer), now, child)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("day", "version"), [(date(2025, 10, 31), 1), (date(2025, 11, 1), 2)])
def test_the_wording_in_force_on_the_day_is_used(day: date, version: int, certify: Certify, pdf_a: Path) -> None:
    assert certify(pdf_a, replace(FACTS, day=day)).wording_version == version


def test_a_wording_that_was_not_compared_with_the_printed_annex_says_so(certify: Certify, pdf_a: Path) -> None:
    assert not certify(pdf_a).wording_confirmed


def test_a_day_before_every_wording_is_refused() -> None:
    with pytest.raises(UsageError, match="wording_missing"):
        load_wording("chung_thuc_ban_sao", date(2010, 1, 1))


def test_a_missing_fact_is_named(certify: Certify, pdf_a: Path) -> None:
    with pytest.raises(UsageError) as refused:
        certify(pdf_a, replace(FACTS, book=" "))
    assert refused.value.facts == {"fact": "book"}


def test_a_fact_in_braces_is_printed_as_it_is(certify: Certify, pdf_a: Path) -> None:
    copy = certify(pdf_a, replace(FACTS, place="{pages} {x} %s"))
    assert "Tại: {pages} {x} %s" in words(copy.path, 2)


def test_a_statement_longer_than_its_page_is_refused(certify: Certify, pdf_a: Path) -> None:
    with pytest.raises(SohoaError, match="statement_too_long"):
        certify(pdf_a, replace(FACTS, agency="Ủy ban nhân dân xã " * 300))


def test_an_operators_wording_stands_before_ours(certify: Certify, pdf_a: Path, tmp_path: Path) -> None:
    own = tmp_path / "own" / "wordings"
    own.mkdir(parents=True)
    (own / "chung_thuc_ban_sao.yaml").write_text(
        "name: chung_thuc_ban_sao\nversions:\n- version: 7\n  legal_basis: {vi: a, en: b}\n  valid_from: 2026-01-01\n  valid_to: null\n"
        "  confirmed: true\n  lines:\n  - {style: title, text: 'SỐ {number}'}\n  - {style: signature}\n",
        encoding="utf8",
    )
    copy = certify(pdf_a, folder=tmp_path / "own")
    assert (copy.wording_version, copy.wording_confirmed) == (7, True)
    assert "SỐ 0123" in words(copy.path, 2)
