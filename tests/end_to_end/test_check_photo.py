"""`sohoa check-photo`: a citizen hears at once whether to take the picture again, and how."""

import json
from pathlib import Path

import cv2


def report(sohoa, *files: Path, code: int) -> list[dict[str, object]]:
    return [json.loads(line) for line in sohoa("check-photo", *files, "--json", code=code).stdout.splitlines()]


def test_the_sample_photos_and_scans_are_good_enough(sohoa, drawn: Path) -> None:
    files = [
        drawn / name
        for name in ("birth-registration.photo.jpg", "ct01.photo.heic", "birth-registration.scan200.jpg", "id-card-front.photo.jpg")
    ]
    assert [one["advice"] for one in report(sohoa, *files, code=0)] == [[], [], [], []]


def test_a_blurred_photo_is_to_be_taken_again_and_a_bad_file_gets_its_code(sohoa, drawn: Path, tmp_path: Path) -> None:
    image = cv2.imread(str(drawn / "birth-registration.photo.jpg"))
    cv2.imwrite(str(tmp_path / "blurred.jpg"), cv2.GaussianBlur(image, (0, 0), 6))
    blurred, broken = report(sohoa, tmp_path / "blurred.jpg", drawn / "bad.truncated.pdf", code=1)
    assert "photo_blurred" in [one["code"] for one in blurred["advice"]]  # type: ignore[attr-defined]
    assert (broken["good"], broken["error_code"]) == (False, "pdf_damaged")


def test_the_words_are_vietnamese_and_say_what_to_do(sohoa, drawn: Path, tmp_path: Path) -> None:
    image = cv2.imread(str(drawn / "birth-registration.photo.jpg"))
    cv2.imwrite(str(tmp_path / "blurred.jpg"), cv2.GaussianBlur(image, (0, 0), 6))
    assert "chụp lại" in sohoa("check-photo", tmp_path / "blurred.jpg", code=3).stdout
