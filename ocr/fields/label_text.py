"""A document's words as one string, searched for what reads like a label."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Indel

from ocr.fields.layout import Token

_COLONLESS = 0.25  # of a paper's rows with a colon: where fewer have one, another thing parts labels from answers


class LabelText:
    """The folded tokens as one string, to cut windows of a wanted length from. `colonless` where labels end without a colon."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.starts: list[int] = []
        length = 0
        for token in tokens:
            self.starts.append(length)
            length += len(token.fold)
        self.starts.append(length)
        self.text = "".join(token.fold for token in tokens)
        self.colons = [token.index for token in tokens if token.colon]
        rows = {token.row for token in tokens}
        self.colonless = len({token.row for token in tokens if token.colon}) < _COLONLESS * len(rows)
        self.cells = [token.index for token in tokens if token.cell_start]
        lettered = [token.index for token in tokens if token.fold]
        self._places = np.array(lettered, np.int64)
        self._limits = np.array([self._colon_after(index) for index in lettered], np.int64)
        self._gaps = np.array([self._gap_after(index) for index in lettered], np.int64)
        self._letters = np.array(self.starts, np.int64)
        self._found: dict[str, list[tuple[int, int, float]]] = {}
        self._windows: dict[int, tuple[list[str], list[tuple[int, int]]]] = {}

    def _colon_after(self, start: int) -> int:
        colon = bisect_left(self.colons, start)
        return self.colons[colon] + 1 if colon < len(self.colons) else len(self.starts) - 1

    def _gap_after(self, start: int) -> int:
        cell = bisect_left(self.cells, start + 1)
        return self.cells[cell] if cell < len(self.cells) else len(self.starts) - 1

    def windows(self, pattern: str) -> list[tuple[int, int, float]]:
        """(start, end, similarity) of the token windows that read like `pattern`."""
        if pattern not in self._found:
            self._found[pattern] = list(self._search(pattern))
        return self._found[pattern]

    def _of_length(self, length: int) -> tuple[list[str], list[tuple[int, int]]]:
        """Windows of about `length` letters from every token: to the nearest word ends, and to a colon or a gap before them."""
        if length not in self._windows:
            first, letters = self._places, self._letters
            near = np.maximum(np.searchsorted(letters[:-1], letters[first] + length), first + 1)
            far, short = np.minimum(near, self._limits), np.minimum(near - 1, self._limits)
            cell = np.minimum(far, self._gaps)
            spans: list[tuple[int, int]] = []
            for ends, new in ((far, True), (short, short != far), (cell, (cell != far) & (cell != short))):
                kept = (ends > first) & (1.5 * (letters[ends] - letters[first]) >= length) & new
                spans += zip(first[kept].tolist(), ends[kept].tolist(), strict=True)
            starts, text = self.starts, self.text
            self._windows[length] = ([text[starts[start] : starts[end]] for start, end in spans], spans)
        return self._windows[length]

    def _search(self, pattern: str) -> Iterator[tuple[int, int, float]]:
        length = len(pattern)
        least = 1.0 if length <= 4 else 0.85 if length <= 7 else 0.8
        texts, spans = self._of_length(length)
        best: dict[int, tuple[float, int]] = {}
        for _, similarity, position in process.extract(pattern, texts, scorer=Indel.normalized_similarity, score_cutoff=least, limit=None):
            start, end = spans[position]
            best[start] = max(best.get(start, (0.0, 0)), (similarity, end))
        for start, (similarity, end) in best.items():
            yield start, end, similarity
