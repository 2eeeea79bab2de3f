"""Slugs, field names, labels and types of the forms, as `ocr/templates/` has them: what the truth calls its fields."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

_FOLDER = Path(__file__).parents[2] / "ocr" / "templates"


class Asked(Struct, frozen=True):
    """A field of a template. `columns` gives label and type of each column of a table."""

    label: str
    type: str
    section: str
    group: str
    columns: dict[str, tuple[str, str]]


class Template(Struct, frozen=True):
    """A version of a form: fields by name, what marks it, the days between which it was in force."""

    slug: str
    version: str
    marks: tuple[str, ...]
    first: date
    last: date
    fields: dict[str, Asked]


@cache
def template(file: str) -> Template:
    """The template of that file name (without .yaml)."""
    said = yaml.safe_load((_FOLDER / f"{file}.yaml").read_text(encoding="utf8"))
    fields = {one["name"]: _asked(one) for one in _fields(said) if "name" in one}
    return Template(
        said["slug"], str(said["version"]), tuple(said.get("marks", ())), said["valid_from"], said.get("valid_to", date.max), fields
    )


def _fields(said: dict[str, Any]) -> list[dict[str, Any]]:
    if "based_on" not in said:
        return list(said["fields"])
    base = yaml.safe_load((_FOLDER / f"{said['based_on']}.yaml").read_text(encoding="utf8"))
    relabel, without = said.get("relabel", {}), said.get("without", [])
    kept = [one for one in base["fields"] if one.get("name") not in without]
    return [{**one, "label": relabel.get(one.get("name"), one["label"])} for one in kept]


def _asked(one: dict[str, Any]) -> Asked:
    columns = {column["name"]: (column["label"], column.get("type", "text")) for column in one.get("columns", ())}
    return Asked(one["label"], one.get("type", "text"), one.get("section", ""), one.get("group", ""), columns)
