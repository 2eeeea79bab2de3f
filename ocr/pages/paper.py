"""How large is the paper? Dots per inch that can be believed, and the page's size in millimetres."""

from ocr.pages.model import MM_PER_INCH

A4 = (210.0, 297.0)
CARD = (85.6, 53.98)
_KNOWN = (A4, (148.0, 210.0), (297.0, 420.0), CARD)
_RATIO_SLACK = 0.045


def measured(width: int, height: int, claimed: tuple[float, float] | None, cut_out: bool) -> tuple[float, tuple[float, float]]:
    """(dpi, (width, height) in mm) of a page of `width`×`height` pixels.

    `claimed` is the size in mm by the file's metadata; it says nothing about a sheet `cut_out` of a photo. Cameras write 72
    or 96 dots per inch into pictures of anything, so a claim counts only when paper of that size exists on a desk.
    """
    if claimed and not cut_out and _believable(width, height, claimed):
        return width / claimed[0] * MM_PER_INCH, claimed
    paper = _paper_of(width, height)
    dpi = max(width, height) / max(paper) * MM_PER_INCH
    return dpi, (width / dpi * MM_PER_INCH, height / dpi * MM_PER_INCH)


def _believable(width: int, height: int, size: tuple[float, float]) -> bool:
    dpi = width / size[0] * MM_PER_INCH
    return 90 <= dpi <= 1250 and min(size) >= 40 and max(size) <= 450


def _paper_of(width: int, height: int) -> tuple[float, float]:
    long, short = max(width, height), min(width, height)
    if abs(long / short / (CARD[0] / CARD[1]) - 1) < _RATIO_SLACK:
        return CARD
    return A4
