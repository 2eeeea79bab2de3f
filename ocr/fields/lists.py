"""Closed lists that values are held against, kept as data in `ocr/fields/data/lists.yaml` with their legal sources."""

from functools import cache
from importlib.resources import files

import yaml

from ocr.fields.folding import fold


@cache
def _lists() -> dict[str, dict[str, str]]:
    text = files("ocr").joinpath("fields", "data", "lists.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = yaml.safe_load(text)
    return loaded


@cache
def ethnicities() -> dict[str, str]:
    """Folded name or spelling → official name of each of the 54 ethnic groups."""
    found: dict[str, str] = {}
    for official, others in _lists()["ethnicities"].items():
        for name in (official, *(others or "").split(",")):
            if name.strip():
                found[fold(name)] = official
    return found


def province_of(code: str) -> str | None:
    """The province or city of birth registration that a personal number begins with; None for an unknown code."""
    return _lists()["provinces"].get(code)
