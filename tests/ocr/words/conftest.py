"""Pages drawn with the product's own fonts: what they say is known exactly."""

from collections.abc import Callable
from importlib.resources import files

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Draw = Callable[..., NDArray[np.uint8]]


@pytest.fixture(scope="session")
def draw() -> Draw:
    """`draw([(x, y, text), ...])` → a gray A4 page at 200 dpi; text is 13 pt upright serif unless said otherwise."""

    def page(
        lines: list[tuple[int, int, str]], *, points: float = 13, face: str = "Regular", size: tuple[int, int] = (1654, 2339)
    ) -> NDArray[np.uint8]:
        image = Image.new("L", size, 255)
        pen = ImageDraw.Draw(image)
        font = ImageFont.truetype(str(files("sohoa") / "fonts" / f"LiberationSerif-{face}.ttf"), round(points * 200 / 72))
        for x, y, text in lines:
            pen.text((x, y), text, font=font, fill=20)
        return np.asarray(image)

    return page


@pytest.fixture(scope="session")
def letter() -> list[tuple[int, int, str]]:
    """A short official letter in two-column head and body."""
    return [
        (220, 150, "ỦY BAN NHÂN DÂN"),
        (250, 200, "XÃ TÂN HƯNG"),
        (800, 150, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        (960, 200, "Độc lập - Tự do - Hạnh phúc"),
        (240, 260, "Số: 338/QĐ-UBND"),
        (860, 260, "Tân Hưng, ngày 09 tháng 5 năm 2024"),
        (700, 360, "QUYẾT ĐỊNH"),
        (200, 450, "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;"),
        (200, 510, "Xét đề nghị của Trưởng phòng Tư pháp tại Tờ trình số 12/TT-TP,"),
        (200, 570, "Điều 1. Cấp giấy xác nhận cho ông Nguyễn Văn Thành, sinh ngày 21/09/1976."),
        (200, 630, "Số định danh cá nhân: 064213901507. Điện thoại: 0912 345 678."),
    ]
