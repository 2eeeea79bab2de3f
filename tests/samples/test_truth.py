"""What the truth says stands on the page, and where."""

import io
import json
import unicodedata
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence

# One file's case, as conftest.py builds it.
Case = Any
DARK = 150


def _pixels(path: Path) -> list[NDArray[np.uint8]]:
    """The pages of an image file in grey, upright."""
    if path.suffix == ".heic":
        return [np.asarray(pillow_heif.open_heif(io.BytesIO(path.read_bytes())).to_pillow().convert("L"))]
    with Image.open(path) as image:
        return [np.asarray(ImageOps.exif_transpose(frame).convert("L")) for frame in ImageSequence.Iterator(image)]


def _rendered(path: Path, dpi: int) -> list[NDArray[np.uint8]]:
    return [page.render(scale=dpi / 72, grayscale=True).to_numpy() for page in pypdfium2.PdfDocument(path.read_bytes())]


def _words(page: dict[str, Any]) -> list[tuple[str, list[float]]]:
    return [(word, box) for line in page["lines"] for word, box in line["words"]]


def _squeezed(text: str) -> str:
    return "".join(text.split())


def test_all_text_is_nfc(readable: Case) -> None:
    text = readable.path.with_suffix(".json").read_text(encoding="utf8")
    assert unicodedata.is_normalized("NFC", text)


def test_lines_are_their_words(readable: Case) -> None:
    for page in readable.truth["pages"]:
        for line in page["lines"]:
            assert line["text"] == " ".join(word for word, _ in line["words"])
            assert line["box"][0] == min(box[0] for _, box in line["words"])
            assert line["box"][2] == max(box[2] for _, box in line["words"])


def test_boxes_lie_on_the_page(readable: Case) -> None:
    for page in readable.truth["pages"]:
        width, height = (side * 72 / 25.4 for side in page["size_mm"])
        for word, (x0, y0, x1, y1) in _words(page):
            assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height, word


def test_what_a_field_holds_is_printed_on_its_page(readable: Case) -> None:
    pages = [_squeezed("".join(line["text"] for line in page["lines"])) for page in readable.truth["pages"]]
    for field in readable.truth["fields"]:
        if field["type"] != "qr":
            assert _squeezed(field["raw"]) in pages[field["page"] - 1], field["name"]


def test_only_an_empty_field_has_no_value(readable: Case) -> None:
    for field in readable.truth["fields"]:
        assert field["empty"] == (field["value"] is None), field["name"]
        if field["type"] not in ("signature", "checkbox"):
            assert field["empty"] == (field["raw"] == ""), field["name"]


def test_a_blank_form_has_the_fields_of_the_filled_one_and_no_values(drawn: Path) -> None:
    blank, filled = (
        json.loads((drawn / f"{name}.json").read_text(encoding="utf8"))["fields"]
        for name in ("birth-registration-blank.scan200", "birth-registration.scan200")
    )
    assert [(field["name"], field["label"]) for field in blank] == [(field["name"], field["label"]) for field in filled]
    assert not [field["name"] for field in blank if field["value"]]
    assert [field["name"] for field in filled if not field["value"]] == ["cap_ban_sao_khong"]


def test_every_word_box_begins_and_ends_at_its_ink(born_digital: Case) -> None:
    dpi = 144
    for page, grey in zip(born_digital.truth["pages"], _rendered(born_digital.path, dpi), strict=True):
        for word, box in _words(page):
            x0, y0, x1, y1 = (round(edge * dpi / 72) for edge in box)
            columns = np.flatnonzero((grey[y0:y1, x0:x1] < DARK).any(axis=0))
            assert columns.size, word
            assert columns[0] <= 4 and columns[-1] >= x1 - x0 - 5, word


def test_the_pdf_says_the_words_of_the_truth(born_digital: Case) -> None:
    document = pypdfium2.PdfDocument(born_digital.path.read_bytes())
    for page, truth in zip(document, born_digital.truth["pages"], strict=True):
        said = unicodedata.normalize("NFC", page.get_textpage().get_text_bounded()).split()
        for word, _ in _words(truth):
            assert word in said or word in " ".join(said), word


def test_the_transform_takes_every_word_to_its_ink(pictured: Case) -> None:
    path, truth = pictured.path, pictured.truth
    dpi = truth["pages"][0]["dpi"]
    is_pdf = path.suffix == ".pdf"
    for page, grey in zip(truth["pages"], _rendered(path, dpi) if is_pdf else _pixels(path), strict=True):
        if not is_pdf:
            assert page["size_px"] == [grey.shape[1], grey.shape[0]]
        matrix = np.array(page["transform"])
        if is_pdf:
            matrix = np.diag([dpi / 72, dpi / 72, 1]) @ matrix
        for word, box in _words(page):
            corners = np.array([[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]]])
            quad = cv2.perspectiveTransform(corners[None].astype(np.float64), matrix)[0]
            x0, y0 = np.floor(quad.min(0)).astype(int)
            x1, y1 = np.ceil(quad.max(0)).astype(int)
            patch = grey[y0:y1, x0:x1].astype(float)
            paper = np.percentile(patch, 90)
            dark = np.flatnonzero((patch < 0.72 * paper).any(axis=0))
            assert dark.size, word
            slack = 0.06 * (x1 - x0) + 0.2 * (y1 - y0)
            assert dark[0] <= slack and dark[-1] >= x1 - x0 - 1 - slack, word


@pytest.mark.parametrize(
    ("kind", "template"),
    [
        ("birth-registration", "to_khai_dang_ky_khai_sinh"),
        ("birth-registration-blank", "to_khai_dang_ky_khai_sinh"),
        ("ct01", "ct01"),
        ("decision", "van_ban_hanh_chinh"),
        ("certificate", "giay_khai_sinh"),
        ("id-card-front", "cccd_mat_truoc"),
        ("id-card-back", "cccd_mat_sau"),
    ],
)
def test_every_kind_of_paper_is_there_with_its_template(kind: str, template: str, drawn: Path) -> None:
    files = list(drawn.glob(f"{kind}.*.json"))
    assert files
    for path in files:
        assert f'"template": "{template}"' in path.read_text(encoding="utf8")
