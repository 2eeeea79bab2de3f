"""Reading for signing: a PDF that is only pictures shows the place of its signature to whoever reads it.

`signing` knows no reader; it is handed `page_reader`, which reads the asked page in a killable child.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from ocr.tasks import READ_IN_PLACE, ReadInPlace
from signing.model import SeenWord
from sohoa.child import Child

PRELOAD = ("ocr.in_place",)


def page_reader(child: Child) -> Callable[[Path, int], tuple[SeenWord, ...]] | None:
    """(PDF, page from 1) → the page's words where they stand; None where no reader is installed."""
    if find_spec("tesserocr") is None and find_spec("onnxruntime") is None:
        return None

    def look(file: Path, number: int) -> tuple[SeenWord, ...]:
        return tuple(SeenWord(word.text, word.box) for word in child.call(READ_IN_PLACE, ReadInPlace(str(file), number)).words)

    return look
