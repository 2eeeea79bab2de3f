"""How sure is sure."""

from ocr.words.decide import Decision
from ocr.words.lattice import Token
from ocr.words.tesseract import Seen


def confidence(token: Token, decision: Decision, seen: Seen | None, asked: bool) -> float:
    return decision.chance * (token.weakest if not token.is_word else token.edges)
