"""The one answer of every normaliser."""

from typing import Any

from msgspec import Struct

from sohoa.checks import Check


class Reading(Struct, frozen=True):
    """`value` in the type's own form; `sure` is False when letters were taken for digits or the text does not fit the type.

    `checks` are what the type itself can say about the value ("the month has 30 days").
    """

    value: Any
    sure: bool = True
    checks: tuple[Check, ...] = ()


NOTHING = Reading(None)
