"""What `document.json` said, read again: for everything that looks at several documents, or at one after its delivery.

Words are left out: they are most of the file, and `document.txt` has them.
"""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ocr.model import Box


class DeliveredCheck(Struct, frozen=True):
    """A check as it was written down."""

    code: str
    result: str


class DeliveredCell(Struct, frozen=True):
    """One cell of a table: `row` counts the objects of the field's value from 0, `column` is their key."""

    row: int
    column: str
    page: int | None
    box: Box | None
    status: str


class DeliveredField(Struct, frozen=True):
    """A field of `document.json`; `status` may be one that a later release added."""

    name: str
    label: str
    section: str | None
    type: str
    value: Any
    raw: str
    source: str
    page: int | None
    box: Box | None
    status: str
    checks: tuple[DeliveredCheck, ...] = ()
    reason_code: str | None = None
    cells: tuple[DeliveredCell, ...] = ()

    @property
    def status_as_read(self) -> str:
        """The status by this paper alone, before another paper of its dossier contradicted it."""
        return "accepted" if self.reason_code == "dossier_differs" else self.status


class DeliveredPage(Struct, frozen=True):
    """One page; `status` is "read", "had_text" or "failed"."""

    number: int
    size_mm: tuple[float, float]
    status: str


class DeliveredCode(Struct, frozen=True):
    """A QR or bar code found on a page; `values` is what the office's patterns found in its text."""

    page: int
    format: str
    text: str
    box: Box
    values: dict[str, str] = {}


class Delivered(Struct, frozen=True):
    """One document as delivered."""

    template: str | None
    template_version: str | None
    pages: tuple[DeliveredPage, ...]
    fields: tuple[DeliveredField, ...]
    provenance: dict[str, Any] = {}
    codes: tuple[DeliveredCode, ...] = ()

    def field(self, name: str) -> DeliveredField | None:
        """The field called `name`, None when the document has none."""
        return next((field for field in self.fields if field.name == name), None)


def read_delivered(folder: Path) -> Delivered | None:
    """The document in `folder`; None when none was delivered there, or the file is not ours."""
    try:
        return msgspec.json.decode((folder / "document.json").read_bytes(), type=Delivered)
    except (OSError, msgspec.DecodeError):
        return None
