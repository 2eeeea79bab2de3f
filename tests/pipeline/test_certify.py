"""The rules an office follows before a number is taken, and the book's pages."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import msgspec
import pikepdf
import pypdfium2
import pytest
from fpdf import FPDF
from msgspec.structs import replace

from pipeline.book import write_book, write_cancellations
from pipeline.certify import Office, Original, certify, checklist, confirm_checklist, due_day
from signing.keyholder import KeyProcess
from signing.model import VIETNAM
from signing.trial import TrialPki, trial_pki
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError
from storage.database import open_sqlite
from storage.objects import FolderObjects
from storage.register import Register
from verification.truststore import load_trust
from verification.verify import cancellations

FONTS = Path(__file__).parents[2] / "sohoa" / "fonts"
OFFICE = "Ủy ban nhân dân xã Thử Nghiệm"
ORIGINAL = Original("Giấy khai sinh", 1, OFFICE, "Nguyễn Thị Ví Dụ", "Chủ tịch", OFFICE, requester="Lê Văn Mẫu", fee=2000)


@pytest.fixture(scope="module")
def keys(pki: TrialPki) -> Iterator[tuple[KeyProcess, KeyProcess, KeyProcess]]:
    with (
        KeyProcess(pki.identity("officer"), pki.passphrase) as officer,
        KeyProcess(pki.identity("agency"), pki.passphrase) as agency,
        KeyProcess(pki.identity("seal"), pki.passphrase) as seal,
    ):
        yield officer, agency, seal


@pytest.fixture
def office(pki: TrialPki, child: Child, keys: tuple[KeyProcess, KeyProcess, KeyProcess], tmp_path: Path) -> Office:
    register = Register(open_sqlite(tmp_path / "state.sqlite"))
    return Office(register, FolderObjects(tmp_path / "objects"), child, keys[0], keys[1], str(pki.trust))


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    pdf = FPDF()
    pdf.add_font("serif", fname=FONTS / "LiberationSerif-Regular.ttf")
    pdf.set_font("serif", size=14)
    pdf.add_page()
    pdf.cell(text="Giấy khai sinh")
    path = tmp_path / "capture.pdf"
    pdf.output(str(path))
    return path


def words(path: Path, page: int) -> str:
    with pypdfium2.PdfDocument(path) as pdf:
        return " ".join(pdf[page - 1].get_textpage().get_text_range().split())


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-20T14:59:00", date(2026, 11, 20)),
        ("2026-11-20T15:00:00", date(2026, 11, 23)),  # a Friday afternoon
        ("2026-11-21T09:00:00", date(2026, 11, 23)),  # a Saturday
        ("2026-11-18T08:30:00+00:00", date(2026, 11, 19)),  # 15:30 in Vietnam
    ],
)
def test_what_comes_after_three_in_the_afternoon_is_due_on_the_next_working_day(received: str, due: date) -> None:
    assert due_day(datetime.fromisoformat(received), datetime(2026, 11, 25, tzinfo=VIETNAM)) == due


def test_a_request_from_the_future_is_refused() -> None:
    with pytest.raises(SohoaError, match="received_later"):
        due_day(datetime(2026, 11, 26, 9, tzinfo=VIETNAM), datetime(2026, 11, 25, tzinfo=VIETNAM))


@pytest.mark.parametrize(
    ("officer", "agency", "code"),
    [
        ("Nguyễn Thị Ví Du", OFFICE, "certifier_differs"),
        ("Trần Văn Khác", OFFICE, "certifier_differs"),
        ("Nguyễn Thị Ví Dụ", "Ủy ban nhân dân xã Thử", "agency_differs"),
        ("Nguyễn Thị Ví Dụ", "Ủy ban nhân dân xã Thử Nghiệm Hai", "agency_differs"),
    ],
)
def test_a_statement_in_anothers_name_takes_no_number(
    office: Office, capture: Path, tmp_path: Path, officer: str, agency: str, code: str
) -> None:
    with pytest.raises(SohoaError, match=code):
        certify(capture, msgspec.structs.replace(ORIGINAL, officer=officer, agency=agency), tmp_path / "out", office)
    assert office.register.entries("SCT/BS", datetime.now(VIETNAM).year) == []


def test_a_certificate_that_may_not_sign_takes_no_number(office: Office, capture: Path, tmp_path: Path, pki: TrialPki) -> None:
    year = datetime.now(VIETNAM).year
    with KeyProcess(pki.identity("officer-revoked"), pki.passphrase) as revoked, pytest.raises(SohoaError, match="identity_revoked"):
        certify(capture, ORIGINAL, tmp_path / "out", replace(office, certifier=revoked))
    stranger = trial_pki(tmp_path / "stranger")
    with (
        KeyProcess(stranger.identity("agency"), stranger.passphrase) as unknown,
        pytest.raises(SohoaError, match="certificate_not_trusted"),
    ):
        certify(capture, ORIGINAL, tmp_path / "out", replace(office, agency=unknown))
    assert office.register.entries("SCT/BS", year) == []


def test_a_folder_that_cannot_be_written_is_a_code_and_its_number_is_taken_up_again(office: Office, capture: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SohoaError, match="out_unwritable"):
        certify(capture, ORIGINAL, tmp_path / "file" / "out", office)
    assert certify(capture, ORIGINAL, tmp_path / "out", office).entry.number == 1


@pytest.mark.parametrize("agency", ["UBND xã Thử Nghiệm", "UỶ BAN NHÂN DÂN  XÃ THỬ NGHIỆM", "Ủy ban nhân dân xã Thử Nghiệm, tỉnh Ví Dụ"])
def test_other_ways_to_write_the_same_office_are_accepted(office: Office, capture: Path, tmp_path: Path, agency: str) -> None:
    done = certify(capture, msgspec.structs.replace(ORIGINAL, agency=agency), tmp_path / "out", office)
    assert office.register.entry("SCT/BS", done.entry.year, 1).sha256 == done.sha256


def test_the_offices_own_wording_replaces_ours_and_says_that_it_was_compared(office: Office, capture: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own" / "wordings"
    folder.mkdir(parents=True)
    (folder / "chung_thuc_ban_sao.yaml").write_text(
        "name: chung_thuc_ban_sao\nversions:\n- version: 1\n  legal_basis: {vi: NĐ 280/2025/NĐ-CP, en: Decree}\n  valid_from: 2025-11-01\n"
        "  valid_to: null\n  confirmed: true\n  lines:\n  - {style: title, text: CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH}\n"
        "  - {style: text, text: 'Theo mẫu của xã; số chứng thực: {number} quyển số: {book} - SCT/BS, gồm {pages} trang'}\n"
        "  - {style: signature}\n  - {style: name, text: '{officer}'}\n",
        encoding="utf8",
    )
    own = certify(capture, ORIGINAL, tmp_path / "out", replace(office, folder=tmp_path / "own"))
    assert own.wording_confirmed is True
    assert "Theo mẫu của xã" in words(own.path, 2)


def test_a_seal_made_with_an_rsa_key_is_refused(office: Office, capture: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="seal_key_unfit"):
        certify(capture, ORIGINAL, tmp_path / "out", replace(office, seal=office.agency))


def test_a_seal_on_every_page_leaves_what_the_page_shows(
    office: Office, capture: Path, tmp_path: Path, keys: tuple[KeyProcess, KeyProcess, KeyProcess]
) -> None:
    sealed = certify(capture, ORIGINAL, tmp_path / "out", replace(office, seal=keys[2], seal_every_page=True))
    assert sealed.verdict.qr_seal is not None and sealed.unsealed == ()
    assert words(sealed.path, 1) == words(capture, 1)
    with pikepdf.open(sealed.path) as pdf:
        assert not any("/XObject" in page.obj.get("/Resources", {}) for page in pdf.pages)  # drawn, no picture


def test_the_checklist_has_the_six_cases_of_the_law_and_the_comparison(tmp_path: Path) -> None:
    keys = [key for key, _, _ in checklist()]
    assert {"khong_tay_xoa", "khong_hu_hong", "khong_mat", "noi_dung_hop_phap", "hop_phap_hoa", "co_xac_nhan"} < set(keys)
    for open_item in keys:
        file = tmp_path / "ticks.yaml"
        file.write_text("".join(f"{key}: {'false' if key == open_item else 'true'}\n" for key in keys), encoding="utf8")
        with pytest.raises(SohoaError, match="checklist_open"):
            confirm_checklist(file)


def test_the_book_names_every_number_of_the_month_used_or_not(office: Office, tmp_path: Path, child: Child) -> None:
    now = datetime.now(VIETNAM)
    facts = msgspec.to_builtins(ORIGINAL)
    for number in range(40):
        entry = office.register.reserve("SCT/BS", now.year, f"r{number}", facts)
        if number % 10 == 3:
            office.register.void(entry, "người yêu cầu rút hồ sơ")
        elif number != 39:
            office.register.issue(entry, f"{number:064x}")
    written = write_book(office.register, "SCT/BS", now.year, now.month, OFFICE, tmp_path / "so.pdf", None, child)
    assert (written.entries, written.open) == (40, (40,))
    with pypdfium2.PdfDocument(tmp_path / "so.pdf") as pdf:
        pages = [page.get_textpage().get_text_range() for page in pdf]
    text = " ".join(" ".join(pages).split())
    assert len(pages) > 1 and all("Số chứng" in page for page in pages)
    assert text.count("Không sử dụng: người yêu cầu rút hồ sơ") == 4
    assert text.count("Chưa kết thúc") == 1
    assert "35 số đã cấp, 4 số không sử dụng, 1 số chưa kết thúc" in text
    assert "2.000" in text


def test_the_offices_own_form_of_the_book_replaces_ours_and_says_that_it_was_compared(office: Office, tmp_path: Path, child: Child) -> None:
    now, out = datetime.now(VIETNAM), tmp_path / "so.pdf"
    entry = office.register.reserve("SCT/BS", now.year, "r", msgspec.to_builtins(ORIGINAL))
    office.register.issue(entry, "ab" * 32)
    assert write_book(office.register, "SCT/BS", now.year, now.month, OFFICE, out, None, child).confirmed is False
    own = tmp_path / "own"
    own.mkdir()
    form = "legal_basis: NĐ 280/2025/NĐ-CP\nconfirmed: true\ncolumns:\n- {key: number, title: Số thứ tự của xã, share: 9}\n"
    (own / "book.yaml").write_text(form, encoding="utf8")
    written = write_book(office.register, "SCT/BS", now.year, now.month, OFFICE, out, None, child, own)
    assert (written.entries, written.confirmed) == (1, True)
    assert "Số thứ tự của xã" in words(out, 1)
    (own / "book.yaml").write_text(form.replace("key: number", "key: so"), encoding="utf8")
    with pytest.raises(UsageError, match="book_form_invalid"):
        write_book(office.register, "SCT/BS", now.year, now.month, OFFICE, out, None, child, own)


def test_a_cancellation_list_speaks_only_of_its_own_offices_numbers(
    office: Office, tmp_path: Path, pki: TrialPki, child: Child, keys: tuple[KeyProcess, KeyProcess, KeyProcess]
) -> None:
    entry = office.register.reserve("SCT/BS", 2026, "a", {})
    office.register.issue(entry, "ab" * 32)
    office.register.cancel(office.register.entry("SCT/BS", 2026, 1), "giả mạo", "01/2026")
    trust = tmp_path / "trust"
    trust.mkdir()
    for file in pki.trust.iterdir():
        (trust / file.name).write_bytes(file.read_bytes())
    write_cancellations(office.register.cancellations(), trust / "huy-bo.pdf", keys[1], child)
    known = cancellations(load_trust(str(trust)), datetime.now(VIETNAM))
    assert known.of("", "1", "01/2026", f"{OFFICE} (THỬ NGHIỆM)") is True
    assert known.of("ab" * 32, None, None, None) is True
    assert known.of("", "2", "01/2026", OFFICE) is False
    assert known.of("", "1", "01/2026", "Ủy ban nhân dân xã Khác") is None
    changed = bytearray((trust / "huy-bo.pdf").read_bytes())
    changed[300] ^= 1
    (trust / "huy-bo.pdf").write_bytes(changed)
    assert cancellations(load_trust(str(trust)), datetime.now(VIETNAM)).of("ab" * 32, None, None, None) is None
