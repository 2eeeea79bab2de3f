"""The pictures of what a person is asked to look at."""

from pathlib import Path

import cv2
import numpy as np

from ocr.fields.crops import cut_crops
from ocr.model import Extraction, Field, FieldStatus, Page, Quality

SIZE_MM = (210.0, 297.0)
SCALE = 300 / 72


def field(name: str, status: FieldStatus, box: tuple[float, float, float, float] | None) -> Field:
    return Field(name, name, None, "text", None, "", 0.5, "print", 1 if box else None, box, status)


def page() -> Page:
    return Page(1, SIZE_MM, 300.0, 0, 0.0, Quality(), "read")


def test_a_field_in_review_gets_the_picture_of_its_place(tmp_path: Path) -> None:
    picture = np.full((3508, 2480, 3), 255, np.uint8)
    picture[round(200 * SCALE) : round(212 * SCALE), round(100 * SCALE) : round(180 * SCALE)] = (200, 30, 30)
    fields = (field("ho_ten", "accepted", (10, 10, 50, 20)), field("noi_sinh", "review", (100, 200, 180, 212)))
    found = cut_crops(Extraction("x", "1", fields), (page(),), lambda _: picture, tmp_path)
    assert [one.crop for one in found.fields] == [None, "review/02-noi_sinh.png"]
    crop = cv2.imread(str(tmp_path / "review/02-noi_sinh.png"))
    assert 245 < crop.shape[1] < 265 and 60 < crop.shape[0] < 76
    assert crop[crop.shape[0] // 2, crop.shape[1] // 2].tolist() == [30, 30, 200]


def test_a_document_without_doubts_gets_no_folder_and_no_page_is_decoded(tmp_path: Path) -> None:
    def refuse(_: int) -> None:
        raise AssertionError("no picture is needed")

    found = cut_crops(Extraction("x", "1", (field("a", "accepted", (1, 1, 9, 9)),)), (page(),), refuse, tmp_path)
    assert found.fields[0].crop is None
    assert not (tmp_path / "review").exists()


def test_a_field_without_a_place_or_at_the_edge_does_no_harm(tmp_path: Path) -> None:
    picture = np.full((3508, 2480), 255, np.uint8)
    fields = (field("lost", "review", None), field("edge", "review", (590, 838, 620, 900)))
    found = cut_crops(Extraction("x", "1", fields), (page(),), lambda _: picture, tmp_path)
    assert [one.crop for one in found.fields] == [None, "review/02-edge.png"]
    assert cv2.imread(str(tmp_path / "review/02-edge.png")).size
