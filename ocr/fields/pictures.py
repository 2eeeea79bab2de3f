"""The pictures of a document's pages and their ink, each made when it is first asked for."""

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from ocr.fields.page_ink import Ink, ink_of
from ocr.model import Page

Images = Callable[[int], NDArray[Any] | None]
KeptInks = Callable[[int], Ink | None]


class Pictures:
    """The ink of pages, made when first asked for. An image that cannot be had is asked for once."""

    def __init__(self, pages: Sequence[Page], images: Images, kept: KeptInks | None) -> None:
        self._kept = kept
        self._sizes = {page.number: (page.size_mm[0] / 25.4 * 72, page.size_mm[1] / 25.4 * 72) for page in pages}
        self._images = images
        self._pictures: dict[int, NDArray[Any] | None] = {}
        self._inks: dict[int, Ink | None] = {}

    def size(self, number: int) -> tuple[float, float]:
        """Width and height of page `number` in points."""
        return self._sizes[number]

    def picture(self, number: int) -> NDArray[Any] | None:
        """The page image itself."""
        if number not in self._pictures:
            self._pictures[number] = self._images(number)
        return self._pictures[number]

    def of(self, number: int) -> Ink | None:
        """The ink of page `number`; None without an image."""
        if number not in self._inks:
            ink = self._kept(number) if self._kept is not None else None
            if ink is None and (picture := self.picture(number)) is not None:
                ink = ink_of(picture, self._sizes[number])
            self._inks[number] = ink
        return self._inks[number]
