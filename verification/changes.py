"""What a later revision did to the document, object by object, in words a person understands.

Every object that stands elsewhere in the later revision and reads differently must be explained by a role in which
such a difference has a harmless meaning: a page that got one more annotation, a field that was filled, the document
security store. What stays unexplained and can still be reached is a change of content. This is a list of what is known to
be harmless, never of what is known to be bad: an attack nobody has thought of is "object_changed".

Whether a kind of change is *allowed* is another question, answered in `verification.permissions`.
"""

from typing import Any

import pikepdf
from msgspec import Struct

from verification.graph import TRAILER, Graph, references_in, same
from verification.ledger import Found, Ledger
from verification.view import Reference, View
from verification.widgets import Widgets

_PAGE_CODES = {
    "/Contents": "page_content_changed",
    "/Resources": "page_resources_changed",
    "/MediaBox": "page_geometry_changed",
    "/CropBox": "page_geometry_changed",
    "/Rotate": "page_geometry_changed",
    "/UserUnit": "page_geometry_changed",
    "/AA": "action_added",
}
_CATALOG_CODES = {
    "/OpenAction": "action_added",
    "/AA": "action_added",
    "/Names": "names_changed",
    "/OCProperties": "layers_changed",
    "/Perms": "permissions_changed",
}
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_TRACES = frozenset(("/Producer", "/ModDate"))


class Step(Struct, frozen=True):
    """What one revision changed. `problem` is a code when the two revisions could not be compared."""

    revision: int
    found: tuple[Found, ...]
    problem: str | None = None


def step_between(before: Graph, after: Graph, revision: int, signature: Reference | None) -> Step:
    """The differences from `before` to `after`; `signature` is the object that the later revision's own signature stands in."""
    problem = before.view.problem or after.view.problem
    if problem:
        return Step(revision, (), problem)
    if after.view.repaired or before.view.repaired:
        return Step(revision, (), "revision_needs_repair")
    try:
        return Step(revision, tuple(_Comparison(before, after, signature).run()))
    except Exception:  # noqa: BLE001 - an odd structure that cannot be compared is not thereby harmless
        return Step(revision, (), "revision_not_comparable")


class _Comparison:
    def __init__(self, earlier: Graph, later: Graph, signature: Reference | None) -> None:
        self._ledger = Ledger(earlier, later)
        self._widgets = Widgets(self._ledger, signature)

    def run(self) -> list[Found]:
        before, after = self._ledger.a.view, self._ledger.b.view
        self._trailer(before, after)
        self._catalog(before.root, after.root)
        self._pages(before.pages(), after.pages())
        self._widgets.fields()
        if self._ledger.unexplained():
            self._ledger.add("object_changed")
        return list(dict.fromkeys(self._ledger.found))

    def _info_of(self, view: View) -> set[Reference]:
        info = view.pdf.trailer.get("/Info") if view.pdf is not None else None
        return {info.objgen} if isinstance(info, pikepdf.Object) and info.is_indirect else set()

    def _trailer(self, before: View, after: View) -> None:
        if before.pdf is None or after.pdf is None:
            return
        old, new = before.pdf.trailer, after.pdf.trailer
        if not same(old.get("/Encrypt"), new.get("/Encrypt")):
            self._ledger.add("encryption_changed")
        info = self._info_of(after) | self._info_of(before)
        if not same(old.get("/Info"), new.get("/Info")) or info & self._ledger.changed:
            self._ledger.add("info_changed" if self._info_says_other(old.get("/Info"), new.get("/Info")) else "info_touched")
            self._ledger.explained |= {key for key in info if self._ledger.a.referrers(key) | self._ledger.b.referrers(key) <= {TRAILER}}

    @staticmethod
    def _info_says_other(old: Any, new: Any) -> bool:
        """Whether more than the traces that every program leaves were changed."""
        if not isinstance(old, pikepdf.Dictionary) or not isinstance(new, pikepdf.Dictionary):
            return not (old is None and isinstance(new, pikepdf.Dictionary) and set(new.keys()) <= _TRACES)
        keys = (set(old.keys()) | set(new.keys())) - _TRACES
        return any(not same(old.get(key), new.get(key)) for key in keys)

    def _catalog(self, old: Any, new: Any) -> None:
        self._ledger.explained |= {old.objgen, new.objgen}
        for key in sorted(set(old.keys()) | set(new.keys())):
            one, other = old.get(key), new.get(key)
            if key == "/AcroForm":
                self._widgets.form(one, other)
            elif key == "/DSS":
                self._own_tree(key, "dss_added")
            elif key == "/Extensions":
                self._own_tree(key, "extension_added")
            elif key == "/Metadata":
                self._own_tree(key, "metadata_changed")
            elif key == "/Version":
                continue
            elif not same(one, other):
                self._ledger.add(_CATALOG_CODES.get(key, "catalog_changed"))

    def _own_tree(self, entry: str, code: str) -> None:
        """A branch that only this entry of the catalog leads to may change freely: nothing on a page can depend on it."""
        one, other = self._ledger.a.view.root.get(entry), self._ledger.b.view.root.get(entry)
        branch = self._below(one) | self._below(other)
        own = branch | {self._ledger.root, self._ledger.a.view.root.objgen}
        elsewhere = self._below_others(self._ledger.a.view.root, entry) | self._below_others(self._ledger.b.view.root, entry)
        changed = {
            key
            for key in (branch & self._ledger.changed) - elsewhere
            if self._ledger.a.referrers(key) | self._ledger.b.referrers(key) <= own
        }
        self._ledger.explained |= changed
        if changed or not same(one, other):
            self._ledger.add(code)

    @staticmethod
    def _below_others(root: Any, entry: str) -> set[Reference]:
        """What the catalog's other entries name directly."""
        return {reference for key, value in root.items() if key != entry for reference in references_in(value)}

    @staticmethod
    def _below(value: Any) -> set[Reference]:
        """The indirect objects of a branch, the way back to pages and catalog not taken."""
        seen: set[Reference] = set()
        stack = [value]
        while stack and len(seen) < 50_000:
            item = stack.pop()
            if isinstance(item, pikepdf.Object) and item.is_indirect:
                if item.objgen in seen:
                    continue
                if isinstance(item, pikepdf.Dictionary) and str(item.get("/Type")) in ("/Page", "/Pages", "/Catalog"):
                    continue
                seen.add(item.objgen)
            if isinstance(item, pikepdf.Stream):
                continue
            if isinstance(item, pikepdf.Dictionary):
                stack += list(item.values())
            elif isinstance(item, pikepdf.Array):
                stack += list(item)
        return seen

    def _pages(self, old: list[Any], new: list[Any]) -> None:
        if len(old) != len(new):
            self._ledger.add("page_added" if len(new) > len(old) else "page_removed")
            return
        self._page_nodes(self._ledger.a.view.root["/Pages"], self._ledger.b.view.root["/Pages"])
        for number, (one, other) in enumerate(zip(old, new, strict=True), 1):
            if one.objgen != other.objgen:
                self._ledger.add("page_replaced", number)
            else:
                self._page(number, one, other)

    def _page_nodes(self, old: Any, new: Any) -> None:
        """The inner nodes of the page tree: what pages inherit must stay; the pages themselves are compared one by one."""
        if (old.objgen in self._ledger.changed or not old.is_indirect) and "/Kids" in new:
            self._ledger.explained.add(old.objgen)
            for key in _INHERITED:
                if not self._ledger.alike(old.get(key), new.get(key)):
                    self._ledger.add("page_geometry_changed" if key != "/Resources" else "page_resources_changed")
        for one, other in zip(old.get("/Kids", []), new.get("/Kids", []), strict=False):
            if "/Kids" in one and "/Kids" in other and one.objgen == other.objgen:
                self._page_nodes(one, other)

    def _page(self, number: int, old: Any, new: Any) -> None:
        if old.objgen in self._ledger.changed or not old.is_indirect:
            self._ledger.explained.add(old.objgen)
            for key in set(old.keys()) | set(new.keys()):
                if key not in ("/Annots", "/LastModified", "/Tabs") and not self._ledger.alike(old.get(key), new.get(key)):
                    self._ledger.add(_PAGE_CODES.get(key, "page_changed"), number)
        one, other = old.get("/Annots"), new.get("/Annots")
        if one is not None or other is not None:
            self._widgets.annotations(number, one, other)
