"""Digits as readers give them: with letters that look like digits, between the bars of boxes, in groups."""

import re

LEAST_FIGURES = 5  # of a number whose length is known: fewer are none of it
_LOOKALIKE = str.maketrans({"O": "0", "o": "0", "Q": "0", "D": "0", "l": "1", "I": "1", "|": "", "S": "5", "B": "8", "Z": "2", "z": "2"})
_BARS = str.maketrans({"|": "", "[": "", "]": "", "¦": "", "│": "", "_": "", "…": ""})


def digits_of(text: str) -> tuple[str, bool]:
    """(digits, nothing had to be guessed). Letters are taken for digits only in a text that is mostly digits."""
    plain = re.sub(r"[\s.,;:\-–/()]", "", text.translate(_BARS))
    if plain.isdigit() and plain.isascii():
        return plain, True
    counted = sum(letter.isdigit() for letter in plain)
    if plain and counted >= 0.6 * len(plain):
        repaired = plain.translate(_LOOKALIKE)
        return "".join(letter for letter in repaired if letter in "0123456789"), False
    return "".join(letter for letter in plain if letter in "0123456789"), False
