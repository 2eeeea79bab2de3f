"""What a PDF says about itself: its PDF/A level, its title, and how many bytes its pictures take. Nothing is verified here."""

from unicodedata import normalize

import pikepdf
from pikepdf import Name

_DEEPEST_FORM = 3


def pdf_a_claim(path: str) -> str | None:
    """The level that the XMP packet claims ("PDF/A-1b"), or None; ISO 19005-1 6.7.11, 19005-2 6.6.4, 19005-4 6.7.3."""
    try:
        with pikepdf.open(path) as pdf, pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            part = str(metadata.get("pdfaid:part", "")).strip()
            level = str(metadata.get("pdfaid:conformance", "")).strip().lower()
    except Exception:  # noqa: BLE001 - a claim that cannot be read is no claim, whatever the parser stumbled over
        return None
    return f"PDF/A-{part}{level}" if part in ("1", "2", "3", "4") and level in ("", "a", "b", "u", "e", "f") else None


def title_claim(path: str) -> str | None:
    """The document's title in NFC, from XMP or else Info; None when there is none."""
    try:
        with pikepdf.open(path) as pdf:
            with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
                title = str(metadata.get("dc:title") or "")
            title = title or str(pdf.docinfo.get("/Title", ""))
    except Exception:  # noqa: BLE001 - as above
        return None
    return normalize("NFC", title).strip() or None


def picture_bytes(path: str, number: int) -> int | None:
    """Bytes of the picture streams on page `number` (from 1); None when it has none or they cannot be counted."""
    try:
        with pikepdf.open(path) as pdf:
            return _streams(pdf.pages[number - 1].get("/Resources"), 0) or None
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, IndexError):
        return None


def _streams(resources: pikepdf.Object | None, depth: int) -> int:
    if resources is None or depth > _DEEPEST_FORM:
        return 0
    total = 0
    for item in dict(resources.get("/XObject", {})).values():
        if item.get("/Subtype") == Name.Image:
            total += int(item.get("/Length", 0))
        elif item.get("/Subtype") == Name.Form:
            total += _streams(item.get("/Resources"), depth + 1)
    return total
