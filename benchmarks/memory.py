"""Memory: one scan of 500 pages read by two workers. Peak memory of all processes together.

Every page is a drawn form at 200 dots per inch with its upper part kept and a number of its own, so that no two are equal.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import img2pdf
import numpy as np

from benchmarks.process import cost

ROOT = Path(__file__).parents[1]
PAGES = 500
MOST_MB = 1229  # 1.2 GiB


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Peak memory in MB for a tenth of the pages and for all of them: flat means that the two hardly differ."""
    peaks = {}
    with TemporaryDirectory() as work:
        for pages in (PAGES // 10, PAGES):
            scan = _scan(Path(work), pages)
            env = {**os.environ, "SOHOA_HOME": str(Path(work) / f"home{pages}")}
            line = [sys.executable, "-P", "-m", "sohoa", "run", str(scan), "-o", str(Path(work) / f"out{pages}"), "--jobs", "2"]
            spent = cost(line, env)
            row = json.loads((Path(work) / f"out{pages}" / "batch.json").read_text(encoding="utf8"))[0]
            if row["pages"] != pages or row["status"] in ("failed", "partial"):
                raise RuntimeError(f"{row['status']}: {row['error_code']}")
            peaks[str(pages)] = {"peak_mb": spent.peak >> 20, "cpu_page": round(spent.cpu / pages, 3), "wall": spent.wall}
            print(pages, peaks[str(pages)], flush=True)
    figures = {"peaks": peaks, "limit_mb": MOST_MB, "within": peaks[str(PAGES)]["peak_mb"] <= MOST_MB}
    print(json.dumps(figures, indent=1))
    return figures


def _scan(work: Path, pages: int) -> Path:
    drawn = cv2.imread(str(ROOT / "samples" / "drawn" / "birth-registration.scan200.jpg"))
    if drawn is None:
        raise FileNotFoundError("samples/drawn: make it with `python -m samples`")
    sheet = np.full_like(drawn, 250)
    upper = len(sheet) // 6
    sheet[:upper] = drawn[:upper]
    bodies = []
    for number in range(1, pages + 1):
        page = sheet.copy()
        cv2.putText(page, f"{number:04d}", (200, 2 * upper), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (30, 30, 30), 3)
        bodies.append(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes())
    scan = work / f"scan{pages}.pdf"
    layout = img2pdf.get_layout_fun((img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297)))
    scan.write_bytes(img2pdf.convert(bodies, layout_fun=layout))
    return scan
