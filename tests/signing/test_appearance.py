from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from msgspec.structs import replace
from PIL import Image

from signing.keyholder import KeyProcess
from signing.model import POINTS_PER_MM, Box, Facts, Profile, SignedFile, vietnam_time
from signing.profiles import load_profile
from signing.sign import sign_file
from sohoa.child import Child
from sohoa.errors import SohoaError

DPI = 288
PIXELS_PER_MM = DPI / 25.4
Sign = Callable[..., SignedFile]


@pytest.fixture
def sign(officer: KeyProcess, child: Child, tmp_path: Path, now: datetime) -> Sign:
    def run(source: Path, profile: Profile | str, holder: KeyProcess = officer, **facts: object) -> SignedFile:
        wanted = load_profile(profile) if isinstance(profile, str) else profile
        out = tmp_path / f"{len(list(tmp_path.iterdir()))}.pdf"
        return sign_file(source, out, holder, wanted, "b", child, None, replace(Facts(now), **facts))  # type: ignore[arg-type]

    return run


def pixels(path: Path, page: int = 1) -> np.ndarray:
    """The page as a reader sees it, signatures shown: (height, width, RGB)."""
    with pypdfium2.PdfDocument(path) as pdf:
        pdf.init_forms()
        return np.asarray(pdf[page - 1].render(scale=DPI / 72, may_draw_forms=True).to_pil().convert("RGB")).astype(int)


def extent_mm(picture: np.ndarray, colour: str) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of everything red or blue, in millimetres from the top left."""
    red, green, blue = (picture[..., i] for i in range(3))
    marked = (red > 150) & (green < 110) & (blue < 110) if colour == "red" else (blue > 110) & (red < 90) & (green < 110)
    rows, columns = np.nonzero(marked)
    return tuple(float(v) / PIXELS_PER_MM for v in (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))  # type: ignore[return-value]


def text_at(path: Path, box: Box, page: int = 1) -> str:
    """The words an appearance shows, read from its own stream."""
    with pikepdf.open(path) as pdf:
        widget = pdf.pages[page - 1].obj.Annots[-1]
        alone = pikepdf.new()
        alone.add_blank_page(page_size=(box[2] - box[0], box[3] - box[1]))
        alone.pages[0].add_resource(alone.copy_foreign(widget.AP.N), pikepdf.Name.XObject, pikepdf.Name.Shown)
        alone.pages[0].contents_add(b"/Shown Do")
        kept = BytesIO()
        alone.save(kept)
    with pypdfium2.PdfDocument(kept) as shown:
        return " ".join(shown[0].get_textpage().get_text_range().split())


def test_a_seal_has_its_true_size_without_its_transparent_border(
    sign: Sign, born_digital: Path, handwriting_png: Path, seal_png: Path, agency: KeyProcess
) -> None:
    person = sign(born_digital, "person", image=handwriting_png, page=2, box=(300.0, 400.0, 441.7, 462.4))
    sealed = sign(person.path, "agency", agency, image=seal_png)
    left, top, right, bottom = extent_mm(pixels(sealed.path, 2), "red")
    assert right - left == pytest.approx(36, abs=0.3)
    assert bottom - top == pytest.approx(36, abs=0.3)


def test_an_agencys_own_seal_size_is_kept(
    sign: Sign, born_digital: Path, handwriting_png: Path, seal_png: Path, agency: KeyProcess
) -> None:
    person = sign(born_digital, "person", image=handwriting_png, page=1, box=(300.0, 400.0, 441.7, 462.4))
    sealed = sign(person.path, "agency", agency, image=seal_png, image_mm=(42.0, 42.0))
    left, _, right, _ = extent_mm(pixels(sealed.path), "red")
    assert right - left == pytest.approx(42, abs=0.3)


def test_the_seal_covers_a_third_of_the_handwriting_on_its_left(
    sign: Sign, born_digital: Path, handwriting_png: Path, seal_png: Path, agency: KeyProcess
) -> None:
    person = sign(born_digital, "person", image=handwriting_png, page=1, box=(300.0, 400.0, 441.7, 462.4))
    hand = extent_mm(pixels(person.path), "blue")
    sealed = sign(person.path, "agency", agency, image=seal_png)
    seal = extent_mm(pixels(sealed.path), "red")
    assert (seal[2] - hand[0]) / (hand[2] - hand[0]) == pytest.approx(1 / 3, abs=0.05)
    assert seal[0] < hand[0]
    assert (seal[1] + seal[3]) / 2 == pytest.approx((hand[1] + hand[3]) / 2, abs=1)


def test_a_handwriting_keeps_its_proportions_inside_the_room(sign: Sign, born_digital: Path, handwriting_png: Path) -> None:
    room = (300.0, 400.0, 441.7, 462.4)
    person = sign(born_digital, "person", image=handwriting_png, page=1, box=room)
    assert person.box is not None
    assert room[0] - 0.1 <= person.box[0] < person.box[2] <= room[2] + 0.1
    assert room[1] - 0.1 <= person.box[1] < person.box[3] <= room[3] + 0.1
    picture = Image.open(handwriting_png)
    inked = picture.getchannel("A").getbbox()
    assert inked is not None
    shape = (inked[2] - inked[0]) / (inked[3] - inked[1])
    assert (person.box[2] - person.box[0]) / (person.box[3] - person.box[1]) == pytest.approx(shape, rel=0.02)


def test_what_is_drawn_stands_where_the_result_says(sign: Sign, born_digital: Path, handwriting_png: Path) -> None:
    person = sign(born_digital, "person", image=handwriting_png, page=2, box=(300.0, 400.0, 441.7, 462.4))
    assert person.box is not None
    assert [v * POINTS_PER_MM for v in extent_mm(pixels(person.path, 2), "blue")] == pytest.approx(person.box, abs=1.5)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_on_a_turned_page_the_signature_is_upright_where_a_reader_expects_it(
    turn: int, sign: Sign, born_digital: Path, tmp_path: Path, handwriting_png: Path
) -> None:
    turned = tmp_path / "turned.pdf"
    with pikepdf.open(born_digital) as pdf:
        pdf.pages[0].obj.Rotate = turn
        pdf.pages[0].obj.MediaBox = [20, 30, 20 + 500, 30 + 700]
        pdf.save(turned)
    room = (200.0, 300.0, 341.7, 362.4)
    person = sign(turned, "person", image=handwriting_png, page=1, box=room)
    left, top, right, bottom = extent_mm(pixels(person.path), "blue")
    assert person.box is not None
    assert [v * POINTS_PER_MM for v in (left, top, right, bottom)] == pytest.approx(person.box, abs=1.5)
    assert right - left > 2 * (bottom - top)  # the handwriting is wide, not tall


@pytest.mark.parametrize(("profile", "side"), [("cv7197", "right"), ("sao_y", "right"), ("attachment", "right"), ("officer_scan", "left")])
def test_the_law_names_the_corner_of_the_first_page(profile: str, side: str, sign: Sign, born_digital: Path, now: datetime) -> None:
    signed = sign(born_digital, profile, copy_form="SAO Y", agency="UBND xã Thử Nghiệm", document_number="05/QĐ-UBND", captured_at=now)
    assert signed.page == 1
    assert signed.box is not None
    assert signed.box[3] < 841.89 / 4
    assert (signed.box[0] > 595 / 2) if side == "right" else (signed.box[2] < 595 / 2)


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("cv7197", "Người ký: Nguyễn Thị Ví Dụ (THỬ NGHIỆM) Thời gian ký: {time}"),
        ("sao_y", "SAO LỤC; Ủy ban nhân dân xã Thử Nghiệm; {time}"),
        ("attachment", "05/QĐ-UBND {time}"),
        ("officer_scan", "Người sao chụp: Nguyễn Thị Ví Dụ (THỬ NGHIỆM) Thời gian sao chụp: {time}"),
    ],
)
def test_the_words_of_an_appearance_can_be_copied_out(profile: str, words: str, sign: Sign, born_digital: Path, now: datetime) -> None:
    signed = sign(
        born_digital, profile, copy_form="SAO LỤC", agency="Ủy ban nhân dân xã Thử Nghiệm", document_number="05/QĐ-UBND", captured_at=now
    )
    assert signed.box is not None
    assert text_at(signed.path, signed.box) == words.format(time=vietnam_time(now))
    assert "+07:00" in vietnam_time(now)


def test_letters_written_as_letter_and_mark_are_composed(sign: Sign, born_digital: Path) -> None:
    signed = sign(born_digital, "attachment", document_number="05/QĐ-Ủy ban Nguyễn")
    assert signed.box is not None
    assert "Ủy ban Nguyễn" in text_at(signed.path, signed.box)


def test_words_on_the_page_are_not_covered(sign: Sign, born_digital: Path) -> None:
    free = sign(born_digital, "cv7197")
    assert free.box is not None
    moved = sign(born_digital, "cv7197", avoid=(free.box,))
    assert moved.box is not None
    assert moved.box != free.box
    assert not (moved.box[0] < free.box[2] and free.box[0] < moved.box[2] and moved.box[1] < free.box[3] and free.box[1] < moved.box[3])
    assert moved.box[0] > 595 / 2  # still top right


def test_a_page_full_of_words_has_no_free_place(sign: Sign, born_digital: Path) -> None:
    with pytest.raises(SohoaError, match="no_free_place"):
        sign(born_digital, "sao_y", copy_form="SAO Y", agency="UBND xã Thử Nghiệm", avoid=((0.0, 0.0, 595.0, 842.0),))


def test_a_long_name_is_broken_into_lines_and_none_is_lost(sign: Sign, born_digital: Path) -> None:
    name = "Ủy ban nhân dân xã " + "Rất Dài " * 20 + "x" * 80
    signed = sign(born_digital, "sao_y", copy_form="SAO Y", agency=name)
    assert signed.box is not None
    assert signed.box[2] - signed.box[0] <= 60 * POINTS_PER_MM + 0.1
    assert text_at(signed.path, signed.box).replace(" ", "").startswith(("SAOY;" + name).replace(" ", ""))


def test_without_pictures_the_words_of_person_and_agency_stand_side_by_side(sign: Sign, born_digital: Path, agency: KeyProcess) -> None:
    person = sign(born_digital, "person", page=1, box=(300.0, 400.0, 441.7, 462.4))
    sealed = sign(person.path, "agency", agency, agency="Ủy ban nhân dân xã Thử Nghiệm")
    assert person.box is not None
    assert sealed.box is not None
    assert sealed.box[2] < person.box[0]


def test_a_profile_without_picture_shows_none_even_if_one_is_given(sign: Sign, born_digital: Path, seal_png: Path) -> None:
    signed = sign(born_digital, "attachment", document_number="05/QĐ-UBND", image=seal_png)
    with pikepdf.open(signed.path) as pdf:
        assert "/XObject" not in pdf.pages[0].obj.Annots[0].AP.N.Resources


def test_a_file_that_is_no_png_is_refused(sign: Sign, born_digital: Path, tmp_path: Path) -> None:
    picture = tmp_path / "hand.png"
    picture.write_bytes(b"GIF89a")
    with pytest.raises(SohoaError, match="image_unreadable"):
        sign(born_digital, "person", image=picture, page=1, box=(300.0, 400.0, 441.7, 462.4))


def test_an_empty_picture_is_refused(sign: Sign, born_digital: Path, tmp_path: Path) -> None:
    picture = tmp_path / "empty.png"
    Image.new("RGBA", (50, 50), (0, 0, 255, 0)).save(picture)
    with pytest.raises(SohoaError, match="image_unreadable"):
        sign(born_digital, "person", image=picture, page=1, box=(300.0, 400.0, 441.7, 462.4))


def test_a_person_must_be_told_where_to_sign(sign: Sign, born_digital: Path) -> None:
    with pytest.raises(SohoaError, match="place_not_given"):
        sign(born_digital, "person")


def test_a_page_the_document_does_not_have_is_refused(sign: Sign, born_digital: Path) -> None:
    with pytest.raises(SohoaError, match="signature_page_missing"):
        sign(born_digital, "cv7197", page=3)


def test_a_pdf_a_file_stays_pdf_a_with_words_picture_and_seal(
    sign: Sign, pdf_a: Path, handwriting_png: Path, seal_png: Path, agency: KeyProcess, verapdf: Callable[[Path], list[str]]
) -> None:
    assert verapdf(pdf_a) == []
    scanned = sign(pdf_a, "cv7197")
    person = sign(scanned.path, "person", image=handwriting_png, page=1, box=(300.0, 400.0, 441.7, 462.4))
    sealed = sign(person.path, "agency", agency, image=seal_png)
    assert verapdf(sealed.path) == []


def test_pictures_are_cut_out_without_transparency(sign: Sign, pdf_a: Path, handwriting_png: Path) -> None:
    person = sign(pdf_a, "person", image=handwriting_png, page=1, box=(300.0, 400.0, 441.7, 462.4))
    with pikepdf.open(person.path) as pdf:
        image = pdf.pages[0].obj.Annots[0].AP.N.Resources.XObject.Im0
        assert "/SMask" not in image
        assert image.Mask.ImageMask
