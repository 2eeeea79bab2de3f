"""What reading passes on: words, pages, fields. Plain frozen objects; no image crosses to another room.

Boxes are (x0, y0, x1, y1) in PDF points (1/72 inch) from the top left of the page as delivered.
"""

from typing import Any, Literal

from msgspec import Struct, field

from sohoa.checks import Check

Box = tuple[float, float, float, float]
PageStatus = Literal["read", "had_text", "failed"]
FieldStatus = Literal["accepted", "review", "empty"]
Source = Literal["print", "handwriting", "qr", "mrz", "pdf_text", "acroform"]


class Word(Struct, frozen=True):
    """One printed word. `line` counts the page's lines in reading order from 0; `confidence` is 0..1.

    `raw` is what the recogniser saw when a language model decided otherwise. `leader` is the x where dots end that are set
    against the word without a space, as in "tên:........"; `box` ends at the last letter. `in_field` words were filled into a field
    of a PDF form; `raw` is then what the page shows there, where that is something else.
    """

    text: str
    box: Box
    confidence: float
    line: int
    raw: str | None = None
    leader: float | None = None
    in_field: bool = False


class Quality(Struct, frozen=True):
    """How well a page could be read. `omission` is the share of dark ink outside every word box, 0..1.

    `codes` are texts for a person (blur, glare, cut edge, too few pixels), the worst first.
    """

    mean_confidence: float = 0.0
    omission: float = 0.0
    codes: tuple[str, ...] = ()


class Page(Struct, frozen=True):
    """One page of a document as delivered. `rotation` is what was turned clockwise in degrees, `skew` what was straightened.

    `code` tells why a page failed; on a page that was read, why the text its PDF brought along was not trusted.
    """

    number: int
    size_mm: tuple[float, float]
    dpi: float
    rotation: int
    skew: float
    quality: Quality
    status: PageStatus
    code: str | None = None
    words: tuple[Word, ...] = ()


AddressStatus = Literal["current", "old", "divided", "unknown"]


class Unit(Struct, frozen=True):
    """An administrative unit with its code, which keeps its leading zeros."""

    code: str
    name: str


class Address(Struct, frozen=True):
    """The parts of an address: what is before the units, the three units until 30 June 2025 where it names them, the two of today.

    Where an old commune was divided between several of today, these are `candidates` and nobody chooses for the reader.
    """

    status: AddressStatus
    detail: str | None
    old_commune: Unit | None
    old_district: Unit | None
    old_province: Unit | None
    commune: Unit | None
    province: Unit | None
    candidates: tuple[Unit, ...] = ()


class Cell(Struct, frozen=True):
    """One cell of a table or one line of a list: where it stands and whether it may be believed. `row` counts from 0."""

    row: int
    column: str
    value: Any
    raw: str
    confidence: float
    page: int | None
    box: Box | None
    status: FieldStatus
    reason_code: str | None = None
    address: Address | None = None


class Field(Struct, frozen=True):
    """One field of a form with all that is needed to trust it or to doubt it (design rule 5).

    `value` by type: date "yyyy-mm-dd" or "yyyy"; checkbox true/false/null; int, decimal and money as numbers;
    a table as a list of objects keyed by column; else text. Empty stays empty: null, never a default.
    `address` says which units an address names; `value` stays as printed. `cells` of a table say which of its values are to be
    looked at; the table waits for review when one of them does. `crop` is the path of its picture inside the delivered folder, where
    it waits for review and has a place on a page.
    """

    name: str
    label: str
    section: str | None
    type: str
    value: Any
    raw: str
    confidence: float
    source: Source
    page: int | None
    box: Box | None
    status: FieldStatus
    reason_code: str | None = None
    checks: tuple[Check, ...] = ()
    cells: tuple[Cell, ...] = ()
    address: Address | None = None
    crop: str | None = None


class Extraction(Struct, frozen=True):
    """The fields of one document. `template` is a slug or None when no title matched exactly."""

    template: str | None
    template_version: str | None
    fields: tuple[Field, ...] = ()
    checks: tuple[Check, ...] = field(default=())
