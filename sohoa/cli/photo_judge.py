"""Hands the photo check of `ocr` to whoever asks for it without knowing that room: the check page, a portal's server.

Where reading is not installed there is no judge, and the page shows no photo check.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sohoa.errors import SohoaError
from sohoa.messages import Message

if TYPE_CHECKING:
    from verification.page.photo import Advice, PhotoVerdict

_NEEDED = ("cv2", "onnxruntime", "pi_heif")
_MOST_PAGES = 5
_SECONDS = 30.0


@contextmanager
def photo_judge() -> "Iterator[Callable[[Path], PhotoVerdict] | None]":
    """A function that judges the pages of one file, one file at a time, in a killable child; None without the reading extra."""
    if any(find_spec(name) is None for name in _NEEDED):
        yield None
        return
    from ocr.tasks import CHECK_PHOTO, CheckPhoto
    from pipeline.media import sniff
    from sohoa.child import Child, Limits
    from verification.page.photo import PhotoPage, PhotoVerdict

    one_at_a_time = threading.Lock()

    with Child(("ocr.pages.check",), Limits(memory=3 << 30, seconds=_SECONDS)) as child:

        def judge(file: Path) -> "PhotoVerdict":
            try:
                with one_at_a_time:
                    found = child.call(CHECK_PHOTO, CheckPhoto(str(file), sniff(file), pictures=True, most_pages=_MOST_PAGES))
            except SohoaError as error:
                return PhotoVerdict(error=_advice(error.message))
            pages = (PhotoPage(tuple(map(_advice, said)), picture) for said, picture in zip(found.pages, found.pictures, strict=True))
            return PhotoVerdict(tuple(pages), found.count)

        yield judge


def _advice(said: Message) -> "Advice":
    from verification.page.photo import Advice

    return Advice(said.code, f"{said.vi} {said.next_vi}".strip(), f"{said.en} {said.next_en}".strip())
