"""The committed samples are what the program draws."""

import io
from pathlib import Path

import numpy as np
import pillow_heif
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from samples.__main__ import main

DRAWN = Path(__file__).parents[2] / "samples" / "drawn"
DOCUMENTS = sorted(path.name for path in DRAWN.iterdir() if path.suffix != ".json")
LARGEST_FOLDER = 15_000_000


def _pages(path: Path) -> list[Image.Image]:
    """A file's pages as a person sees them; text and anything unreadable as no pages."""
    if path.suffix == ".pdf":
        document = pypdfium2.PdfDocument(path.read_bytes())
        document.init_forms()
        return [page.render(scale=1.5).to_pil() for page in document]
    if path.suffix == ".heic":
        return [pillow_heif.open_heif(io.BytesIO(path.read_bytes())).to_pillow()]
    with Image.open(path) as image:
        return [frame.convert("RGB") for frame in ImageSequence.Iterator(image)]


def _coarse(image: Image.Image) -> NDArray[np.float64]:
    """The image without what a codec or a noise generator decides: means over 8 by 8 pixels."""
    pixels = np.asarray(image.convert("L"), np.float64)
    height, width = (side // 8 * 8 for side in pixels.shape)
    return pixels[:height, :width].reshape(height // 8, 8, width // 8, 8).mean((1, 3))


def _text(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path.read_bytes())
    return [page.get_textpage().get_text_bounded() for page in document]


def test_the_folder_holds_what_the_program_draws(drawn: Path, redrawn: Path) -> None:
    assert {path.name for path in drawn.iterdir()} == {path.name for path in redrawn.iterdir()}


def test_every_truth_is_the_programs(drawn: Path, redrawn: Path) -> None:
    for path in drawn.glob("*.json"):
        assert path.read_text(encoding="utf8") == (redrawn / path.name).read_text(encoding="utf8"), path.name


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_is_the_programs_in_bytes_or_where_a_codec_differs_in_looks(name: str, drawn: Path, redrawn: Path) -> None:
    old, new = drawn / name, redrawn / name
    if old.read_bytes() == new.read_bytes():
        return
    assert not name.startswith("bad."), "a broken file has no looks to compare"
    before, after = _pages(old), _pages(new)
    assert [page.size for page in before] == [page.size for page in after]
    for one, other in zip(before, after, strict=True):
        difference = np.abs(_coarse(one) - _coarse(other))
        assert difference.mean() < 1.5
        assert difference.max() < 24
    if old.suffix == ".pdf":
        assert _text(old) == _text(new)


def test_another_page_does_not_pass_for_the_same(drawn: Path) -> None:
    blank = _coarse(_pages(drawn / "birth-registration-blank.scan200.jpg")[0])
    filled = _coarse(_pages(drawn / "birth-registration.scan200.jpg")[0])
    assert np.abs(blank - filled).max() > 24


def test_the_folder_stays_small(drawn: Path) -> None:
    assert sum(path.stat().st_size for path in drawn.iterdir()) <= LARGEST_FOLDER


@pytest.mark.parametrize("arguments", [[], ["--help"], ["a", "b"]])
def test_a_wrong_command_line_draws_nothing(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert not list(tmp_path.iterdir())
