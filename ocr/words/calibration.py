"""How sure is sure: from what is known of a word to the chance that all of it is right.

Two logistic curves, one for words of letters and one for numbers and codes, fitted on some 12,700 words of made-up
office pages, scanned at 200 dpi, photographed and clean. Fitted on half of the pages, of the words given 0.98 or
more in the other half 99.2 to 99.8 % were right (numbers and codes 98.8 to 99.4 %); of those given 0.9 to 0.95, 94 %.
"""

import math
import re

from ocr.words.decide import Decision
from ocr.words.lattice import Token, core
from ocr.words.syllables import is_syllable, unmarked
from ocr.words.tesseract import Seen

_SUREST = 0.9995
_LEFT_OPEN = 0.95
_TAKEN_OVER = 0.75  # of 60 names and capitals that became what the other reader saw less surely than that, 17 were wrong
_SETTLED = 0.985  # from here on, of 220 capitalised words that the other reader saw as they were changed to, one was wrong
_CONTRADICTED = 0.6  # its company speaks for other marks
_SECONDED = 0.86  # of changed or contradicted names that the other reader saw less surely 9 of 42 were wrong, of others 9 of 314
_FIGURE = 0.9  # a figure where the network saw a letter: a person looks at it
_UNSURE_FIGURE = 0.9  # two readers who agree about a number of which one is less sure than that may be misled by the same damage
_DOUBTED_NUMBER = 0.79
_NUMBER = 3  # figures: fewer number an item
_AREA = re.compile(r"^[(]?[kcdm]?m[23][);,.]*$")


def confidence(token: Token, decision: Decision, seen: Seen | None, asked: bool) -> float:
    """The chance 0..1 that `decision.text` is right to the last mark; `seen` and `asked` are about the second reader."""
    agrees = seen is not None and seen.text == decision.text
    differs = seen is not None and not agrees
    if token.is_word:
        odds = -2.07 + 0.55 * _odds(decision.chance) + 0.43 * _odds(token.edges) + 0.2 * _odds(token.weakest)
        odds += 2.01 * agrees - 0.47 * differs - 0.8 * (asked and seen is None)
        odds += -1.21 * decision.unheard + 0.1 * (decision.text != token.text) - 0.84 * (not is_syllable(core(decision.text)))
    else:
        odds = -4.33 + 0.34 * _odds(decision.chance) + 0.99 * _odds(token.weakest) + 3.33 * agrees + 1.44 * differs
        odds += 0.92 * any(c.isdigit() for c in token.text) - 1.01 * any(c.isalpha() for c in token.text)
    witnessed = agrees and seen is not None and seen.confidence >= _SECONDED
    surest = _LEFT_OPEN if _left_open(token, decision, agrees, witnessed) else _SUREST
    if agrees and surest < _SUREST and _letters(decision.text) != _letters(token.text):
        surest = _TAKEN_OVER
    if agrees and decision.unheard and _became_another(token, decision):
        surest = _TAKEN_OVER
    if token.figure < _UNSURE_FIGURE and sum(map(str.isdigit, token.text)) >= _NUMBER:
        surest = min(surest, _DOUBTED_NUMBER)
    # Names are in no text; of other words even two readers who agree may both have missed a dot on a dotted line, and of capitals, which
    # leave their marks little room, the hook of "TỈNH".
    if decision.contradicted and not (witnessed and core(decision.text).istitle() and decision.text == token.text):
        surest = _CONTRADICTED
    if decision.misplaced or (differs and not token.is_word and _has_lost_letters(decision.text, seen)):
        surest = _CONTRADICTED
    if differs and not decision.text.islower() and _same_letters(decision.text, seen):
        surest = min(surest, _CONTRADICTED)
    if token.is_word and any(c.isdigit() for c in decision.text):
        surest = min(surest, _FIGURE)
    return round(min(surest, 1 / (1 + math.exp(-odds))), 4)


def _became_another(token: Token, decision: Decision) -> bool:
    """A capitalised syllable with other letters than the network's own, which is one too: "Pắc" that became "Đắc"."""
    return not decision.text.islower() and is_syllable(core(token.text)) and _bare(decision.text) != _bare(token.text)


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _same_letters(text: str, seen: Seen | None) -> bool:
    """True when a witness saw another mark on a name: nothing else on the page tells which of two is right."""
    return seen is not None and seen.confidence >= _SECONDED and _bare(seen.text) == _bare(text) != "" and core(seen.text) != core(text)


def _has_lost_letters(text: str, seen: Seen | None) -> bool:
    """True for capitals that are no syllable, such as an abbreviation, where a sure witness saw one: "CNG" for "CỘNG"."""
    return seen is not None and seen.confidence >= _SECONDED and core(text).isupper() and is_syllable(core(seen.text))


def _bare(text: str) -> str:
    return unmarked(core(text))


def _left_open(token: Token, decision: Decision, agrees: bool, witnessed: bool) -> bool:
    """What no curve over chances sees: ink that nobody read, a dropped letter, a name that the model alone changed, m2 for m²."""
    text = decision.text
    changed = text != token.text
    dropped = len(text) < len(token.text) and not agrees
    return (
        (token.overlooked and text == token.text and not agrees)
        or dropped
        or (changed and not text.islower() and not (witnessed and decision.chance >= _SETTLED))
        or _AREA.match(text) is not None
    )


def _odds(chance: float) -> float:
    """Log odds, kept within -1 and 7."""
    return min(7.0, max(-1.0, math.log(max(chance, 1e-9) / max(1 - chance, 1e-9))))
