"""A document's words as one string, searched for what reads like a label."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import Indel

from ocr.fields.layout import Token


class LabelText:
    """The folded tokens as one string, to cut windows of a wanted length from."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.starts: list[int] = []
        length = 0
        for token in tokens:
            self.starts.append(length)
            length += len(token.fold)
        self.starts.append(length)
        self.text = "".join(token.fold for token in tokens)
        self.colons = [token.index for token in tokens if token.colon]
        self.cells = [token.index for token in tokens if token.cell_start]
        # (position, one past the next colon, position of the next gap) of every token that has letters
        self._ends = [(token.index, self._colon_after(token.index), self._gap_after(token.index)) for token in tokens if token.fold]
        self._found: dict[str, list[tuple[int, int, float]]] = {}
        self._windows: dict[int, tuple[list[str], list[tuple[int, int]]]] = {}

    def _colon_after(self, start: int) -> int:
        colon = bisect_left(self.colons, start)
        return self.colons[colon] + 1 if colon < len(self.colons) else len(self.starts) - 1

    def _gap_after(self, start: int) -> int:
        cell = bisect_left(self.cells, start + 1)
        return self.cells[cell] if cell < len(self.cells) else len(self.starts) - 1

    def windows(self, tokens: Sequence[Token], pattern: str) -> list[tuple[int, int, float]]:
        """(start, end, similarity) of the token windows that read like `pattern`."""
        if pattern not in self._found:
            self._found[pattern] = list(self._search(tokens, pattern))
        return self._found[pattern]

    def _of_length(self, tokens: Sequence[Token], length: int) -> tuple[list[str], list[tuple[int, int]]]:
        """Windows of about `length` letters from every token: to the nearest word ends, and to a colon or a gap before them."""
        if length not in self._windows:
            texts: list[str] = []
            spans: list[tuple[int, int]] = []
            starts = self.starts
            near = 0
            for start, stop, gap in self._ends:
                while near < len(tokens) and starts[near] < starts[start] + length:
                    near += 1
                near = max(near, start + 1)
                for end in {min(near, stop), min(near - 1, stop), min(near, stop, gap)}:
                    if end > start and 1.5 * (starts[end] - starts[start]) >= length:
                        texts.append(self.text[starts[start] : starts[end]])
                        spans.append((start, end))
            self._windows[length] = (texts, spans)
        return self._windows[length]

    def _search(self, tokens: Sequence[Token], pattern: str) -> Iterator[tuple[int, int, float]]:
        length = len(pattern)
        least = 1.0 if length <= 4 else 0.85 if length <= 7 else 0.8
        texts, spans = self._of_length(tokens, length)
        best: dict[int, tuple[float, int]] = {}
        for _, similarity, position in process.extract(pattern, texts, scorer=Indel.normalized_similarity, score_cutoff=least, limit=None):
            start, end = spans[position]
            best[start] = max(best.get(start, (0.0, 0)), (similarity, end))
        for start, (similarity, end) in best.items():
            yield start, end, similarity
