"""Every sentence the product says, by its stable code.

The sentences are data: one TOML file per room in `sohoa/texts/`. A code is lower_snake and never changes its
meaning once released; portals and officers' handbooks rely on it. Two shapes of entry exist:

    [pdf_encrypted]                       a message: what happened (vi, en) and what to do next (next_vi, next_en)
    [byte_range_shape.failed]             a check: one pair of sentences (vi, en) per result

Sentences may hold `{placeholders}`; a fact that the caller did not give is shown as "?", so that a missing fact
never hides the sentence.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import Struct


class Message(Struct, frozen=True):
    """A stable code with its sentences, Vietnamese first."""

    code: str
    vi: str
    en: str
    next_vi: str = ""
    next_en: str = ""

    def __str__(self) -> str:
        return f"{self.vi} {self.next_vi}".strip()


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


@cache
def texts() -> Mapping[str, Mapping[str, Any]]:
    """All entries of `sohoa/texts/*.toml`; a code stands in one file only, which a test watches over."""
    import tomllib  # both are loaded for who has something to say, not for `sohoa --help`
    from importlib.resources import files

    entries: dict[str, Mapping[str, Any]] = {}
    for file in files("sohoa").joinpath("texts").iterdir():
        if file.name.endswith(".toml"):
            entries.update(tomllib.loads(file.read_text(encoding="utf8")))
    return entries


def message(code: str, **facts: object) -> Message:
    """The sentences of `code`; an unknown code is shown as itself rather than lost."""
    entry = texts().get(code, {"vi": f"Lỗi chưa có mô tả ({code}).", "en": f"Error without a description ({code})."})
    fill = _Facts(facts)
    return Message(code, *(str(entry.get(key, "")).format_map(fill) for key in ("vi", "en", "next_vi", "next_en")))


def check_sentences(code: str, result: str, **facts: object) -> tuple[str, str]:
    """(Vietnamese, English) of one check's result; raises KeyError for a pair that has no text."""
    entry = texts()[code][result]
    fill = _Facts(facts)
    return entry["vi"].format_map(fill), entry["en"].format_map(fill)
