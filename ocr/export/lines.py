"""Words grouped into the lines they were read in: what every text export starts from."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from ocr.model import Box, Page, Word


def lines(page: Page) -> Iterator[tuple[Word, ...]]:
    """The page's lines in reading order."""
    for _, words in groupby(page.words, key=lambda word: word.line):
        yield tuple(words)


def around(words: Sequence[Word]) -> Box:
    """The smallest box that holds `words`, in points."""
    boxes = [word.box for word in words]
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
