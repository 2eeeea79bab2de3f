"""A PDF that is only pictures is signed where its paper wants it: the place is found by reading."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageOps

from pipeline.looking import PRELOAD, page_reader
from signing.model import Box
from signing.trial import TrialPki, trial_pki
from sohoa.child import Child

FONTS = Path(__file__).parents[2] / "sohoa" / "fonts"
MM = 72 / 25.4
TITLE, NAME = (180, 150, "CHỦ TỊCH"), (214, 150, "Nguyễn Thị Ví Dụ")
BODY = [(40 + 8 * n, 105, "Ủy ban nhân dân xã chịu trách nhiệm thi hành Quyết định này") for n in range(12)]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> TrialPki:
    return trial_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def secret(sohoa, pki: TrialPki) -> dict[str, str]:
    sohoa.home.mkdir(parents=True)
    (sohoa.home / "config.toml").write_text(f'[identities.can_bo]\npath = "{pki.folder}/officer.p12"\ntrial = true\n')
    return {"SOHOA_PASSPHRASE_CAN_BO": pki.passphrase.decode()}


@pytest.fixture
def hand(tmp_path: Path) -> Path:
    path = tmp_path / "chu-ky.png"
    image = Image.new("RGBA", (800, 400), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(50 + i * 3.5, 200 + 120 * math.sin(i / 9)) for i in range(200)], fill=(20, 30, 150, 255), width=9)
    image.save(path)
    return path


Lines = list[tuple[int, int, str]]


@pytest.fixture
def scan(tmp_path: Path) -> Callable[..., Path]:
    """A scan of pages of lines (y, centre, text; millimetres), lying `slant` degrees askew; a page given as text stays text."""

    def made(*pages: Lines, slant: float = 0.0, text: tuple[int, ...] = ()) -> Path:
        drawn = tmp_path / "drawn.pdf"
        pdf = FPDF(format=(210, 297))
        pdf.set_auto_page_break(False)
        pdf.add_font("serif", fname=FONTS / "LiberationSerif-Regular.ttf")
        pdf.set_font("serif", size=14)
        for lines in pages:
            pdf.add_page()
            for y, middle, said in lines:
                pdf.text(middle - pdf.get_string_width(said) / 2, y, said)
        pdf.output(str(drawn))
        out = pikepdf.new()
        with pypdfium2.PdfDocument(drawn) as opened, pikepdf.open(drawn) as kept:
            for number, page in enumerate(opened):
                if number in text:
                    out.pages.append(kept.pages[number])
                    continue
                picture = page.render(scale=200 / 72).to_pil().convert("L")
                picture = picture.rotate(-slant, Image.Resampling.BICUBIC, fillcolor=255)
                one = tmp_path / f"page-{number}.pdf"
                picture.save(one, resolution=200)
                with pikepdf.open(one) as single:
                    out.pages.append(single.pages[0])
            out.save(tmp_path / "scan.pdf")
        return tmp_path / "scan.pdf"

    return made


@pytest.fixture(scope="module")
def reading() -> Iterator[Child]:
    with Child(PRELOAD) as child:
        yield child


def slanted(x: float, y: float, degrees: float) -> tuple[float, float]:
    """Where a point (millimetres) of an A4 page stands after the page was turned clockwise about its middle, in points."""
    turn, across, down = math.radians(degrees), x - 105, y - 148.5
    return (
        (105 + across * math.cos(turn) - down * math.sin(turn)) * MM,
        (148.5 + across * math.sin(turn) + down * math.cos(turn)) * MM,
    )


def dark(file: Path, page: int, box: Box) -> float:
    """The share of dark pixels in a box of a page."""
    with pypdfium2.PdfDocument(file) as pdf:
        grey = np.asarray(pdf[page - 1].render(scale=2, grayscale=True).to_numpy()).squeeze()
    x0, y0, x1, y1 = (round(v * 2) for v in box)
    return float(np.mean(grey[y0:y1, x0:x1] < 140))


@pytest.mark.parametrize("slant", [0.0, 1.5, -2.0])
def test_a_hand_stands_between_position_and_name_of_a_scan(sohoa, secret, hand, scan, tmp_path, slant) -> None:
    source = scan(BODY, [*BODY[:5], TITLE, NAME], slant=slant)
    done = sohoa("sign", source, "--as", "can_bo", "-o", tmp_path / "s.pdf", "--profile", "person", "--image", hand, "--json", **secret)
    report = json.loads(done.stdout)
    assert report["page"] == 2
    x0, y0, x1, y1 = report["box"]
    middle, top = slanted(150, 180, slant)
    _, bottom = slanted(150, 214 - 4, slant)
    assert top - 2 <= y0 < y1 <= bottom + 2
    assert (x0 + x1) / 2 == pytest.approx(middle, abs=3 * MM)
    assert x1 - x0 >= 25 * MM
    assert dark(source, 2, (x0, y0, x1, y1)) == 0
    assert (tmp_path / "s.pdf").read_bytes().startswith(source.read_bytes())


def test_a_scanned_last_page_is_not_passed_over_for_an_earlier_page_with_text(sohoa, secret, hand, scan, tmp_path) -> None:
    source = scan([*BODY, (160, 60, "TRƯỞNG PHÒNG"), (190, 60, "Trần Văn Mẫu")], [*BODY[:5], TITLE, NAME], text=(0,))
    done = sohoa("sign", source, "--as", "can_bo", "-o", tmp_path / "s.pdf", "--profile", "person", "--image", hand, "--json", **secret)
    assert json.loads(done.stdout)["page"] == 2


def test_a_scan_that_names_no_position_leaves_the_place_to_a_person(sohoa, secret, hand, scan, tmp_path) -> None:
    source = scan(BODY)
    done = sohoa("sign", source, "--as", "can_bo", "-o", tmp_path / "s.pdf", "--profile", "person", "--image", hand, code=1, **secret)
    assert "place_not_given" in done.stderr
    assert not list(tmp_path.glob("*s.pdf*"))


def test_words_are_found_where_they_stand_in_a_photo_that_fills_its_page(reading, drawn, tmp_path) -> None:
    """The reader cuts the sheet out of the desk and lays it flat; the file shows the desk."""
    source = tmp_path / "photo.pdf"
    with Image.open(drawn / "birth-registration.photo.jpg") as photo:
        ImageOps.exif_transpose(photo).convert("RGB").save(source, resolution=300)
    look = page_reader(reading)
    assert look is not None
    words = [word for word in look(source, 1) if len(word.text) > 3]
    assert len(words) > 40
    with pypdfium2.PdfDocument(source) as pdf:
        grey = np.asarray(pdf[0].render(scale=3, grayscale=True).to_numpy()).squeeze().astype(int)
    inside = 0
    for word in words:
        x0, y0, x1, y1 = (max(0, round(v * 3)) for v in word.box)
        under = grey[y0:y1, x0:x1]
        inside += bool(under.size) and int(np.percentile(under, 95) - np.percentile(under, 5)) > 40
    assert inside > 0.95 * len(words)


def test_a_page_on_its_side_gives_no_words(reading, scan, tmp_path) -> None:
    source = scan([*BODY, TITLE, NAME])
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[0].rotate(90, relative=True)
        pdf.save(source)
    look = page_reader(reading)
    assert look is not None
    assert look(source, 1) == ()
