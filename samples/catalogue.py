"""The list of samples: which paper, in which condition, under which name."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct

from samples import files, id_card, people
from samples.civil_forms import birth_registration, ct01
from samples.conditions import Shot, on_glass, photo, render, scan
from samples.ink import note_picture, seal, signature
from samples.paper import A4_MM, MM, Drawing
from samples.signed import AGENCY, VIETNAM, Signature, root_certificate, said, sign_pdf
from samples.state_papers import SEAL_TEXT, certificate, decision
from samples.truth import bad_truth, truth

ROOT = "demo-root.pem"
_READ: dict[str, Any] = {}


class Sample(Struct, frozen=True):
    """A drawn file and its truth. `name` is the file's name; the truth is named alike, ending in .json.

    The certificate that the signed samples trust has no truth: it is no document.
    """

    name: str
    data: bytes
    truth: str | None


def samples() -> Iterator[Sample]:
    """Draws every sample, one after the other."""
    yield from _birth_registrations()
    yield from _residence()
    yield from _decisions()
    yield from _certificates()
    yield from _cards()
    yield from _bad()
    yield Sample(ROOT, root_certificate(), None)


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
    yield _shot(paper, "photo", "heic", files.heic(shot, 58), [shot])


def _decisions() -> Iterator[Sample]:
    paper, _, _ = decision()
    yield _clean(paper)
    sharp, low = _render(paper.pdf, 300), _render(paper.pdf, 200)
    shots = [scan(page, seed=31 + number, noise=1.0) for number, page in enumerate(sharp)]
    yield _shot(paper, "scan300", "tif", files.tiff(shots), shots)
    angles = (0.7, -0.4, 0.9)
    shots = [scan(page, seed=35 + number, angle=angles[number], noise=2.0) for number, page in enumerate(low)]
    yield _shot(paper, "scan200", "pdf", files.image_pdf([files.jpeg(shot, 60) for shot in shots], A4_MM), shots)
    yield _signed_decision()


def _signed_decision() -> Sample:
    """Born digital and signed twice: by the chairman, then with the key of the agency (NĐ 30/2020/NĐ-CP, Điều 32)."""
    paper, signature_box, stamp_box = decision(stamped=False)
    last = len(paper.pages) - 1
    first_time = datetime(2026, 9, 7, 10, 20, tzinfo=VIETNAM)
    second_time = datetime(2026, 9, 7, 10, 45, tzinfo=VIETNAM)
    signatures = [
        Signature("ChuTich", people.CHAIRMAN, first_time, last, signature_box, signature(), pades=True),
        Signature("CoQuan", AGENCY, second_time, last, stamp_box, seal(*SEAL_TEXT), pades=True),
    ]
    name = "decision.signed.pdf"
    return Sample(name, sign_pdf(paper.pdf, signatures), truth(name, "signed", paper, [None] * len(paper.pages), _signed(signatures)))


def _certificates() -> Iterator[Sample]:
    paper = certificate()
    yield _clean(paper)
    shot = scan(_page(paper, 300), seed=41, angle=-0.3, noise=0.9)
    yield _shot(paper, "scan300", "jpg", files.jpeg(shot, 76), [shot])
    shot = scan(_page(paper, 200), seed=42, angle=0.35, noise=1.5)
    time = datetime(2026, 9, 15, 9, 10, tzinfo=VIETNAM)
    note = note_picture(("Cơ quan: Ủy ban nhân dân xã Hương Mẫu", f"Thời gian ký: {time.isoformat()}"))
    right = A4_MM[0] * MM - 36
    signatures = [Signature("CoQuan", AGENCY, time, 0, (right - 170, 34, right, 70), note, pades=False)]
    data = sign_pdf(files.image_pdf([files.jpeg(shot, 70)], A4_MM), signatures)
    name = "certificate.scan-signed.pdf"
    yield Sample(name, data, truth(name, "scan-signed", paper, [shot], _signed(signatures)))


def _cards() -> Iterator[Sample]:
    front, back = id_card.front(), id_card.back()
    shot = scan(on_glass(_page(front, 300), 6), seed=51, noise=0.7)
    yield _shot(front, "scan300", "png", files.png(shot), [shot])
    shot = photo(_page(front, 600), seed=52, corners=[(0.13, 0.20), (0.89, 0.16), (0.91, 0.80), (0.10, 0.78)], size=(2400, 1800), card=True)
    yield _shot(front, "photo", "jpg", files.jpeg(shot, 70), [shot])
    shot = scan(on_glass(_page(back, 300), 6), seed=53, noise=0.7)
    yield _shot(back, "scan300", "png", files.png(shot), [shot])


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


def _signed(signatures: Sequence[Signature]) -> dict[str, Any]:
    return {"trust": ROOT, "signatures": [said(signature) for signature in signatures]}


def _unreadable(stem: str, data: bytes, code: str, **more: Any) -> Sample:
    name = f"{stem}.pdf"
    return Sample(name, data, bad_truth(name, stem.split(".")[1], {"status": "failed", "code": code, **more}))
