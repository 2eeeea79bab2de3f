"""The photo check on the check page: is this picture of a paper good enough to be submitted, and if not, what to do.

Judging a picture belongs to another room; it is handed in as a callable, and without it the page does not offer the check.
"""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from verification.report import render


class Advice(Struct, frozen=True):
    """One thing to do better: a stable code, and what is wrong and what to do as one text in each language."""

    code: str
    text_vi: str
    text_en: str


class PhotoPage(Struct, frozen=True):
    """One page of the upload: what to do better, the worst first, and a small JPEG with the doubtful places marked."""

    advice: tuple[Advice, ...]
    picture: bytes = b""


class PhotoVerdict(Struct, frozen=True):
    """`error` when the file could not be opened at all, else the pages looked at; `count` is how many the file has."""

    pages: tuple[PhotoPage, ...] = ()
    count: int = 0
    error: Advice | None = None

    @property
    def good(self) -> bool:
        """Nothing is to be taken again."""
        return self.error is None and not any(page.advice for page in self.pages)


CheckPhoto = Callable[[Path], PhotoVerdict]


def photo_json(verdict: PhotoVerdict) -> dict[str, Any]:
    """What a portal needs at upload time; pictures as data addresses (RFC 2397)."""
    return {
        "good": verdict.good,
        "error_code": verdict.error.code if verdict.error else None,
        "message_vi": verdict.error.text_vi if verdict.error else None,
        "message_en": verdict.error.text_en if verdict.error else None,
        "pages": verdict.count,
        "advice": [
            {"page": number, "code": one.code, "text_vi": one.text_vi, "text_en": one.text_en}
            for number, page in enumerate(verdict.pages, 1)
            for one in page.advice
        ],
        "pictures": [_inline(page.picture) for page in verdict.pages],
    }


def photo_html(verdict: PhotoVerdict | None, problem: object, megabytes: int) -> str:
    """The form, and under it the answer when there is one."""
    pictures = [_inline(page.picture) for page in verdict.pages] if verdict else []
    return render("photo.html", verdict=verdict, pictures=pictures, problem=problem, megabytes=megabytes)


def _inline(picture: bytes) -> str | None:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode() if picture else None
