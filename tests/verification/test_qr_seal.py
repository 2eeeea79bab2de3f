"""A printed copy with its QR seal, as a scanner and a phone see it: the seal is read back, a changed name is found, and nothing
forged, unknown or expired is ever valid."""

import base64
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fpdf import FPDF
from msgspec.structs import replace
from PIL import Image

from samples.conditions import Shot, photo, render, scan
from signing.sealing import code
from sohoa.seal import Claims, SealIssuer, seal_text, text_digest, to_sign
from verification.model import Verdict
from verification.policy import load_policy
from verification.printed import PrintedWord, compare_print
from verification.report import report_html, report_text
from verification.truststore import TrustStore, load_trust
from verification.verify import verify

FONTS = Path(__file__).parents[2] / "sohoa" / "fonts"
OFFICE = "Ủy ban nhân dân xã Thử Nghiệm"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NAME = "Nguyễn Thị Ví Dụ"
CLAIMS = Claims(
    OFFICE, "123", "01/2026", date(2026, 11, 20), "Giấy khai sinh", 1, (("Họ, chữ đệm, tên", NAME), ("Ngày sinh", "05/02/1990"))
)
KEY = ec.derive_private_key(0x5EA1, ec.SECP256R1())
OTHER = ec.derive_private_key(0xBAD, ec.SECP256R1())


def public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def issuer(**more: object) -> SealIssuer:
    facts = {"name": OFFICE, "key": base64.b64encode(public(KEY)).decode(), "since": date(2026, 1, 1), "to": date(2026, 12, 31), **more}
    return SealIssuer(**facts)  # type: ignore[arg-type]


def sealed(claims: Claims = CLAIMS, key: ec.EllipticCurvePrivateKey = KEY) -> str:
    return seal_text(claims, public(KEY), key.sign(to_sign(claims, public(KEY)), ec.ECDSA(hashes.SHA256())))


def printout(name: str = NAME, text: str | None = None) -> bytes:
    """A paper with its facts in print and its seal, as it leaves the printer."""
    pdf = FPDF()
    pdf.add_font("serif", fname=FONTS / "LiberationSerif-Regular.ttf")
    pdf.set_font("serif", size=14)
    pdf.add_page()
    for line in ("GIẤY KHAI SINH", f"Họ, chữ đệm, tên: {name}", "Ngày sinh: 05/02/1990", "Số chứng thực: 123 quyển số: 01/2026 - SCT/BS"):
        pdf.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    drawn = code(text or sealed())
    left, top = 25 / 25.4 * 72, 170 / 25.4 * 72
    for x, y, width, height in drawn.dark:
        low = top + drawn.side - y - height
        pdf.rect((left + x) * pdf.k**-1, low * pdf.k**-1, width * pdf.k**-1, height * pdf.k**-1, style="F")
    return bytes(pdf.output())


def picture(shot: Shot, form: str = "JPEG") -> bytes:
    kept = BytesIO()
    Image.fromarray(shot.pixels).save(kept, form, quality=80)
    return kept.getvalue()


def scanned(paper: bytes) -> bytes:
    return picture(scan(render(paper, 200)[0], seed=7, angle=1.3, noise=2.0))


def photographed(paper: bytes) -> bytes:
    corners = [(0.085, 0.060), (0.930, 0.082), (0.958, 0.945), (0.050, 0.958)]
    return picture(photo(render(paper, 300)[0], seed=13, corners=corners))


def judge(data: bytes, *issuers: SealIssuer, now: datetime = NOW, **more: object) -> Verdict:
    return verify(data, TrustStore(sealers=issuers, **more), load_policy("signature"), now)  # type: ignore[arg-type]


def words(name: str = NAME, confidence: float = 0.97) -> list[PrintedWord]:
    lines = ("GIẤY KHAI SINH", f"Họ, chữ đệm, tên: {name}", "Ngày sinh: 05/02/1990", "Số chứng thực: 123 quyển số: 01/2026")
    return [PrintedWord(word, confidence, number) for number, line in enumerate(lines) for word in line.split()]


@pytest.fixture(scope="module")
def scan200() -> bytes:
    return scanned(printout())


@pytest.mark.parametrize("condition", [scanned, photographed, lambda paper: paper], ids=["200 dpi", "phone", "unsigned PDF"])
def test_the_seal_is_read_back_from_print(condition: Callable[[bytes], bytes]) -> None:
    verdict = judge(condition(printout()), issuer())
    assert verdict.qr_seal is not None
    assert (verdict.qr_seal["state"], verdict.qr_seal["number"], verdict.qr_seal["fields"][0]["sealed"]) == ("sound", "123", NAME)
    assert (verdict.verdict, verdict.reason_code, verdict.document_class) == (
        "indeterminate", "seal_compare_by_eye", "scan_of_certified_copy",
    )  # fmt: skip


def test_only_when_every_sealed_fact_stands_in_print_is_it_valid(scan200: bytes) -> None:
    verdict = judge(scan200, issuer())
    assert compare_print(verdict, words()).verdict == "valid"
    assert compare_print(verdict, []).verdict == "indeterminate"
    half = [word for word in words() if "1990" not in word.text]
    assert compare_print(verdict, half).verdict == "indeterminate"


def test_another_persons_name_under_a_longer_label_contradicts_nothing(scan200: bytes) -> None:
    mother = [PrintedWord(word, 0.97, 9) for word in ["Họ,", "chữ", "đệm,", "tên", "người", "mẹ:", "Trần", "Thị", "Mẫu"]]
    verdict = judge(scan200, issuer())
    assert compare_print(verdict, [*words(), *mother]).verdict == "valid"
    assert compare_print(verdict, [*mother, *words("Trần Văn Mẫu Khác")]).verdict == "invalid"
    unread = [word for word in words() if word.line != 1]
    assert compare_print(verdict, [*unread, *mother]).verdict != "valid"


@pytest.mark.parametrize("name", ["Nguyễn Thị Ví Dũng", "Trần Văn Mẫu", "Nguyễn Thị Vi Du", "Nguyễn Thị"])
def test_a_changed_name_is_never_valid(scan200: bytes, name: str) -> None:
    verdict = compare_print(judge(scan200, issuer()), words(name))
    assert verdict.verdict != "valid"
    assert verdict.qr_seal is not None and verdict.qr_seal["fields"][0]["result"] in ("different", "unclear")


def test_a_name_that_was_changed_and_clearly_read_is_invalid_and_shown(scan200: bytes) -> None:
    verdict = compare_print(judge(scan200, issuer()), words("Trần Văn Mẫu Khác"))
    assert (verdict.verdict, verdict.reason_code) == ("invalid", "seal_fields_differ")
    assert "trần văn mẫu khác" in report_text(verdict, "anh.jpg")
    assert compare_print(judge(scan200, issuer()), words("Trần Văn Mẫu Khác", confidence=0.4)).verdict == "indeterminate"


def test_another_number_in_the_printed_statement_is_found(scan200: bytes) -> None:
    changed = [replace(word, text="124") if word.text == "123" else word for word in words()]
    assert compare_print(judge(scan200, issuer()), changed).verdict == "invalid"


@pytest.mark.parametrize(
    ("issuers", "now", "conclusion", "reason"),
    [
        ((), NOW, "indeterminate", "seal_issuer_unknown"),
        ((issuer(to=date(2026, 11, 1)),), NOW, "indeterminate", "seal_key_out_of_time"),
        ((issuer(),), datetime(2027, 6, 1, tzinfo=UTC), "indeterminate", "seal_key_out_of_time"),
        ((issuer(revoked=date(2026, 11, 21)),), NOW, "invalid", "seal_key_revoked"),
        ((issuer(name="Ủy ban nhân dân xã Khác"),), NOW, "invalid", "seal_forged"),
    ],
)
def test_an_unknown_expired_or_revoked_issuer_is_never_valid(
    scan200: bytes, issuers: tuple[SealIssuer, ...], now: datetime, conclusion: str, reason: str
) -> None:
    verdict = compare_print(judge(scan200, *issuers, now=now), words())
    assert (verdict.verdict, verdict.reason_code) == (conclusion, reason)


def test_a_forged_seal_is_invalid_and_its_facts_are_not_shown() -> None:
    verdict = compare_print(judge(scanned(printout(text=sealed(key=OTHER))), issuer()), words())
    assert (verdict.verdict, verdict.reason_code) == ("invalid", "seal_forged")
    assert NAME not in report_html(verdict, "anh.jpg")


def test_a_seal_names_a_cancelled_copy(scan200: bytes) -> None:
    verdict = judge(scan200, issuer(), cancelled=frozenset({"123;01/2026"}))
    assert (verdict.verdict, verdict.reason_code) == ("invalid", "copy_cancelled")


def test_a_picture_without_a_seal_says_so() -> None:
    white = BytesIO()
    Image.new("RGB", (600, 800), "white").save(white, "PNG")
    verdict = judge(white.getvalue(), issuer())
    assert (verdict.verdict, verdict.reason_code, verdict.qr_seal) == ("indeterminate", "seal_not_found", None)


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"II*\0\x08\0\0\0", b"RIFF....WEBP", b"\0\0\0\x18ftypheic"]
)
def test_a_broken_picture_gets_a_verdict(data: bytes) -> None:
    assert judge(data, issuer()).verdict == "indeterminate"


def test_the_meaning_of_a_seal_stands_in_every_report(scan200: bytes) -> None:
    verdict = judge(scan200, issuer())
    for report in (report_text(verdict, "anh.jpg"), report_html(verdict, "anh.jpg")):
        assert "không chứng minh chữ in" in report and NAME in report


def test_the_text_of_an_unsigned_file_is_compared_with_the_sealed_digest() -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(printout()) as pdf:
        text = pdf[0].get_textpage().get_text_bounded()
    claims = replace(CLAIMS, text=text_digest([text]))
    same, other = judge(printout(text=sealed(claims)), issuer()), judge(printout("Trần Văn Mẫu", sealed(claims)), issuer())
    assert same.qr_seal is not None and other.qr_seal is not None
    assert (same.qr_seal["text_matches"], other.qr_seal["text_matches"]) == (True, False)


def test_issuers_in_the_trust_folder_are_believed_and_change_its_version(scan200: bytes, tmp_path: Path) -> None:
    empty = load_trust(str(tmp_path)).version
    entry = f"issuers:\n- name: {OFFICE}\n  key: {issuer().key}\n  from: 2026-01-01\n  to: 2026-12-31\n"
    (tmp_path / "seal-issuers.yaml").write_text(entry, encoding="utf8")
    store = load_trust(str(tmp_path))
    assert store.version != empty and store.anchors == ()
    verdict = verify(scan200, store, load_policy("signature"), NOW)
    assert verdict.qr_seal is not None and verdict.qr_seal["state"] == "sound"


def test_the_check_page_takes_a_picture_of_a_printout(scan200: bytes) -> None:
    from starlette.testclient import TestClient

    from verification.page import app

    with TestClient(app(lambda path: judge(path.read_bytes(), issuer()))) as browser:
        assert "image/*" in browser.get("/").text
        shown = browser.post("/check", files={"file": ("anh.jpg", scan200, "image/jpeg")}).text
    assert "Con dấu QR trên bản in" in shown and NAME in shown and "không chứng minh chữ in" in shown
