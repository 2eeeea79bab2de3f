"""Draw the pictures in docs/appearances: every signature profile on a page, signed with trial keys.

    python docs/draw_appearances.py [FOLDER]

Each picture is a page at 96 pixels an inch, cut to where the signature stands. `tests/signing/test_pictures.py` measures the
same pages against the millimetres and points of the rules.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
from fpdf import FPDF
from PIL import Image, ImageDraw

from signing.keyholder import KeyProcess
from signing.model import VIETNAM, Facts, SignedFile
from signing.profiles import load_profile
from signing.sign import sign_file
from signing.tasks import PRELOAD
from signing.trial import trial_pki
from sohoa.child import Child

FONTS = Path(__file__).parents[1] / "sohoa" / "fonts"
# Profiles in the order of the page in docs; each with the cut (left, top, right, bottom) of its picture in millimetres.
CUTS = {
    "person": (95.0, 165.0, 205.0, 232.0),
    "agency": (95.0, 165.0, 205.0, 232.0),
    "attachment": (100.0, 0.0, 210.0, 42.0),
    "sao_y": (100.0, 0.0, 210.0, 42.0),
    "officer_scan": (0.0, 0.0, 110.0, 42.0),
    "cv7197": (100.0, 0.0, 210.0, 42.0),
}
_OFFICE = "Ủy ban nhân dân xã Thử Nghiệm"


@dataclass(frozen=True)
class Drawn:
    """One page with one profile; for `agency` the person's signature is already there."""

    profile: str
    signed: SignedFile


def main(folder: Path) -> None:
    """Write `<profile>.png` for every profile that shows itself."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as work:
        for drawn in draw_all(Path(work)):
            cut(pixels(drawn.signed.path, 96), CUTS[drawn.profile], 96).quantize(32).save(folder / f"{drawn.profile}.png", optimize=True)


def draw_all(work: Path) -> list[Drawn]:
    """A decision signed under every profile, now: the certificates of the trial keys are only days old."""
    pki = trial_pki(work / "pki")
    page, hand, seal = decision(work / "decision.pdf"), handwriting(work / "hand.png"), round_seal(work / "seal.png")
    now = datetime.now(VIETNAM).replace(microsecond=0)
    facts: Callable[..., Facts] = lambda **more: Facts(  # noqa: E731 - the facts that every profile shares
        now, captured_at=now, copy_form="SAO Y", agency=_OFFICE, document_number="05/QĐ-UBND", **more
    )
    drawn: list[Drawn] = []
    with (
        Child(PRELOAD) as child,
        KeyProcess(pki.identity("officer"), pki.passphrase) as officer,
        KeyProcess(pki.identity("agency"), pki.passphrase) as agency,
    ):
        for name in CUTS:
            source, key, image = (page, officer, hand) if name != "agency" else (drawn[0].signed.path, agency, seal)
            out = work / f"{name}.pdf"
            drawn.append(Drawn(name, sign_file(source, out, key, load_profile(name), "b", child, None, facts(image=image))))
    return drawn


def decision(path: Path) -> Path:
    """A made-up decision in the layout of NĐ 30/2020/NĐ-CP, Phụ lục I."""
    pdf = FPDF()
    pdf.set_auto_page_break(False)
    for style, name in (("", "Regular"), ("B", "Bold"), ("I", "Italic")):
        pdf.add_font("serif", style, FONTS / f"LiberationSerif-{name}.ttf")
    pdf.add_page()
    for y, middle, style, size, text in (
        (25, 65, "B", 12, "ỦY BAN NHÂN DÂN"), (30, 65, "B", 12, "XÃ THỬ NGHIỆM"), (40, 65, "", 13, "Số: 05/QĐ-UBND"),
        (25, 143, "B", 12, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), (30, 143, "B", 13, "Độc lập - Tự do - Hạnh phúc"),
        (40, 143, "I", 13, "Thử Nghiệm, ngày 05 tháng 02 năm 2026"), (55, 105, "B", 14, "QUYẾT ĐỊNH"),
        (62, 105, "B", 14, "Về việc vẽ mẫu chữ ký số"), (80, 105, "", 14, "Điều 1. Trang này để đo vị trí, kích thước của chữ ký số."),
        (172, 150, "B", 13, "TM. ỦY BAN NHÂN DÂN"), (178, 150, "B", 13, "CHỦ TỊCH"), (224, 150, "B", 14, "Nguyễn Thị Ví Dụ"),
    ):  # fmt: skip
        pdf.set_font("serif", style, size)
        pdf.text(middle - pdf.get_string_width(text) / 2, y, text)
    pdf.output(str(path))
    return path


def handwriting(path: Path) -> Path:
    """A blue line that moves like a hand, on a transparent ground."""
    image = Image.new("RGBA", (1000, 400), (0, 0, 0, 0))
    line = [(40 + i * 4.6, 200 + 130 * math.sin(i / 8) * math.cos(i / 37)) for i in range(200)]
    ImageDraw.Draw(image).line(line, fill=(20, 40, 160, 255), width=10, joint="curve")
    image.save(path)
    return path


def round_seal(path: Path) -> Path:
    """A red ring with a star, in a wide transparent border."""
    image = Image.new("RGBA", (1200, 1200), (0, 0, 0, 0))
    drawing = ImageDraw.Draw(image)
    for radius, width in ((500, 26), (330, 12)):
        drawing.ellipse((600 - radius, 600 - radius, 600 + radius - 1, 600 + radius - 1), outline=(205, 25, 35, 255), width=width)
    turns = [math.pi * (0.5 + n / 5) for n in range(10)]
    star = [
        (600 + (140 if n % 2 == 0 else 55) * math.cos(turn), 600 - (140 if n % 2 == 0 else 55) * math.sin(turn))
        for n, turn in enumerate(turns)
    ]
    drawing.polygon(star, fill=(205, 25, 35, 255))
    image.save(path)
    return path


def pixels(path: Path, dpi: float) -> Image.Image:
    """The first page as a reader shows it, signatures included."""
    with pypdfium2.PdfDocument(BytesIO(path.read_bytes())) as pdf:
        pdf.init_forms()
        page: Image.Image = pdf[0].render(scale=dpi / 72, may_draw_forms=True).to_pil()
        return page.convert("RGB")


def cut(page: Image.Image, mm: tuple[float, float, float, float], dpi: float) -> Image.Image:
    """A part of the page, given in millimetres."""
    left, top, right, bottom = (round(v / 25.4 * dpi) for v in mm)
    return page.crop((left, top, right, bottom))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "appearances")
