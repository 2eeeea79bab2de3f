"""The certification statement (lời chứng) in the words the law gives it on a day: versioned data, never code.

Each YAML file holds every version of one kind of statement, with its legal basis and dates. An operator adds kinds or
later versions in a folder of their own.
"""

import re
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec

from signing.model import LegalBasis
from sohoa.errors import UsageError

Style = Literal["heading", "title", "text", "place", "note", "position", "signature", "name"]


class WordingLine(msgspec.Struct, frozen=True):
    """One line. `signature` marks the room for the officer's signature and has no text."""

    style: Style
    text: str = ""


class Wording(msgspec.Struct, frozen=True):
    """One version. `confirmed` is false while the printed annex has not been compared; `note` says what is missing."""

    version: int
    legal_basis: LegalBasis
    valid_from: date
    valid_to: date | None
    confirmed: bool
    lines: tuple[WordingLine, ...]
    note: str = ""


class _File(msgspec.Struct):
    name: str
    versions: tuple[Wording, ...]


def load_wording(name: str, day: date, folder: Path | None = None) -> Wording:
    """The version of `name` in force on `day`. Raises UsageError wording_missing, wording_unreadable."""
    own = folder / f"{name}.yaml" if folder else None
    source = own if own and own.is_file() else files("signing").joinpath("wordings", f"{name}.yaml")
    if not re.fullmatch(r"[a-z0-9_]+", name) or not source.is_file():
        raise UsageError("wording_missing")
    try:
        versions = msgspec.yaml.decode(source.read_bytes(), type=_File).versions
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError):
        raise UsageError("wording_unreadable", name=name) from None
    for wording in versions:
        if wording.valid_from <= day and (wording.valid_to is None or day <= wording.valid_to):
            return wording
    raise UsageError("wording_missing")
