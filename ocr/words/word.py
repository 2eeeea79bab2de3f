"""What every reader returns and what every reader is: the two shapes the rest of the room relies on."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Gray: TypeAlias = NDArray[np.uint8]
Box: TypeAlias = tuple[float, float, float, float]


class ReadWord(Struct, frozen=True):
    """One word as a reader saw it.

    `box` is (x0, y0, x1, y1) in pixels of the reading image. `confidence` is the chance, 0..1, that every character
    is right. `line` counts lines in reading order from 0. `raw` is what the recogniser alone saw when the
    language model decided otherwise. `leader` is the x where dots end that are set against the word without a space.
    """

    text: str
    box: Box
    confidence: float
    line: int
    raw: str | None = None
    leader: float | None = None


class Means(Struct, frozen=True):
    """What the default reader has beside its network. Everything, save where a benchmark measures what one of them is good for."""

    language: bool = True
    second_reading: bool = True
    notes: bool = True
    ghosts: bool = True
    this_side: bool = True
    small_print: bool = True


ALL_MEANS = Means()


class Reader(Protocol):
    """Reads one page. `version` names the engine and its models, so that equal versions give equal words."""

    name: str
    version: str

    def read(self, reading: Gray, dpi: float, sealed: Sequence[Gray] = ()) -> tuple[ReadWord, ...]:
        """The words of `reading` (HxW, 0 black .. 255 white, upright and straight) in reading order.

        `sealed` are other pictures of it, with the grey of seals taken off otherwise or left on; a reader may look there at what lies
        under them.
        """
        ...
