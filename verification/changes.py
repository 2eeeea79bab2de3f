"""What a later revision did to the document, object by object, in words a person understands.

Every object that stands elsewhere in the later revision and reads differently must be explained by a role in which
such a difference has a harmless meaning: a page that got one more annotation, a field that was filled, the document
security store. What stays unexplained and can still be reached is a change of content. This is a list of what is known to
be harmless, never of what is known to be bad: an attack nobody has thought of is "object_changed".

Whether a kind of change is *allowed* is another question, answered in `verification.permissions`.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pikepdf

from verification.graph import TRAILER, Graph, references_in, same
from verification.model import Box
from verification.view import Reference, View, corner, form_fields, inherited

_FILLING = frozenset(("/V", "/AP", "/AS", "/DA", "/Q", "/M", "/RV", "/I", "/F"))
_FORM_FREE = frozenset(("/SigFlags", "/NeedAppearances"))
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
_NUMBERS = (int, float, Decimal)
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_TRACES = frozenset(("/Producer", "/ModDate"))
_HIDDEN = 1 | 2 | 32  # annotation flags: invisible, hidden, no view


@dataclass(frozen=True, slots=True)
class Found:
    """One difference. `code` is a key of the texts; `field` the name of a form field it is about."""

    code: str
    page: int | None = None
    box: Box | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
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
        self.a, self.b = earlier, later
        before, after = earlier.view, later.view
        self.signature = signature
        self.found: list[Found] = []
        self.explained: set[Reference] = set()
        self.root = after.root.objgen
        touched = self.b.touched_since(self.a)
        self.new = {key for key in touched if self._is_new(key)}
        self.changed = {key for key in touched - self.new if self.a.text(key) != self.b.text(key)}
        self.fields_before = {f.objgen: n for n, f in form_fields(before.root) if f.is_indirect}
        self.fields_after = {f.objgen: n for n, f in form_fields(after.root) if f.is_indirect}

    def _is_new(self, key: Reference) -> bool:
        """Whether nothing that still stands led to this object before: its number was free, or served the file's book-keeping."""
        before = self.a.referrers(key)
        return not before or (not self.a.text(key) and not before & self.b.referrers(key))

    def run(self) -> list[Found]:
        before, after = self.a.view, self.b.view
        self._trailer(before, after)
        self._catalog(before.root, after.root)
        self._pages(before.pages(), after.pages())
        self._fields()
        left = self.changed - self.explained
        if left and left & self.b.reachable():
            self._add("object_changed")
        return list(dict.fromkeys(self.found))

    def _add(self, code: str, page: int | None = None, box: Box | None = None, field: str | None = None) -> None:
        self.found.append(Found(code, page, box, field))

    def _info_of(self, view: View) -> set[Reference]:
        info = view.pdf.trailer.get("/Info") if view.pdf is not None else None
        return {info.objgen} if isinstance(info, pikepdf.Object) and info.is_indirect else set()

    def _trailer(self, before: View, after: View) -> None:
        if before.pdf is None or after.pdf is None:
            return
        old, new = before.pdf.trailer, after.pdf.trailer
        if not same(old.get("/Encrypt"), new.get("/Encrypt")):
            self._add("encryption_changed")
        info = self._info_of(after) | self._info_of(before)
        if not same(old.get("/Info"), new.get("/Info")) or info & self.changed:
            self._add("info_changed" if self._info_says_other(old.get("/Info"), new.get("/Info")) else "info_touched")
            self.explained |= {key for key in info if self.a.referrers(key) | self.b.referrers(key) <= {TRAILER}}

    @staticmethod
    def _info_says_other(old: Any, new: Any) -> bool:
        """Whether more than the traces that every program leaves were changed."""
        if not isinstance(old, pikepdf.Dictionary) or not isinstance(new, pikepdf.Dictionary):
            return not (old is None and isinstance(new, pikepdf.Dictionary) and set(new.keys()) <= _TRACES)
        keys = (set(old.keys()) | set(new.keys())) - _TRACES
        return any(not same(old.get(key), new.get(key)) for key in keys)

    def _catalog(self, old: Any, new: Any) -> None:
        self.explained |= {old.objgen, new.objgen}
        for key in sorted(set(old.keys()) | set(new.keys())):
            one, other = old.get(key), new.get(key)
            if key == "/AcroForm":
                self._form(one, other)
            elif key == "/DSS":
                self._own_tree(key, "dss_added")
            elif key == "/Extensions":
                self._own_tree(key, "extension_added")
            elif key == "/Metadata":
                self._own_tree(key, "metadata_changed")
            elif key == "/Version":
                continue
            elif not same(one, other):
                self._add(_CATALOG_CODES.get(key, "catalog_changed"))

    def _own_tree(self, entry: str, code: str) -> None:
        """A branch that only this entry of the catalog leads to may change freely: nothing on a page can depend on it."""
        one, other = self.a.view.root.get(entry), self.b.view.root.get(entry)
        branch = self._below(one) | self._below(other)
        own = branch | {self.root, self.a.view.root.objgen}
        elsewhere = self._below_others(self.a.view.root, entry) | self._below_others(self.b.view.root, entry)
        changed = {key for key in (branch & self.changed) - elsewhere if self.a.referrers(key) | self.b.referrers(key) <= own}
        self.explained |= changed
        if changed or not same(one, other):
            self._add(code)

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

    def _form(self, old: Any, new: Any) -> None:
        if new is None and old is not None:
            self._add("form_removed")
            return
        old = pikepdf.Dictionary() if old is None else old
        for form, graph in ((old, self.a), (new, self.b)):
            if (
                isinstance(form, pikepdf.Object)
                and form.is_indirect
                and graph.referrers(form.objgen) <= {self.root, self.a.view.root.objgen}
            ):
                self.explained.add(form.objgen)
        for key in set(old.keys()) | set((new or {}).keys()):
            one, other = old.get(key), new.get(key)
            if key == "/Fields":
                self._field_list(one, other)
            elif key == "/DR":
                self._default_resources(one, other)
            elif key not in _FORM_FREE and not same(one, other) and not (key == "/DA" and one is None):
                self._add("form_changed")

    def _field_list(self, one: Any, other: Any) -> None:
        old, new = set(_keys(one)), set(_keys(other))
        self._explain_list(one, other)
        if old - new:
            self._add("field_removed")
        for item in list(other or []):
            if not (isinstance(item, pikepdf.Dictionary) and item.is_indirect and item.objgen in old):
                self._new_field(item)

    def _explain_list(self, *lists: Any) -> None:
        for item, graph in zip(lists, (self.a, self.b), strict=True):
            if isinstance(item, pikepdf.Object) and item.is_indirect and len(graph.referrers(item.objgen)) <= 1:
                self.explained.add(item.objgen)

    def _new_field(self, field: Any) -> None:
        if not isinstance(field, pikepdf.Dictionary) or str(inherited(field, "/FT")) != "/Sig":
            self._add("field_added")

    def _default_resources(self, one: Any, other: Any) -> None:
        """Fonts and the like for filling fields: more of them is harmless, another one under an old name is not."""
        old = one if isinstance(one, pikepdf.Dictionary) else pikepdf.Dictionary()
        new = other if isinstance(other, pikepdf.Dictionary) else pikepdf.Dictionary()
        form_only = {key for key in (self._reference(one), self._reference(other)) if key}
        for kind in list(old.keys()):
            before, after = old.get(kind), new.get(kind)
            if same(before, after) or kind == "/XObject":  # a picture here is drawn by no default appearance
                continue
            if not isinstance(before, pikepdf.Dictionary) or not isinstance(after, pikepdf.Dictionary):
                if not (isinstance(before, pikepdf.Array) and isinstance(after, pikepdf.Array)):
                    self._add("form_changed")
            elif any(not same(before.get(name), after.get(name)) for name in list(before.keys())):
                self._add("form_changed")
        self.explained |= {key for key in form_only if len(self.a.referrers(key)) <= 1 and len(self.b.referrers(key)) <= 1}

    @staticmethod
    def _reference(value: Any) -> Reference | None:
        return value.objgen if isinstance(value, pikepdf.Object) and value.is_indirect else None

    def _pages(self, old: list[Any], new: list[Any]) -> None:
        if len(old) != len(new):
            self._add("page_added" if len(new) > len(old) else "page_removed")
            return
        self._page_nodes(self.a.view.root["/Pages"], self.b.view.root["/Pages"])
        for number, (one, other) in enumerate(zip(old, new, strict=True), 1):
            if one.objgen != other.objgen:
                self._add("page_replaced", number)
            else:
                self._page(number, one, other)

    def _page_nodes(self, old: Any, new: Any) -> None:
        """The inner nodes of the page tree: what pages inherit must stay; the pages themselves are compared one by one."""
        if (old.objgen in self.changed or not old.is_indirect) and "/Kids" in new:
            self.explained.add(old.objgen)
            for key in _INHERITED:
                if not self._alike(old.get(key), new.get(key)):
                    self._add("page_geometry_changed" if key != "/Resources" else "page_resources_changed")
        for one, other in zip(old.get("/Kids", []), new.get("/Kids", []), strict=False):
            if "/Kids" in one and "/Kids" in other and one.objgen == other.objgen:
                self._page_nodes(one, other)

    def _page(self, number: int, old: Any, new: Any) -> None:
        if old.objgen in self.changed or not old.is_indirect:
            self.explained.add(old.objgen)
            for key in set(old.keys()) | set(new.keys()):
                if key not in ("/Annots", "/LastModified", "/Tabs") and not self._alike(old.get(key), new.get(key)):
                    self._add(_PAGE_CODES.get(key, "page_changed"), number)
        one, other = old.get("/Annots"), new.get("/Annots")
        if one is not None or other is not None:
            self._explain_list(one, other)
            self._annotations(number, list(one or []), list(other or []))

    def _annotations(self, number: int, before: list[Any], after: list[Any]) -> None:
        known, kept = _keys(before), _keys(after)
        was, now = set(known), set(kept)
        direct_before = {item.unparse() for item in before if not item.is_indirect}
        direct_after = {item.unparse() for item in after if not item.is_indirect}
        if was - now or direct_before - direct_after:
            self._add("annotation_removed", number)
        if [key for key in kept if key in was] != [key for key in known if key in now]:
            self._add("annotation_changed", number)  # another order paints one over the other
        for item in after:
            if not isinstance(item, pikepdf.Dictionary):
                continue
            if not item.is_indirect:
                if item.unparse() not in direct_before:
                    self._new_annotation(number, item)
            elif item.objgen not in was:
                self._new_annotation(number, item)
            elif item.objgen in self.changed:
                self._changed_annotation(number, self.a.view.object(item.objgen), item)
            elif isinstance(item.get("/AP"), pikepdf.Dictionary):
                self._appearance(number, item, item.get("/AP"), None)

    def _alike(self, one: Any, other: Any, depth: int = 0) -> bool:
        """Whether two values mean the same although written otherwise: 612.0 for 612, a copy under another number."""
        if same(one, other):
            return True
        if isinstance(one, pikepdf.Stream) or isinstance(other, pikepdf.Stream) or depth > 6:
            return False
        if isinstance(one, pikepdf.Dictionary) and isinstance(other, pikepdf.Dictionary):
            return set(one.keys()) == set(other.keys()) and all(self._alike(one.get(k), other.get(k), depth + 1) for k in list(one.keys()))
        if isinstance(one, pikepdf.Array) and isinstance(other, pikepdf.Array):
            return len(one) == len(other) and all(self._alike(a, b, depth + 1) for a, b in zip(one, other, strict=True))
        return isinstance(one, _NUMBERS) and isinstance(other, _NUMBERS) and one == other

    def _new_annotation(self, number: int, item: Any) -> None:
        box = self._box(number, item)
        if item.is_indirect and item.objgen in self.changed:
            self._add("object_changed", number, box)  # an old object made to serve as a new annotation
        if str(item.get("/Subtype")) != "/Widget":
            self._add("annotation_added", number, box)
            return
        field = self._field_of(item)
        if str(inherited(field, "/FT")) != "/Sig":
            self._add("field_added", number, box)
            return
        self._add(self._signature_code(field), number, box, self._name_of(field))

    def _field_of(self, widget: Any) -> Any:
        """The field a widget shows: itself, or the one that lists it among its kids (some widgets forget their parent)."""
        if "/FT" in widget or "/Parent" in widget:
            return widget
        for _, field in form_fields(self.b.view.root):
            if widget.objgen in _keys(field.get("/Kids")):
                return field
        return widget

    def _signature_code(self, field: Any) -> str:
        """What a signature field that is new or newly filled means: only the revision's own signature is a signature.

        A value that is nobody's signature, or looks that belong to an empty field, are paint on the page.
        """
        value = inherited(field, "/V")
        if not isinstance(value, pikepdf.Dictionary):
            return "field_added" if "/AP" in field and self._visible(field) else "signature_field_added"
        holder = value if value.is_indirect else field
        if self.signature is None or holder.objgen != self.signature:
            return "signature_incomplete"
        return "timestamp_added" if str(value.get("/SubFilter")) == "/ETSI.RFC3161" else "signature_added"

    @staticmethod
    def _visible(field: Any) -> bool:
        try:
            x0, y0, x1, y1 = (float(v) for v in field["/Rect"])
        except (KeyError, TypeError, ValueError):
            return False
        return x0 != x1 and y0 != y1

    def _name_of(self, item: Any) -> str | None:
        for _ in range(8):
            if item is None:
                return None
            if item.is_indirect and item.objgen in self.fields_after:
                return self.fields_after[item.objgen]
            item = item.get("/Parent")
        return None

    def _changed_annotation(self, number: int | None, old: Any, new: Any) -> None:
        """A widget or field that reads differently: filled, signed, or bent."""
        self.explained.add(new.objgen)
        box = self._box(number, new) if number else None
        name = self._name_of(new)
        kind = str(inherited(new, "/FT"))
        differing = {key for key in set(old.keys()) | set(new.keys()) if not same(old.get(key), new.get(key))}
        is_field = new.objgen in self.fields_before or str(new.get("/Subtype")) == "/Widget"
        if not is_field:
            self._add("annotation_changed", number, box)
            return
        if kind == "/Sig":
            self._signed_field(number, old, new, differing, box, name)
            return
        if "/Kids" in differing and "/Subtype" not in new:
            self._add("field_added", number, box, name)
            differing -= {"/Kids"}
        if self._shared_looks(old, new) or differing - _FILLING or (int(old.get("/F", 0)) ^ int(new.get("/F", 0))) & _HIDDEN:
            self._add("field_changed", number, box, name)
        else:
            self._add("form_filled", number, box, name)
        self._appearance(number, new, new.get("/AP"), name)

    def _signed_field(self, number: int | None, old: Any, new: Any, differing: set[str], box: Box | None, name: str | None) -> None:
        was, now = inherited(old, "/V"), inherited(new, "/V")
        if was is not None:
            # /F, /P and the like of a signed field are no longer anybody's to change: its look is the signer's
            self._add("signature_changed" if not same(was, now) or differing else "object_changed", number, box, name)
            return
        if now is None:
            self._add("field_changed", number, box, name)
            return
        if self._shared_looks(old, new) or differing - _FILLING - {"/Type", "/Subtype", "/Rect", "/P", "/MK", "/Lock", "/Ff"}:
            self._add("field_changed", number, box, name)
        self._add(self._signature_code(new), number, box, name)
        self._appearance(number, new, new.get("/AP"), name)

    def _shared_looks(self, old: Any, new: Any) -> bool:
        """Whether looks that something else shows, too, were taken from under this field: nobody does that in good faith."""
        before = old.get("/AP")
        if same(before, new.get("/AP")) or not (isinstance(before, pikepdf.Object) and before.is_indirect):
            return False
        return not self.a.referrers(before.objgen) <= {old.objgen}

    def _appearance(self, number: int | None, owner: Any, appearance: Any, name: str | None) -> None:
        """The looks of a field, told as `form_filled` unless they are a signature's own.

        Looks that changed under their old number must belong to this field alone, or they show elsewhere, too.
        """
        if not isinstance(appearance, pikepdf.Dictionary):
            return
        own = {owner.objgen} | ({appearance.objgen} if appearance.is_indirect else set())
        branch = self._branch(appearance)
        touched = branch & self.changed
        if not touched:
            return
        if appearance.is_indirect and not self.a.referrers(appearance.objgen) | self.b.referrers(appearance.objgen) <= {owner.objgen}:
            return
        own |= {key for key in branch if key in self.new or key in touched}
        if all(self.a.referrers(key) <= own and self.b.referrers(key) <= own for key in touched):
            kind = str(inherited(owner, "/FT"))
            if kind == "/Sig" and owner.objgen in self.changed:
                self.explained |= touched
            elif kind in ("/Tx", "/Btn", "/Ch"):
                self.explained |= touched
                self._add("form_filled", number, self._box(number, owner) if number else None, name)

    def _branch(self, appearance: Any) -> set[Reference]:
        found = {appearance.objgen} if appearance.is_indirect else set()
        for value in appearance.values():
            if isinstance(value, pikepdf.Object) and value.is_indirect:
                found.add(value.objgen)
            if isinstance(value, pikepdf.Dictionary) and not isinstance(value, pikepdf.Stream):
                found |= {v.objgen for v in value.values() if isinstance(v, pikepdf.Object) and v.is_indirect}
        return found

    def _fields(self) -> None:
        """Fields that no page shows: parents of widgets, and fields without any."""
        for key, name in self.fields_before.items():
            if key in self.changed and key not in self.explained:
                new = self.b.view.object(key)
                if isinstance(new, pikepdf.Dictionary) and key in self.fields_after:
                    self._changed_annotation(None, self.a.view.object(key), new)
                else:
                    self._add("field_removed", field=name)
        for name, field in form_fields(self.b.view.root):
            if field.is_indirect and field.objgen in self.fields_before:
                continue
            if str(inherited(field, "/FT")) == "/Sig" and not any(f.field == name for f in self.found):
                self._add(self._signature_code(field), field=name)

    def _box(self, number: int | None, item: Any) -> Box | None:
        """The annotation's rectangle from the page's top left."""
        try:
            left, top = corner(self.b.view.pages()[(number or 1) - 1])
            x0, y0, x1, y1 = (float(v) for v in item["/Rect"])
        except Exception:  # noqa: BLE001 - no usable rectangle: the change is told without a place
            return None
        return (min(x0, x1) - left, top - max(y0, y1), max(x0, x1) - left, top - min(y0, y1))


def _keys(items: Any) -> list[Reference]:
    return [item.objgen for item in (items or []) if isinstance(item, pikepdf.Object) and item.is_indirect]
