"""Pages drawn for these tests: office print in Times-like type, on sheets, desks and scanner glass."""

from importlib.resources import files

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

SENTENCES = (
    "Căn cứ Luật Hộ tịch ngày 20 tháng 11 năm 2014 và các văn bản hướng dẫn thi hành;",
    "Xét đề nghị của ông Trưởng phòng Tư pháp tại Tờ trình số 45/TTr-TP,",
    "Ủy ban nhân dân xã thông báo kết quả giải quyết hồ sơ của công dân như sau:",
    "Hồ sơ đã nhận đủ thành phần, lệ phí đã nộp 35.000 đồng theo biên lai kèm theo.",
    "Đề nghị người nộp hồ sơ mang theo giấy tờ tùy thân khi đến nhận kết quả.",
)


def _font(points, dpi, style="Regular"):
    return ImageFont.truetype(str(files("sohoa") / "fonts" / f"LiberationSerif-{style}.ttf"), round(points * dpi / 72))


class Draw:
    """Everything the tests put before the camera. Pictures are BGR uint8 arrays."""

    @staticmethod
    def letter(dpi=150, lines=26, size_mm=(210, 297)):
        width, height = (round(mm / 25.4 * dpi) for mm in size_mm)
        image = Image.new("RGB", (width, height), (250, 250, 250))
        pen = ImageDraw.Draw(image)
        left = round(width * 0.11)
        pen.text((width / 2, height * 0.06), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", fill="black", font=_font(13, dpi, "Bold"), anchor="mm")
        for row in range(lines):
            pen.text((left, height * 0.11 + row * 7.6 / 25.4 * dpi), SENTENCES[row % 5], fill="black", font=_font(12, dpi))
        return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])

    @staticmethod
    def line(text, dpi=300, points=13, colour="black"):
        """One line of print on white, 170 mm wide, its baseline at y = 150."""
        image = Image.new("RGB", (round(170 / 25.4 * dpi), 240), "white")
        ImageDraw.Draw(image).text((60, 150), text, fill=colour, font=_font(points, dpi), anchor="ls")
        return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])

    @staticmethod
    def desk(kind, height=1600, width=1200, seed=1):
        rng = np.random.default_rng(seed)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        if kind == "dark":
            desk = np.full((height, width, 3), (40, 45, 50), np.float32)
        elif kind == "light":
            desk = np.full((height, width, 3), (196, 204, 208), np.float32)
        elif kind == "wood":
            grain = cv2.resize(rng.normal(0, 1, (height // 50, width // 4)).astype(np.float32), (width, height))
            desk = np.float32([70, 110, 160]) * (1 + 0.18 * grain[..., None])
        elif kind == "tiles":
            desk = np.full((height, width, 3), (160, 175, 185), np.float32)
            desk[(y % 400 < 9) | (x % 400 < 9)] = (105, 110, 115)
        else:
            desk = np.where(((x * 0.8 + y * 0.6) // 60 % 2)[..., None] == 0, np.float32([150, 170, 180]), np.float32([80, 110, 130]))
        return desk + rng.normal(0, 3, (height, width, 1))

    @staticmethod
    def photo(paper, corners, kind="wood", height=1600, width=1200):
        """`paper` seen at `corners` (top left, top right, bottom right, bottom left) on a desk, with a shadow and a lamp aside."""
        ph, pw = paper.shape[:2]
        matrix = cv2.getPerspectiveTransform(np.float32([[0, 0], [pw, 0], [pw, ph], [0, ph]]), np.float32(corners))
        mask = cv2.warpPerspective(np.ones((ph, pw), np.float32), matrix, (width, height), flags=cv2.INTER_AREA)
        sheet = cv2.warpPerspective(paper, matrix, (width, height), flags=cv2.INTER_AREA).astype(np.float32)
        shadow = cv2.GaussianBlur(np.roll(mask, (9, 7), (0, 1)), (0, 0), 9)
        picture = Draw.desk(kind, height, width) * (1 - 0.3 * shadow[..., None]) * (1 - mask[..., None]) + sheet * mask[..., None] * 0.9
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        picture *= (1 - 0.3 * np.hypot(x / width, y / height))[..., None]
        return np.clip(picture + np.random.default_rng(2).normal(0, 2, picture.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def draw():
    return Draw
