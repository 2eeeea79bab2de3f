"""Filled forms in other faces, layouts and wordings than the project was made with, drawn anew from every seed, with their truth.

`python -m benchmarks.other_forms OUT --seed S --count N` draws the ordinary half, `--held-out` the other one, which has faces, layouts
and wordings of its own. How values are found (`ocr.fields`) is not known here: the papers are what offices print, and nothing else.
"""

from benchmarks.other_forms.measuring import measure

__all__ = ["measure"]
