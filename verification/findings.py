"""A finding: one question asked of the facts, answered good, bad or unknown, before any policy looks at it."""

from typing import Literal

from msgspec import Struct, field

Outcome = Literal["good", "bad", "unknown"]


class Finding(Struct, frozen=True):
    """`code` names the check and its texts; `facts` fill the texts and hold no private data."""

    code: str
    outcome: Outcome
    facts: dict[str, str | int] = field(default_factory=dict)


def finding(code: str, good: bool | None, **facts: str | int) -> Finding:
    """A finding from a plain answer; None means that it could not be decided."""
    return Finding(code, "unknown" if good is None else "good" if good else "bad", facts)
