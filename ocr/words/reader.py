"""The way into this room: a reader by name, and two questions about a page that readers help to answer.

default     the lattice cascade: fast network, syllables, language model, Tesseract where in doubt
lines       the line detector, then Tesseract on every line
tesseract   Tesseract alone, as a control and for machines without the networks
"""

from functools import cache

from ocr.words.coverage import omission
from ocr.words.turn import upright
from ocr.words.word import Reader, ReadWord
from sohoa.errors import UsageError

__all__ = ["ReadWord", "Reader", "load_reader", "omission", "upright"]


@cache
def load_reader(name: str = "default") -> Reader:
    """The reader called `name`, its models loaded once per process.

    Raises UsageError: reader_unknown, tessdata_missing, reader_models_missing.
    """
    if name == "tesseract":
        from ocr.words.tesseract import PageTesseract

        return PageTesseract()
    if name == "default":
        from ocr.words.cascade import LatticeReader

        return LatticeReader()
    if name == "lines":
        from ocr.words.lines import LineReader

        return LineReader()
    raise UsageError("reader_unknown", name=name)
