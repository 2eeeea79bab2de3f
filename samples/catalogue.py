"""The list of samples: which paper, in which condition, under which name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from samples import files
from samples.civil_forms import birth_registration, ct01
from samples.conditions import Shot, photo, render, scan
from samples.paper import Drawing
from samples.truth import bad_truth, truth

_READ: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Sample:
    """A drawn file and its truth. `name` is the file's name; the truth is named alike, ending in .json."""

    name: str
    data: bytes
    truth: str


def samples() -> Iterator[Sample]:
    """Draws every sample, one after the other."""
    yield from _birth_registrations()
    yield from _residence()
    yield from _bad()


def _birth_registrations() -> Iterator[Sample]:
    paper, blank = birth_registration(), birth_registration(filled=False)
    yield _clean(paper)
    sharp = _page(paper, 300)
    shot = scan(sharp, seed=11, noise=0.9)
    yield _shot(paper, "scan300", "jpg", files.jpeg(shot, 76), [shot])
    low = _page(paper, 200)
    shot = scan(low, seed=12, angle=1.1, grey=True, noise=4.0, back=_page(blank, 200).pixels)
    yield _shot(paper, "scan200", "jpg", files.jpeg(shot, 62), [shot])
    shot = photo(sharp, seed=13, corners=[(0.085, 0.060), (0.930, 0.082), (0.958, 0.945), (0.050, 0.958)])
    yield _shot(paper, "photo", "jpg", files.jpeg_on_its_side(shot, 66), [shot])
    shot = scan(_page(blank, 200), seed=14, angle=-0.6, grey=True, noise=3.0)
    yield _shot(blank, "scan200", "jpg", files.jpeg(shot, 60), [shot])


def _residence() -> Iterator[Sample]:
    paper = ct01()
    yield _clean(paper)
    shot = photo(_page(paper, 300), seed=21, corners=[(0.065, 0.075), (0.945, 0.052), (0.925, 0.955), (0.082, 0.935)])
    yield _shot(paper, "photo", "heic", files.heic(shot, 52), [shot])


def _bad() -> Iterator[Sample]:
    paper = birth_registration()
    yield _unreadable("bad.truncated", files.truncated(paper.pdf), "pdf_damaged")
    yield _unreadable("bad.encrypted", files.encrypted(paper.pdf), "pdf_encrypted", password=files.USER_PASSWORD)
    yield _unreadable("bad.not-an-image", _NOTE.encode(), "file_type_unknown")


_NOTE = "Kính gửi bộ phận một cửa,\n\nEm gửi nhầm tệp ghi chú này thay cho tờ khai, xin anh chị bỏ qua.\n"


@cache
def _render(pdf: bytes, dpi: int) -> list[Shot]:
    return render(pdf, dpi)


def _page(drawing: Drawing, dpi: int) -> Shot:
    return _render(drawing.pdf, dpi)[0]


def _clean(drawing: Drawing) -> Sample:
    name = f"{drawing.kind}.clean.pdf"
    return Sample(name, drawing.pdf, truth(name, "clean", drawing, [None] * len(drawing.pages), _READ))


def _shot(drawing: Drawing, condition: str, ending: str, data: bytes, shots: Sequence[Shot]) -> Sample:
    name = f"{drawing.kind}.{condition}.{ending}"
    return Sample(name, data, truth(name, condition, drawing, shots, _READ))


def _unreadable(stem: str, data: bytes, code: str, **more: Any) -> Sample:
    name = f"{stem}.pdf"
    return Sample(name, data, bad_truth(name, stem.split(".")[1], {"status": "failed", "code": code, **more}))
