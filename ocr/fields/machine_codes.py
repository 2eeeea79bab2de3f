"""Machine readable codes on identity papers."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from ocr.fields.layout import Layout
from ocr.model import Box


@dataclass(frozen=True, slots=True)
class MrzLine:
    """One line of a machine readable zone."""

    text: str
    confidence: float
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Mrz:
    """A zone of three lines; `right` when all its check digits hold."""

    lines: tuple[MrzLine, ...]
    right: bool


def qr_fields(image: NDArray[Any]) -> str | None:
    """The text of the QR code of an identity card on this page; None without one."""
    return None


def read_mrz(layout: Layout) -> Mrz | None:
    """The zone of three lines of thirty letters, if it is there."""
    return None
