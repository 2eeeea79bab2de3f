"""What one revision changed in the form and its widgets: filled, signed, or bent.

A signature field that was filled is a signature only when it is the revision's own; anything else that looks like one is
paint. Looks (appearance streams) may change with the field they belong to, and with no other.
"""

from typing import Any

import pikepdf

from verification.graph import same
from verification.ledger import Ledger
from verification.model import Box
from verification.view import Reference, box_on, form_fields, inherited

_FILLING = frozenset(("/V", "/AP", "/AS", "/DA", "/Q", "/M", "/RV", "/I", "/F"))
_FORM_FREE = frozenset(("/SigFlags", "/NeedAppearances"))
_HIDDEN = 1 | 2 | 32  # annotation flags: invisible, hidden, no view

# What these show leaves the words below readable (ISO 32000-2, 12.5.6); every other kind can paint over them.
SEE_THROUGH = frozenset(("/Text", "/Popup", "/Link", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut"))


class Widgets:
    """The form's part of a comparison. `signature` is the object that the later revision's own signature stands in."""

    def __init__(self, ledger: Ledger, signature: Reference | None) -> None:
        self._ledger, self._signature = ledger, signature
        self._fields_before = {f.objgen: n for n, f in form_fields(ledger.a.view.root) if f.is_indirect}
        self._fields_after = {f.objgen: n for n, f in form_fields(ledger.b.view.root) if f.is_indirect}

    def form(self, old: Any, new: Any) -> None:
        """Compare the form dictionaries (ISO 32000-2, 12.7.3)."""
        if new is None and old is not None:
            self._ledger.add("form_removed")
            return
        old = pikepdf.Dictionary() if old is None else old
        for form, graph in ((old, self._ledger.a), (new, self._ledger.b)):
            if (
                isinstance(form, pikepdf.Object)
                and form.is_indirect
                and graph.referrers(form.objgen) <= {self._ledger.root, self._ledger.a.view.root.objgen}
            ):
                self._ledger.explained.add(form.objgen)
        for key in set(old.keys()) | set((new or {}).keys()):
            one, other = old.get(key), new.get(key)
            if key == "/Fields":
                self._field_list(one, other)
            elif key == "/DR":
                self._default_resources(one, other)
            elif key not in _FORM_FREE and not same(one, other) and not (key == "/DA" and one is None):
                self._ledger.add("form_changed")

    def annotations(self, number: int, one: Any, other: Any) -> None:
        """Compare the annotation arrays of one page; either may be missing."""
        self._explain_list(one, other)
        before, after = list(one or []), list(other or [])
        known, kept = _keys(before), _keys(after)
        was, now = set(known), set(kept)
        direct_before = {item.unparse() for item in before if not item.is_indirect}
        direct_after = {item.unparse() for item in after if not item.is_indirect}
        if was - now or direct_before - direct_after:
            gone = [self._ledger.a.view.object(key) for key in was - now]
            of_field = any(isinstance(item, pikepdf.Dictionary) and str(item.get("/Subtype")) == "/Widget" for item in gone)
            self._ledger.add("field_removed" if of_field else "annotation_removed", number)
        if [key for key in kept if key in was] != [key for key in known if key in now]:
            self._ledger.add("annotation_changed", number)  # another order paints one over the other
        for item in after:
            if not isinstance(item, pikepdf.Dictionary):
                continue
            if not item.is_indirect:
                if item.unparse() not in direct_before:
                    self._new_annotation(number, item)
            elif item.objgen not in was:
                self._new_annotation(number, item)
            elif item.objgen in self._ledger.changed:
                self._changed_annotation(number, self._ledger.a.view.object(item.objgen), item)
            elif isinstance(item.get("/AP"), pikepdf.Dictionary):
                self._appearance(number, item, item.get("/AP"), None)

    def fields(self) -> None:
        """Fields that no page shows: parents of widgets, and fields without any."""
        for key, name in self._fields_before.items():
            if key in self._ledger.changed and key not in self._ledger.explained:
                new = self._ledger.b.view.object(key)
                if isinstance(new, pikepdf.Dictionary) and key in self._fields_after:
                    self._changed_annotation(None, self._ledger.a.view.object(key), new)
                else:
                    self._ledger.add("field_removed", field=name)
        for name, field in form_fields(self._ledger.b.view.root):
            if field.is_indirect and field.objgen in self._fields_before:
                continue
            if str(inherited(field, "/FT")) == "/Sig" and not any(f.field == name for f in self._ledger.found):
                self._ledger.add(self._signature_code(field), field=name)

    def _field_list(self, one: Any, other: Any) -> None:
        old, new = set(_keys(one)), set(_keys(other))
        self._explain_list(one, other)
        if old - new:
            self._ledger.add("field_removed")
        for item in list(other or []):
            if not (isinstance(item, pikepdf.Dictionary) and item.is_indirect and item.objgen in old):
                self._new_field(item)

    def _explain_list(self, *lists: Any) -> None:
        for item, graph in zip(lists, (self._ledger.a, self._ledger.b), strict=True):
            if isinstance(item, pikepdf.Object) and item.is_indirect and len(graph.referrers(item.objgen)) <= 1:
                self._ledger.explained.add(item.objgen)

    def _new_field(self, field: Any) -> None:
        if not isinstance(field, pikepdf.Dictionary) or str(inherited(field, "/FT")) != "/Sig":
            self._ledger.add("field_added")

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
                    self._ledger.add("form_changed")
            elif any(not same(before.get(name), after.get(name)) for name in list(before.keys())):
                self._ledger.add("form_changed")
        self._ledger.explained |= {
            key for key in form_only if len(self._ledger.a.referrers(key)) <= 1 and len(self._ledger.b.referrers(key)) <= 1
        }

    @staticmethod
    def _reference(value: Any) -> Reference | None:
        return value.objgen if isinstance(value, pikepdf.Object) and value.is_indirect else None

    def _new_annotation(self, number: int, item: Any) -> None:
        box = self._box(number, item)
        if item.is_indirect and item.objgen in self._ledger.changed:
            self._ledger.add("object_changed", number, box)  # an old object made to serve as a new annotation
        if str(item.get("/Subtype")) != "/Widget":
            self._ledger.add("annotation_added" if str(item.get("/Subtype")) in SEE_THROUGH else "drawing_added", number, box)
            return
        field = self._field_of(item)
        if str(inherited(field, "/FT")) != "/Sig":
            self._ledger.add("field_added", number, box)
            return
        self._ledger.add(self._signature_code(field), number, box, self._name_of(field))

    def _field_of(self, widget: Any) -> Any:
        """The field a widget shows: itself, or the one that lists it among its kids (some widgets forget their parent)."""
        if "/FT" in widget or "/Parent" in widget:
            return widget
        for _, field in form_fields(self._ledger.b.view.root):
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
        if self._signature is None or holder.objgen != self._signature:
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
            if item.is_indirect and item.objgen in self._fields_after:
                return self._fields_after[item.objgen]
            item = item.get("/Parent")
        return None

    def _changed_annotation(self, number: int | None, old: Any, new: Any) -> None:
        """A widget or field that reads differently: filled, signed, or bent."""
        self._ledger.explained.add(new.objgen)
        box = self._box(number, new) if number else None
        name = self._name_of(new)
        kind = str(inherited(new, "/FT"))
        differing = {key for key in set(old.keys()) | set(new.keys()) if not same(old.get(key), new.get(key))}
        is_field = new.objgen in self._fields_before or str(new.get("/Subtype")) == "/Widget"
        if not is_field:
            see_through = str(new.get("/Subtype")) in SEE_THROUGH and str(old.get("/Subtype")) in SEE_THROUGH
            self._ledger.add("annotation_changed" if see_through else "drawing_changed", number, box)
            return
        if kind == "/Sig":
            self._signed_field(number, old, new, differing, box, name)
            return
        if "/Kids" in differing and "/Subtype" not in new:
            self._ledger.add("field_added", number, box, name)
            differing -= {"/Kids"}
        if self._shared_looks(old, new) or differing - _FILLING or (int(old.get("/F", 0)) ^ int(new.get("/F", 0))) & _HIDDEN:
            self._ledger.add("field_changed", number, box, name)
        else:
            self._ledger.add("form_filled", number, box, name)
        self._appearance(number, new, new.get("/AP"), name)

    def _signed_field(self, number: int | None, old: Any, new: Any, differing: set[str], box: Box | None, name: str | None) -> None:
        was, now = inherited(old, "/V"), inherited(new, "/V")
        if was is not None:
            # /F, /P and the like of a signed field are no longer anybody's to change: its look is the signer's
            self._ledger.add("signature_changed" if not same(was, now) or differing else "object_changed", number, box, name)
            return
        if now is None:
            self._ledger.add("field_changed", number, box, name)
            return
        if self._shared_looks(old, new) or differing - _FILLING - {"/Type", "/Subtype", "/Rect", "/P", "/MK", "/Lock", "/Ff"}:
            self._ledger.add("field_changed", number, box, name)
        self._ledger.add(self._signature_code(new), number, box, name)
        self._appearance(number, new, new.get("/AP"), name)

    def _shared_looks(self, old: Any, new: Any) -> bool:
        """Whether looks that something else shows, too, were taken from under this field: nobody does that in good faith."""
        before = old.get("/AP")
        if same(before, new.get("/AP")) or not (isinstance(before, pikepdf.Object) and before.is_indirect):
            return False
        return not self._ledger.a.referrers(before.objgen) <= {old.objgen}

    def _appearance(self, number: int | None, owner: Any, appearance: Any, name: str | None) -> None:
        """The looks of a field, told as `form_filled` unless they are a signature's own.

        Looks that changed under their old number must belong to this field alone, or they show elsewhere, too.
        """
        if not isinstance(appearance, pikepdf.Dictionary):
            return
        own = {owner.objgen} | ({appearance.objgen} if appearance.is_indirect else set())
        branch = self._branch(appearance)
        touched = branch & self._ledger.changed
        if not touched:
            return
        if appearance.is_indirect and not self._ledger.a.referrers(appearance.objgen) | self._ledger.b.referrers(appearance.objgen) <= {
            owner.objgen
        }:
            return
        own |= {key for key in branch if key in self._ledger.new or key in touched}
        if all(self._ledger.a.referrers(key) <= own and self._ledger.b.referrers(key) <= own for key in touched):
            kind = str(inherited(owner, "/FT"))
            if kind == "/Sig" and owner.objgen in self._ledger.changed:
                self._ledger.explained |= touched
            elif kind in ("/Tx", "/Btn", "/Ch"):
                self._ledger.explained |= touched
                self._ledger.add("form_filled", number, self._box(number, owner) if number else None, name)

    def _branch(self, appearance: Any) -> set[Reference]:
        found = {appearance.objgen} if appearance.is_indirect else set()
        for value in appearance.values():
            if isinstance(value, pikepdf.Object) and value.is_indirect:
                found.add(value.objgen)
            if isinstance(value, pikepdf.Dictionary) and not isinstance(value, pikepdf.Stream):
                found |= {v.objgen for v in value.values() if isinstance(v, pikepdf.Object) and v.is_indirect}
        return found

    def _box(self, number: int | None, item: Any) -> Box | None:
        pages = self._ledger.b.view.pages()
        return box_on(pages[(number or 1) - 1], item) if pages else None


def _keys(items: Any) -> list[Reference]:
    return [item.objgen for item in (items or []) if isinstance(item, pikepdf.Object) and item.is_indirect]
