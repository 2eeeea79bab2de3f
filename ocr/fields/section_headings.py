"""The printed headings of a form's sections: "II. NGƯỜI MẸ", "Thông tin về người cha", over two columns but "Mẹ" and "Cha"."""

import re
from collections.abc import Iterable, Mapping

from rapidfuzz.distance import Levenshtein

from ocr.fields.folding import fold

_PART = re.compile(r"^(?:[IVXLl1|]{1,4}|\d{1,2}|[A-ZĐ])[.)/]?$")  # "II." before a heading, however its strokes were read
_PART_GLUED = re.compile(r"^([IVX]{1,4}|\d{1,2})[.)/](?=[^\W\d_]{2})")  # "I.NGƯỜI"
_STROKE_GLUED = re.compile(r"^[IL1|]{1,3}(?=[A-ZĐ]{2})")  # "LNGƯỜI" is "I. NGƯỜI", its dot and its space lost
_TELLING = tuple(
    fold(said) for said in ("Thông tin về", "Thông tin của", "Thông tin", "Phần khai về", "Phần ghi về", "Phần khai của", "Phần", "Về")
)
_REMARK = re.compile(r"\([^)]*\)?")
_PERSON = fold("Người")
_LEAST = 6  # letters: of a shorter heading none may be misread


class SectionHeadings:
    """What a form calls its sections, to be known again on paper."""

    def __init__(self, sections: Iterable[str]) -> None:
        self._sections: Mapping[str, str] = {fold(section): section for section in sections if section}
        self._people: Mapping[str, str] = {
            fold(name).removeprefix(_PERSON): section for section in self._sections.values() for name in (_REMARK.sub("", section), section)
        }

    def of_row(self, words: list[str]) -> str | None:
        """The section that a row of `words` is the heading of, told in full; None for any other row."""
        return next((self._sections[said] for said in self._said(words) if said in self._sections), None)

    def of_column(self, words: list[str]) -> str | None:
        """The section named over a column beside others, where one word ("Mẹ") or a letter misread is enough; None where no section or
        more than one may be meant."""
        said = self._said(_REMARK.sub("", " ".join(words)).split())
        for one in said:
            if found := self._sections.get(one) or self._people.get(one.removeprefix(_PERSON)):
                return found
        near = {
            section
            for name, section in self._sections.items()
            for one in said
            if len(name) >= _LEAST and Levenshtein.distance(one, name, score_cutoff=1) <= 1
        }
        return near.pop() if len(near) == 1 else None

    def named(self, words: list[str]) -> str | None:
        """The one section that `words` speak of, as the labels of a column do; None where they speak of none, or of more."""
        text = f" {' '.join(folded for word in words if (folded := fold(word)))} "
        found = {section for section in self._sections.values() if f" {' '.join(map(fold, section.split()))} " in text}
        return found.pop() if len(found) == 1 else None

    def _said(self, words: list[str]) -> list[str]:
        """The row folded, also without its number and without "Thông tin về"."""
        words = [_PART_GLUED.sub("", words[0]), *words[1:]] if words else words
        said = "".join(map(fold, words[1:] if words and _PART.match(words[0]) else words))
        ways = [said, *(said.removeprefix(opening) for opening in _TELLING if said.startswith(opening))]
        stroke = _STROKE_GLUED.match(words[0]) if words else None
        return [*ways, "".join(map(fold, (words[0][stroke.end() :], *words[1:])))] if stroke else ways
