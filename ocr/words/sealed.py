"""Words under a grey seal, read from several pictures: with the seal's grey taken off, and as the scanner saw them.

Taking off a grey as dark as the edge of a letter costs marks; leaving it on costs letters that a ring crosses. Of the two readings
of a word the surer one is mostly right, and where both are sure of different words, neither is to be believed without a person.
"""

from collections.abc import Iterable

import numpy as np
from msgspec.structs import replace

from ocr.words.detect import Line
from ocr.words.lattice import BEFORE_A_TITLE
from ocr.words.word import Box, Gray, ReadWord

_SAME_PLACE = 0.5  # of the narrower of two words
_DISPUTED = 0.95  # what two pictures show as different words is no sure word
_STROKES = ",.-_'`“‘"  # in front of a word; signs behind it may be its own
_SAME_LINE = 0.4  # of the lower of two words


def touched(lines: Iterable[Line], changed: Gray) -> list[Line]:
    """The lines over which a seal lies; `changed` (H×W) is not 0 where its grey was taken off."""
    return [line for line in lines if changed[int(line.y0) : int(line.y1) + 1, int(line.x0) : int(line.x1) + 1].any()]


def with_second_picture(words: tuple[ReadWord, ...], others: tuple[ReadWord, ...], changed: Gray) -> tuple[ReadWord, ...]:
    """`words` of the cleared picture, each that lies under a seal held against `others`, read from the picture as it was."""
    left, right, top, bottom = (np.array([word.box[side] for word in others]) for side in (0, 2, 1, 3))
    settled = []
    for word in words:
        x0, y0, x1, y1 = word.box
        if others and changed[int(y0) : int(y1) + 1, int(x0) : int(x1) + 1].any():
            beside = np.minimum(right, x1) - np.maximum(left, x0) > _SAME_PLACE * np.minimum(right - left, x1 - x0)
            level = np.minimum(bottom, y1) - np.maximum(top, y0) > _SAME_LINE * np.minimum(bottom - top, y1 - y0)
            (there,) = np.nonzero(beside & level)
            if len(there) == 1 and _alike(word.box, others[there[0]].box):
                word = _settled(word, others[there[0]])
            elif len(there) > 1 and min(others[at].confidence for at in there) > word.confidence:  # a stroke of the seal had joined them
                settled += [replace(others[at], line=word.line) for at in there]
                continue
        settled.append(word)
    return tuple(settled)


def _alike(one: Box, other: Box) -> bool:
    """Of one word each, not of two words and a third that covers both."""
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared > _SAME_PLACE * max(one[2] - one[0], other[2] - other[0])


def _settled(word: ReadWord, other: ReadWord) -> ReadWord:
    if word.text == other.text:
        return replace(word, confidence=max(word.confidence, other.confidence))
    for mine, against in ((word, other), (other, word)):
        # No other sign outweighs a closed list; and a sign in front of a word that one picture alone shows is a stroke of the seal.
        if mine.text in BEFORE_A_TITLE or mine.text == against.text.lstrip(_STROKES):
            return replace(word, text=mine.text, raw=mine.raw, confidence=mine.confidence)
    kept, against = (other, word) if other.confidence > word.confidence else (word, other)
    one, two = kept.confidence, against.confidence
    # Of two witnesses who disagree at most one is right.
    sure = one * (1 - two) / max(1e-6, one * (1 - two) + two * (1 - one) + (1 - one) * (1 - two))
    return replace(word, text=kept.text, raw=kept.raw, confidence=round(min(one, sure, _DISPUTED), 4))
