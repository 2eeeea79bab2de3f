"""Where one paper ends and the next begins in a file that holds several, and what each of them is.

A new paper begins on a page that carries the exact title of a known form, the back of a card, the national motto
(Quốc hiệu) at its head, or the office's own code when it differs from the one before. A page whose margin bears a number
of two or more goes on with what stands before it. What a paper is, is said only when its title is exactly that of
a known form; else it is unknown. Nothing is divided here: a person decides.
"""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ocr.export.lines import lines
from ocr.export.title import MOTTO, is_motto, printed_title
from ocr.fields.layout import lay_out
from ocr.fields.templates import Template, load_templates
from ocr.fields.titles import templates_of
from ocr.model import Page

_HEAD = 0.3
_MARGIN = 0.09
_POINTS_PER_MM = 72 / 25.4
_CARD_BACK = "cccd_mat_sau"


class PaperInside(Struct, frozen=True):
    """A paper within a file: its first and last page (from 1), its form or None, and its title as printed, or None."""

    first: int
    last: int
    template: str | None
    title: str | None


def papers_inside(pages: Sequence[Page], templates: str | None = None, codes: Mapping[int, str] | None = None) -> tuple[PaperInside, ...]:
    """The papers that `pages` seem to hold, in order; one when nothing says otherwise.

    `codes` gives the office's code on a page, by the page's number. Raises UsageError as `load_templates` does.
    """
    known = load_templates(templates)
    heads = tuple(one for one in known if one.title_at == "top" or one.slug == _CARD_BACK)
    starts = [page for before, page in zip((None, *pages), pages, strict=False) if _starts(page, before, heads, codes or {})]
    found = []
    for number, start in enumerate(starts):
        after = starts[number + 1].number if number + 1 < len(starts) else pages[-1].number + 1
        inside = [page for page in pages if start.number <= page.number < after]
        found.append(PaperInside(start.number, inside[-1].number, _what(inside, known), printed_title(start)))
    return tuple(found)


def _starts(page: Page, before: Page | None, heads: Sequence[Template], codes: Mapping[int, str]) -> bool:
    if before is None:
        return True
    if not page.words:
        return False
    code = codes.get(page.number)
    if code and code != _last_code(page.number, codes):
        return True
    if (printed := _page_number(page)) is not None and printed > 1:
        return False
    return bool(templates_of(lay_out([page]), heads)) or _has_motto(page)


def _last_code(number: int, codes: Mapping[int, str]) -> str | None:
    earlier = [at for at in codes if at < number]
    return codes[max(earlier)] if earlier else None


def _what(pages: Sequence[Page], known: Sequence[Template]) -> str | None:
    versions = templates_of(lay_out(pages), known)
    return versions[0].slug if versions else None


def _has_motto(page: Page) -> bool:
    height = page.size_mm[1] * _POINTS_PER_MM
    for words in lines(page):
        text = " ".join(word.text for word in words)
        top = min(word.box[1] for word in words) / height
        if top < _HEAD and len(text) > len(MOTTO) // 2 and is_motto(text):
            return True
    return False


def _page_number(page: Page) -> int | None:
    """A number alone on a line of the top or bottom margin (NĐ 30/2020/NĐ-CP, Phụ lục I)."""
    height = page.size_mm[1] * _POINTS_PER_MM
    for words in lines(page):
        top, bottom = min(word.box[1] for word in words) / height, max(word.box[3] for word in words) / height
        if bottom < _MARGIN or top > 1 - _MARGIN:
            text = " ".join(word.text for word in words)
            if found := re.fullmatch(r"[-–—.]*\s*(?:Trang\s*)?(\d{1,3})\s*(?:/\s*\d{1,3})?\s*[-–—.]*", text):
                return int(found[1])
    return None
