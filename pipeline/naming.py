"""What exported files and digitised results are called, by patterns that an office sets.

A pattern is text with words in braces: `{mcq}_{lv}_{stt:06}_{pb}` gives `G06.01_CV_000021_V1` (DocCode of Công văn
7197/BKHCN-CĐSQG: MCQ_LV_STT_PB). A code with an unknown part is no code and is not made; a file name goes without it.
"""

import re
from collections.abc import Mapping
from string import Formatter

from ocr.fields.folding import without_marks
from pipeline.names import clean
from sohoa.errors import UsageError
from sohoa.settings import NamingSettings

WORDS = frozenset(
    {"mcq", "lv", "stt", "pb", "doc_code", "result_code", "date", "year", "desc", "name", "template", "number", "notation"}
    | {"owner", "dossier", "type_code", "sha8"}
)  # fmt: skip
_OF_THE_OFFICE = ("mcq", "lv", "pb")
_LONGEST = 120


def check_naming(naming: NamingSettings) -> None:
    """Raises UsageError pattern_invalid for a pattern that is no pattern or uses an unknown word."""
    sample: dict[str, str | int] = dict.fromkeys(WORDS, "x") | {"stt": 1}
    for name in ("doc_code", "file", "result_code"):
        pattern = getattr(naming, name)
        try:
            unknown = sorted(words_of(pattern) - WORDS)
            if unknown:
                raise ValueError("{" + "}, {".join(unknown) + "}")
            pattern.format_map(sample)
        except (ValueError, KeyError, IndexError, AttributeError) as error:
            raise UsageError("pattern_invalid", name=f"naming.{name}", mistake=str(error)) from None
    if not words_of(naming.file):
        raise UsageError("pattern_invalid", name="naming.file", mistake="{…}")


def words_of(pattern: str) -> set[str]:
    """The words a pattern asks for; raises ValueError for braces that do not fit."""
    return {word for _, word, _, _ in Formatter().parse(pattern) if word is not None}


def code(pattern: str, facts: Mapping[str, str | int]) -> str:
    """The code by `pattern`, "" when there is no pattern or a part of it is not known."""
    if not pattern or any(facts.get(word, "") == "" for word in words_of(pattern)):
        return ""
    return pattern.format_map(dict(facts))


def file_name(pattern: str, facts: Mapping[str, str | int]) -> str:
    """A file's stem by `pattern`; parts that are not known are left out together with what joins them."""
    known = {word: facts.get(word, "") for word in WORDS}
    known["stt"] = facts.get("stt", 0)
    text = re.sub(r"(?<=[_\-. ])[_\-. ]+|^[_\-. ]+|[_\-. ]+$", "", pattern.format_map(known))
    return clean(text)[:_LONGEST] if text else clean(str(facts.get("name", "")))


def description(text: str) -> str:
    """`text` as the guide writes a description: without marks, words joined, each with a capital."""
    return "".join(word[:1].upper() + word[1:].lower() for word in re.findall(r"[A-Za-z0-9]+", without_marks(text)))[:60]


def office(naming: NamingSettings) -> dict[str, str | int]:
    """What the settings say for every name."""
    return {word: getattr(naming, word) for word in _OF_THE_OFFICE}
