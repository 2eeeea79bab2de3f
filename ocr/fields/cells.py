"""The cells of tables and the lines of lists, each judged for itself: one doubtful cell is looked at, not its whole table."""

from collections.abc import Sequence
from typing import Any

from ocr.fields.address import names_no_known_unit, parts_of
from ocr.fields.decide import Evidence, decide
from ocr.fields.draft import Draft
from ocr.fields.folding import fold
from ocr.fields.layout import Token, union
from ocr.fields.tables import Cell as Found
from ocr.fields.tables import Table, cell_text
from ocr.fields.templates import Column, Entry
from ocr.fields.weigh import weigh
from ocr.model import Cell, Source
from sohoa.checks import check

_TICKS = frozenset({"x", "v", "xx"})
_TICK_SIGNS = frozenset("×✓✔✗☒☑√")


def table_draft(entry: Entry, table: Table, source: Source, page: int) -> Draft:
    """The draft of a table whose heading stands on `page`; rows in which nothing is written are left out."""
    draft = Draft(entry, [], "", 1.0, source, page, None)
    cells: list[Cell] = []
    for found in table.rows:
        row, record = len(draft.value), dict[str, Any]()
        own: list[Cell] = []
        for cell in found:
            if cell.column.counter:
                continue
            if cell.column.type == "checkbox":
                record[cell.column.name] = _ticked(cell)
                continue
            made = _cell(draft, cell.column, cell.tokens, row, doubted=cell.doubted)
            record[cell.column.name] = made.value
            own.append(made)
        if any(value not in (None, False) for value in record.values()):
            draft.value.append(record)
            cells += own
    draft.raw = "\n".join(" | ".join(cell_text(cell) for cell in cells) for cells in table.rows)
    return _closed(draft, cells)


def list_draft(entry: Entry, items: Sequence[Sequence[Token]], source: Source, page: int) -> Draft:
    """The draft of a numbered list, one cell for every line that says something."""
    column = entry.columns[0] if entry.columns else Column(name="ten", label="")
    draft = Draft(entry, [], "\n".join(" ".join(token.text for token in item) for item in items), 1.0, source, page, None)
    cells: list[Cell] = []
    for item in items:
        made = _cell(draft, column, item, len(draft.value), doubted=False)
        if made.value is not None:
            draft.value.append({column.name: made.value})
            cells.append(made)
    return _closed(draft, cells)


def _closed(draft: Draft, cells: list[Cell]) -> Draft:
    draft.value = draft.value or None
    draft.cells = tuple(cells)
    boxes = [cell.box for cell in cells if cell.box is not None]
    draft.box = union(boxes) if boxes else None
    draft.confidence = min((cell.confidence for cell in cells if cell.value is not None), default=0.0 if not draft.value else 1.0)
    return draft


def _cell(draft: Draft, column: Column, tokens: Sequence[Token], row: int, *, doubted: bool) -> Cell:
    weighed = weigh(tokens, column.type)
    reading = weighed.reading
    checks = reading.checks if reading.value is not None else ()
    draft.checks += checks
    evidence = Evidence(column.type, reading.value, reading.sure and not doubted, weighed.confidence, weighed.differs, False, checks)
    status, reason = decide(evidence)
    box = union([token.box for token in tokens]) if tokens else None
    page = tokens[0].page if tokens else draft.page
    raw = " ".join(token.text for token in tokens)
    address = parts_of(reading.value) if column.address and isinstance(reading.value, str) else None
    if address is not None and names_no_known_unit(reading.value):
        draft.checks.append(check("address_unknown", "warning"))
    return Cell(row, column.name, reading.value, raw, round(weighed.confidence, 4), page, box, status, reason, address)


def _ticked(cell: Found) -> bool:
    text = cell_text(cell) or "".join(token.text for token in cell.tokens)
    return fold(text) in _TICKS or any(letter in _TICK_SIGNS for letter in text)
