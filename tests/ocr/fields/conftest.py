"""Papers drawn as word lists: what a reader gives, without a reader."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.fields.extract import extract
from ocr.model import Extraction, Field, Page, Quality, Word

LETTER = 5.0
HEIGHT = 12.0


@dataclass
class Paper:
    """A page to write rows on. `row` writes one printed row from pieces at given x; without x a piece follows the one before."""

    words: list[Word] = field(default_factory=list)
    y: float = 60.0
    line: int = 0
    confidence: float = 0.99
    status: str = "read"

    def row(self, *pieces: str | tuple[float, str], gap: float = 18.0, confidence: float | None = None) -> "Paper":
        """Writes a row; a piece is "text" or (x, "text")."""
        x = 70.0
        for piece in pieces:
            start, text = piece if isinstance(piece, tuple) else (x, piece)
            x = start
            for word in text.split():
                width = LETTER * len(word)
                self.words.append(
                    Word(word, (x, self.y, x + width, self.y + HEIGHT), self.confidence if confidence is None else confidence, self.line)
                )
                x += width + 3.0
        self.line += 1
        self.y += gap
        return self

    def title(self, *lines: str) -> "Paper":
        """The state's name, its motto and a title in the middle of the page."""
        for text in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"):
            self.row((300 - LETTER * len(text) / 2, text))
        self.y += 12
        for text in lines:
            self.row((300 - LETTER * len(text) / 2, text))
        self.y += 6
        return self

    def page(self, number: int = 1) -> Page:
        """The page as a reader would give it."""
        return Page(number, (210.0, 297.0), 300.0, 0, 0.0, Quality(), self.status, None, tuple(self.words))  # type: ignore[arg-type]

    def read(self, image: NDArray[np.uint8] | None = None, templates: str | None = None) -> Extraction:
        """The fields found on this page."""
        return extract((self.page(),), lambda _: image, templates)


@pytest.fixture
def paper() -> Callable[..., Paper]:
    return Paper


@pytest.fixture
def by_name() -> Callable[[Extraction], dict[str, Field]]:
    return lambda extraction: {one.name: one for one in extraction.fields}


BIRTH = (
    "Kính gửi(1): {kinh_gui}",
    "Họ, chữ đệm, tên người yêu cầu: {nguoi_yeu_cau}",
    "Nơi cư trú(2): {noi_cu_tru}",
    "Giấy tờ tùy thân(3): {giay_to}",
    "Quan hệ với người được khai sinh: {quan_he}",
    "Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:",
    "Họ, chữ đệm, tên: {ten}",
    "Ngày, tháng, năm sinh: {ngay_sinh}",
    "ghi bằng chữ: {bang_chu}",
    "Giới tính: {gioi_tinh}|Dân tộc: {dan_toc}|Quốc tịch: {quoc_tich}",
    "Nơi sinh(4): {noi_sinh}",
    "Quê quán: {que_quan}",
    "Họ, chữ đệm, tên người mẹ: {me}",
    "Năm sinh(5): {nam_me}|Dân tộc: {dan_toc_me}|Quốc tịch: {quoc_tich_me}",
    "Nơi cư trú(2): {noi_me}",
    "Họ, chữ đệm, tên người cha: {cha}",
    "Năm sinh(5): {nam_cha}|Dân tộc: {dan_toc_cha}|Quốc tịch: {quoc_tich_cha}",
    "Nơi cư trú(2): {noi_cha}",
    "Tôi cam đoan nội dung đề nghị đăng ký khai sinh trên đây là đúng sự thật, được sự thỏa thuận",
    "nhất trí của các bên liên quan theo quy định pháp luật.",
)
FILLED = {
    "kinh_gui": "Ủy ban nhân dân phường Hoa Lư, tỉnh Ninh Bình",
    "nguoi_yeu_cau": "Phạm Thu Hà",
    "noi_cu_tru": "Số 5, phố Cát Linh, phường Hoa Lư, tỉnh Ninh Bình",
    "giay_to": "CCCD số 037190001234 cấp ngày 02/03/2021",
    "quan_he": "Mẹ",
    "ten": "Trần Minh Khang",
    "ngay_sinh": "05/10/2023",
    "bang_chu": "Ngày năm, tháng mười, năm hai nghìn không trăm hai mươi ba",
    "gioi_tinh": "Nam",
    "dan_toc": "Kinh",
    "quoc_tich": "Việt Nam",
    "noi_sinh": "Bệnh viện Sản Nhi, tỉnh Ninh Bình",
    "que_quan": "xã Gia Viễn, tỉnh Ninh Bình",
    "me": "Phạm Thu Hà",
    "nam_me": "1990",
    "dan_toc_me": "Mường",
    "quoc_tich_me": "Việt Nam",
    "noi_me": "phường Hoa Lư, tỉnh Ninh Bình",
    "cha": "Trần Văn Bách",
    "nam_cha": "12/01/1988",
    "dan_toc_cha": "Kinh",
    "quoc_tich_cha": "Việt Nam",
    "noi_cha": "xã Gia Viễn, tỉnh Ninh Bình",
}


def birth(paper: Paper, answers: dict[str, str], rows: Sequence[str] = BIRTH, misread: Callable[[str], str] = lambda label: label) -> Paper:
    """A birth registration form with these answers; `misread` may change what is read of every printed row."""
    paper.title("TỜ KHAI ĐĂNG KÝ KHAI SINH")
    for row in rows:
        parts = misread(row).split("|")
        texts = [part.format_map({**dict.fromkeys(FILLED, ""), **answers}) for part in parts]
        paper.row(*[(70.0 + 170.0 * number, text) for number, text in enumerate(texts)])
    return paper


@pytest.fixture
def birth_form(paper: Callable[..., Paper]) -> Callable[..., Paper]:
    def fill(answers: dict[str, str] | None = None, **more: object) -> Paper:
        return birth(paper(), FILLED if answers is None else answers, **more)  # type: ignore[arg-type]

    return fill


@pytest.fixture
def answers() -> dict[str, str]:
    return dict(FILLED)


@pytest.fixture
def birth_rows() -> list[str]:
    return list(BIRTH)
