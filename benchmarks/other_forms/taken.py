"""The printed paper as offices hand it in: sharp, scanned, photographed; one page as an image, several as a PDF of images."""

import random
from pathlib import Path

from samples.conditions import Shot, on_glass, photo, render, scan
from samples.files import image_pdf, jpeg, png

CONDITIONS = ("clean300", "scan200", "photo")
_CARD_MARGIN_MM = 18
_PORTRAIT, _LANDSCAPE = (2700, 3600), (3200, 2400)


def take(pdf: bytes, name: str, out: Path, chance: random.Random, card: bool, conditions: tuple[str, ...] = CONDITIONS) -> None:
    """Write the paper under `out/<condition>/` in each of the conditions."""
    for condition in conditions:
        folder = out / condition
        folder.mkdir(parents=True, exist_ok=True)
        shots = _shots(pdf, condition, chance, card)
        if len(shots) > 1:
            size = (210.0, 297.0)
            pages = [jpeg(shot, 92 if condition == "clean300" else chance.choice((68, 75, 84))) for shot in shots]
            (folder / f"{name}__{condition}.pdf").write_bytes(image_pdf(pages, size))
        elif condition == "clean300":
            (folder / f"{name}__{condition}__p1.png").write_bytes(png(shots[0]))
        else:
            (folder / f"{name}__{condition}__p1.jpg").write_bytes(jpeg(shots[0], chance.choice((68, 75, 84))))


def _shots(pdf: bytes, condition: str, chance: random.Random, card: bool) -> list[Shot]:
    dpi = 200 if condition == "scan200" else 400 if card and condition == "photo" else 300
    pages = render(pdf, dpi)
    if condition == "photo":
        size = _LANDSCAPE if card else _PORTRAIT
        return [
            photo(page, chance.randrange(10**6), _corners(chance, card), size=size, noise=chance.uniform(1, 2.6), card=card)
            for page in pages
        ]
    pages = [on_glass(page, _CARD_MARGIN_MM) for page in pages] if card else pages
    if condition == "clean300":
        return pages
    grey, noise, angle = chance.random() < 0.35, chance.uniform(0.8, 3.0), chance.uniform(-1.2, 1.2)
    through = pages[-1].pixels if chance.random() < 0.15 and not card else None
    return [scan(page, chance.randrange(10**6), angle=angle, grey=grey, noise=noise, back=through) for page in pages]


def _corners(chance: random.Random, card: bool) -> list[tuple[float, float]]:
    across, down = ((0.1, 0.15), (0.17, 0.22)) if card else ((0.025, 0.085), (0.025, 0.085))
    inset = [(chance.uniform(*across), chance.uniform(*down)) for _ in range(4)]
    return [(abs(x - dx), abs(y - dy)) for (x, y), (dx, dy) in zip(((0, 0), (1, 0), (1, 1), (0, 1)), inset, strict=True)]
