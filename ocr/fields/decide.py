"""Accept a value, or ask a person: confidence, unread ink, rules and agreement must all allow it."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ocr.model import FieldStatus
from sohoa.checks import Check

# How sure every word of a value must be. Names are the strictest: nothing else on the paper can show them wrong, and a
# language model likes to turn a rare name into a common one. A value from a closed list is confirmed by the list itself.
_LEAST = {
    "name": 0.80,
    "id12": 0.85,
    "id": 0.85,
    "mst": 0.85,
    "so_ky_hieu": 0.92,
    "phone": 0.85,
    "email": 0.96,
    "date": 0.80,
    "money": 0.85,
    "decimal": 0.85,
    "int": 0.85,
    "enum": 0.90,
    "ethnicity": 0.70,
}
_USUAL = 0.70
_NAMES = frozenset({"name"})  # a name that the language model changed is always shown to a person
_LONE_STROKE = 0.97  # a slanting 1 with no figure beside it is easily a 7
_SETTLED = 0.94  # of what it changed elsewhere and is so sure of, all 18 values of the labelled forms were right


class Evidence(Struct, frozen=True):
    """All that is known about a value before it is believed."""

    kind: str
    value: Any
    sure: bool
    confidence: float
    raw_differs: bool
    unread_ink: bool
    checks: Sequence[Check] = ()
    confirmed: bool = False


def decide(evidence: Evidence) -> tuple[FieldStatus, str | None]:
    """(status, reason code for review). Empty with ink beside it is not empty but unread."""
    if evidence.value is None or evidence.value == "":
        if not evidence.sure:
            return "review", "value_format"
        return ("review", "unread_ink") if evidence.unread_ink else ("empty", None)
    if any(check.result == "failed" for check in evidence.checks):
        return "review", "rule_broken"
    if not evidence.sure:
        return "review", "value_format"
    if any(check.result == "warning" for check in evidence.checks):
        return "review", "rule_broken"
    if evidence.raw_differs and not evidence.confirmed and (evidence.kind in _NAMES or evidence.confidence < _SETTLED):
        return "review", "reader_disagrees"
    least = _LONE_STROKE if str(evidence.value) in ("1", "7") else _LEAST.get(evidence.kind, _USUAL)
    if evidence.confidence < least and not evidence.confirmed:
        return "review", "low_confidence"
    if evidence.unread_ink:
        return "review", "unread_ink"
    return "accepted", None
