"""Which of a few printed answers ("Nam", "Nữ") a row of ink is, asked of the network itself.

A reader writes down the likeliest letters, which in handwriting need not be a word. When only a few answers are possible, the
question is another: how likely is each of them, given the ink? The forward probability of CTC (Graves et al. 2006) answers it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.network import alphabet
from ocr.words.detect import Line
from ocr.words.recognise import look

_CLEAR = 0.97  # of all answers' probability
_POSSIBLE = -2.6  # natural logarithm per letter: below, the ink is none of the answers


def answer(row: NDArray[np.uint8], choices: Sequence[str]) -> str | None:
    """The one of `choices` that `row` (dark on white, a margin of a quarter above and below the letters) shows; None when unclear."""
    height, width = row.shape
    inside = np.flatnonzero((row < 150).any(axis=0))
    if height < 12 or not inside.size:
        return None
    line = Line(float(inside[0]), 0.18 * height, float(min(width, inside[-1] + 1)), 0.86 * height)
    scores = look(row, line).scores
    chances = np.array([_chance(scores, choice) for choice in choices])
    best = int(chances.argmax())
    share = np.exp(chances - chances[best]).sum()
    clear = 1 / share > _CLEAR and chances[best] / max(1, len(choices[best])) > _POSSIBLE
    return choices[best] if clear else None


def _chance(scores: NDArray[Any], text: str) -> float:
    """The natural logarithm of the probability of `text`, over all ways to align it with the steps."""
    classes = {letter: number for number, letter in enumerate(alphabet(), start=1)}
    if any(letter not in classes for letter in text):
        return -1e9
    states = [0]
    for letter in text:
        states += [classes[letter], 0]
    paths = np.full(len(states), -1e9)
    paths[:2] = scores[0, states[:2]]
    leap = np.array([at > 1 and state != 0 and state != states[at - 2] for at, state in enumerate(states)])
    for step in scores[1:]:
        one = np.concatenate(([-1e9], paths[:-1]))
        two = np.where(leap, np.concatenate(([-1e9, -1e9], paths[:-2])), -1e9)
        paths = np.logaddexp(np.logaddexp(paths, one), two) + step[states]
    return float(np.logaddexp(paths[-1], paths[-2]))
