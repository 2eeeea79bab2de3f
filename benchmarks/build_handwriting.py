#!/usr/bin/env python3
"""Makes ocr/fields/data/handwriting.npz, the weights that tell a hand from a printer, from typefaces.

    python benchmarks/build_handwriting.py PRINT_FOLDER HAND_FOLDER [-n 3000] [-o ocr/fields/data/handwriting.npz]

PRINT_FOLDER and HAND_FOLDER hold fonts (.ttf, .otf); one family is what shares the file name up to its first "-" or "_". The shipped
file was made from 106 faces of the Debian packages fonts-liberation2, -crosextra-carlito, -crosextra-caladea, -sil-charis, -sil-doulos,
-sil-andika, -texgyre, -lmodern, -ebgaramond, -vollkorn, -lato, -open-sans, -roboto-unhinted, -noto-core, -inter, -cantarell, -jura,
-dejavu-core, -courier-prime and -gnutypewriter, and 53 of fonts-breip, -bwht, -dkg-handwriting, -ecolier-court, -femkeklaver, -havana,
-humor-sans, -kaushanscript, -klee, -kristi, -rufscript, -seto, -sjfonts, -tomsontalks, -yozvox-yozfont-standard-kana and -yusei-magic and
of the packages @fontsource/annie-use-your-telescope, architects-daughter, bad-script, caveat, caveat-brush, cedarville-cursive,
coming-soon, covered-by-your-grace, delius, gloria-hallelujah, gochi-hand, handlee, homemade-apple, indie-flower, itim, kalam, mansalva,
marck-script, neucha, pangolin, permanent-marker, playpen-sans, reenie-beanie, schoolbell, shadows-into-light, shantell-sans, short-stack,
sriracha, sue-ellen-francisco, swanky-and-moo-moo and the-girl-next-door (their "latin-400-normal", unpacked). Same fonts, same file.
Gentium, Linux Libertine and FreeFont, Patrick Hand and Dancing Script were left out, to measure on.

A page has labels in print and beside them answers, printed (in the label's face or another) or written: letter by letter, with a
tilt, a drift and an elastic bend of its own, marks drawn as strokes. Both go through the same scanner or camera: scale, blur, noise,
JPEG, threshold. First each fifth of the families is left out in turn and judged by what the others taught, which is what is printed.
"""

import argparse
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from msgspec import Struct
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.fields.by_hand import beside, judge, of_print
from ocr.fields.hand_shapes import PIECES, Gray, Measures, pieces, shapes

HERE = Path(__file__).parent.parent
FINE = 2  # drawn so many times finer than 200 dpi
HIDDEN = 16
FOLDS = 5
LABELS = 5
TURNS = 40
MARKS = {"\u0301": "/", "\u0300": "\\", "\u0309": "?", "\u0303": "~", "\u0323": ".", "\u0302": "^", "\u0306": "u", "\u031b": ","}


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("print", type=Path)
    ap.add_argument("hand", type=Path)
    ap.add_argument("-n", type=int, default=3000, help="pages, of three answers each")
    ap.add_argument("-o", "--out", type=Path, default=HERE / "ocr" / "fields" / "data" / "handwriting.npz")
    a = ap.parse_args()
    drawn = [page for part in share_out(sorted(a.print.iterdir()), sorted(a.hand.iterdir()), a.n) for page in part]
    known = pieces_of([row for page in drawn[::3] for row in page.answers])
    measures, written, family = measured(drawn, known)
    names = sorted(set(family))
    fold = dict(zip(names, (np.random.default_rng(1).permutation(len(names)) % FOLDS).tolist(), strict=True))
    folds = np.array([fold[name] for name in family])
    scores = np.zeros(len(written))
    for number in range(FOLDS):
        scores[folds == number] = judge(taught(measures[folds != number], written[folds != number]), measures[folds == number])
    for share in (0.005, 0.01, 0.02, 0.05):
        limit = float(np.quantile(scores[~written], 1 - share))
        told = 100 * (scores[written] > limit).mean()
        print(f"families left out: {100 * share:.1f} % of print and {told:.1f} % of hands above {limit:.2f}")
    for name in names:
        of = np.array([one == name for one in family])
        print(f"  {name}: {'hand' if written[of].any() else 'print'} {100 * (scores[of] > 1).mean():.0f} % above 1")
    np.savez_compressed(a.out, **{key: value.astype(np.float16) for key, value in (taught(measures, written) | {"pieces": known}).items()})
    print(f"{a.out}: {a.out.stat().st_size} bytes")


class Drawn(Struct, frozen=True):
    """Rows of labels and of answers as one scanner or camera saw them; the answers' family and whether they were written."""

    labels: list[Gray]
    answers: list[Gray]
    family: str
    written: bool


def share_out(printed: list[Path], hands: list[Path], count: int) -> list[list[Drawn]]:
    """`count` pages, drawn in parts of the same size whatever the number of processors."""
    with Pool() as pool:
        return pool.starmap(pages, [(printed, hands, min(100, count - start), start) for start in range(0, count, 100)])


def pages(printed: Sequence[Path], hands: Sequence[Path], count: int, seed: int) -> list[Drawn]:
    """Pages of five labels and three answers each; an answer is printed in a face of the label's family, in any, or written."""
    cv2.setNumThreads(1)
    chance = np.random.default_rng(seed)
    phrases = texts()
    made = []
    for _ in range(count):
        face = printed[chance.integers(len(printed))]
        hand = bool(chance.random() < 0.5)
        faces = hands if hand else [one for one in printed if family(one) == family(face)] if chance.random() < 0.7 else printed
        other = faces[chance.integers(len(faces))]
        size = chance.uniform(10.5, 14.5) / 72 * 200 * FINE
        scale = chance.uniform(0.9, 1.1)
        look = condition(chance)
        pen = chance.uniform(25, 110) if hand else look["black"] + chance.uniform(0, 12)
        dots = chance.random() < 0.5
        labels = [seen(typed(face, phrase(phrases, chance, 7, figures=False), size), look, look["black"], chance) for _ in range(LABELS)]
        answers = []
        for _ in range(3):
            text = phrase(phrases, chance, int(chance.integers(1, 7)))
            ink = handwritten(other, text, size, chance) if hand else typed(other, text, size * scale)
            answers.append(seen(dotted(ink, chance) if dots else ink, look, pen, chance))
        made.append(Drawn(labels, answers, family(other), hand))
    return made


def family(face: Path) -> str:
    return re.split(r"[-_ ]", face.stem)[0]


def pieces_of(rows: Sequence[Gray]) -> Measures:
    """The pieces of strokes that stand for all others (spherical k-means)."""
    chance = np.random.default_rng(3)
    found = []
    for row in rows:
        tall = row.sum(axis=1)
        one = pieces(row, max(4.0, float((tall > 0.45 * tall.max()).sum())))
        found.append(one[chance.permutation(len(one))[:12]])
    every = np.concatenate(found)
    known = every[chance.permutation(len(every))[:PIECES]].copy()
    for _ in range(15):
        nearest = (every @ known.T).argmax(axis=1)
        for number in range(PIECES):
            if (nearest == number).any():
                known[number] = every[nearest == number].mean(axis=0)
        known /= np.linalg.norm(known, axis=1, keepdims=True) + 1e-6
    return known.astype(np.float16).astype(np.float32)  # as it is kept


def measured(drawn: Sequence[Drawn], known: Measures) -> tuple[Measures, NDArray[np.bool_], list[str]]:
    """(what is judged of each answer; which were written; their families)."""
    told, written, of = [], [], []
    for page in drawn:
        labels = [one for row in page.labels if (one := shapes(row, known)) is not None]
        if not labels:
            continue
        printed = of_print(labels)
        for row in page.answers:
            if (one := shapes(row, known)) is not None:
                told.append(beside(one, printed))
                written.append(page.written)
                of.append(page.family)
    return np.array(told, np.float32), np.array(written), of


def texts() -> list[str]:
    """Names of people and places, words of forms."""
    found: list[str] = []
    for line in (HERE / "ocr" / "words" / "data" / "names.txt").read_text(encoding="utf8").splitlines():
        heading, _, entries = line.partition(": ")
        if entries and not heading.startswith("#"):
            found += entries.split(", ")
    return found


def phrase(phrases: Sequence[str], chance: np.random.Generator, words: int, *, figures: bool = True) -> str:
    def one() -> str:
        kind = chance.random() if figures else chance.uniform(0.3, 1)
        if kind < 0.18:
            return f"{chance.integers(1, 32):02d}/{chance.integers(1, 13):02d}/{chance.integers(1930, 2027)}"
        if kind < 0.3:
            return str(chance.integers(10 ** int(chance.integers(1, 12))))
        word = phrases[chance.integers(len(phrases))]
        return word.upper() if kind < 0.38 else word.title() if kind < 0.65 else word

    return " ".join(one() for _ in range(words))[: int(chance.integers(4, 60))].strip() or "Nam"


@cache
def font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


@cache
def known(path: Path) -> frozenset[int]:
    return frozenset(TTFont(path, fontNumber=0).getBestCmap())


def typed(path: Path, text: str, size: float) -> Gray:
    """Ink 0..255 of a printed row; letters that the face lacks lose their marks."""
    text = "".join(c if ord(c) in known(path) else unicodedata.normalize("NFD", c)[0].replace("đ", "d").replace("Đ", "D") for c in text)
    face = font(path, round(size))
    page = Image.new("L", (round(face.getlength(text) + 2 * size), round(2.2 * size)), 0)
    ImageDraw.Draw(page).text((size, 1.5 * size), text, font=face, fill=255, anchor="ls")
    return np.asarray(page)


def handwritten(path: Path, text: str, size: float, chance: np.random.Generator) -> Gray:
    """Ink 0..255 of a written row."""
    face = font(path, round(size))
    high = face.getbbox("n", anchor="ls")
    size *= min(1.6, max(0.7, 0.5 * size * chance.uniform(0.85, 1.35) / max(1, high[3] - high[1])))
    face = font(path, round(size))
    page = Image.new("L", (round(face.getlength(text) * 1.3 + 4 * size), round(3 * size)), 0)
    pen = ImageDraw.Draw(page)
    unrest = float(chance.choice([0.0, 0.0, 0.3, 0.7, 1.3]))
    x, foot = 1.2 * size, 1.8 * size
    thick = max(2, round(0.055 * size))
    for word in text.split():
        foot += unrest * chance.normal(0, 0.02 * size)
        x0 = x
        plain = "".join(
            c if ord(c) in known(path) else unicodedata.normalize("NFD", c)[0].replace("đ", "d").replace("Đ", "D") for c in word
        )
        joined = chance.random() < 0.5
        if joined:
            pen.text((x, foot), plain, font=face, fill=255, anchor="ls")
        for place, letter in enumerate(plain):
            at = x0 + face.getlength(plain[:place])
            if not joined:
                pen.text((at, foot + unrest * chance.normal(0, 0.015 * size)), letter, font=face, fill=255, anchor="ls")
            if plain[place] != word[place]:
                middle = at + face.getlength(letter) / 2
                top = foot + face.getbbox(letter, anchor="ls")[1]
                marks(pen, unicodedata.normalize("NFD", word[place])[1:], middle, top, foot, size, thick)
        x = x0 + face.getlength(plain) + size * chance.uniform(0.2, 0.5)
    ink = np.asarray(page)
    height, width = ink.shape
    bend = unrest * chance.uniform(0.006, 0.02) * size
    grid_y, grid_x = np.mgrid[0:height, 0:width].astype(np.float32)
    lean = chance.uniform(-0.08, 0.3) if unrest and chance.random() < 0.7 else 0.0
    drift = unrest * chance.normal(0, 0.006)
    map_x = grid_x + bend * field(height, width, size * 0.3, chance) + lean * (grid_y - foot)
    map_y = grid_y + bend * field(height, width, size * 0.3, chance) + bend * field(height, width, size * 2.5, chance) + drift * grid_x
    ink = cv2.remap(ink, map_x, map_y, cv2.INTER_LINEAR)
    change = int(chance.integers(-1, 3))
    if change > 0:
        ink = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * change - 1 + 2, 2 * change - 1 + 2)))
    elif change < 0 and (ink > 0).mean() > 0.04:
        ink = cv2.erode(ink, np.ones((2, 2), np.uint8))
    return np.asarray(ink, np.uint8)


def dotted(ink: Gray, chance: np.random.Generator) -> Gray:
    """The row with the dots of the line that it stands on, through its feet or just below."""
    ink = ink.copy()
    high, wide = ink.shape
    rows = ink.sum(axis=1)
    foot = int(np.flatnonzero(rows > 0.45 * rows.max())[-1]) if rows.any() else high // 2
    size, pitch = int(chance.integers(3, 7)), int(chance.integers(9, 20))
    y = foot + int(chance.integers(-4, 12))
    for x in range(0, wide - size, pitch):
        ink[y : y + size, x : x + size] = 255
    return ink


def marks(pen: ImageDraw.ImageDraw, which: Sequence[str], x: float, top: float, foot: float, size: float, thick: int) -> None:
    """Marks of Vietnamese letters as strokes: `x` the letter's middle, `top` its upper edge."""
    unit = 0.09 * size
    for mark in which:
        y = top - 1.6 * unit
        sign = MARKS.get(mark)
        if sign == ".":
            pen.ellipse((x - unit / 3, foot + unit, x + unit / 3, foot + 1.7 * unit), fill=255)
            continue
        if sign == ",":
            pen.line([(x + 2.2 * unit, top + unit), (x + 3 * unit, top - unit)], fill=255, width=thick)
            continue
        path = {
            "/": [(-1, 1), (1, -1)],
            "\\": [(-1, -1), (1, 1)],
            "^": [(-1.2, 1), (0, -0.6), (1.2, 1)],
            "u": [(-1.2, -0.6), (0, 0.8), (1.2, -0.6)],
            "~": [(-1.4, 0.5), (-0.5, -0.5), (0.5, 0.5), (1.4, -0.5)],
            "?": [(-0.6, -1), (0.6, -1), (0.6, 0), (0, 0.8)],
        }.get(sign or "", [])
        if path:
            pen.line([(x + unit * dx, y + unit * dy) for dx, dy in path], fill=255, width=thick, joint="curve")
            top -= 2.2 * unit


def field(height: int, width: int, wave: float, chance: np.random.Generator) -> NDArray[np.float32]:
    """A smooth random field of about unit strength whose waves are `wave` pixels long."""
    rough = chance.normal(size=(max(2, round(height / wave)) + 2, max(2, round(width / wave)) + 2)).astype(np.float32)
    return np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def condition(chance: np.random.Generator) -> dict[str, Any]:
    """A scanner or a camera."""
    kind = chance.choice(["clean", "scan", "photo"])
    return {
        "scale": 1.0 if kind != "photo" else chance.uniform(0.7, 1.0),
        "blur": {"clean": 0.0, "scan": chance.uniform(0.3, 1.0), "photo": chance.uniform(0.6, 1.5)}[kind],
        "noise": {"clean": 0.0, "scan": chance.uniform(1, 6), "photo": chance.uniform(2, 8)}[kind],
        "quality": {"clean": 0, "scan": int(chance.integers(60, 92)), "photo": int(chance.integers(60, 85))}[kind],
        "paper": 250 if kind == "clean" else chance.uniform(190, 245),
        "black": 10 if kind == "clean" else chance.uniform(20, 70),
        "tilt": 0.0 if kind == "clean" else chance.normal(0, 0.004),
        "wave": chance.uniform(0, 1.5) if kind == "photo" else 0.0,
    }


def seen(ink: Gray, look: dict[str, Any], dark: float, chance: np.random.Generator) -> Gray:
    """The ink mask at 200 dpi, as `ocr.fields.page_ink` makes it, cut as a reader's boxes are."""
    height, width = ink.shape
    grid_y, grid_x = np.mgrid[0:height, 0:width].astype(np.float32)
    if look["tilt"] or look["wave"]:
        grid_y = grid_y + look["tilt"] * grid_x + look["wave"] * field(height, width, 400.0, chance)
        ink = np.asarray(cv2.remap(ink, grid_x, grid_y, cv2.INTER_LINEAR), np.uint8)
    scale = look["scale"] / FINE
    small = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    grey = look["paper"] - small * (look["paper"] - dark)
    if look["blur"]:
        grey = cv2.GaussianBlur(grey, (0, 0), look["blur"])
    if look["noise"]:
        grey = grey + chance.normal(0, look["noise"], grey.shape)
    picture = np.clip(grey, 0, 255).astype(np.uint8)
    if look["quality"]:
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, look["quality"]])[1], cv2.IMREAD_GRAYSCALE)
    if look["scale"] < 1:
        picture = cv2.resize(picture, None, fx=1 / look["scale"], fy=1 / look["scale"], interpolation=cv2.INTER_CUBIC)
    mask = (look["paper"] - picture.astype(np.float32) > 45).astype(np.uint8)
    rows, columns = np.flatnonzero(mask.sum(axis=1) > 1), np.flatnonzero(mask.any(axis=0))
    if not rows.size or not columns.size:
        return np.zeros((8, 8), np.uint8)
    more = chance.integers(0, 7, 2)
    cut = mask[max(0, rows[0] - more[0]) : rows[-1] + 1 + more[1], columns[0] : columns[-1] + 1].copy()
    return cut


def taught(measures: NDArray[np.float32], written: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    """A network of one hidden layer: Adam on the log loss, weights kept small."""
    chance = np.random.default_rng(5)
    mean, spread = measures.mean(axis=0), measures.std(axis=0) + 1e-3
    x, y = np.clip((measures - mean) / spread, -4, 4).astype(np.float64), written.astype(np.float64)
    weights = {
        "inner": chance.normal(0, 0.15, (x.shape[1], HIDDEN)),
        "bias": np.zeros(HIDDEN),
        "outer": chance.normal(0, 0.3, HIDDEN),
        "level": np.zeros(1),
    }
    first = {key: np.zeros_like(value) for key, value in weights.items()}
    second = {key: np.zeros_like(value) for key, value in weights.items()}
    step = 0
    for turn in range(TURNS):
        rate = 0.004 * (1 - turn / TURNS) + 1e-4
        for batch in np.array_split(chance.permutation(len(x)), max(1, len(x) // 64)):
            step += 1
            hidden = np.tanh(x[batch] @ weights["inner"] + weights["bias"])
            off = (1 / (1 + np.exp(-(hidden @ weights["outer"] + weights["level"]))) - y[batch]) / len(batch)
            back = off[:, None] * weights["outer"] * (1 - hidden**2)
            slopes = {"inner": x[batch].T @ back, "bias": back.sum(0), "outer": hidden.T @ off, "level": off.sum(keepdims=True)}
            for key, slope in slopes.items():
                slope = slope + (5e-3 * weights[key] if key in ("inner", "outer") else 0)
                first[key] = 0.9 * first[key] + 0.1 * slope
                second[key] = 0.999 * second[key] + 0.001 * slope**2
                weights[key] -= rate * (first[key] / (1 - 0.9**step)) / (np.sqrt(second[key] / (1 - 0.999**step)) + 1e-8)
    return {key: value.astype(np.float32) for key, value in (weights | {"mean": mean, "spread": spread}).items()}


if __name__ == "__main__":
    main()
