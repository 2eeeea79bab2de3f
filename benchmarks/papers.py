"""Random office papers with the truth of every word, in whatever faces the machine has: pages that nothing was fitted on.

Each page has a head of two columns, running text with names, numbers and codes, and a form with dotted leaders, a table or a
signature under a seal; then it is scanned or photographed by `samples.conditions`. The same seed gives the same pages.
"""

import json
import random
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from msgspec.structs import replace
from PIL import Image, ImageDraw, ImageFont

from samples.conditions import Pixels, Shot, photo, render, scan
from samples.files import jpeg
from samples.form import Form, national_header
from samples.ink import SEAL_RED, seal, seal_box, sign
from samples.paper import BLACK, MM, Colour, Drawing, Paper, Span
from samples.truth import truth

_FOLDERS = (Path("/usr/share/fonts"), Path.home() / ".local/share/fonts")
_FULL, _END = 470.0, 690.0  # points from the top: where no further paragraph begins, and where the signature does
_TABLE_ROWS = 5
_HEADS = (None, (20, 60, 130), None, (90, 90, 90), (0, 110, 60))  # the fill of a table's head, with light words
_RED_PRINT = (SEAL_RED, (225, 40, 45), (238, 110, 90))
_FACES = (
    ("LiberationSans-Regular", "LiberationSans-Bold", "LiberationSans-Italic"),
    ("LiberationSerif-Regular", "LiberationSerif-Bold", "LiberationSerif-Italic"),
    ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique"),
    ("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic"),
    ("FreeSerif", "FreeSerifBold", "FreeSerifItalic"),
    ("FreeSans", "FreeSansBold", "FreeSansOblique"),
    ("NotoSans-Regular", "NotoSans-Bold", "NotoSans-Italic"),
    ("NotoSerif-Regular", "NotoSerif-Bold", "NotoSerif-Italic"),
    ("GentiumPlus-Regular", "GentiumPlus-Bold", "GentiumPlus-Italic"),
    ("Roboto-Regular", "Roboto-Bold", "Roboto-Italic"),
    ("OpenSans-Regular", "OpenSans-Bold", "OpenSans-Italic"),
)
_FAMILY = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Triệu Lò Giàng Hà Quách Đinh Mạc Tống Nông"
_MIDDLE = "Văn Thị Hữu Đức Ngọc Minh Thanh Quốc Bảo Kim Xuân Gia Thúy Mai Đình Công Trọng Hồng Khánh A"
_GIVEN = "An Bình Chiến Dũng Giang Hạnh Huệ Khuê Lương Mẫn Nghiệp Oanh Phượng Quỳnh Sửu Tuyển Uyên Vượng Yến Thuỷ Đạt Ỷ Trưởng Lẫm"
_PLACES = "Tân Hưng|Phú Thượng|Đắk Rling|Mường Khoa|Vĩnh Mỹ|Cẩm Lý|Ea Nuôl|Hòa Xuân|Thới Sơn|Nậm Pồ|Bản Giẳng|Diên Thạnh"
_SENTENCES = (
    "Căn cứ Luật Đất đai ngày {d} và các văn bản hướng dẫn thi hành;",
    "Xét đơn đề nghị của ông {n}, thường trú tại thôn {k}, xã {p}, nộp ngày {d}.",
    "Thửa đất số {k}, tờ bản đồ số {k}, diện tích {a} m² (bằng chữ: mét vuông), mục đích sử dụng: đất ở tại nông thôn.",
    "Số định danh cá nhân {i}, điện thoại {t}, thư điện tử {e}.",
    "Yêu cầu bà {n} bổ sung: bản chính hợp đồng chuyển nhượng, biên lai thu tiền số {k}/BL-{y} và bản vẽ hiện trạng.",
    "Tổng kinh phí thực hiện là {m} đồng, trong đó ngân sách xã {m} đồng, Nhân dân đóng góp {m} đồng.",
    "Hội đồng nghiệm thu họp lúc {h} giờ {k} phút, có mặt {k}/{k} thành viên, kết luận: đạt yêu cầu kỹ thuật!",
    "Ông (bà) {n} có trách nhiệm thi hành Quyết định này kể từ ngày {d}; quá thời hạn nêu trên sẽ bị cưỡng chế theo quy định.",
    'Cụm từ "{p}" tại khoản {k} Điều {k} được thay bằng cụm từ "phường {p}".',
    "Trường hợp người nộp hồ sơ ủy quyền cho người khác thì phải có văn bản ủy quyền được chứng thực chữ ký.",
    "Mức hỗ trợ bằng {x}% chi phí học nghề, tối đa không quá {m} đồng/người/khóa [phụ lục {k}].",
    "Đề nghị các cơ quan, đơn vị khẩn trương triển khai, báo cáo về Văn phòng Ủy ban nhân dân trước ngày {d}.",
    "Công văn số {k}/UBND-VP, Tờ trình số {k}/TTr-STNMT, Nghị quyết số {k}/NQ-HĐND, Kế hoạch số {k}/KH-BCĐ.",
    "Qua kiểm tra phát hiện giấy tờ bị tẩy xóa, sửa chữa; bị nhòe mực; thiếu dấu giáp lai giữa các trang.",
)
_LABELS = "Họ và tên|Ngày, tháng, năm sinh|Nơi cư trú|Nghề nghiệp|Nội dung đề nghị|Giấy tờ kèm theo|Lý do|Quan hệ với chủ hộ|Nơi cấp"


def papers(count: int, out: Path, seed: int = 1) -> Iterator[Path]:
    """Draw `count` pages into `out`, each as an image with its truth beside it; gives the images."""
    faces = list(families())
    out.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")  # noqa: S311  # made-up pages, the same on every run
        drawing = _paper(chance, faces[number % len(faces)] if faces else {}, number)
        condition, shot = _taken(drawing, chance, number)
        image = out / f"paper-{number:03}.{condition}.jpg"
        image.write_bytes(jpeg(shot, chance.choice((60, 70, 82))))
        image.with_suffix(".json").write_text(truth(image.name, condition, drawing, [shot], {}), encoding="utf8")
        yield image


def curled(count: int, out: Path, seed: int = 1) -> Iterator[Path]:
    """The same kind of papers photographed while they do not lie flat."""
    faces = list(families())
    out.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")  # noqa: S311  # made-up pages, the same on every run
        drawing = _paper(chance, faces[number % len(faces)] if faces else {}, number)
        flat = render(drawing.pdf, 300)[0]
        shot = photo(replace(flat, pixels=_bent(flat.pixels, chance.uniform(0.006, 0.015))), number, _corners(chance), size=(2700, 3600))
        image = out / f"curled-{number:03}.jpg"
        image.write_bytes(jpeg(shot, 75))
        image.with_suffix(".json").write_text(truth(image.name, "photo", drawing, [shot], {}), encoding="utf8")
        yield image


def worn(count: int, out: Path, seed: int = 1) -> Iterator[Path]:
    """The same kind of papers scanned with their print faded, or with another paper's shining through from the back, in turn."""
    faces = list(families())
    out.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")  # noqa: S311  # made-up pages, the same on every run
        drawing, back = (_paper(chance, faces[number % len(faces)] if faces else {}, number + 1) for _ in range(2))
        shot = render(drawing.pdf, 200)[0]
        ink = (255 - shot.pixels.astype(np.float32)) * (1.0 if number % 2 else chance.uniform(0.15, 0.4))
        if number % 2:
            other = cv2.GaussianBlur(render(back.pdf, 200)[0].pixels[:, ::-1], (0, 0), chance.uniform(1.5, 2.5))
            ink = np.maximum(ink, (255 - other.astype(np.float32)) * chance.uniform(0.15, 0.35))
        taken = scan(replace(shot, pixels=(255 - ink).astype(np.uint8)), number, angle=chance.uniform(-1, 1), noise=chance.uniform(0.8, 3))
        image = out / f"worn-{number:03}.scan200.jpg"
        image.write_bytes(jpeg(taken, 75))
        image.with_suffix(".json").write_text(truth(image.name, "scan200", drawing, [taken], {}), encoding="utf8")
        yield image


def _bent(page: Pixels, depth: float) -> Pixels:
    """A sheet that rises to the middle: its lines sag by `depth` of the height, as a camera above it sees them."""
    height, width = page.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    y += depth * height * np.sin(np.pi * x / width)
    return np.asarray(cv2.remap(page, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _corners(chance: random.Random) -> list[tuple[float, float]]:
    inset = [(chance.uniform(0.03, 0.09), chance.uniform(0.03, 0.09)) for _ in range(4)]
    return [(abs(x - dx), abs(y - dy)) for (x, y), (dx, dy) in zip(((0, 0), (1, 0), (1, 1), (0, 1)), inset, strict=True)]


def families() -> Iterator[dict[str, Path]]:
    """The faces of each family that the machine has, by style: '', 'B' and 'I'."""
    held = {path.stem: path for folder in _FOLDERS if folder.is_dir() for path in sorted(folder.rglob("*.ttf"))}
    for regular, bold, italic in _FACES:
        if {regular, bold, italic} <= held.keys() and all(_writes_vietnamese(held[name]) for name in (regular, bold, italic)):
            yield {"": held[regular], "B": held[bold], "I": held[italic]}


def _writes_vietnamese(face: Path) -> bool:
    """Older faces of the same name lack the letters with two marks."""
    with TTFont(face, lazy=True) as font:
        return set(map(ord, "ẫộữớẻđ")) <= font.getBestCmap().keys()


def _is_certificate(number: int) -> bool:
    return number % 4 == 0


def _taken(drawing: Drawing, chance: random.Random, number: int) -> tuple[str, Shot]:
    stamp = (0.3 + 0.3 * chance.random(), 0.3 + 0.3 * chance.random()) if chance.random() < 0.5 else None
    stamp = None if _is_certificate(number) else stamp  # its red words are not among the true ones, and would count as errors
    if number % 3 == 2:
        return "photo", photo(
            _stamped(render(drawing.pdf, 300)[0], stamp), number, _corners(chance), size=(2700, 3600), noise=chance.uniform(1, 3)
        )
    dpi = (200, 300)[number % 3]
    page = _stamped(render(drawing.pdf, dpi)[0], stamp)
    taken = scan(
        page,
        number,
        angle=chance.uniform(-1.2, 1.2),
        grey=chance.random() < 0.4 and not _is_certificate(number),
        noise=chance.uniform(0.8, 4),
    )
    return f"scan{dpi}", _lid_open(taken, chance) if chance.random() < 0.5 else taken


def _stamped(shot: Shot, place: tuple[float, float] | None) -> Shot:
    """With PAID in red across the text; its ink lets black through. `place` is its corner, as shares of the page."""
    if place is None:
        return shot
    height, width = shot.pixels.shape[:2]
    wide, high = round(0.3 * width), round(0.06 * width)
    stamp = Image.new("RGB", (wide, high), "white")
    pen = ImageDraw.Draw(stamp)
    pen.rectangle((2, 2, wide - 3, high - 3), outline=SEAL_RED, width=max(2, wide // 120))
    face = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Bold.ttf"), round(0.55 * high))
    pen.text((wide / 2, high / 2), "ĐÃ THU TIỀN", font=face, fill=SEAL_RED, anchor="mm")
    y, x = round(place[0] * height), round(place[1] * width)
    pixels = shot.pixels.copy()
    part = pixels[y : y + high, x : x + wide]
    part[:] = part * (np.asarray(stamp)[: part.shape[0], : part.shape[1]] / 255.0)
    return replace(shot, pixels=pixels)


def _lid_open(shot: Shot, chance: random.Random) -> Shot:
    """What a scanner sees beside a sheet when nothing lies on it: a dark strip on two sides."""
    wide = round(chance.uniform(3, 8) * MM * float(shot.transform[0, 0]))
    around = cv2.copyMakeBorder(shot.pixels, 0, wide, wide, 0, cv2.BORDER_CONSTANT, value=(28, 27, 26))
    shift = np.array([[1, 0, wide], [0, 1, 0], [0, 0, 1]], np.float64)
    return Shot(np.asarray(around, np.uint8), shift @ shot.transform, shot.dpi)


def _paper(chance: random.Random, faces: dict[str, Path], number: int) -> Drawing:
    paper = Paper(title=f"Paper {number}", faces=faces)
    paper.add_page()
    size = chance.choice((11.0, 12.0, 13.0, 14.0))
    left, right = 25 * MM, 190 * MM
    _head(paper, chance, min(size, 12.0), left)
    y = 175.0
    heading = chance.choice(("QUYẾT ĐỊNH", "THÔNG BÁO", "BIÊN BẢN", "GIẤY XÁC NHẬN"))
    # Certificates print their title large and red, and what stands below it red and not large.
    red = _RED_PRINT[number // 4 % len(_RED_PRINT)] if _is_certificate(number) else None
    title = Span(heading, size + 7, "B", colour=red) if red else Span(heading, size + 1, "B")
    paper.put((left + right) / 2, y, [title], "center")
    y += 2 * size
    if red:
        paper.put((left + right) / 2, y, [Span(f"(Cấp lần {number // 4 + 1}, BẢN CHÍNH)", size, "B", colour=red)], "center")
        y += 1.5 * size
    for _ in range(chance.randint(5, 8)):
        if y > _FULL:
            break
        style = chance.choice(("", "", "", "I", "B"))
        y = paper.paragraph(
            left, y, right - left, [Span(invented_sentence(chance), size, style)], 1.45 * size, indent=28, justify=chance.random() < 0.7
        )
    y += size
    form = Form(paper, left, right, y, size, 1.7 * size)
    for label in chance.sample(_LABELS.split("|"), 3):
        form.entry("entry", label, invented_name(chance) if chance.random() < 0.6 else None)
    bottom = form.y + size
    if bottom + _TABLE_ROWS * 1.7 * size < _END - 2 * size:
        bottom = _table(paper, chance, left, right, bottom, size, _HEADS[number % len(_HEADS)])
    _end(paper, chance, size, left, max(_END, bottom))
    return paper.finish("random", None)


def _head(paper: Paper, chance: random.Random, size: float, left: float) -> None:
    paper.put(left + 70, 60, [Span("ỦY BAN NHÂN DÂN", size - 1, "B")], "center")
    paper.put(left + 70, 60 + 1.3 * size, [Span(f"XÃ {chance.choice(_PLACES.split('|')).upper()}", size - 1, "B")], "center")
    national_header(paper, 395, 60, size - 1)
    paper.put(left + 70, 115, [Span(f"Số: {chance.randint(1, 999)}/{chance.choice(('QĐ', 'TB', 'GXN', 'BC'))}-UBND", size)], "center")
    paper.put(
        395,
        115,
        [Span(f"{chance.choice(_PLACES.split('|'))}, ngày {chance.randint(10, 28)} tháng {chance.randint(1, 12):02} năm 2025", size, "I")],
        "center",
    )


def invented_sentence(chance: random.Random) -> str:
    """A sentence of office prose with made-up names, numbers and dates."""
    return chance.choice(_SENTENCES).format_map(_Invented(chance))


class _Invented(dict[str, str]):
    """A fresh value at every mention."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def __missing__(self, key: str) -> str:
        c = self.chance
        made = {
            "n": lambda: invented_name(c),
            "p": lambda: c.choice(_PLACES.split("|")),
            "d": lambda: f"{c.randint(1, 28):02}/{c.randint(1, 12):02}/{c.randint(1990, 2026)}",
            "k": lambda: str(c.randint(1, 450)),
            "y": lambda: str(c.randint(2015, 2026)),
            "a": lambda: f"{c.randint(40, 2400)},{c.randint(1, 9)}",
            "i": lambda: "0" + "".join(c.choices("0123456789", k=11)),
            "t": lambda: f"09{c.randint(10, 99)}.{c.randint(100, 999)}.{c.randint(100, 999)}",
            "e": lambda: f"hoso{c.randint(1, 99)}@vidu.gov.vn",
            "m": lambda: f"{c.randint(1, 900)}.{c.randint(0, 999):03}.000",
            "h": lambda: str(c.randint(7, 17)),
            "x": lambda: str(c.randint(5, 95)),
        }
        return made[key]()


def invented_name(chance: random.Random) -> str:
    """Family, middle and given name of nobody."""
    return f"{chance.choice(_FAMILY.split())} {chance.choice(_MIDDLE.split())} {chance.choice(_GIVEN.split())}"


def _table(paper: Paper, chance: random.Random, left: float, right: float, top: float, size: float, head: Colour | None) -> float:
    """Draws it and gives its lower edge."""
    edges = (left, left + 30, left + 190, left + 320, right)
    rows = [("STT", "Họ và tên", "Số tiền", "Ghi chú")]
    rows += [
        (str(k), invented_name(chance), f"{chance.randint(1, 90)}.{chance.randint(100, 999)}.000", chance.choice(("Đã nộp", "Nợ", "")))
        for k in range(1, _TABLE_ROWS)
    ]
    height = 1.7 * size
    if head:
        paper.fill((left, top, right, top + height), head)
    for number, row in enumerate(rows):
        for x, text in zip(edges, row, strict=False):
            if text:
                colour = (255, 255, 255) if head and not number else BLACK
                paper.put(x + 4, top + number * height + 1.2 * size, [Span(text, size - 1, "" if number else "B", colour=colour)])
    for number in range(len(rows) + 1):
        paper.rule(left, right, top + number * height)
    for x in edges:
        paper.line((x, top), (x, top + len(rows) * height))
    return top + len(rows) * height


def _end(paper: Paper, chance: random.Random, size: float, left: float, y: float) -> None:
    middle = 410.0
    paper.put(left, y, [Span("Nơi nhận:", 10, "I")])
    paper.put(left, y + 14, [Span("- Như trên;", 9)])
    paper.put(left, y + 26, [Span("- Lưu: VT.", 9)])
    paper.put(middle, y, [Span(chance.choice(("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "TL. CHỦ TỊCH")), size, "B")], "center")
    paper.put(middle, y + 1.4 * size, [Span(chance.choice(("CHỦ TỊCH", "PHÓ CHỦ TỊCH", "CHÁNH VĂN PHÒNG")), size, "B")], "center")
    sign(paper, (middle - 50, y + 25, middle + 60, y + 75), chance.choice(("loop", "wave", "hook")))
    paper.put(middle, y + 88, [Span(invented_name(chance), size, "B")], "center")
    if chance.random() < 0.7:
        ink = chance.choice((SEAL_RED, (140, 15, 25), (215, 70, 20), (110, 30, 140)))
        paper.picture(seal("U.B.N.D XÃ HƯƠNG MẪU", "T. HƯNG YÊN", colour=ink), seal_box((middle - 55, y + chance.choice((20, 45)))))


def true_words(image: Path) -> list[str]:
    """The words that stand on a drawn page."""
    said = json.loads(image.with_suffix(".json").read_text(encoding="utf8"))
    return [word for page in said["pages"] for line in page["lines"] for word, _ in line["words"]]
