"""A specimen identity card: the front of a chip card with its QR code, the back of the card of 2024 with its MRZ.

MẪU / SPECIMEN stands on both sides and the portrait is a shape without a face.
"""

from datetime import date
from importlib.resources import files

import numpy as np
import segno
from PIL import Image, ImageDraw, ImageFont

from samples import people
from samples.machine_letters import machine_letters
from samples.paper import MM, Box, Drawing, Paper, Span, TrueLine, around

CARD_MM = (85.6, 53.98)
_WIDTH, _HEIGHT = CARD_MM[0] * MM, CARD_MM[1] * MM
_RED = (196, 30, 40)
_GREY = (70, 70, 74)
_OLD_ID = "145000356"
_FRONT_ISSUED = date(2021, 5, 20)
_BACK_ISSUED = date(2024, 11, 18)
_EXPIRES = date(2028, 12, 25)


def front() -> Drawing:
    """The front: state, title, portrait, seven values and the QR code."""
    paper = _card("Mặt trước thẻ mẫu", (0.10, 0.75, 0.45))
    holder = people.CARD_HOLDER
    _emblem(paper, (23, 21), 13)
    for y, text, size, style in (
        (13, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 6.6, "B"),
        (21, "Độc lập - Tự do - Hạnh phúc", 6.8, "B"),
        (28, "SOCIALIST REPUBLIC OF VIET NAM", 5.2, ""),
        (34, "Independence - Freedom - Happiness", 5.0, ""),
    ):
        paper.put(112, y, [Span(text, size, style)], align="center")
    paper.put(116, 48, [Span("CĂN CƯỚC CÔNG DÂN", 11.2, "B", colour=_RED)], align="center")
    paper.put(116, 55.5, [Span("Citizen Identity Card", 6.2, "B", colour=_GREY)], align="center")
    text = people.qr_text(holder, _OLD_ID, _FRONT_ISSUED)
    box = _qr(paper, text, (_WIDTH - 51, 5), 44)
    paper.note("qr", "QR", None, "qr", text, text, box)
    paper.picture(portrait(), (10, 58, 63, 129))
    x = 76.0
    _value(paper, x, 68, "so", "Số / No.", "id12", holder.id12, size=11, style="B")
    _below(paper, x, 78, "ho_ten", "Họ và tên / Full name", "text", holder.name.upper(), 9.5, "B")
    born = people.dmy(holder.born)
    _value(paper, x, 98, "ngay_sinh", "Ngày sinh / Date of birth", "date", born, value=holder.born.isoformat())
    end = _value(paper, x, 108, "gioi_tinh", "Giới tính / Sex", "enum", holder.sex)
    _value(paper, end + 8, 108, "quoc_tich", "Quốc tịch / Nationality", "enum", "Việt Nam")
    _below(paper, x, 117, "que_quan", "Quê quán / Place of origin", "text", f"{people.COMMUNE}, {people.PROVINCE}", 7.4)
    _below(paper, x, 134, "noi_thuong_tru", "Nơi thường trú / Place of residence", "text", holder.home, 7.4)
    expires = people.dmy(_EXPIRES)
    line = paper.put(8, 138, [Span("Có giá trị đến: ", 5.4), Span(expires, 6.4, "B")])
    paper.note("gia_tri_den", "Có giá trị đến / Date of expiry", None, "date", _EXPIRES.isoformat(), expires, line.words[-1].box)
    paper.put(8, 145, [Span("Date of expiry", 5.0, "I", colour=_GREY)])
    return paper.finish("id-card-front", "cccd_mat_truoc")


def back() -> Drawing:
    """The back: place of residence, place of birth registration, dates, chip and the machine-readable zone."""
    paper = _card("Mặt sau thẻ mẫu", (0.55, 0.80, 0.05))
    holder = people.CARD_HOLDER
    commune = f"{people.COMMUNE}, {people.PROVINCE}"
    _below(paper, 12, 14, "noi_cu_tru", "Nơi cư trú / Place of residence", "text", holder.home, 8)
    _below(paper, 12, 34, "noi_dang_ky_khai_sinh", "Nơi đăng ký khai sinh / Place of birth", "text", commune, 8)
    issued, expires = people.dmy(_BACK_ISSUED), people.dmy(_EXPIRES)
    _below(paper, 78, 56, "ngay_cap", "Ngày, tháng, năm cấp / Date of issue", "date", issued, 8, value=_BACK_ISSUED.isoformat())
    label = "Ngày, tháng, năm hết hạn / Date of expiry"
    _below(paper, 78, 75, "gia_tri_den", label, "date", expires, 8, value=_EXPIRES.isoformat())
    paper.put(202, 87, [Span("BỘ CÔNG AN", 7.6, "B")], align="center")
    paper.put(202, 94, [Span("MINISTRY OF PUBLIC SECURITY", 4.6, colour=_GREY)], align="center")
    _chip(paper, (16, 52, 56, 84))
    paper.fill((4, 101, _WIDTH - 4, _HEIGHT - 6), (244, 245, 241))
    pitch, height = 7.55, 7.4
    x = (_WIDTH - people.MRZ_WIDTH * pitch) / 2
    for number, text in enumerate(people.mrz(holder, _EXPIRES)):
        box = machine_letters(paper, x, 114 + 13.2 * number, text, pitch, height)
        paper.mark(text, box)
        paper.note(f"mrz_{number + 1}", f"MRZ {number + 1}", None, "mrz", text, text, box)
    return paper.finish("id-card-back", "cccd_mat_sau")


def portrait(width: int = 300, height: int = 400) -> Image.Image:
    """A head and shoulders without a face."""
    w, h = width * 2, height * 2
    image = Image.new("RGB", (w, h), (196, 214, 228))
    pen = ImageDraw.Draw(image)
    pen.ellipse((0.27 * w, 0.14 * h, 0.73 * w, 0.60 * h), fill=(70, 62, 66))
    pen.rectangle((0.42 * w, 0.50 * h, 0.58 * w, 0.74 * h), fill=(205, 176, 158))
    pen.ellipse((0.02 * w, 0.68 * h, 0.98 * w, 1.35 * h), fill=(92, 104, 128))
    pen.ellipse((0.31 * w, 0.20 * h, 0.69 * w, 0.62 * h), fill=(214, 186, 168))
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _card(title: str, tint: tuple[float, float, float]) -> Paper:
    paper = Paper(CARD_MM, title=title)
    paper.add_page()
    paper.picture(_guilloche(tint), (0, 0, _WIDTH, _HEIGHT))
    return paper


def _guilloche(tint: tuple[float, float, float]) -> Image.Image:
    """The printed ground of a card: pale waves, and MẪU / SPECIMEN across it."""
    width, height = 1011, 638
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = np.sin((y + 26 * np.sin(x / 70)) / 4.2) + np.sin((y - 34 * np.sin(x / 95 + 1)) / 5.1)
    glow = np.exp(-(((x - 560) / 420) ** 2 + ((y - 330) / 300) ** 2))
    colour = np.stack([243 - 30 * (1 - t) * glow + 2.2 * waves * (1.3 - t) - 14 * (1 - t) for t in tint], axis=-1)
    image = Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8))
    word = Image.new("L", (900, 130), 0)
    font = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Bold.ttf"), 104)
    ImageDraw.Draw(word).text((450, 65), "MẪU / SPECIMEN", font=font, fill=58, anchor="mm")
    word = word.rotate(24, Image.Resampling.BICUBIC, expand=True)
    image.paste((222, 84, 84), ((width - word.width) // 2, (height - word.height) // 2), word)
    return image


def _value(
    paper: Paper, x: float, y: float, name: str, label: str, type_: str, raw: str,
    value: str | None = None, size: float = 7.8, style: str = "",
) -> float:  # fmt: skip
    """A label and its value in one line; returns where the value ends."""
    line = paper.put(x, y, [Span(f"{label}: ", 6.2, colour=_GREY), Span(raw, size, style)])
    box = _last_words(line, raw)
    paper.note(name, label, None, type_, value or raw, raw, box)
    return box[2]


def _below(
    paper: Paper, x: float, y: float, name: str, label: str, type_: str, raw: str, size: float, style: str = "", value: str | None = None,
) -> None:  # fmt: skip
    """A label with its value in the next line."""
    paper.put(x, y, [Span(f"{label}:", 6.2, colour=_GREY)])
    line = paper.put(x, y + size + 0.8, [Span(raw, size, style)])
    paper.note(name, label, None, type_, value or raw, raw, line.box)


def _last_words(line: TrueLine, raw: str) -> Box:
    return around([word.box for word in line.words[-len(raw.split()) :]])


def _qr(paper: Paper, text: str, corner: tuple[float, float], side: float) -> Box:
    matrix = segno.make(text, error="m", micro=False, encoding="utf-8").matrix
    module = side / len(matrix)
    x0, y0 = corner
    paper.fill((x0 - 2.5, y0 - 2.5, x0 + side + 2.5, y0 + side + 2.5), (250, 250, 250))
    for row, modules in enumerate(matrix):
        for column, dark in enumerate(modules):
            if dark:
                x, y = x0 + column * module, y0 + row * module
                paper.fill((x, y, x + module + 0.02, y + module + 0.02), (15, 15, 15))
    return (x0, y0, x0 + side, y0 + side)


def _emblem(paper: Paper, centre: tuple[float, float], radius: float) -> None:
    """A red disc with a star, where the state's emblem stands on a real card."""
    image = Image.new("RGBA", (240, 240), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((2, 2, 238, 238), fill=(*_RED, 255), outline=(214, 170, 60, 255), width=14)
    star = [(120 + r * np.sin(k * np.pi / 5), 120 - r * np.cos(k * np.pi / 5)) for k, r in enumerate([72, 28] * 5)]
    pen.polygon(star, fill=(246, 205, 70, 255))
    x, y = centre
    paper.picture(image, (x - radius, y - radius, x + radius, y + radius))


def _chip(paper: Paper, box: Box) -> None:
    x0, y0, x1, y1 = box
    paper.fill(box, (214, 184, 112))
    paper.frame(box, 0.6, (140, 112, 60))
    for share in (0.33, 0.66):
        paper.line((x0, y0 + share * (y1 - y0)), (x1, y0 + share * (y1 - y0)), 0.5, (140, 112, 60))
        paper.line((x0 + share * (x1 - x0), y0), (x0 + share * (x1 - x0), y1), 0.5, (140, 112, 60))
