"""A hand is told from a printer by its shapes, on grey scans too."""

import math
from importlib.resources import files

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ocr.fields.by_hand import beside, judge, of_print, together, weights
from ocr.fields.hand_shapes import Shapes, shapes
from ocr.fields.page_ink import ink_of

DPI = 200
SCALE = DPI / 72
FACES = ["LiberationSerif-Regular", "LiberationSerif-Italic", "LiberationSerif-Bold"]


def _scrawl(pen: ImageDraw.ImageDraw, text: str, x: float, foot: float, chance: np.random.Generator) -> None:
    """Strokes of a running hand, one or two bends for every letter, in pixels: slanted, of many heights, on no straight line."""
    for word in text.split():
        foot += chance.normal(0, 2.5)
        path: list[tuple[float, float]] = []
        for number, _ in enumerate(word):
            high, wide = chance.choice([16, 18, 20, 34]) * chance.uniform(0.8, 1.2), chance.uniform(13, 19)
            drop, bends = chance.normal(0, 2.0), chance.choice([0.6, 0.9, 1.2])
            for step in range(13):
                up = high * (0.5 - 0.5 * math.cos(2 * math.pi * bends * step / 12))
                path.append((x + wide * step / 12 + 0.35 * up + 3 * math.sin(math.pi * step / 6), foot + drop - up))
            x += wide
            if number % 2:  # the pen is lifted now and then
                pen.line(path, fill=40, width=3, joint="curve")
                path, x = [], x + 4
        if path:
            pen.line(path, fill=40, width=3, joint="curve")
        x += 16


def _paper(rows: list[str], *, hand: bool) -> NDArray[np.uint8]:
    page = Image.new("L", (round(595 * SCALE), round(842 * SCALE)), 245)
    pen = ImageDraw.Draw(page)
    chance = np.random.default_rng(3)
    face = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), round(11.5 * SCALE))
    for number, row in enumerate(rows):
        foot = (72 + 24 * number) * SCALE
        label, _, answer = row.partition(": ")
        pen.text((70 * SCALE, foot), label + ":", font=face, fill=40, anchor="ls")
        if hand:
            _scrawl(pen, answer, 250 * SCALE, foot, chance)
        else:
            pen.text((250 * SCALE, foot), answer, font=face, fill=40, anchor="ls")
    return np.asarray(page)


def _shapes(picture: NDArray[np.uint8]) -> Shapes | None:
    ink = ink_of(picture, (picture.shape[1] / SCALE, picture.shape[0] / SCALE)).dark
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return shapes(np.ascontiguousarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]), weights()["pieces"])


def _printed(face: str, text: str) -> NDArray[np.uint8]:
    page = Image.new("L", (1300, 90), 245)
    font = ImageFont.truetype(str(files("sohoa") / "fonts" / f"{face}.ttf"), round(12 * SCALE))
    ImageDraw.Draw(page).text((20, 60), text, font=font, fill=40, anchor="ls")
    return np.asarray(page)


def _score(picture: NDArray[np.uint8]) -> float:
    """The odds of a row beside a label in print."""
    row, label = _shapes(picture), _shapes(_printed("LiberationSerif-Regular", "Họ, chữ đệm, tên người yêu cầu cấp bản sao"))
    assert row is not None and label is not None
    return float(judge(weights(), beside(row, of_print([label]))[None])[0])


def _through_a_lens(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(1.1)))


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("text", ["Số 12, đường Láng, phường Láng Thượng", "PHẠM MINH ĐỨC", "079185012345", "Bệnh viện Phụ sản trung ương"])
def test_print_is_not_taken_for_a_hand(face: str, text: str) -> None:
    assert _score(_printed(face, text)) < -1.5


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("blurred", [False, True])
def test_a_running_hand_is_no_print(seed: int, blurred: bool) -> None:
    page = Image.new("L", (1300, 140), 245)
    _scrawl(ImageDraw.Draw(page), "Nguyễn Thị Bích Phượng", 20, 90, np.random.default_rng(seed))
    assert _score(_through_a_lens(np.asarray(page)) if blurred else np.asarray(page)) > 1.5


def test_the_values_of_a_page_speak_for_each_other() -> None:
    """What is in doubt alone follows its page; a page of print is not tipped by one odd value."""
    assert together([3.0, 3.0, 2.5, 0.2])[-1] > 0.9
    assert together([-3.0, -3.0, -2.5, 0.2])[-1] < 0


@pytest.mark.parametrize("light", [(1.0, 1.0, 1.0), (1.0, 0.9, 0.76), (0.86, 0.93, 1.0)])
def test_a_blue_pen_is_blue_under_any_lamp(light: tuple[float, float, float]) -> None:
    page = Image.new("RGB", (1654, 1000), (236, 236, 232))
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), 34)
    for row, colour in ((200, (40, 60, 150)), (400, (35, 35, 35))):
        pen.text((200, row), "Thôn Đông, xã Tân Lập", font=font, fill=colour)
    ink = ink_of((np.asarray(page) * np.array(light)).astype(np.uint8), (1654 / SCALE, 1000 / SCALE))
    blue, black = ((190 / SCALE, top / SCALE, 700 / SCALE, (top + 60) / SCALE) for top in (195, 395))
    assert ink.written([blue]) > 0.5
    assert ink.written([black]) < 0.1


def _dotted(picture: NDArray[np.uint8], foot: int) -> NDArray[np.uint8]:
    """The row with the dots of a form's line through its feet."""
    picture = picture.copy()
    for x in range(22, picture.shape[1] - 22, 7):
        picture[foot : foot + 3, x : x + 3] = 40
    return picture


def test_the_dots_of_a_line_do_not_join_letters() -> None:
    """Print on its dots came out as one long stroke, which no printer makes."""
    plain = _printed("LiberationSerif-Regular", "Bệnh viện Phụ sản trung ương")[:, :500]
    dotted = _dotted(plain, 60)
    assert _score(dotted) < -1.5


def test_too_little_ink_says_nothing() -> None:
    assert shapes(np.zeros((20, 60), np.uint8), weights()["pieces"]) is None


ROWS = [
    "Kính gửi: Ủy ban nhân dân xã Tân Lập",
    "Họ, chữ đệm, tên người yêu cầu: Phạm Thu Hà",
    "Nơi cư trú: Thôn Đông, xã Tân Lập",
    "Giấy tờ tùy thân: CCCD số 001185012345",
]


@pytest.mark.parametrize(("hand", "sure"), [(True, 0.45), (True, 0.1), (False, 0.45), (False, 0.1)])
def test_what_a_hand_wrote_says_so_and_is_not_guessed(hand: bool, sure: float, paper, by_name) -> None:
    """Words as a reader of print gives them, and the grey picture that they stand on."""
    page = paper(y=20.0).row((200, "TỜ KHAI ĐĂNG KÝ KHAI SINH"), gap=41)
    for row in ROWS:
        label, _, answer = row.partition(": ")
        page.row(label + ":", gap=0)
        page.row((250, answer), gap=24, confidence=sure)
    found = by_name(page.read(_paper(ROWS, hand=hand)))
    for name in ("kinh_gui", "ho_ten_nguoi_yeu_cau", "noi_cu_tru_nguoi_yeu_cau"):
        field = found[name]
        assert field.source == ("handwriting" if hand else "print"), name
        assert field.status == "review"
        assert (field.value is None) == (hand and sure < 0.25)
        assert (field.reason_code == "handwriting_unread") == (hand and sure < 0.25)
        assert field.raw and field.box is not None
