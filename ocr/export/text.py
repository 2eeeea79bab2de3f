"""`document.txt`: what was read, as plain text."""

from collections.abc import Sequence
from unicodedata import normalize

from ocr.export.lines import lines
from ocr.model import Page


def plain_text(pages: Sequence[Page]) -> str:
    """The words in NFC and reading order, a line each line, a form feed after each page, read or not."""
    return "".join("".join(" ".join(normalize("NFC", word.text) for word in line) + "\n" for line in lines(page)) + "\f" for page in pages)
