"""ALTO 4: the words with their boxes as libraries and archives exchange them (Library of Congress, alto-4)."""

from collections.abc import Sequence

from lxml import etree
from lxml.builder import ElementMaker

from ocr.export.lines import around, lines
from ocr.model import Box, Page, Word

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_UNITS_PER_POINT = 1200 / 72
_A = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})


def alto(pages: Sequence[Page], engine: str, version: str) -> bytes:
    """All pages in one file, measured in 1/1200 inch, word confidences as `WC` 0..1."""
    software = _A.processingSoftware(_A.softwareName(engine), _A.softwareVersion(version))
    document = _A.alto(
        _A.Description(_A.MeasurementUnit("inch1200"), _A.Processing(software, ID="reading")),
        _A.Layout(*map(_page, pages)),
        SCHEMAVERSION="4.2",
    )
    return bytes(etree.tostring(document, encoding="utf-8", xml_declaration=True))


def _page(page: Page) -> etree._Element:
    width, height = (side / 25.4 * 72 for side in page.size_mm)
    space = _A.PrintSpace(**_place((0, 0, width, height)))
    if page.words:
        block = _A.TextBlock(ID=f"block_{page.number}", **_place(around(page.words)))
        block.extend(_line(page.number, number, words) for number, words in enumerate(lines(page), 1))
        space.append(block)
    size = {"WIDTH": _units(width), "HEIGHT": _units(height)}
    return _A.Page(space, ID=f"page_{page.number}", PHYSICAL_IMG_NR=str(page.number), PC=f"{page.quality.mean_confidence:.4g}", **size)


def _line(page: int, number: int, words: Sequence[Word]) -> etree._Element:
    name = f"{page}_{number}"
    line = _A.TextLine(ID=f"line_{name}", **_place(around(words)))
    for at, word in enumerate(words, 1):
        if at > 1:
            line.append(_A.SP())
        line.append(_A.String(ID=f"word_{name}_{at}", CONTENT=word.text, WC=f"{word.confidence:.4g}", **_place(word.box)))
    return line


def _place(box: Box) -> dict[str, str]:
    x0, y0, x1, y1 = box
    return {"HPOS": _units(x0), "VPOS": _units(y0), "WIDTH": _units(x1 - x0), "HEIGHT": _units(y1 - y0)}


def _units(points: float) -> str:
    return str(round(points * _UNITS_PER_POINT))
