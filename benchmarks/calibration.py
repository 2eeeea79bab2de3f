"""How true is the confidence of a word? Of the words given 0.9, nine in ten should be right.

Reads every image that has its truth beside it (as `samples` writes it), or pages drawn at random in other faces than those the
confidence was fitted on. A word is right when a word of the truth not yet used up says the same to the last mark.
"""

import argparse
import json
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.papers import papers, true_words
from ocr.pages.decode import decode
from ocr.pages.prepare import prepare
from ocr.words.reader import ReadWord, load_reader, upright

_EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995, 1.01)
_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}
_DRAWN = 12


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """The reliability curve: for every range of confidence how many words, their mean confidence, the share that is right."""
    with TemporaryDirectory() as work:
        folder = args.pages or Path(work)
        images = _images(folder) if args.pages else list(papers(_DRAWN, folder))
        judged = [pair for image in images for pair in _judged(image)]
    curve = [row for low, high in pairwise(_EDGES) if (row := _row(judged, low, high))]
    off = sum(row["words"] * abs(row["stated"] - row["right"]) for row in curve) / max(1, len(judged))
    for row in curve:
        print(f"{row['from']:.3f}  words {row['words']:6}  stated {row['stated']:.4f}  right {row['right']:.4f}")
    figures = {
        "pages": len(images),
        "words": len(judged),
        "right": _share(judged),
        "expected_calibration_error": round(off, 4),
        "curve": curve,
    }
    print(json.dumps({key: figures[key] for key in ("pages", "words", "right", "expected_calibration_error")}))
    return figures


def _images(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix in _TYPES and path.with_suffix(".json").is_file()]


def _judged(image: Path) -> list[tuple[float, bool]]:
    """(confidence, right?) of every word read on the page."""
    prepared = prepare(decode(str(image), _TYPES[image.suffix], 1), upright)
    words: tuple[ReadWord, ...] = load_reader("default").read(prepared.reading, prepared.reading_dpi, prepared.sealed)
    left = Counter(unicodedata.normalize("NFC", word) for word in true_words(image))
    found = []
    for word in words:
        right = left[word.text] > 0
        left[word.text] -= right
        found.append((word.confidence, right))
    return found


def _row(judged: list[tuple[float, bool]], low: float, high: float) -> dict[str, Any] | None:
    inside = [(confidence, right) for confidence, right in judged if low <= confidence < high]
    if not inside:
        return None
    stated = sum(confidence for confidence, _ in inside) / len(inside)
    return {"from": low, "words": len(inside), "stated": round(stated, 4), "right": _share(inside)}


def _share(judged: list[tuple[float, bool]]) -> float:
    return round(sum(right for _, right in judged) / max(1, len(judged)), 4)
