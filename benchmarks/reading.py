"""Reading: this product against OCRmyPDF on the same pages, turn by turn in one run.

Both write PDF/A with two workers; the text is read back out of the PDFs with poppler's pdftotext. Errors are counted
without regard to reading order: words are paired with their nearest counterparts, so that neither side is punished for
the order of a two-column header. Each round starts with an empty state folder. OCRmyPDF is installed when it is missing.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from benchmarks.process import Cost, cost

ROOT = Path(__file__).parents[1]
_PEER = ROOT / ".venv" / "peer"
_NUMBER = re.compile(r"\d[\d./,-]{3,}\d")
_LEADER = re.compile(r"[.…_·]{3,}")


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Figures of both sides and their ratios (peer / ours for time, so that more is better)."""
    pages = pages_with_truth(args.pages or ROOT / "samples" / "drawn")
    peer = _installed_peer()
    if peer is None:
        print("OCRmyPDF could not be installed; measuring this product alone", file=sys.stderr)
    ours, theirs = [], []
    with TemporaryDirectory() as work:
        for number in range(args.rounds):
            out = Path(work) / f"ours{number}"
            env = {**os.environ, "SOHOA_HOME": str(Path(work) / f"home{number}")}
            ours.append(cost([sys.executable, "-P", "-m", "sohoa", "run", *map(str, pages), "-o", str(out), "--jobs", "2"], env))
            if peer:
                theirs.append(_peer(peer, pages, Path(work) / f"peer{number}.pdf", Path(work)))
        mine = _score({page: _text(out / page.stem / "document.pdf") for page in pages})
        mine["bytes_page"] = sum((out / page.stem / "document.pdf").stat().st_size for page in pages) // len(pages)
        mine["bytes_page_upload"] = sum(page.stat().st_size for page in pages) // len(pages)
        mine["bytes_page_small"] = _small(pages, Path(work))
        figures: dict[str, Any] = {"pages": len(pages), "sohoa": {**_costs(ours, len(pages)), **mine}}
        if theirs:
            written = Path(work) / "peer0.pdf"
            text = _text(written).split("\f")
            other = _score(dict(zip(pages, text, strict=False)))
            other["bytes_page"] = written.stat().st_size // len(pages)
            figures["ocrmypdf"] = {**_costs(theirs, len(pages)), **other}
            figures["ratio"] = {
                "speed": round(figures["ocrmypdf"]["wall"] / figures["sohoa"]["wall"], 2),
                "cpu": round(figures["ocrmypdf"]["cpu_page"] / figures["sohoa"]["cpu_page"], 2),
                "cer": round(figures["ocrmypdf"]["cer"] / max(0.001, figures["sohoa"]["cer"]), 2),
                "size_small": round(figures["sohoa"]["bytes_page_small"] / figures["ocrmypdf"]["bytes_page"], 2),
                "size": round(figures["sohoa"]["bytes_page"] / figures["ocrmypdf"]["bytes_page"], 2),
            }
    print(json.dumps(figures, indent=1))
    return figures


def pages_with_truth(folder: Path) -> list[Path]:
    """The page images of a folder that have a truth file beside them."""
    images = [p for p in sorted(folder.iterdir()) if p.suffix in (".jpg", ".jpeg", ".png") and p.with_suffix(".json").is_file()]
    return [p for p in images if not p.name.startswith("id-card")]


def _installed_peer() -> str | None:
    """OCRmyPDF where it is installed, else in an environment of its own beside this one: its libraries must not meet ours."""
    found = shutil.which("ocrmypdf") or shutil.which("ocrmypdf", path=str(_PEER / "bin"))
    if found:
        return found
    subprocess.run([sys.executable, "-m", "venv", _PEER], check=False)
    subprocess.run([_PEER / "bin" / "python", "-m", "pip", "install", "--quiet", "ocrmypdf>=17"], check=False)
    return shutil.which("ocrmypdf", path=str(_PEER / "bin"))


def _small(pages: list[Path], work: Path) -> int:
    """Bytes per page with `--size small`."""
    out = work / "small"
    line = [sys.executable, "-P", "-m", "sohoa", "run", *map(str, pages), "-o", str(out), "--size", "small", "--jobs", "2"]
    cost(line, {**os.environ, "SOHOA_HOME": str(work / "home-small")})
    return sum((out / page.stem / "document.pdf").stat().st_size for page in pages) // len(pages)


def _peer(program: str, pages: list[Path], out: Path, work: Path) -> Cost:
    import img2pdf

    stack = work / "stack.pdf"
    if not stack.exists():
        stack.write_bytes(img2pdf.convert([str(page) for page in pages], rotation=img2pdf.Rotation.ifvalid))
    line = [program, "-q", "-l", "vie", "-j", "2", "--output-type", "pdfa", "--optimize", "1", str(stack), str(out)]
    return cost(line, os.environ)


def _costs(runs: list[Cost], pages: int) -> dict[str, float]:
    wall = median(run.wall for run in runs)
    return {
        "wall": round(wall, 2),
        "pages_minute": round(60 * pages / wall, 1),
        "cpu_page": round(median(run.cpu for run in runs) / pages, 3),
        "peak_mb": max(run.peak for run in runs) >> 20,
    }


def _text(pdf: Path) -> str:
    return subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout


def _score(read: dict[Path, str]) -> dict[str, float]:
    total: Counter[str] = Counter()
    for page, text in read.items():
        truth = json.loads(page.with_suffix(".json").read_text(encoding="utf8"))
        total.update(errors(" ".join(line["text"] for sheet in truth["pages"] for line in sheet["lines"]), text))
    share = {
        "cer": total["errors"] / max(1, total["characters"]),
        "der": total["marks"] / max(1, total["marked"]),
        "numbers_found": total["numbers_found"] / max(1, total["numbers"]),
    }
    return {name: round(100 * value, 3) for name, value in share.items()}


def errors(truth: str, read: str) -> Counter[str]:
    """Characters of words without an equal partner, after pairing each with the nearest left over; marks apart."""
    wanted, found = Counter(_words(truth)), Counter(_words(read))
    left, over = list((wanted - found).elements()), list((found - wanted).elements())
    count: Counter[str] = Counter(characters=sum(len(word) * n for word, n in wanted.items()))
    count["marked"] = sum(n * sum(_base(c) != c for c in word.casefold()) for word, n in wanted.items())
    while left and over:
        matrix = process.cdist(left, over, scorer=Levenshtein.distance)
        row, column = divmod(int(matrix.argmin()), len(over))
        distance = int(matrix[row, column])
        if distance > 0.6 * max(len(left[row]), len(over[column])):
            break
        one, other = left.pop(row), over.pop(column)
        count["errors"] += distance
        count["marks"] += sum(
            edit.tag == "replace" and _base(one[edit.src_pos]) == _base(other[edit.dest_pos]) for edit in Levenshtein.editops(one, other)
        )
    count["errors"] += sum(map(len, left)) + sum(map(len, over))
    numbers, seen = Counter(_NUMBER.findall(truth)), Counter(_NUMBER.findall(read))
    count["numbers"], count["numbers_found"] = numbers.total(), (numbers & seen).total()
    return count


def _words(text: str) -> list[str]:
    return _LEADER.sub(" ", unicodedata.normalize("NFC", text)).split()


def _base(character: str) -> str:
    """The letter without its marks, "đ" as "d"."""
    return unicodedata.normalize("NFD", character.casefold())[0].replace("đ", "d")
