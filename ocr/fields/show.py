"""What was found on a page, drawn on its picture: green what is accepted, orange what a person must look at."""

from importlib.resources import as_file, files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.model import Extraction

_COLOURS = {"accepted": (22, 140, 60), "review": (235, 130, 0), "empty": (120, 120, 120)}


def draw(image: NDArray[Any], extraction: Extraction, size_mm: tuple[float, float], page: int = 1) -> NDArray[np.uint8]:
    """A copy of the page's picture (height, width[, 3], RGB, as delivered) with a box and the field's number, label and name at
    every value of `page`.

    `size_mm` is the page's width and height, which ties the boxes in points to pixels. An empty field with a known place is grey.
    """
    canvas = np.ascontiguousarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image[..., :3], dtype=np.uint8).copy()
    height, width = canvas.shape[:2]
    across, down = width / (size_mm[0] / 25.4 * 72), height / (size_mm[1] / 25.4 * 72)
    picture = Image.fromarray(canvas)
    pen = ImageDraw.Draw(picture)
    with as_file(files("sohoa").joinpath("fonts/LiberationSerif-Regular.ttf")) as font:
        letters = ImageFont.truetype(str(font), size=max(9.0, 7.5 * down))
    line = max(1, round(0.9 * down))
    for number, field in enumerate(extraction.fields, 1):
        if field.page != page or field.box is None:
            continue
        colour = _COLOURS[field.status]
        x0, y0, x1, y1 = field.box[0] * across, field.box[1] * down, field.box[2] * across, field.box[3] * down
        pen.rectangle((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), outline=colour, width=line)
        said = f"[{number}] {field.label} · {field.name}"
        _, _, wide, high = pen.textbbox((0, 0), said, font=letters)
        left, top = max(0.0, min(x0, width - wide - 2)), max(0.0, min(y0, y1) - high - line - 1)
        pen.rectangle((left - 1, top, left + wide + 1, top + high), fill=(255, 255, 255))
        pen.text((left, top), said, fill=colour, font=letters)
    return np.asarray(picture, np.uint8)
