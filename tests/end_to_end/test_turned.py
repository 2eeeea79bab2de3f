"""A photo reads the same however the phone was held, and nothing of where and by whom it was taken is delivered."""

import json
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from rapidfuzz.distance import Levenshtein

_OWNER = "Nguoi Chup Anh"


def test_a_photo_turned_in_its_pixels_or_by_its_exif_reads_the_same_and_carries_no_place(sohoa, drawn: Path, tmp_path: Path) -> None:
    upright = cv2.imread(str(drawn / "birth-registration.photo.jpg"))  # OpenCV applies the orientation
    assert upright is not None
    inputs = tmp_path / "in"
    inputs.mkdir()
    for turn in (0, 1, 2):
        cv2.imwrite(str(inputs / f"pixels{90 * turn}.jpg"), np.rot90(upright, -turn), [cv2.IMWRITE_JPEG_QUALITY, 92])
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 8, _OWNER
    exif.get_ifd(0x8825).update({1: "N", 2: (21.0, 1.0, 42.0), 3: "E", 4: (105.0, 51.0, 15.0)})
    Image.fromarray(np.ascontiguousarray(np.rot90(upright, -1)[:, :, ::-1])).save(inputs / "exif8.jpg", quality=92, exif=exif)
    sohoa("run", inputs, "-o", tmp_path / "out", code=None)
    texts = {
        folder.name: (folder / "document.txt").read_text(encoding="utf8") for folder in (tmp_path / "out").iterdir() if folder.is_dir()
    }
    assert len(texts) == 4
    for name, text in texts.items():
        assert Levenshtein.normalized_distance(texts["pixels0"], text) < 0.02, name
        page = json.loads((tmp_path / "out" / name / "document.json").read_text(encoding="utf8"))["pages"][0]
        turned = int(name.removeprefix("pixels")) if name.startswith("pixels") else 0
        assert page["rotation"] == (360 - turned) % 360
        assert page["size_mm"][0] < page["size_mm"][1]
    for file in (tmp_path / "out").rglob("*"):
        if file.is_file():
            body = file.read_bytes()
            assert _OWNER.encode() not in body and b"Exif\0\0" not in body
