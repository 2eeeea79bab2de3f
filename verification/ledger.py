"""What one revision changed: the objects that differ, which of them are explained, and what was found.

The ledger is shared by the parts that compare two revisions: each explains the objects whose difference it understands.
What nobody explains, and can still be reached, is a change of content.
"""

from decimal import Decimal
from typing import Any

import pikepdf
from msgspec import Struct

from verification.graph import Graph, same
from verification.model import Box
from verification.view import Reference

_NUMBERS = (int, float, Decimal)


class Found(Struct, frozen=True):
    """One difference. `code` is a key of the texts; `field` the name of a form field it is about."""

    code: str
    page: int | None = None
    box: Box | None = None
    field: str | None = None


class Ledger:
    """Two revisions `a` and `b`; `changed` are objects that read otherwise, `new` those that nothing led to before."""

    def __init__(self, earlier: Graph, later: Graph) -> None:
        self.a, self.b = earlier, later
        self.found: list[Found] = []
        self.explained: set[Reference] = set()
        self.root: Reference = later.view.root.objgen
        touched = later.touched_since(earlier)
        self.new = {key for key in touched if self._is_new(key)}
        self.changed = {key for key in touched - self.new if earlier.text(key) != later.text(key)}

    def add(self, code: str, page: int | None = None, box: Box | None = None, field: str | None = None) -> None:
        """Write down a difference."""
        self.found.append(Found(code, page, box, field))

    def unexplained(self) -> bool:
        """Whether a change is left that the trailer still leads to."""
        left = self.changed - self.explained
        return bool(left and left & self.b.reachable())

    def alike(self, one: Any, other: Any, depth: int = 0) -> bool:
        """Whether two values mean the same although written otherwise: 612.0 for 612, a copy under another number."""
        if same(one, other):
            return True
        if isinstance(one, pikepdf.Stream) or isinstance(other, pikepdf.Stream) or depth > 6:
            return False
        if isinstance(one, pikepdf.Dictionary) and isinstance(other, pikepdf.Dictionary):
            return set(one.keys()) == set(other.keys()) and all(self.alike(one.get(k), other.get(k), depth + 1) for k in list(one.keys()))
        if isinstance(one, pikepdf.Array) and isinstance(other, pikepdf.Array):
            return len(one) == len(other) and all(self.alike(a, b, depth + 1) for a, b in zip(one, other, strict=True))
        return isinstance(one, _NUMBERS) and isinstance(other, _NUMBERS) and one == other

    def _is_new(self, key: Reference) -> bool:
        """Whether nothing that still stands led to this object before: its number was free, or served the file's book-keeping."""
        before = self.a.referrers(key)
        return not before or (not self.a.text(key) and not before & self.b.referrers(key))
