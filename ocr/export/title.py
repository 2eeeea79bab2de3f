"""What a paper calls itself, in its own words: for the person who sorts papers of no known form."""

from rapidfuzz import fuzz

from ocr.export.lines import around, lines
from ocr.model import Page

MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO_SURE = 80
_LONGEST_TITLE = 160
_POINTS_PER_MM = 72 / 25.4


def is_motto(text: str) -> bool:
    """Whether the national motto (Quốc hiệu) stands in `text`, a few misread letters aside."""
    return fuzz.partial_ratio(MOTTO, text.upper()) >= _MOTTO_SURE


def printed_title(page: Page) -> str | None:
    """The first lines in capitals in the middle of the page that are neither motto nor an agency's name beside it."""
    height, width = page.size_mm[1] * _POINTS_PER_MM, page.size_mm[0] * _POINTS_PER_MM
    taken: list[str] = []
    bottom = 0.0
    for words in lines(page):
        text = " ".join(word.text for word in words)
        box = around(words)
        middle = abs((box[0] + box[2]) / 2 - width / 2) < 0.12 * width
        letters = [letter for letter in text if letter.isalpha()]
        capital = len(letters) >= 3 and sum(letter.isupper() for letter in letters) >= 0.8 * len(letters)
        if taken and box[1] - bottom > 1.6 * (box[3] - box[1]):
            break
        if box[1] < 0.6 * height and middle and capital and not is_motto(text):
            taken.append(text)
            bottom = box[3]
        elif taken:
            break
    return " ".join(taken)[:_LONGEST_TITLE] or None
