"""Plain values of `signing.typeface` as objects of a pikepdf file, and writing that file where the disk may be full."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf

from signing.typeface import SHARED, Stream


def pdf_value(pdf: pikepdf.Pdf, value: Any) -> Any:
    """A plain value of `signing.typeface` as an object of this file."""
    if isinstance(value, Stream):
        stream = pdf.make_stream(value.data)
        for key, item in value.entries.items():
            stream[key] = pdf_value(pdf, item)
        return stream
    if isinstance(value, dict):
        dictionary = pikepdf.Dictionary({key: pdf_value(pdf, item) for key, item in value.items()})
        return pdf.make_indirect(dictionary) if value.get("/Type") in SHARED else dictionary
    if isinstance(value, list):
        return pikepdf.Array([pdf_value(pdf, item) for item in value])
    if isinstance(value, bytes):
        return pikepdf.String(value)
    return pikepdf.Name(value) if isinstance(value, str) else value


def write_pdf(pdf: pikepdf.Pdf, out: Path, **how: Any) -> None:
    """Save with the options of `pikepdf.Pdf.save`; a full disk is an OSError. qpdf itself would end the process."""
    content = BytesIO()
    pdf.save(content, deterministic_id=True, **how)
    out.write_bytes(content.getbuffer())
