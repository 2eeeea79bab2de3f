"""Every appearance, rendered and measured against the millimetres, points and colours of its rule; and its picture in the docs.

NĐ 30/2020/NĐ-CP, Phụ lục I, Phần I, II (person, agency, attachment, copy); TT 01/2023/TT-VPCP, Điều 8 (officer's scan);
CV 7197/BKHCN-CĐSQG (digitised document).
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray

DOCS = Path(__file__).parents[2] / "docs"
DPI = 400
# Advance widths of Times New Roman in thousandths of the size: what "metric-compatible" means.
TIMES = {**dict.fromkeys("0123456789", 500), "-": 333, "+": 564, ":": 278, "T": 611}
DIGIT_HEIGHT = 0.676
NAMES = ("person", "agency", "attachment", "sao_y", "officer_scan", "cv7197")
WORDS = ("attachment", "sao_y", "officer_scan", "cv7197")


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_appearances", DOCS / "draw_appearances.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["draw_appearances"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def drawn(drawing: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Each profile's signed file and the page's pixels before and after it was signed."""
    return {one.profile: one for one in drawing.draw_all(tmp_path_factory.mktemp("drawn"))}


@pytest.fixture(scope="module")
def ink(drawing: ModuleType, drawn: dict[str, Any]) -> dict[str, NDArray[np.uint8]]:
    """What a profile added to the page: its pixels where they differ, white elsewhere."""
    work = drawn["person"].signed.path.parent
    plain = np.asarray(drawing.pixels(work / "decision.pdf", DPI))
    seen = {}
    for name in NAMES:
        after = np.asarray(drawing.pixels(drawn[name].signed.path, DPI))
        before = np.asarray(drawing.pixels(drawn["person"].signed.path, DPI)) if name == "agency" else plain
        seen[name] = np.where(np.any(after != before, axis=2, keepdims=True), after, 255).astype(np.uint8)
    return seen


def extent(pixels: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of all ink, in millimetres."""
    rows, columns = np.nonzero(pixels.min(axis=2) < 140)
    per_mm = DPI / 25.4
    return (columns.min() / per_mm, rows.min() / per_mm, (columns.max() + 1) / per_mm, (rows.max() + 1) / per_mm)


def colour(pixels: NDArray[np.uint8]) -> tuple[int, int, int]:
    """The ink's own colour, away from its soft edges."""
    dark = pixels[pixels.min(axis=2) < 80]
    red, green, blue = (int(np.median(dark[:, channel])) for channel in range(3))
    return red, green, blue


def last_line(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """(height, width) of the lowest line of text, in points."""
    rows = np.nonzero((pixels.min(axis=2) < 140).any(axis=1))[0]
    breaks = np.nonzero(np.diff(rows) > DPI / 72 * 1.5)[0]
    top = rows[breaks[-1] + 1] if len(breaks) else rows[0]
    line = pixels[top : rows[-1] + 1]
    columns = np.nonzero((line.min(axis=2) < 140).any(axis=0))[0]
    return ((rows[-1] + 1 - top) * 72 / DPI, (columns.max() + 1 - columns.min()) * 72 / DPI)


@pytest.mark.parametrize("profile", ["attachment", "sao_y", "cv7197"])
def test_copies_and_attachments_stand_in_the_top_right_corner(profile: str, ink: dict[str, NDArray[np.uint8]]) -> None:
    left, top, right, bottom = extent(ink[profile])
    assert 210 - right == pytest.approx(8.6, abs=0.8)
    assert top == pytest.approx(7.5, abs=1.5)
    assert left > 105 and bottom < 20


def test_the_officers_scan_stands_in_the_top_left_corner(ink: dict[str, NDArray[np.uint8]]) -> None:
    left, top, right, bottom = extent(ink["officer_scan"])
    assert left == pytest.approx(8.6, abs=0.8)
    assert top == pytest.approx(4.5, abs=1.5)
    assert right < 105 and bottom < 20


def test_words_are_upright_ten_points_and_as_wide_as_times_new_roman(ink: dict[str, NDArray[np.uint8]]) -> None:
    height, width = last_line(ink["attachment"])
    expected = sum(TIMES[c] for c in "2026-02-05T11:22:33+07:00") * 10 / 1000
    assert height == pytest.approx(DIGIT_HEIGHT * 10, abs=0.45)
    assert width == pytest.approx(expected, abs=1.2)


@pytest.mark.parametrize("profile", WORDS)
def test_words_are_black(profile: str, ink: dict[str, NDArray[np.uint8]]) -> None:
    assert max(colour(ink[profile])) < 40


def test_a_hand_is_blue_and_stands_between_position_and_name(ink: dict[str, NDArray[np.uint8]]) -> None:
    red, green, blue = colour(ink["person"])
    assert blue > red + 60 and blue > green + 60
    left, top, right, bottom = extent(ink["person"])
    assert 178 < top < bottom < 224 - 4  # the baselines of position and name
    assert (left + right) / 2 == pytest.approx(150, abs=1)
    assert right - left <= 50.3 and bottom - top <= 20.3


def test_a_seal_is_red_of_true_size_and_covers_a_third_of_the_hand_from_its_left(ink: dict[str, NDArray[np.uint8]]) -> None:
    red, green, blue = colour(ink["agency"])
    assert red > green + 100 and red > blue + 100
    hand, seal = extent(ink["person"]), extent(ink["agency"])
    assert (seal[2] - seal[0], seal[3] - seal[1]) == (pytest.approx(36, abs=0.3), pytest.approx(36, abs=0.3))
    assert (seal[2] - hand[0]) / (hand[2] - hand[0]) == pytest.approx(1 / 3, abs=0.05)
    assert seal[0] < hand[0]


@pytest.mark.parametrize("profile", WORDS)
def test_fonts_are_embedded(profile: str, drawn: dict[str, Any]) -> None:
    with pikepdf.open(drawn[profile].signed.path) as pdf:
        fonts = pdf.pages[0].obj.Annots[-1].AP.N.Resources.Font
        descriptors = [font.DescendantFonts[0].FontDescriptor for font in fonts.values()]
        assert descriptors and all("/FontFile2" in descriptor for descriptor in descriptors)


@pytest.mark.parametrize("profile", NAMES)
def test_the_docs_show_every_appearance_in_a_small_picture(profile: str, drawing: ModuleType) -> None:
    picture = DOCS / "appearances" / f"{profile}.png"
    assert picture.stat().st_size < 20_000
    assert f"appearances/{profile}.png" in (DOCS / "certified-copies.md").read_text(encoding="utf8")
    assert set(drawing.CUTS) == set(NAMES)
