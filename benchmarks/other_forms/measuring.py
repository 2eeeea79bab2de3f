"""Other forms: how many values are right and accepted on papers drawn anew, in the ordinary half and in the one held out."""

import argparse
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.fields import compare, extracted, rates
from benchmarks.other_forms.drawing import draw
from ocr.model import Extraction

_COUNT = 24  # papers of each half: every form at least once
_CONDITIONS = ("scan200", "photo")
_TOLD = ("failed", "warning")


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Figures for each half in each condition; beside those of the fields, the planted contradictions and those found."""
    halves: dict[str, Any] = {}
    for half in ("ordinary", "held_out"):
        with TemporaryDirectory() as folder:
            draw(Path(folder), args.seed, _COUNT, half == "held_out", _CONDITIONS)
            halves[half] = {condition: _figures(Path(folder), condition) for condition in _CONDITIONS}
    figures: dict[str, Any] = {"seed": args.seed, "halves": halves}
    print(json.dumps(figures, indent=1))
    return figures


def _figures(folder: Path, condition: str) -> dict[str, Any]:
    count: Counter[str] = Counter()
    for path in sorted((folder / "images" / condition).iterdir()):
        truth = json.loads((folder / "truth" / f"{path.name.partition('__')[0]}.json").read_text(encoding="utf8"))
        extraction, seconds = extracted(path)
        count["milliseconds"] += round(1000 * seconds)
        compare(truth, extraction, count, [])
        count["planted"] += len(truth["checks"])
        count["planted_found"] += len(_broken(extraction) & truth["checks"].keys())
    return {**rates(count), "planted": count["planted"], "planted_found": count["planted_found"]}


def _broken(extraction: Extraction) -> set[str]:
    """The codes of the rules that the paper is said to break."""
    checks = [*extraction.checks, *(check for field in extraction.fields for check in field.checks)]
    return {check.code for check in checks if check.result in _TOLD}
