"""hOCR 1.2: the words with their boxes as HTML, for programs that correct or compare readings."""

from collections.abc import Sequence

from lxml import etree
from lxml.builder import E

from ocr.export.lines import around, lines
from ocr.model import Box, Page, Word

_HEAD = b"<!DOCTYPE html>\n"


def hocr(pages: Sequence[Page], title: str, engine: str) -> bytes:
    """One `ocr_page` per page, boxes in pixels at the page's own resolution, confidences as `x_wconf` 0..100."""
    head = E.head(
        E.meta(charset="utf-8"),
        E.title(title),
        E.meta(name="ocr-system", content=engine),
        E.meta(name="ocr-capabilities", content="ocr_page ocr_line ocrx_word"),
    )
    html = E.html(head, E.body(*map(_page, pages)), lang="vi")
    return _HEAD + bytes(etree.tostring(html, encoding="utf-8", method="xml"))


def _page(page: Page) -> etree._Element:
    width, height = (round(side / 25.4 * page.dpi) for side in page.size_mm)
    scale = page.dpi / 72
    title = f"bbox 0 0 {width} {height}; ppageno {page.number - 1}; scan_res {page.dpi:.0f} {page.dpi:.0f}"
    rows = [_line(page.number, number, words, scale) for number, words in enumerate(lines(page), 1)]
    return E.div(*rows, {"class": "ocr_page", "id": f"page_{page.number}", "title": title})


def _line(page: int, number: int, words: Sequence[Word], scale: float) -> etree._Element:
    name = f"{page}_{number}"
    spans = [
        E.span(
            word.text,
            {"class": "ocrx_word", "id": f"word_{name}_{at}", "title": f"{_bbox(word.box, scale)}; x_wconf {100 * word.confidence:.0f}"},
        )
        for at, word in enumerate(words, 1)
    ]
    for span in spans[:-1]:
        span.tail = " "
    return E.span(*spans, {"class": "ocr_line", "id": f"line_{name}", "title": _bbox(around(words), scale)})


def _bbox(box: Box, scale: float) -> str:
    return "bbox " + " ".join(str(round(edge * scale)) for edge in box)
