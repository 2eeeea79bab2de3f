"""Which later changes a signature allows: DocMDP, field locks, and what every signature allows (ISO 32000-2, 12.8.2)."""

from typing import Literal

from verification.ledger import Found
from verification.view import Lock

Judgement = Literal["allowed", "noted", "forbidden"]

_ALWAYS = frozenset(("dss_added", "timestamp_added", "extension_added", "info_touched"))
_NOTED = frozenset(("metadata_changed", "info_changed"))
_SIGNING = frozenset(("signature_added", "signature_field_added"))
_FILLING = frozenset(("form_filled",))
_ANNOTATING = frozenset(("annotation_added", "annotation_changed", "annotation_removed", "drawing_added", "drawing_changed"))


def judge_change(found: Found, permission: int | None, locks: tuple[Lock, ...]) -> Judgement:
    """Whether one later change is allowed.

    `permission` is the DocMDP level in force, None for a plain approval signature: the form may then still be filled and
    signed, as after level 2. "noted" changes are allowed and must be told as a warning.
    """
    code = found.code
    if code in _ALWAYS:
        return "allowed"
    if code in _NOTED:
        return "noted" if permission != 1 else "forbidden"
    if permission == 1:
        return "forbidden"
    if code in _SIGNING:
        return "allowed"
    if code in _FILLING:
        return "forbidden" if any(_locked(found.field, lock) for lock in locks) else "noted"
    if code in _ANNOTATING and permission == 3:
        return "noted"
    return "forbidden"


def strictest(*permissions: int | None) -> int | None:
    """The strictest of several DocMDP levels."""
    given = [p for p in permissions if p is not None]
    return min(given) if given else None


def _locked(field: str | None, lock: Lock) -> bool:
    if lock.action == "All":
        return True
    named = field is not None and any(field == name or field.startswith(name + ".") for name in lock.fields)
    return named if lock.action == "Include" else not named
