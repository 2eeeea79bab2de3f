"""What scanners and phones do to paper: drawn pages in, images of them and the way from page to image out.

A `Shot` is an RGB or grey image with the homography that takes a point of the undistorted page (PDF points from the
top left) to a pixel of the image as it is shown, after its EXIF orientation.
"""

from typing import Any

import cv2
import numpy as np
import pypdfium2
from msgspec import Struct
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]


class Shot(Struct, frozen=True):
    """An image of a page. `transform` is 3x3, from page points to pixels; `dpi` is None for photos."""

    pixels: Pixels
    transform: Matrix
    dpi: int | None


def render(pdf: bytes, dpi: int) -> list[Shot]:
    """Every page of a PDF as a sharp RGB image."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        images = [page.render(scale=dpi / 72, rev_byteorder=True).to_numpy()[..., :3].copy() for page in document]
    finally:
        document.close()
    return [Shot(image, np.diag([dpi / 72, dpi / 72, 1.0]), dpi) for image in images]


def scan(shot: Shot, seed: int, *, angle: float = 0.0, grey: bool = False, noise: float = 1.2, back: Pixels | None = None) -> Shot:
    """A flatbed scan: off-white paper, a little blur and noise, `angle` degrees of skew, the other side shining through."""
    chance = np.random.default_rng(seed)
    page: Any = shot.pixels.astype(np.float32)
    height, width = page.shape[:2]
    if back is not None:
        through = cv2.GaussianBlur(cv2.flip(back, 1).astype(np.float32), (0, 0), 2.2)
        page *= 1 - 0.085 * (255 - cv2.resize(through, (width, height))) / 255
    page = page * np.array([0.985, 0.98, 0.962], np.float32) + 6
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), [0, 0, 1]])
    if angle:
        page = cv2.warpAffine(page, turn[:2], (width, height), flags=cv2.INTER_LINEAR, borderValue=(250, 250, 248))
    page = cv2.GaussianBlur(page, (0, 0), 0.55)
    if noise:
        page += chance.standard_normal((height, width, 1), np.float32) * np.float32(noise)
    pixels: NDArray[Any] = np.clip(page, 0, 255).astype(np.uint8)
    if grey:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return Shot(pixels, turn @ shot.transform, shot.dpi)


def on_glass(shot: Shot, margin_mm: float) -> Shot:
    """A small paper or a card with round corners on the white of a scanner's lid."""
    scale = float(shot.transform[0, 0])
    margin = round(margin_mm / 25.4 * 72 * scale)
    height, width = shot.pixels.shape[:2]
    lid = np.full((height + 2 * margin, width + 2 * margin, 3), 250, np.uint8)
    mask = rounded(width, height, round(3.2 / 25.4 * 72 * scale))[..., None]
    inside = shot.pixels * mask + lid[margin:-margin, margin:-margin] * (1 - mask)
    lid[margin:-margin, margin:-margin] = inside.astype(np.uint8)
    shift = np.array([[1, 0, margin], [0, 1, margin], [0, 0, 1]], np.float64)
    return Shot(lid, shift @ shot.transform, shot.dpi)


def rounded(width: int, height: int, radius: int) -> NDArray[np.float32]:
    """1 inside a rectangle with round corners, 0 outside."""
    mask: Pixels = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (radius, 0), (width - radius - 1, height), 255, -1)
    cv2.rectangle(mask, (0, radius), (width, height - radius - 1), 255, -1)
    for x in (radius, width - radius - 1):
        for y in (radius, height - radius - 1):
            cv2.circle(mask, (x, y), radius, 255, -1, cv2.LINE_AA)
    return np.divide(mask, 255, dtype=np.float32)


def photo(
    shot: Shot, seed: int, corners: list[tuple[float, float]], size: tuple[int, int] = (2400, 3200), noise: float = 2.0, card: bool = False
) -> Shot:
    """A phone photo, `size` wide and high: the page lies on a desk with its corners at `corners` (shares of the image,
    clockwise from the top left), lit from one side, in the shadow of the hand that holds the phone. A `card` has round corners."""
    chance = np.random.default_rng(seed)
    width, height = size
    page_height, page_width = shot.pixels.shape[:2]
    source = np.array([(0, 0), (page_width, 0), (page_width, page_height), (0, page_height)], np.float32)
    target = np.array([(x * width, y * height) for x, y in corners], np.float32)
    bend: Any = cv2.getPerspectiveTransform(source, target)
    page = cv2.warpPerspective(shot.pixels, bend, size, flags=cv2.INTER_AREA)
    shape = rounded(page_width, page_height, round(page_width * 0.037) if card else 0)
    mask = cv2.warpPerspective((shape * 255).astype(np.uint8), bend, size).astype(np.float32) / 255
    cover = cv2.GaussianBlur(mask, (0, 0), 1.0)[..., None]
    cast = cv2.GaussianBlur(np.roll(cover[..., 0], (18, 14), (0, 1)), (0, 0), 16)[..., None]
    desk = _desk(chance, width, height) * (1 - 0.45 * cast)
    scene: Any = page.astype(np.float32) * cover + desk * (1 - cover)
    scene *= _light(chance, width, height)[..., None] * np.array([1.0, 0.965, 0.90], np.float32)
    scene = cv2.GaussianBlur(scene, (0, 0), 0.9)
    grain = cv2.GaussianBlur(chance.standard_normal((height, width, 1), np.float32), (0, 0), 0.8)
    pixels = np.clip(scene + grain[..., None] * 2 * noise, 0, 255).astype(np.uint8)
    return Shot(pixels, bend @ shot.transform, None)


def _desk(chance: np.random.Generator, width: int, height: int) -> NDArray[np.float32]:
    """A wooden desk: long grain across the picture."""
    grain = cv2.resize(chance.random((height // 10, 6), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    broad = cv2.resize(chance.random((5, 4), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    tone = 0.72 + 0.30 * (grain - 0.5) + 0.22 * (broad - 0.5)
    return np.multiply(tone[..., None], [158, 112, 74], dtype=np.float32)


def _light(chance: np.random.Generator, width: int, height: int) -> NDArray[np.float32]:
    """Light falling off to one corner, and a soft shadow over the lower side."""
    y, x = np.mgrid[0:1:64j, 0:1:48j].astype(np.float32)
    light = 1.04 - 0.22 * (0.6 * x + 0.4 * y)
    edge = 0.66 + 0.10 * np.sin(3 * x + chance.random()) + 0.25 * (x - 0.5)
    light *= 1 - 0.26 / (1 + np.exp(-(y - edge) * 22))
    falling: NDArray[np.float32] = cv2.resize(light.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return falling
