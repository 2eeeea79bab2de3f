"""What a worker loads at its start, by reading a few made-up letters and fields: children forked later have it all.

Networks and engines load outside the interpreter's lock, so they do it beside the import of everything else: all wait for this.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import cv2
import numpy as np

import ocr.words.cascade  # noqa: F401 - the default reader, which `load_reader` would import beside the other thread
from ocr.pages.direction import quarter_turns
from ocr.words.reader import load_reader
from ocr.words.tesseract import read_line, read_signs
from sohoa.errors import SohoaError


def load() -> None:
    """Load what the first form would load."""
    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(_read_made_up_letters)
        import ocr.work  # noqa: F401 - half a second of imports, while the engines load

        _extract_made_up_form()
        reading.result()


def _read_made_up_letters() -> None:
    with suppress(SohoaError):  # a part that is missing is told by the page that needs it
        picture = np.full((240, 480), 255, np.uint8)
        for x in range(20, 440, 20):  # strokes that pass for letters, in words: to load a font of OpenCV's takes 20 ms
            if x % 100:
                cv2.line(picture, (x, 90), (x + x % 60 - 20, 130), (0,), 4)
        quarter_turns(255 - picture)
        load_reader().read(picture, 200.0)
        read_line(picture, (20.0, 90.0, 440.0, 130.0))  # the strokes may be read too surely to be doubted
        read_signs(picture[90:150].copy(), "0123456789")


def _extract_made_up_form() -> None:
    from ocr.fields.by_hand import weights
    from ocr.fields.extract import extract
    from ocr.fields.label_text import LabelText
    from ocr.fields.labels import align
    from ocr.fields.layout import lay_out
    from ocr.fields.swallowed import labels_of
    from ocr.fields.templates import load_templates
    from ocr.model import Page, Quality, Word
    from sohoa.messages import texts

    with suppress(SohoaError):
        lines = (
            "TỜ KHAI ĐĂNG KÝ KHAI SINH",
            "Họ, chữ đệm, tên: Trần Văn An",
            "Dân tộc: Kinh",
            "Nơi cư trú: Thôn 3, xã Gia Viễn, tỉnh Ninh Bình",
        )
        words = [(row, at, text) for row, line in enumerate(lines) for at, text in enumerate(line.split())]
        made_up = tuple(Word(text, (60.0 + 40 * at, 60.0 + 20 * row, 95.0 + 40 * at, 72.0 + 20 * row), 0.9, row) for row, at, text in words)
        page = Page(1, (210.0, 297.0), 200.0, 0, 0.0, Quality(), "read", words=made_up)
        extract((page,), lambda _: None)
        layout = lay_out((page,))
        for template in load_templates(None):
            align(layout, template, LabelText(layout.tokens))
            labels_of(template)
        texts()
        weights()
