"""A field before it is judged."""

from typing import Any

from msgspec import Struct, field

from ocr.fields.layout import Token
from ocr.fields.templates import Entry
from ocr.model import Box, Cell, Source
from sohoa.checks import Check


class Draft(Struct):
    """What was found for one entry of the template.

    `sure` is the type's word, `raw_differs` the reader's, `ink` the image's; `confirmed` a closed list's. `tokens` are the words of
    the value as they are spelt in the end.
    """

    entry: Entry
    value: Any
    raw: str
    confidence: float
    source: Source
    page: int | None
    box: Box | None
    sure: bool = True
    raw_differs: bool = False
    ink: bool = False
    confirmed: bool = False
    found: bool = True
    checks: list[Check] = field(default_factory=list)
    reason: str | None = None
    cells: tuple[Cell, ...] = ()
    tokens: tuple[Token, ...] = ()
