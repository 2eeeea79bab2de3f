"""What stands before a label to count it: "1.", "(14)", "a)", a dash; and where such numbers tell that a question of the paper begins,
whatever its words."""

import re
from collections.abc import Iterable, Sequence

DASHES = ("-", "–", "—")
ENUMERATOR = re.compile(r"^(?:\[\d{1,2}\]|\(?\d{1,2}(?:[.,]\d{1,2})*[.)/]?|\(?[a-zđ]\)|[-–—+•*])$")
COUNT = re.compile(r"^\s*(\[\d+\]|\d+(?:\.\d+)*[.)/]?|[a-zđ]\)|[-–+•])\s+")  # before a template's wording
_COUNTED = re.compile(r"^(\(|\[)?(\d{1,2})([.)/\]]{1,2})$")
_LEAST = 4  # of one kind, one after the other: fewer may be dates, house numbers, footnotes
_SKIPPED = 3  # numbers that were not read between two that were


def questions_begin(opening: Iterable[tuple[int, str]]) -> frozenset[int]:
    """Which of the words that open a row, or follow a gap, given as (index, text), are numbers of questions: each the next of its kind."""
    kinds: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for index, text in opening:
        if counted := _COUNTED.match(text):
            kinds.setdefault((counted[1] or "", counted[3]), []).append((int(counted[2]), index))
    return frozenset(index for counts in kinds.values() for index in _longest_count(counts))


def _longest_count(counted: Sequence[tuple[int, int]]) -> list[int]:
    """The longest run of numbers that go up by one, or by little more; nothing when it is short."""
    best: list[list[int]] = []
    for at, (number, index) in enumerate(counted):
        before = [best[earlier] for earlier in range(at) if 0 < number - counted[earlier][0] <= _SKIPPED]
        best.append([*max(before, key=len, default=[]), index])
    longest = max(best, key=len, default=[])
    return longest if len(longest) >= _LEAST else []
