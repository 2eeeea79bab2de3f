"""Pages of one paper that were photographed one by one are proposed as one document, in their printed order.

Nothing is joined: a person confirms. Signs used: a first page bears the national motto (Quốc hiệu); a further page
bears its number, alone on a line in the top or bottom margin (NĐ 30/2020/NĐ-CP, Phụ lục I: from the second page on,
centred in the top margin), or with the count as in "Trang 2/3", and no motto. Pages that name different people are none.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from msgspec import Struct
from rapidfuzz import fuzz

from ocr.model import Page, Word
from pipeline.captures import Capture, of_one_person

_MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_SURE = 80
_POINTS_PER_MM = 72 / 25.4
_MARGIN = 0.09  # of the page's height: where a page number may stand
_HEAD = 0.3
_ALONE = re.compile(r"(?:trang\s*)?[-–—.]*\s*(\d{1,3})\s*[-–—.]*", re.IGNORECASE)
_COUNTED = re.compile(r"(?:\btrang|\bpage|^)\s*:?\s*(\d{1,3})\s*(?:/|trên|of)\s*(\d{1,3})\s*$", re.IGNORECASE)


class Sheet(Struct, frozen=True):
    """One single-page picture of a batch: its folder name, its source, and what its margins say."""

    name: str
    source: str
    number: int | None
    head: bool
    total: int | None = None

    @property
    def first(self) -> bool:
        """May a paper begin here?"""
        return (self.head and self.number in (None, 1)) or (self.number == 1 and self.total is not None)


def signs(pages: Sequence[Page]) -> dict[str, Any] | None:
    """What a picture of one page says of its place in a paper; None when it is no single read page."""
    if len(pages) != 1 or pages[0].status != "read":
        return None
    height = pages[0].size_mm[1] * _POINTS_PER_MM
    lines: dict[int, list[Word]] = {}
    for word in pages[0].words:
        lines.setdefault(word.line, []).append(word)
    number, total, head = None, None, False
    for words in lines.values():
        text = " ".join(word.text for word in words)
        top, bottom = min(word.box[1] for word in words) / height, max(word.box[3] for word in words) / height
        if bottom < _MARGIN or top > 1 - _MARGIN:
            if found := _ALONE.fullmatch(text):
                number = int(found[1])
            elif (found := _COUNTED.search(text)) and 1 <= int(found[1]) <= int(found[2]):
                number, total = int(found[1]), int(found[2])
        if top < _HEAD and fuzz.partial_ratio(_MOTTO, text.upper()) >= _SURE and len(text) > len(_MOTTO) // 2:
            head = True
    return {"number": number, "head": head, "total": total}


def propose(
    rows: Sequence[dict[str, Any]], known: Mapping[str, Capture] | None = None, leave_out: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Groups of a batch's rows that look like the pages of one paper; each lists its pages in printed order.

    `known` are the rows as they were read, by name; where they are given, pages that name different people are kept apart.
    `leave_out` are the pictures of which there is a better one.
    """
    known = known or {}
    sheets = [
        Sheet(row["name"], row["source"], signs["number"], signs["head"], signs.get("total"))
        for row in rows
        if (signs := row.get("page_signs")) and row["name"] not in leave_out
    ]
    sheets.sort(key=lambda sheet: (str(PurePath(sheet.source).parent), _natural(PurePath(sheet.source).name)))
    free = set(range(len(sheets)))
    found = []
    for first, sheet in enumerate(sheets):
        if not sheet.first:
            continue
        after = _run(sheets, free, range(first + 1, len(sheets)))
        before = _run(sheets, free, range(first - 1, -1, -1))
        for others in (after, [*reversed(before), *after], before):
            if others and sorted(sheets[i].number or 0 for i in others) == list(range(2, len(others) + 2)):
                order = [first, *sorted(others, key=lambda i: sheets[i].number or 0)]
                totals = {sheets[i].total for i in order} - {None}
                if totals and totals != {len(order)}:
                    continue
                if not of_one_person([known[sheets[i].name] for i in order if sheets[i].name in known]):
                    continue
                free -= set(order)
                found.append(_proposal([sheets[i] for i in order]))
                break
    return found


def _run(sheets: list[Sheet], free: set[int], candidates: range) -> list[int]:
    """The numbered pages without a head that follow one another from here, in the same folder."""
    run: list[int] = []
    for i in candidates:
        neighbour = sheets[i - candidates.step]
        if i not in free or sheets[i].head or sheets[i].number in (None, 1):
            break
        if PurePath(sheets[i].source).parent != PurePath(neighbour.source).parent:
            break
        run.append(i)
    return run


def _proposal(sheets: list[Sheet]) -> dict[str, Any]:
    return {
        "kind": "one_document",
        "pages": [{"name": sheet.name, "source": sheet.source, "printed_number": sheet.number} for sheet in sheets],
        "text_vi": f"{len(sheets)} ảnh này có vẻ là các trang của cùng một giấy tờ, theo thứ tự số trang in trên giấy. Hãy xác nhận.",
        "text_en": f"These {len(sheets)} pictures look like the pages of one paper, in the order of their printed numbers. Please confirm.",
    }


def _natural(name: str) -> list[tuple[int, str]]:
    """IMG_2 before IMG_10."""
    return [(int(part), "") if part.isdigit() else (0, part.casefold()) for part in re.split(r"(\d+)", name) if part]
