"""The reader called `lines`: the detector finds the lines, Tesseract reads every one of them."""

from collections.abc import Sequence

from ocr.network import ENGINE, digest
from ocr.words.detect import find_lines
from ocr.words.order import reading_order
from ocr.words.tesseract import read_line, tessdata_digest
from ocr.words.word import Gray, ReadWord


class LineReader:
    """Slower than the default reader and nearly as good; no language model of ours takes part."""

    name = "lines"

    def __init__(self) -> None:
        self.version = f"lines 1 {ENGINE} det-{digest('det.onnx')} vie-{tessdata_digest()}"

    def read(self, reading: Gray, dpi: float, sealed: Sequence[Gray] = ()) -> tuple[ReadWord, ...]:
        """All words of the page in reading order."""
        lines = find_lines(reading)
        seen = [read_line(reading, (line.x0, line.y0, line.x1, line.y1)) for line in lines]
        order = reading_order(lines, [" ".join(word.text for word in words) for words in seen])
        return tuple(
            ReadWord(word.text, word.box, word.confidence, number) for number, row in enumerate(order) for i in row for word in seen[i]
        )
