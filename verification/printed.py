"""What a QR seal holds, compared with what is printed around it: the step that finds a changed name on a printout.

Words come from whoever can read pages. A sealed field counts as printed when its value stands behind its label, or anywhere on
the page when the label does not stand there. A reader mistakes tone marks and single letters, so what differs by those alone,
or was read with doubt, is left to a person's eye and never called the same.
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from sohoa.checks import check
from verification.model import Verdict
from verification.qr_seal import decided
from verification.statement import folded

Comparison = Literal["same", "different", "unclear", "not_found"]

_ALIKE = 0.72
_SURE = 0.75


class PrintedWord(Struct, frozen=True):
    """A word of the print in reading order: the reader's confidence, 0..1, and its line on the paper."""

    text: str
    confidence: float
    line: int = 0


class _Token(Struct, frozen=True):
    """A part of a word as it is compared; `colon` when a colon follows it in print."""

    text: str
    confidence: float
    line: int
    colon: bool = False


class _Found(Struct, frozen=True):
    result: Comparison
    printed: str | None = None


def compare_print(verdict: Verdict, words: Iterable[PrintedWord]) -> Verdict:
    """The verdict on a picture or unsigned print whose sound seal waits for the comparison; any other comes back as it is.

    Valid only when every sealed field stands in the print. The sealed number must not contradict a printed statement.
    """
    if verdict.qr_seal is None or verdict.reason_code != "seal_compare_by_eye":
        return verdict
    line = _tokens(words)
    fields, results = [], []
    for field in verdict.qr_seal["fields"]:
        found = _look_for(str(field["label"]), str(field["sealed"]), line)
        fields.append({**field, "printed": found.printed, "result": found.result})
        results.append(found.result)
    results += _statement(verdict.qr_seal, line)
    seal = {**verdict.qr_seal, "fields": fields}
    if "different" in results:
        outcome, checked = ("invalid", "seal_fields_differ"), check("seal_fields_printed", "failed")
    elif fields and all(result == "same" for result in results):
        outcome, checked = ("valid", "seal_fields_same"), check("seal_fields_printed", "passed")
    elif "unclear" in results:
        outcome, checked = ("indeterminate", "seal_compare_by_eye"), check("seal_fields_printed", "warning")
    else:
        outcome, checked = ("indeterminate", "seal_compare_by_eye"), check("seal_fields_printed", "not_made")
    return decided(replace(verdict, qr_seal=seal, checks=(*verdict.checks, checked)), *outcome)  # type: ignore[arg-type]


def _look_for(label: str, value: str, tokens: tuple[_Token, ...]) -> _Found:
    wanted = _plain(value).split()
    ends = _ends(label, tokens)
    if ends:
        behind = [(_behind(tokens, end, wanted), tokens[end - 1].colon) for end in ends]
        closed = any(colon for _, colon in behind)
        # "Họ, chữ đệm, tên" also begins "Họ, chữ đệm, tên người mẹ": only where a label ends does another value contradict.
        return min((found for found, colon in behind if found.result == "same" or colon or not closed), key=_best_first)
    windows = [tokens[start : start + len(wanted)] for start in range(len(tokens) - len(wanted) + 1)]
    found = [_compared(window, wanted) for window in windows if _alike(window, wanted) >= _ALIKE]
    return min(found, key=_best_first, default=_Found("not_found"))


def _behind(tokens: tuple[_Token, ...], end: int, wanted: list[str]) -> _Found:
    """The value behind a label. When nothing was read on the label's own line, the next line is another matter and no contradiction."""
    found = _compared(tokens[end : end + len(wanted)], wanted)
    if found.result == "same":
        return found
    if not tokens[end:] or tokens[end].line != tokens[end - 1].line:
        return _Found("not_found")
    return found if tokens[end - 1].colon or found.result != "different" else _Found("unclear", found.printed)


def _best_first(found: _Found) -> int:
    return ("same", "unclear", "different", "not_found").index(found.result)


def _tokens(words: Iterable[PrintedWord]) -> tuple[_Token, ...]:
    """Words as they are compared: "05/02/1990" is three."""
    tokens: list[_Token] = []
    for word in words:
        if tokens and word.text.startswith(":"):
            tokens[-1] = replace(tokens[-1], colon=True)
        parts = _plain(word.text).split()
        tokens += [_Token(part, word.confidence, word.line) for part in parts]
        if parts and word.text.endswith(":"):
            tokens[-1] = replace(tokens[-1], colon=True)
    return tuple(tokens)


def _ends(label: str, tokens: tuple[_Token, ...]) -> list[int]:
    """Where a label ends in the print, tone marks apart."""
    parts = [_bare(part) for part in _plain(label).split()]
    read = [_bare(token.text) for token in tokens]
    return [start + len(parts) for start in range(len(read) - len(parts) + 1) if read[start : start + len(parts)] == parts]


def _compared(window: tuple[_Token, ...], wanted: list[str]) -> _Found:
    printed, value = " ".join(token.text for token in window), " ".join(wanted)
    if printed == value:
        return _Found("same", printed)
    if _bare(printed) == _bare(value) or min((token.confidence for token in window), default=0.0) < _SURE:
        return _Found("unclear", printed)
    return _Found("different", printed)


def _statement(seal: dict[str, Any], tokens: tuple[_Token, ...]) -> list[Comparison]:
    """A printed statement must not name another number; one that cannot be read says nothing."""
    text = folded(" ".join(token.text for token in tokens))
    results: list[Comparison] = []
    number = re.search(r"SO CHUNG THUC\s*(\d{1,7})", text)
    if number:
        results.append("same" if number[1].lstrip("0") == str(seal["number"]).lstrip("0") else "different")
    return results


def _alike(window: tuple[_Token, ...], wanted: list[str]) -> float:
    return SequenceMatcher(None, _bare(" ".join(token.text for token in window)), _bare(" ".join(wanted))).ratio()


def _plain(text: str) -> str:
    """One case, composed, letters and digits alone: a date keeps its parts."""
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", text).casefold()).split())


def _bare(text: str) -> str:
    return folded(text).strip()
