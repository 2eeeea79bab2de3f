"""What is each step between pixels and words good for? Every one is switched off in turn, and the same pages are read again.

Read are the drawn samples and pages drawn at random in whatever faces the machine has: scanned, photographed, and photographed
lying curled. Errors are counted as in `benchmarks.reading`; CPU seconds are of one process with one thread, networks warm.
"""

import argparse
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
from msgspec.structs import fields, replace

from benchmarks.papers import curled, papers, true_words, worn
from benchmarks.reading import ROOT, errors, pages_with_truth
from ocr.pages.decode import decode
from ocr.pages.model import Steps
from ocr.pages.prepare import prepare
from ocr.words.cascade import LatticeReader
from ocr.words.reader import omission, upright
from ocr.words.word import Means

_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
_DRAWN = 9
_CURLED = 3
_WORN = 4


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """For every step and every means: errors and seconds with all of them, and without this one."""
    cv2.setNumThreads(1)
    with TemporaryDirectory() as work:
        pages = pages_with_truth(args.pages or ROOT / "samples" / "drawn")
        pages += [*papers(_DRAWN, Path(work) / "flat", seed=3), *curled(_CURLED, Path(work) / "curled", seed=4)]
        pages += worn(_WORN, Path(work) / "worn", seed=5)
        _read(pages[:1], Steps(), Means())
        rows = {"everything": _read(pages, Steps(), Means())}
        for step in fields(Steps):
            rows[f"without {step.name}"] = _read(pages, replace(Steps(), **{step.name: False}), Means())
        for means in fields(Means):
            rows[f"without {means.name}"] = _read(pages, Steps(), replace(Means(), **{means.name: False}))
    return {"pages": len(pages), "rows": rows}


def _read(pages: list[Path], steps: Steps, means: Means) -> dict[str, float]:
    reader = LatticeReader(means)
    total: Counter[str] = Counter()
    started = time.process_time()
    read, unread = [], 0.0
    for page in pages:
        prepared = prepare(decode(str(page), _TYPES[page.suffix], 1), upright, steps)
        words = reader.read(prepared.reading, prepared.reading_dpi, prepared.sealed)
        unread += omission(prepared.reading, words)
        read.append(" ".join(word.text for word in words))
    seconds = (time.process_time() - started) / len(pages)
    for page, text in zip(pages, read, strict=True):
        total.update(errors(" ".join(true_words(page)), text))
    figures = {
        "cer": round(100 * total["errors"] / total["characters"], 3),
        "der": round(100 * total["marks"] / total["marked"], 3),
        "numbers_found": round(100 * total["numbers_found"] / max(1, total["numbers"]), 2),
        "unread_ink": round(100 * unread / len(pages), 2),
        "cpu_page": round(seconds, 3),
    }
    print(steps, means, figures)
    return figures
