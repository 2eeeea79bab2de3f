"""The sheet's four sides are found where they can be seen, and called cut only where the picture ends first."""

import cv2
import numpy as np
import pytest

from ocr.pages import sheet

HEIGHT, WIDTH = 1200, 900
UPRIGHT = np.float32([[110, 90], [780, 110], [800, 1080], [80, 1100]])


def wrong_by(found, corners):
    """The worst distance of a found side from the true corners, as a share of the shorter side."""
    shorter = min(np.linalg.norm(np.roll(corners, -1, 0) - corners, axis=1))
    worst = 0.0
    for k in range(4):
        a, b = found.corners[k], found.corners[(k + 1) % 4]
        normal = np.array([b[1] - a[1], a[0] - b[0]]) / np.linalg.norm(b - a)
        worst = max(worst, *(abs((corners[j] - a) @ normal) for j in (k, (k + 1) % 4)))
    return worst / shorter


def turned(corners, degrees, scale=1.0):
    middle = corners.mean(0)
    c, s = np.cos(np.radians(degrees)) * scale, np.sin(np.radians(degrees)) * scale
    return ((corners - middle) @ np.float32([[c, s], [-s, c]]) + middle).astype(np.float32)


def checkered(draw, corners, paper):
    """A sheet on a cloth of blue and straw-coloured squares."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    u, v = x * 0.96 + y * 0.28, -x * 0.28 + y * 0.96
    cloth = np.where(((u // 60 + v // 60) % 2 == 0)[..., None], np.float32([150, 80, 60]), np.float32([120, 190, 210]))
    height, width = paper.shape[:2]
    matrix = cv2.getPerspectiveTransform(np.float32([[0, 0], [width, 0], [width, height], [0, height]]), corners)
    mask = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)[..., None]
    seen = cv2.warpPerspective(paper, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    return np.clip(cloth * (1 - mask) + seen * mask * 0.93 + np.random.default_rng(5).normal(0, 3, cloth.shape), 0, 255).astype(np.uint8)


def shaded(photo, where):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    t = {"bottom": y / HEIGHT - 0.75, "right": x / WIDTH - 0.6, "corner": (x / WIDTH + y / HEIGHT) / 2 - 0.6}[where]
    return (photo * (1 - 0.5 / (1 + np.exp(-t / 0.03)))[..., None]).astype(np.uint8)


@pytest.mark.parametrize("kind", ["wood", "dark", "tiles"])
@pytest.mark.parametrize("where", ["bottom", "right", "corner"])
def test_a_whole_sheet_half_in_shadow_is_not_cut(draw, kind, where):
    found = sheet.find(shaded(draw.photo(draw.letter(), UPRIGHT, kind, HEIGHT, WIDTH), where))
    assert found.cut == ()
    assert wrong_by(found, UPRIGHT) < 0.01


@pytest.mark.parametrize("kind", ["wood", "dark", "stripes"])
def test_print_down_to_the_edge_does_not_hand_the_side_to_the_picture_border(draw, kind):
    letter = draw.letter()
    notes = cv2.resize(draw.line("(1) Ghi rõ tên cơ quan; (2) Ghi nơi cư trú của người yêu cầu; (3) Ghi loại giấy tờ"), (1000, 120))[40:100]
    for bottom in (letter.shape[0] - 15, letter.shape[0] - 55, letter.shape[0] - 95):
        letter[bottom - 60 : bottom, 100:1100] = np.minimum(letter[bottom - 60 : bottom, 100:1100], notes)
    low = UPRIGHT + np.float32([0, 55])
    found = sheet.find(draw.photo(letter, low, kind, HEIGHT, WIDTH))
    assert found.cut == ()
    assert wrong_by(found, low) < 0.01


@pytest.mark.parametrize("degrees", [-18, -7, 12, 18])
def test_a_sheet_turned_on_a_checkered_cloth_is_found(draw, degrees):
    corners = turned(UPRIGHT, degrees, 0.8)
    found = sheet.find(checkered(draw, corners, draw.letter()))
    assert found.cut == ()
    assert wrong_by(found, corners) < 0.01


@pytest.mark.parametrize("kind", ["wood", "dark", "stripes"])
def test_a_card_small_in_the_picture_is_found(draw, kind):
    card = np.full((540, 856, 3), (225, 235, 230), np.uint8)
    card[80:140, 100:800] = draw.line("Họ và tên: NGUYỄN VĂN AN", points=8)[105:165, 50:750]
    corners = np.float32([[330, 500], [630, 510], [625, 700], [322, 690]])
    found = sheet.find(draw.photo(card, corners, kind, HEIGHT, WIDTH))
    assert found.cut == ()
    assert wrong_by(found, corners) < 0.02


def test_a_sheet_seen_whole_close_to_the_border_is_not_cut(draw):
    close = UPRIGHT + np.float32([0, HEIGHT - 1104])
    found = sheet.find(draw.photo(draw.letter(), close, "wood", HEIGHT, WIDTH))
    assert found.cut == ()
    assert wrong_by(found, close) < 0.01


@pytest.mark.parametrize(("side", "shift"), [("top", (0, -200)), ("bottom", (0, 250)), ("left", (-200, 0)), ("right", (220, 0))])
def test_a_sheet_that_leaves_the_picture_is_cut_there_and_only_there(draw, side, shift):
    found = sheet.find(draw.photo(draw.letter(), UPRIGHT + np.float32(shift), "wood", HEIGHT, WIDTH))
    assert found.cut == (side,)
