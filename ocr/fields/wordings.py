"""Other ways to print the same label: offices and years differ in "Họ và tên" or "Họ, chữ đệm, tên", never in what is asked."""

import re
from functools import cache, lru_cache
from importlib.resources import files

import msgspec.yaml


@lru_cache(maxsize=2048)
def other_wordings(label: str) -> tuple[str, ...]:
    """`label` with one of its parts said otherwise, the nearest first; a remark "(nếu có)" is left as it is."""
    found: dict[str, None] = {}
    for group in _groups():
        hit = next((said for said in group if _stands_in(said, label)), None)
        if hit is not None:
            found |= dict.fromkeys(label.replace(hit, other) for other in group if other.casefold() != hit.casefold())
    found.pop(label, None)
    return tuple(found)


def without_section(label: str, section: str | None) -> str | None:
    """What `label` leaves to the heading of its section: "Họ, chữ đệm, tên" of "Họ, chữ đệm, tên người mẹ" under "Người mẹ"."""
    if not section or not label.casefold().endswith(" " + section.casefold()):
        return None
    return label[: -len(section)].rstrip()


def every_wording() -> tuple[str, ...]:
    """All that is known of how labels are worded."""
    return tuple(said for group in _groups() for said in group)


@cache
def _groups() -> tuple[tuple[str, ...], ...]:
    """Every group with its longest wording first, so that "Số điện thoại" is not taken for "Điện thoại"."""
    loaded: list[list[str]] = msgspec.yaml.decode(files("ocr").joinpath("fields", "data", "wordings.yaml").read_text(encoding="utf-8"))
    return tuple(tuple(sorted(group, key=len, reverse=True)) for group in loaded)


def _stands_in(said: str, label: str) -> bool:
    # Few stand in a label at all, and to make an expression of each of thousands costs as much as a page's fields.
    return said in label and re.search(rf"(?<![^\W\d_]){re.escape(said)}(?![^\W\d_])", label) is not None
