"""Dates in figures and in words.

Vietnamese forms write 24/12/2022, "ngày 24 tháng 12 năm 2022", only the year, or the whole date in words
("Ngày hai mươi tư, tháng mười hai, năm hai nghìn không trăm hai mươi hai").
"""

import calendar
import re

from ocr.fields.folding import without_marks
from ocr.fields.types.numbers_in_words import number_of
from ocr.fields.types.reading import Reading
from sohoa.checks import check

_APART = r"\s*[/.\-,;|](?:\s*[/.,])?\s*"  # a point of the line may stand beside the stroke
_FIGURES = re.compile(rf"(?<!\d)(\d{{1,2}}){_APART}(\d{{1,2}}){_APART}(\d{{4}})(?!\d)")
_SPOKEN = re.compile(r"(\d{1,2})\s*,?\s*th[aá]ng\s*(\d{1,2})\s*,?\s*n[aă]m\s*(\d{4})", re.IGNORECASE)
_TORN = re.compile(r"(?<!\d)(?<!\d )1 1(?=[/.\-])")  # "26/1 1/1963": ones stand far apart
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_SPACED = re.compile(r"^\s*(\d{2})\s+(\d{2})\s+(\d{4})\s*$")
_GLUED = re.compile(r"^\s*(\d{2})(\d{2})(\d{4})\s*$")
_YEAR = re.compile(r"^\D{0,8}((?:18|19|20)\d{2})\D{0,2}$")
_LOOKALIKE = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "S": "5", "s": "5", "B": "8", "Z": "2", "z": "2"})
# Old-style figures are as low as small letters: "3o", "2o23", and behind its word also one without any figure ("năm zoz3").
_LIKE_FIGURES = re.compile(r"(?<![^\W_])(?=[OolISsBZz]*\d)[\dOolISsBZz]{1,4}(?![^\W_])")
_SAID_LIKE = _LOOKALIKE | str.maketrans({"i": "1", "ị": "1", "t": "1", "r": "1", "a": "2", "ÿ": "5", "ố": "6", "g": "9"})
_SAID_FIGURES = re.compile(r"((?:ng[aà]y|th[aá]ng|n[aă]m)\s+)([\dOolISsBZziịtraÿốg]{1,4})(?![^\W_])", re.IGNORECASE)


def read_date(text: str) -> Reading:
    """The date as "yyyy-mm-dd" or "yyyy". A date that no calendar has keeps its printed numbers and fails `impossible_date`."""
    if not any(letter.isdigit() for letter in text):
        # Words without a figure are no date, but they are something: a person looks at them.
        return Reading(None, sure=not re.sub(r"ng[aà]y|th[aá]ng|n[aă]m|\W", "", text, flags=re.IGNORECASE))
    sure = True
    text = _TORN.sub(lambda torn: torn[0].replace(" ", ""), text)
    parts = _parts(text)
    if parts is None:
        repaired = re.sub(r"(?<=[\d/.])[OolISB]|[OolISB](?=[\d/.])", lambda letter: letter[0].translate(_LOOKALIKE), text)
        repaired = _LIKE_FIGURES.sub(lambda word: word[0].translate(_LOOKALIKE), repaired)
        repaired = _SAID_FIGURES.sub(lambda said: said[1] + said[2].translate(_SAID_LIKE), repaired)
        parts, sure = _parts(repaired), False
    if parts is not None:
        day, month, year, alone = parts
        value = f"{year:04d}-{month:02d}-{day:02d}"
        if not _exists(day, month, year):
            return Reading(value, sure, (check("impossible_date", "failed"),))
        return Reading(value, sure and alone)
    year_only = _YEAR.match(text.strip())
    if year_only:
        return Reading(year_only[1])
    round_figures = re.fullmatch(r"\W*([12][\doO]{3})\W*", text)
    if round_figures:  # old-style figures: "2oo2"
        return Reading(round_figures[1].translate(_LOOKALIKE), sure=False)
    return Reading(text.strip(), sure=False)


def _parts(text: str) -> tuple[int, int, int, bool] | None:
    """(day, month, year, nothing else of weight stands beside it)."""
    flat = without_marks(text)
    for pattern in (_FIGURES, _SPOKEN, _SPACED, _GLUED):
        hit = pattern.search(flat)
        if hit:
            rest = re.sub(r"ngay|sinh|vao|cap|[^\w]|_", "", (flat[: hit.start()] + flat[hit.end() :]).lower())
            return int(hit[1]), int(hit[2]), int(hit[3]), len(rest) <= 2 and not any(letter.isdigit() for letter in rest)
    iso = _ISO.search(flat)
    if iso:
        return int(iso[3]), int(iso[2]), int(iso[1]), True
    return None


def _exists(day: int, month: int, year: int) -> bool:
    return 1 <= month <= 12 and 1800 <= year <= 2200 and 1 <= day <= calendar.monthrange(year, month)[1]


def date_from_words(text: str) -> str | None:
    """The date said in words as "yyyy-mm-dd"; None when the words are not a whole date."""
    flat = re.sub(r"[^a-z0-9 ]+", " ", without_marks(text).lower())
    hit = re.search(r"ngay\s+(.+?)\s+thang\s+(.+?)\s+nam\s+(.+)$", flat)
    if not hit:
        return None
    day, month, year = (_spoken(part) for part in hit.groups())
    if day is None or month is None or year is None:
        return None
    return f"{year:04d}-{month:02d}-{day:02d}"


def _spoken(words: str) -> int | None:
    words = re.sub(r"\b(mung|mong)\b", "", words).strip()
    if words == "gieng":
        return 1
    if words == "chap":
        return 12
    # The fourth month is "tháng tư"; in years figures may be read one by one ("hai không hai hai").
    return number_of(words)
