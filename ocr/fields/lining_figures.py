"""E-mail addresses whose figures stand beside letters they may be confused with ("kien.ho86@…"): nothing but their height tells an o from
a 0 there, and no list knows the address.

In most faces figures are as tall as capitals, and an o beside them is clearly lower: a reader does not confuse them. In book faces with
old-style figures 0, 1 and 2 are as low as small letters, and so the address waits for a person.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

import cv2

from ocr.fields.draft import Draft
from ocr.fields.filled import Filled
from ocr.fields.layout import Token
from ocr.fields.page_ink import Ink
from ocr.fields.types.texts import read_email
from ocr.fields.values import Found
from ocr.pixels import connected

_FEWEST = 4  # figures of a number that is measured
_NUMBERS = 6  # numbers of a page that are enough
_ALIKE = 0.86  # of the tallest figure's height: old-style figures of one number differ by a third
_LOW = frozenset("012")


def believe_addresses(form: Filled, made: Mapping[str, Draft], found: Mapping[str, Found]) -> None:
    """Drafts of e-mail addresses that waited only for such a figure are sure where the page's figures are as tall as capitals; changes
    `made`."""
    for name, draft in made.items():
        one = found[name]
        if draft.entry.type != "email" or draft.sure or one.doubted or not read_email(draft.raw, lining=True).sure:
            continue
        if draft.source == "pdf_text":
            draft.sure = True  # these letters were not read
        elif draft.source == "print" and (ink := form.pictures.of(one.page)) is not None:
            draft.sure = _are_tall(ink, [token for token in form.layout.tokens if token.page == one.page])


def _are_tall(ink: Ink, tokens: Sequence[Token]) -> bool:
    """True when the figures of the page's numbers are of one height; False also where no number tells."""
    heights = list(_evenness(ink, tokens))
    return bool(heights) and median(heights) >= _ALIKE


def _evenness(ink: Ink, tokens: Sequence[Token]) -> Iterator[float]:
    """The lowest figure's height in parts of the tallest's, for numbers that hold both kinds and whose figures stand free."""
    left = _NUMBERS
    for token in tokens:
        number = token.text.strip(".,;:()")
        if not number.isdigit() or len(number) < _FEWEST or _LOW.isdisjoint(number) or _LOW.issuperset(number):
            continue
        x0, y0, x1, y1 = token.box
        stats = connected(ink.part((x0 - 1, y0 - 2, x1 + 1, y1 + 2)))[1][1:]
        high = stats[:, cv2.CC_STAT_HEIGHT]
        figures = high[high > 0.4 * high.max()] if len(high) else high
        if len(figures) != len(number):
            continue  # figures that touch, dots of a leader
        yield float(figures.min()) / float(figures.max())
        left -= 1
        if not left:
            return
