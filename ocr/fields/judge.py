"""From drafts to fields: the rules of the form, agreement between its values, and the decision about each."""

from collections.abc import Sequence
from typing import Any

from ocr.fields.address import names_no_known_unit, parts_of
from ocr.fields.checks.codes import qr_check
from ocr.fields.checks.facts import Facts
from ocr.fields.checks.rules import run_rule
from ocr.fields.decide import Evidence, decide
from ocr.fields.draft import Draft
from ocr.fields.folding import fold
from ocr.fields.templates import Template
from ocr.fields.types.registry import PUBLIC_TYPE
from ocr.model import Field
from sohoa.checks import Check, check

_SEEN_TWICE = 0.5


def mark_disagreement(drafts: Sequence[Draft]) -> None:
    """A name or address that stands twice on the paper, once with other marks, was misread at least once: nobody can say where."""
    spelt: dict[str, set[str]] = {}
    texts = [
        (draft, draft.value)
        for draft in drafts
        if isinstance(draft.value, str) and draft.entry.type in ("name", "text") and len(fold(draft.value)) > 5
    ]
    for _, text in texts:
        spelt.setdefault(fold(text), set()).add(" ".join(text.casefold().split()))
    for draft, text in texts:
        draft.raw_differs |= len(spelt[fold(text)]) > 1


def strengthen(drafts: Sequence[Draft]) -> None:
    """What stands twice on the paper and was read alike both times confirms itself: a name in capitals and in small letters, whose
    shapes have nothing in common, or a number of twelve figures. The same letters in the same type may be misread alike."""
    groups: dict[str, list[Draft]] = {}
    for draft in drafts:
        if (
            draft.source in ("print", "handwriting")
            and isinstance(draft.value, str)
            and draft.sure
            and draft.entry.type in ("name", "id12")
        ):
            groups.setdefault(" ".join(draft.value.casefold().split()), []).append(draft)
    for group in groups.values():
        shapes = {str(draft.value) for draft in group}
        alike = len(group) > 1 if group[0].entry.type == "id12" else len({shape.isupper() for shape in shapes}) > 1
        if alike and min(draft.confidence for draft in group) >= _SEEN_TWICE:
            for draft in group:
                draft.confirmed, draft.raw_differs = True, False


def document_checks(template: Template, drafts: Sequence[Draft]) -> list[Check]:
    """What the template's rules say, the checks of single values, and whether this version was in force."""
    facts_by_name = {draft.entry.name: _fact(draft) for draft in drafts}
    checks: list[Check] = []
    for rule in template.rules:
        checks += run_rule(rule.code, Facts(facts_by_name, rule.parameters), rule.fields)
    for draft in drafts:
        checks += [Check(one.code, one.result, one.text_vi, one.text_en, (draft.entry.name,)) for one in draft.checks]
        if draft.entry.address and isinstance(draft.value, str) and names_no_known_unit(draft.value):
            checks.append(check("address_unknown", "warning", (draft.entry.name,)))
    qr = qr_check(drafts)
    if qr is not None:
        checks.append(qr)
    if template.filing_date:
        filed = facts_by_name.get(template.filing_date)
        if isinstance(filed, str) and len(filed) == 10 and (template.valid_from or template.valid_to):
            inside = (template.valid_from is None or template.valid_from.isoformat() <= filed) and (
                template.valid_to is None or filed <= template.valid_to.isoformat()
            )
            checks.append(check("form_in_force", "passed" if inside else "warning"))
    return checks


def _fact(draft: Draft) -> Any:
    """The value as a rule sees it: a table that stands there and holds no row has none, which is not the same as no table."""
    empty = draft.entry.place in ("table", "list") and draft.found and draft.value is None
    return [] if empty else draft.value


def _against(checks: Sequence[Check]) -> list[Check]:
    """Without what speaks against no value: old streets and new units are in no list, and the reading may be right all the same."""
    return [one for one in checks if one.code != "address_unknown"]


def judged(draft: Draft, checks: Sequence[Check]) -> Field:
    entry = draft.entry
    confirmed = draft.confirmed or bool(draft.cells)  # a table is as sure as its cells, each of which was judged
    status, reason = decide(
        Evidence(entry.type, draft.value, draft.sure, draft.confidence, draft.raw_differs, draft.ink, _against(checks), confirmed)
    )
    if draft.cells and status == "accepted" and any(cell.status == "review" for cell in draft.cells):
        status, reason = "review", "cells_doubtful"
    if not draft.found and status == "empty":
        status, reason = "review", "label_not_found"
    if draft.reason == "handwriting_unread" and draft.value is None:
        status, reason = "review", draft.reason
    if draft.reason == "read_from_code" and status == "accepted":
        status, reason = "review", draft.reason
    if draft.reason == "form_field_unseen":
        status, reason = "review", draft.reason
    if entry.place in ("box_after", "box_before") and draft.value is None:
        status, reason = "review", draft.reason
    return Field(
        name=entry.name,
        label=entry.show or entry.label or entry.name,
        section=entry.section,
        type="table" if entry.place in ("table", "list") else PUBLIC_TYPE.get(entry.type, entry.type),
        value=draft.value,
        raw=draft.raw,
        confidence=round(draft.confidence, 4),
        source=draft.source,
        page=draft.page,
        box=draft.box,
        status=status,
        reason_code=reason,
        checks=tuple(checks),
        cells=draft.cells,
        address=parts_of(draft.value) if entry.address and isinstance(draft.value, str) else None,
    )
