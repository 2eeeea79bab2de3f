"""Tesseract with Debian's Vietnamese model: whole pages through the program, single lines inside the process."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import tesserocr
from msgspec import Struct

from ocr.pixels import percentiles
from ocr.words.word import Box, Gray, ReadWord
from sohoa.errors import UsageError

_LANGUAGE = "vie"
_DEBIAN = Path("/usr/share/tesseract-ocr")
_TALLEST = 44.0  # pixels; Tesseract shrinks a line to 36 in any case, and a smaller crop is faster to threshold
_PAPER = 0.12  # how much darker than the paper, of the way to the ink, still counts as paper


class Seen(Struct, frozen=True):
    """A word Tesseract saw in a crop; `box` in pixels of the page, `confidence` 0..1 as Tesseract states it."""

    text: str
    box: Box
    confidence: float


def tessdata() -> Path:
    """The folder that holds vie.traineddata. Raises UsageError tessdata_missing with the line that installs it."""
    named = os.environ.get("TESSDATA_PREFIX")
    folders = [Path(named), Path(named) / "tessdata"] if named else []
    folders += sorted(_DEBIAN.glob("*/tessdata"), reverse=True)
    for folder in folders:
        if (folder / f"{_LANGUAGE}.traineddata").is_file():
            return folder
    raise UsageError("tessdata_missing", language=_LANGUAGE)


def tessdata_digest() -> str:
    """The first 12 hex digits of the model's SHA-256."""
    return hashlib.sha256((tessdata() / f"{_LANGUAGE}.traineddata").read_bytes()).hexdigest()[:12]


@cache
def _engine() -> tesserocr.PyTessBaseAPI:
    engine = tesserocr.PyTessBaseAPI(path=f"{tessdata()}/", lang=_LANGUAGE, psm=tesserocr.PSM.SINGLE_LINE, oem=tesserocr.OEM.LSTM_ONLY)
    # The page is dark on light by now: reading what is unsure once more in negative costs a tenth and has never changed a word.
    engine.SetVariable("invert_threshold", "0")
    # Whether letters stand at one pitch is asked for an engine that cuts lines into letters, as this one does not.
    engine.SetVariable("textord_all_prop", "1")
    return engine


@cache
def _engine_of_signs() -> tesserocr.PyTessBaseAPI:
    language = "eng" if (tessdata() / "eng.traineddata").is_file() else _LANGUAGE
    engine = tesserocr.PyTessBaseAPI(path=f"{tessdata()}/", lang=language, psm=tesserocr.PSM.SINGLE_LINE, oem=tesserocr.OEM.LSTM_ONLY)
    for name, value in (("load_system_dawg", "0"), ("load_freq_dawg", "0"), ("invert_threshold", "0")):
        engine.SetVariable(name, value)
    return engine


def read_signs(line: Gray, signs: str) -> tuple[str, float]:
    """(what stands in `line`, a picture of one line, of which every character is one of `signs`, white left out; how sure the least
    sure word is, 0..1)."""
    engine = _engine_of_signs()
    engine.SetVariable("tessedit_char_whitelist", signs)
    engine.SetImageBytes(line.tobytes(), line.shape[1], line.shape[0], 1, line.shape[1])
    text = "".join((engine.GetUTF8Text() or "").split())
    return text, min(engine.AllWordConfidences(), default=0) / 100


def read_line(reading: Gray, box: Box) -> tuple[Seen, ...]:
    """The words Tesseract sees in one line's `box` (pixels of the page), of which it is shown a little more: what it
    sees there alone, such as an I in the stem of the next word's L, is left out."""
    height, width = reading.shape
    margin = 0.12 * (box[3] - box[1])
    x0, y0 = max(0, int(box[0] - 2 * margin)), max(0, int(box[1] - margin))
    x1, y1 = min(width, int(np.ceil(box[2] + 2 * margin))), min(height, int(np.ceil(box[3] + margin)))
    if x1 - x0 < 3 or y1 - y0 < 3:
        return ()
    crop: cv2.typing.MatLike = _bleached(reading[y0:y1, x0:x1])
    scale = min(1.0, _TALLEST / crop.shape[0])
    if scale < 1:
        crop = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    engine = _engine()
    engine.SetImageBytes(crop.tobytes(), crop.shape[1], crop.shape[0], 1, crop.shape[1])
    engine.SetSourceResolution(300)
    engine.Recognize()
    seen = [
        Seen(text, (x0 + a / scale, y0 + b / scale, x0 + c / scale, y0 + d / scale), confidence)
        for text, (a, b, c, d), confidence in _words(engine)
    ]
    return tuple(one for one in seen if box[0] <= (one.box[0] + one.box[2]) / 2 <= box[2])


def _bleached(crop: Gray) -> Gray:
    """Paper to white, or the frame's edge would be read as a bracket; letters as they are, for their finest marks are grey."""
    ink, paper = percentiles(crop[::2, ::2], (2, 70))
    white = crop.copy()
    white[crop > paper - _PAPER * (paper - ink)] = 255
    return white


def _words(engine: tesserocr.PyTessBaseAPI) -> Iterator[tuple[str, tuple[int, int, int, int], float]]:
    results = engine.GetIterator()
    if results is None:
        return
    level = tesserocr.RIL.WORD
    for result in tesserocr.iterate_level(results, level):
        if result.Empty(level):
            continue
        text = (result.GetUTF8Text(level) or "").strip().replace("\u2044", "/")  # no office prints a fraction's stroke
        box = result.BoundingBox(level)
        if text and box:
            yield text, box, result.Confidence(level) / 100


class PageTesseract:
    """The control: Tesseract alone, layout and all. Needs nothing but Debian's packages."""

    name = "tesseract"

    def __init__(self) -> None:
        import pytesseract  # the control alone needs it

        tessdata()
        self.version = f"tesseract {pytesseract.get_tesseract_version()} vie-{tessdata_digest()}"

    def read(self, reading: Gray, dpi: float, sealed: Sequence[Gray] = ()) -> tuple[ReadWord, ...]:
        """The words Tesseract finds by its own layout analysis."""
        import pytesseract
        from PIL import Image

        settings = f"--tessdata-dir {tessdata()} --dpi {round(dpi)}"
        said = pytesseract.image_to_data(Image.fromarray(reading), lang=_LANGUAGE, config=settings, output_type=pytesseract.Output.DICT)
        words: list[ReadWord] = []
        numbers: dict[tuple[int, int, int], int] = {}
        for i, text in enumerate(said["text"]):
            confidence = float(said["conf"][i])
            if confidence < 0 or not text.strip():
                continue
            line = numbers.setdefault((said["block_num"][i], said["par_num"][i], said["line_num"][i]), len(numbers))
            x, y, w, h = (float(said[key][i]) for key in ("left", "top", "width", "height"))
            words.append(ReadWord(text.strip(), (x, y, x + w, y + h), min(1.0, confidence / 100), line))
        return tuple(words)
