"""`document.json`: everything known about one document, in the shape that portals rely on."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from ocr.codes import Code
from ocr.model import Address, Box, Cell, Extraction, Field, Page, Quality, Word
from ocr.tasks import Assembled
from sohoa.checks import Check

_ENCODER = msgspec.json.Encoder(decimal_format="number")


class PageRow(Struct, frozen=True):
    """A page without its words."""

    number: int
    size_mm: tuple[float, float]
    dpi: float
    rotation: int
    skew: float
    quality: Quality
    status: str
    code: str | None


class WordRow(Struct, frozen=True):
    """A word with its page. `raw` is present only where the language model decided against the recogniser.

    Dots set against the word without a space, as in "tên:........", lie within `box` and never in `text`; `letters_end` is
    then the x where the letters end.
    """

    page: int
    text: str
    box: Box
    confidence: float
    line: int
    raw: str | UnsetType = UNSET
    letters_end: float | UnsetType = UNSET


class CheckRow(Struct, frozen=True):
    """A check; `fields` is left out when it is about the whole document."""

    code: str
    result: str
    fields: tuple[str, ...] | UnsetType
    text_vi: str
    text_en: str


class CellRow(Struct, frozen=True):
    """A cell of a table field: `row` counts the objects of its value from 0, `column` is their key."""

    row: int
    column: str
    value: Any
    raw: str
    confidence: float
    page: int | None
    box: Box | None
    status: str
    reason_code: str | None
    address: Address | UnsetType = UNSET


class FieldRow(Struct, frozen=True):
    """A field as in `ocr.model.Field`; only tables have `cells`, only addresses an `address`, only
    fields that wait for review a `crop`, the path of their picture beside this file."""

    name: str
    label: str
    section: str | None
    type: str
    value: Any
    raw: str
    confidence: float
    source: str
    page: int | None
    box: Box | None
    status: str
    reason_code: str | None
    checks: tuple[CheckRow, ...]
    cells: tuple[CellRow, ...] | UnsetType = UNSET
    address: Address | UnsetType = UNSET
    crop: str | UnsetType = UNSET


class CodeRow(Struct, frozen=True):
    """A QR or bar code on a page; `values` is what the office's patterns found in it."""

    page: int
    format: str
    text: str
    box: Box
    values: Mapping[str, str]


class Document(Struct, frozen=True):
    """The whole object, its keys in the promised order."""

    template: str | None
    template_version: str | None
    archive: Assembled
    pages: tuple[PageRow, ...]
    words: tuple[WordRow, ...]
    fields: tuple[FieldRow, ...]
    checks: tuple[CheckRow, ...]
    signatures: tuple[Any, ...]
    provenance: Mapping[str, Any]
    codes: tuple[CodeRow, ...] = ()


def document(
    extraction: Extraction,
    pages: Sequence[Page],
    archive: Assembled,
    signatures: Sequence[Any] = (),
    provenance: Mapping[str, Any] | None = None,
    codes: Sequence[tuple[Code, Mapping[str, str]]] = (),
) -> Document:
    """The object of `document.json`. `signatures` and `provenance` come from other rooms and are taken as they are; `codes`
    come with what the office's patterns found in them."""
    return Document(
        extraction.template,
        extraction.template_version,
        archive,
        tuple(map(_page, pages)),
        tuple(_word(page.number, word) for page in pages for word in page.words),
        tuple(map(_field, extraction.fields)),
        tuple(map(_check, extraction.checks)),
        tuple(signatures),
        provenance or {},
        tuple(CodeRow(code.page, code.format, code.text, code.box, values) for code, values in codes),
    )


def document_json(
    extraction: Extraction,
    pages: Sequence[Page],
    archive: Assembled,
    signatures: Sequence[Any] = (),
    provenance: Mapping[str, Any] | None = None,
    codes: Sequence[tuple[Code, Mapping[str, str]]] = (),
) -> bytes:
    """`document` as UTF-8 JSON; decimals are numbers, not strings."""
    return _ENCODER.encode(document(extraction, pages, archive, signatures, provenance, codes)) + b"\n"


def _page(page: Page) -> PageRow:
    return PageRow(page.number, page.size_mm, page.dpi, page.rotation, page.skew, page.quality, page.status, page.code)


def _word(page: int, word: Word) -> WordRow:
    raw = UNSET if word.raw is None else word.raw
    if word.leader is None:
        return WordRow(page, word.text, word.box, word.confidence, word.line, raw)
    x0, y0, x1, y1 = word.box
    return WordRow(page, word.text, (x0, y0, word.leader, y1), word.confidence, word.line, raw, x1)


def _check(check: Check) -> CheckRow:
    return CheckRow(check.code, check.result, check.fields or UNSET, check.text_vi, check.text_en)


def _field(field: Field) -> FieldRow:
    checks = tuple(map(_check, field.checks))
    return FieldRow(
        field.name, field.label, field.section, field.type, field.value, field.raw, field.confidence, field.source,
        field.page, field.box, field.status, field.reason_code, checks, tuple(map(_cell, field.cells)) or UNSET,
        field.address or UNSET, field.crop or UNSET,
    )  # fmt: skip


def _cell(cell: Cell) -> CellRow:
    return CellRow(
        cell.row, cell.column, cell.value, cell.raw, cell.confidence, cell.page, cell.box, cell.status, cell.reason_code,
        cell.address or UNSET,
    )  # fmt: skip
