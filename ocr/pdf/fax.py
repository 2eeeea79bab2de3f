"""CCITT Group 4 (ITU-T T.6) for bilevel pictures. libtiff is the coder, its file only the wrapping."""

from io import BytesIO
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

_STRIP_OFFSETS, _STRIP_LENGTHS, _ROWS_PER_STRIP, _PHOTOMETRIC = 273, 279, 278, 262
_MIN_IS_BLACK = 1


class Strip(Struct, frozen=True):
    """One Group 4 strip. `black_is_one` as PDF's /BlackIs1 (ISO 32000-1 7.4.6), so that a decoded 0 is black."""

    data: bytes
    width: int
    height: int
    black_is_one: bool


def encode(black: NDArray[Any]) -> bytes:
    """A TIFF file of one strip; what is true or not 0 in `black` is black."""
    return tiff(Image.fromarray(np.asarray(black) == 0))


def tiff(picture: Image.Image) -> bytes:
    """A TIFF file of one strip from a picture of mode "1"."""
    out = BytesIO()
    picture.save(out, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: picture.height})
    return out.getvalue()


def strip(body: bytes) -> Strip:
    """The coded data in a file that `encode` or `tiff` made."""
    with TiffImagePlugin.TiffImageFile(BytesIO(body)) as wrapped:
        offset, length = wrapped.tag_v2[_STRIP_OFFSETS][0], wrapped.tag_v2[_STRIP_LENGTHS][0]
        # The coder calls ones black; where the file calls zeros black, the roles are swapped.
        swapped = wrapped.tag_v2[_PHOTOMETRIC] == _MIN_IS_BLACK
        return Strip(body[offset : offset + length], *wrapped.size, swapped)
