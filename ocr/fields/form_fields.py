"""Values that were filled into the fields of a PDF form say so: their source is "acroform".

A field may hold what the page does not show, after a program changed one and not the other. Whoever signed saw the page, so such a
value waits for a person.
"""

from collections.abc import Sequence

from ocr.fields.draft import Draft
from ocr.fields.layout import Token
from ocr.model import Box


def mark_form_fields(drafts: Sequence[Draft], tokens: Sequence[Token]) -> None:
    """Drafts whose every word stands in a form's field, and check boxes that are one, get the source "acroform"; what the page does not
    show as it stands in the field is doubted."""
    filled = [token for token in tokens if token.in_field]
    for draft in drafts:
        if draft.source != "pdf_text":
            continue
        if draft.tokens:
            by_form = all(token.in_field for token in draft.tokens)
        else:
            by_form = draft.box is not None and any(token.page == draft.page and _inside(token.box, draft.box) for token in filled)
        if by_form:
            draft.source = "acroform"
        if any(token.in_field and token.raw_differs for token in draft.tokens):
            draft.reason = "form_field_unseen"


def _inside(inner: Box, outer: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]
