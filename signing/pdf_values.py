"""Plain values of `signing.typeface` as objects of a pikepdf file: names, strings, arrays, dictionaries, streams."""

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
