"""Words under a grey seal, read from several pictures: with the seal's grey taken off, and as the scanner saw them.

Taking off a grey as dark as the edge of a letter costs marks; leaving it on costs letters that a ring crosses. Of the two readings
of a word the surer one is mostly right, and where both are sure of different words, neither is to be believed without a person.
"""

import unicodedata
from collections.abc import Iterable

import numpy as np
from msgspec.structs import replace

from ocr.words.detect import Line
from ocr.words.lattice import BEFORE_A_TITLE
from ocr.words.word import Box, Gray, ReadWord

_SAME_PLACE = 0.5  # of the narrower of two words
_DISPUTED = 0.95  # what two pictures show as different words is no sure word
_STROKES = ",.-_'`“‘"  # in front of a word; signs behind it may be its own
_BEHIND = ".,;:!?-–_'\"”’)]"
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # of NFD: grave, acute, tilde, hook, dot
_SURE, _UNSURE = 0.95, 0.8  # a reading so sure outweighs one with more marks that is not even so sure
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
    kept = _likelier(word, other)
    against = other if kept is word else word
    one, two = kept.confidence, against.confidence
    # Of two witnesses who disagree at most one is right.
    sure = one * (1 - two) / max(1e-6, one * (1 - two) + two * (1 - one) + (1 - one) * (1 - two))
    text = kept.text if against.text.startswith(kept.text[0]) else kept.text.lstrip(_STROKES)
    return replace(word, text=text, raw=kept.raw, confidence=round(min(one, sure, _DISPUTED), 4))


def _likelier(word: ReadWord, other: ReadWord) -> ReadWord:
    """Which of two readings that differ was printed, `word` of the cleared picture or `other` of the picture as it was.

    Of 100 such pairs on drawn pages: where only signs behind the word or a capital differ, the cleared picture was right 24 of 26 times,
    for what it took off were strokes; where one has a tone that the other lacks and all else alike, it was 13 of 14 times, for a grey taken
    off takes tones along. Of any other two the surer.
    """
    one, two = (seen.text.lstrip(_STROKES).rstrip(_BEHIND) for seen in (word, other))
    if one.casefold() == two.casefold():
        return word
    for fuller, barer, text, bare in ((word, other, one, two), (other, word, two, one)):
        outweighed = barer.confidence >= _SURE and fuller.confidence < _UNSURE
        if _has_more_tones(text, bare) and not outweighed:
            return fuller
    return other if other.confidence > word.confidence else word


def _has_more_tones(text: str, bare: str) -> bool:
    """True where `text` is `bare` with a tone that is not there, and has all its own marks: a hat or a horn more may be a seal's stroke."""
    letters, plain = ([unicodedata.normalize("NFD", letter) for letter in said] for said in (text, bare))
    return len(letters) == len(plain) and all(
        two[0] == one[0] and set(two) <= set(one) and set(one) - set(two) <= _TONES for one, two in zip(letters, plain, strict=True)
    )
