"""The truth beside each drawn file: what stands on it and where, as JSON."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from samples.conditions import Shot
from samples.paper import Box, Drawing, TrueField, TrueLine


def truth(file: str, condition: str, drawing: Drawing, shots: Sequence[Shot | None], expect: dict[str, Any]) -> str:
    """The JSON of one file. `shots` has one entry per page: how the page became pixels, or None for a born-digital page.

    A page's `transform` goes from the points of the drawn page to the pixels of the image file, or, when the file is a PDF
    of images, to the points of the PDF's page.
    """
    in_points = file.endswith(".pdf")
    pages = [
        {
            "size_mm": list(page.size_mm),
            "size_px": None if shot is None else [shot.pixels.shape[1], shot.pixels.shape[0]],
            "dpi": None if shot is None else shot.dpi,
            "transform": None if shot is None else _transform(shot, in_points),
            "lines": [_line(line) for line in page.lines],
        }
        for page, shot in zip(drawing.pages, shots, strict=True)
    ]
    said = {
        "file": file,
        "kind": drawing.kind,
        "condition": condition,
        "template": drawing.template,
        "pages": pages,
        "fields": [_field(field) for field in drawing.fields],
        "expect": expect,
    }
    return _lines(said)


def bad_truth(file: str, kind: str, expect: dict[str, Any]) -> str:
    """The JSON of a file that cannot be read: no pages, and the code that must be given."""
    return _lines({"file": file, "kind": kind, "condition": "bad", "template": None, "pages": [], "fields": [], "expect": expect})


def _transform(shot: Shot, in_points: bool) -> list[list[float]]:
    matrix = shot.transform
    if in_points and shot.dpi:
        matrix = np.diag([72 / shot.dpi, 72 / shot.dpi, 1.0]) @ matrix
    return [[float(f"{value:.9g}") for value in row] for row in matrix / matrix[2, 2]]


def _field(field: TrueField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "section": field.section,
        "value": field.value,
        "type": field.type,
        "empty": field.empty,
        "raw": field.raw,
        "page": field.page,
        "box": _box(field.box),
    }


def _line(line: TrueLine) -> dict[str, Any]:
    return {"text": line.text, "box": _box(line.box), "words": [[word.text, _box(word.box)] for word in line.words]}


def _box(box: Box) -> list[float]:
    return [round(edge, 1) for edge in box]


def _lines(said: dict[str, Any]) -> str:
    """JSON with one page line and one field per line: short, and a difference shows where it is."""
    pages = said.pop("pages")
    fields = said.pop("fields")
    head = [f" {_json(key)}: {_json(value)}," for key, value in said.items()]
    drawn = []
    for page in pages:
        lines = page.pop("lines")
        body = ",\n".join(f"   {_json(line)}" for line in lines)
        drawn.append(f'  {_json(page)[:-1]}, "lines": [\n{body}\n  ]}}')
    listed = ",\n".join(f"  {_json(field)}" for field in fields)
    return "\n".join(["{", *head, ' "pages": [', ",\n".join(drawn), ' ],\n "fields": [', listed, " ]\n}", ""])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
