"""A signature stands where its law wants it and covers nothing, whatever the page looks like."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from fpdf import FPDF
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from signing.keyholder import KeyProcess
from signing.model import Box, Facts, SignedFile
from signing.profiles import load_profile
from signing.sign import sign_file
from sohoa.child import Child
from sohoa.errors import SohoaError

FONTS = Path(__file__).parents[2] / "sohoa" / "fonts"
DRAWN = Path(__file__).parents[2] / "samples" / "drawn"
Sign = Callable[..., SignedFile]
CORNERS = ("cv7197", "sao_y", "attachment", "officer_scan")


@pytest.fixture
def sign(officer: KeyProcess, child: Child, tmp_path: Path, now: datetime) -> Sign:
    facts = Facts(now, captured_at=now, copy_form="SAO Y", agency="Ủy ban nhân dân xã Thử Nghiệm", document_number="05/QĐ-UBND")

    def run(source: Path, profile: str, holder: KeyProcess | None = None, **more: object) -> SignedFile:
        out = tmp_path / f"{source.stem}-{profile}.pdf"
        return sign_file(source, out, holder or officer, load_profile(profile), "b", child, None, replace(facts, **more))  # type: ignore[arg-type]

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A page of lines, each (y in millimetres, centre in millimetres, text); size in millimetres."""

    def made(*lines: tuple[float, float, str], size: tuple[float, float] = (210, 297), points: float = 13) -> Path:
        pdf = FPDF(format=size)
        pdf.set_auto_page_break(False)
        pdf.add_font("serif", fname=FONTS / "LiberationSerif-Regular.ttf")
        pdf.set_font("serif", size=points)
        pdf.add_page()
        for y, middle, text in lines:
            pdf.text(middle - pdf.get_string_width(text) / 2, y, text)
        path = tmp_path / "page.pdf"
        pdf.output(str(path))
        return path

    return made


def region(source: Path, box: Box, page: int = 1) -> NDArray[np.uint8]:
    """What stood under a box before anything was signed there."""
    scale = 150 / 72
    with pypdfium2.PdfDocument(source) as pdf:
        grey = pdf[page - 1].render(scale=scale, grayscale=True, may_draw_forms=True).to_numpy()
    x0, y0, x1, y1 = (round(v * scale) for v in box)
    return np.asarray(grey[max(0, y0) : y1, max(0, x0) : x1], np.uint8)


def covers_nothing(source: Path, signed: SignedFile) -> bool:
    assert signed.box is not None
    under = region(source, signed.box, signed.page or 1)
    paper = np.percentile(under, 80)
    return float(np.mean(under < paper - 60)) < 0.0005  # grain of a scan, never a letter


@pytest.mark.parametrize("profile", CORNERS)
@pytest.mark.parametrize(
    "sample",
    ["birth-registration.clean.pdf", "ct01.clean.pdf", "decision.clean.pdf", "decision.scan200.pdf", "certificate.scan-signed.pdf"],
)
def test_nothing_on_a_real_page_is_covered(sign: Sign, sample: str, profile: str) -> None:
    signed = sign(DRAWN / sample, profile)
    assert covers_nothing(DRAWN / sample, signed)
    assert signed.box is not None
    assert signed.box[1] < 120  # still the top of the first page
    assert (signed.box[0] < 200) if profile == "officer_scan" else (signed.box[2] > 595 - 200)


def test_a_narrow_top_margin_takes_the_same_words_on_one_line(sign: Sign, write: Callable[..., Path]) -> None:
    lines = [(14 + 5.5 * n, 105, "Dòng chữ kín cả chiều ngang của trang giấy, không còn chỗ nào để trống " + "x" * 12) for n in range(51)]
    page = write(*lines)
    signed = sign(page, "attachment")
    assert signed.placement == "one_line"
    assert signed.box is not None and signed.box[3] < 14 / 25.4 * 72
    assert covers_nothing(page, signed)


def test_a_place_that_is_taken_at_the_top_is_found_elsewhere_on_the_page(sign: Sign, write: Callable[..., Path]) -> None:
    lines = [(4 + 4 * n, 105, "Chữ kín đến tận mép giấy ở phần trên của trang, từ mép này sang mép kia " + "x" * 18) for n in range(60)]
    page = write(*lines, points=14)
    signed = sign(page, "sao_y")
    assert signed.placement == "elsewhere"
    assert covers_nothing(page, signed)


def test_a_full_page_is_signed_without_display_only_where_the_law_allows(sign: Sign, write: Callable[..., Path]) -> None:
    card = write(*[(2 + 2.5 * n, 43, "CĂN CƯỚC THỬ NGHIỆM " + "x" * 30) for n in range(22)], size=(85.6, 54), points=9)
    for profile in ("cv7197", "officer_scan"):
        signed = sign(card, profile)
        assert (signed.box, signed.placement) == (None, "hidden")
    for profile in ("sao_y", "attachment"):
        with pytest.raises(SohoaError, match="no_free_place"):
            sign(card, profile)


def test_a_stamp_in_a_scan_is_not_covered_though_no_word_stands_there(sign: Sign, tmp_path: Path) -> None:
    scan = Image.new("RGB", (1240, 1754), (244, 241, 232))
    ImageDraw.Draw(scan).ellipse((950, 20, 1200, 270), outline=(200, 40, 50), width=12)
    source = tmp_path / "scan.pdf"
    scan.save(source, resolution=150)
    signed = sign(source, "cv7197")
    assert covers_nothing(source, signed)
    assert signed.box is not None and signed.box[1] < 200


BLOCKS = [
    ((180, 150, "TM. ỦY BAN NHÂN DÂN"), (186, 150, "CHỦ TỊCH"), (216, 150, "Nguyễn Thị Ví Dụ")),
    ((180, 150, "KT. CHỦ TỊCH"), (186, 150, "PHÓ CHỦ TỊCH"), (212, 150, "Trần Văn Mẫu")),
    ((200, 145, "TRƯỞNG PHÒNG"), (226, 146, "Lê Thị Thử Nghiệm")),
    ((150, 60, "GIÁM ĐỐC"), (176, 60, "Phạm Ví Dụ"), (150, 150, "Nơi nhận:")),
]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_person_signs_between_position_and_name(
    block: tuple[tuple[float, float, str], ...], sign: Sign, write: Callable[..., Path], handwriting_png: Path
) -> None:
    page = write((60, 105, "Quyết định về việc thử nghiệm"), (100, 105, "Điều 1. CHỦ TỊCH xã chịu trách nhiệm thi hành"), *block)
    signed = sign(page, "person", image=handwriting_png)
    title, name = [line for line in block if line[2].split()[0] not in ("Nơi",)][-2:]
    assert signed.box is not None
    top, bottom = title[0] / 25.4 * 72, name[0] / 25.4 * 72 - 9
    assert top - 1 <= signed.box[1] < signed.box[3] <= bottom + 1
    assert (signed.box[0] + signed.box[2]) / 2 == pytest.approx(title[1] / 25.4 * 72, abs=6)
    assert covers_nothing(page, signed)


def test_what_stands_between_position_and_name_is_not_covered(sign: Sign, write: Callable[..., Path], handwriting_png: Path) -> None:
    page = write((180, 150, "CHỦ TỊCH"), (186, 150, "(Ký, ghi rõ họ tên, đóng dấu)"), (215, 150, "Nguyễn Thị Ví Dụ"))
    signed = sign(page, "person", image=handwriting_png)
    assert signed.box is not None and signed.box[1] > 186 / 25.4 * 72
    assert covers_nothing(page, signed)


def test_a_page_that_names_no_position_leaves_the_place_to_a_person(sign: Sign, write: Callable[..., Path]) -> None:
    with pytest.raises(SohoaError, match="place_not_given"):
        sign(write((100, 105, "chủ tịch chịu trách nhiệm"), (120, 105, "Nguyễn Thị Ví Dụ")), "person")


def test_a_page_that_is_only_a_picture_is_not_signed_where_nobody_read_it(
    sign: Sign, write: Callable[..., Path], tmp_path: Path, handwriting_png: Path
) -> None:
    text = write(*BLOCKS[0])
    with pypdfium2.PdfDocument(text) as pdf:
        pdf[0].render(scale=2).to_pil().save(tmp_path / "scan.pdf", resolution=144)
    with pytest.raises(SohoaError, match="signature_page_unread"):
        sign(tmp_path / "scan.pdf", "person", image=handwriting_png)
    assert not list(tmp_path.glob("*.part"))


def test_the_seal_of_an_agency_finds_the_hands_room_when_the_hand_does_not_show(
    sign: Sign, write: Callable[..., Path], seal_png: Path, agency: KeyProcess
) -> None:
    page = write(*BLOCKS[0])
    person = sign(page, "invisible")
    sealed = sign(person.path, "agency", agency, image=seal_png)
    assert sealed.box is not None
    assert sealed.box[2] - sealed.box[0] == pytest.approx(36 / 25.4 * 72, abs=0.5)
    middle, hand = 150 / 25.4 * 72, 50 / 25.4 * 72
    assert sealed.box[2] == pytest.approx(middle - hand / 2 + hand / 3, abs=3)
