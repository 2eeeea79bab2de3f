"""Fields: how many values are right, how many are accepted, and how many of the accepted are wrong.

Reads every page with truth (`<name>.json` beside it, as samples/drawn has them, or a folder given with --pages) and takes its
fields as `sohoa run` does. The curve says for each least confidence what share of the printed values would be accepted and what
share of these would be wrong: the thresholds of `ocr.fields.decide` are set where it is still flat.
"""

import argparse
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from ocr.model import Extraction, Field
from ocr.tasks import Extract, Inspect, ReadPage
from ocr.work import extract, inspect, read_page

ROOT = Path(__file__).parents[1]
_MEDIA = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".heic": "image/heic",
    ".tif": "image/tiff",
}
_UNSEEN = ("signature", "qr")
_STEPS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98, 0.99, 1.01)


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Figures per condition of the page (the part of its name after the dot) and the curve over all of them."""
    folder = args.pages or ROOT / "samples" / "drawn"
    counts: dict[str, Counter[str]] = {}
    seen: list[tuple[float, bool]] = []
    for path in sorted(folder.iterdir()):
        truth_file = path.with_suffix(".json")
        if path.suffix not in _MEDIA or not truth_file.is_file() or path.name.startswith("bad."):
            continue
        truth = json.loads(truth_file.read_text(encoding="utf8"))
        extraction, seconds = extracted(path)
        count = counts.setdefault(path.stem.rpartition(".")[2], Counter())
        count["milliseconds"] += round(1000 * seconds)
        compare(truth, extraction, count, seen)
    figures: dict[str, Any] = {"conditions": {name: rates(count) for name, count in sorted(counts.items())}, "curve": _curve(seen)}
    print(json.dumps(figures, indent=1))
    return figures


def extracted(path: Path) -> tuple[Extraction, float]:
    """The fields of one file, and the seconds of CPU that finding them took after reading."""
    media = _MEDIA[path.suffix]
    with TemporaryDirectory() as work:
        count = inspect(Inspect(str(path), media)).pages
        pages = tuple(read_page(ReadPage(str(path), media, number, work)) for number in range(1, count + 1))
        started = process_time()
        extraction = extract(Extract(str(path), media, work, pages))
        return extraction, (process_time() - started) / count


def compare(truth: dict[str, Any], extraction: Extraction, count: Counter[str], seen: list[tuple[float, bool]]) -> None:
    """Add to `count` how the extraction did by the truth, and to `seen` each value's confidence and whether it is right."""
    count["documents"] += 1
    count["template_right"] += extraction.template == truth.get("template")
    count["template_wrong"] += extraction.template not in (None, truth.get("template"))
    found = {field.name: field for field in extraction.fields}
    for wanted in truth.get("fields", ()):
        if wanted["type"] in _UNSEEN:
            continue
        value, status, confidence = _found(wanted["name"], found)
        if wanted.get("empty"):
            count["empty"] += 1
            count["empty_filled"] += value not in (None, "", False)
            continue
        right = _same(value, wanted["value"]) or _same(value, wanted.get("raw"))
        count["filled"] += 1
        count["right"] += right
        count["accepted"] += status == "accepted"
        count["accepted_wrong"] += status == "accepted" and not right
        if wanted["type"] != "checkbox" and value not in (None, ""):
            seen.append((confidence, right))


def _found(name: str, found: dict[str, Field]) -> tuple[Any, str, float]:
    """(value, status, confidence) of a field, or of the cell `<table>_<row from 1>_<column>`."""
    if name in found:
        return found[name].value, found[name].status, found[name].confidence
    cell = re.match(r"(.+?)_(\d+)_(.+)$", name)
    table = found.get(cell[1]) if cell else None
    if cell and table is not None:
        for one in table.cells:
            if (one.row + 1, one.column) == (int(cell[2]), cell[3]):
                return one.value, one.status, one.confidence
    return None, "missing", 0.0


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool) or value is None or wanted is None:
        return bool(value == wanted)
    return _plain(value) == _plain(wanted)


def _plain(value: Any) -> str:
    text = " ".join(unicodedata.normalize("NFC", str(value)).casefold().split())
    return re.sub(r"\s*([,;:/()-])\s*", r"\1", text).strip(" .,;:")


def rates(count: Counter[str]) -> dict[str, Any]:
    """The counts of a condition as shares in percent."""

    def share(part: str, whole: str) -> float | None:
        return round(100 * count[part] / count[whole], 2) if count[whole] else None

    return {
        "documents": count["documents"],
        "template_right": count["template_right"],
        "template_wrong": count["template_wrong"],
        "filled": count["filled"],
        "right_percent": share("right", "filled"),
        "accepted_percent": share("accepted", "filled"),
        "silent_error_percent": share("accepted_wrong", "accepted"),
        "empty": count["empty"],
        "empty_filled": count["empty_filled"],
        "extraction_ms_page": round(count["milliseconds"] / max(1, count["documents"]), 1),
    }


def _curve(seen: list[tuple[float, bool]]) -> list[dict[str, float]]:
    """For each least confidence: the share of values at or over it, and the share of these that are wrong, in percent."""
    points = []
    for least in _STEPS:
        over = [right for confidence, right in seen if confidence >= least]
        wrong = 100 * over.count(False) / len(over) if over else 0.0
        points.append({"least": least, "accepted_percent": round(100 * len(over) / max(1, len(seen)), 2), "wrong_percent": round(wrong, 2)})
    return points
