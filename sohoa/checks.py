"""The one shape of a check, in `document.json` and in verdicts alike."""

from typing import Literal

from msgspec import Struct

from sohoa.messages import check_sentences

Result = Literal["passed", "warning", "failed", "not_made"]


class Check(Struct, frozen=True):
    """One question asked of a document, and its answer in two languages.

    `fields` names the form fields it is about; empty when it is about the whole document.
    """

    code: str
    result: Result
    text_vi: str
    text_en: str
    fields: tuple[str, ...] = ()


def check(code: str, result: Result, fields: tuple[str, ...] = (), **facts: object) -> Check:
    """A check whose sentences come from `sohoa/texts` by its code and result."""
    vi, en = check_sentences(code, result, **facts)
    return Check(code, result, vi, en, fields)
