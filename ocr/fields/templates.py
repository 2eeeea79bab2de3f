"""Form templates: data that says what a form is called, which labels it prints, and what belongs beside them.

One YAML file describes one version of one form. The files of `ocr/templates` come with the product; a folder of
more files may be added, and a file there replaces the built-in one with the same slug and version. Every file is
checked when it is loaded: a template that is wrong is refused with the file and the place in it.
"""

import datetime as dt
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from ocr.fields.folding import fold
from ocr.fields.template_lines import line_of
from sohoa.errors import UsageError

YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C, seven times as fast

FieldType = Literal[
    "text", "name", "date", "date_words", "id12", "id", "mst", "phone", "email", "int", "decimal", "money", "money_words",
    "enum", "ethnicity", "nationality", "position", "checkbox", "so_ky_hieu", "mrz", "qr",
]  # fmt: skip
Place = Literal["after", "date_line", "below", "box_after", "box_before", "table", "anchor", "header", "code", "list"]


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A column of a table, found by its printed heading. `address` asks for the units that its values name."""

    name: str
    label: str
    variants: tuple[str, ...] = ()
    type: FieldType = "text"
    counter: bool = False
    address: bool = False


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One printed label, in the order of the form, and the field it announces.

    `place` says where the value stands: `after` the label, in a `date_line` ("ngày … tháng … năm …"), `below` in its
    column (names under signatures), in a `box_after`/`box_before` the label, in a `table` or numbered `list` below it; an `anchor`
    has no value: it divides sections and ends what stands before it; a `date_line` without a name is passed over. `header` is a
    part of an administrative document's head,
    `code` a QR code or machine readable zone. `optional` labels may be missing from the paper without a question; `prose`
    labels stand inside a sentence, without a colon. `alone` says that the form prints one value of this type: when the label could
    not be read, the only such value among what no other label claims is taken. `address` asks for the units that the value names.
    """

    label: str = ""
    name: str = ""
    variants: tuple[str, ...] = ()
    place: Place = "after"
    type: FieldType = "text"
    section: str | None = None
    group: str | None = None
    optional: bool = False
    choices: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    take: Literal["name", "title", "agency"] = "name"
    units: tuple[str, ...] = ()
    show: str | None = None
    prose: bool = False
    address: bool = False
    alone: bool = False


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule of `ocr.fields.checks` by its code, and the fields it compares in the order the rule names them."""

    code: str
    fields: tuple[str, ...]
    parameters: dict[str, str] = {}


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of one form. `marks` are printed words that prove this version; `proof` are words that must stand on
    the paper besides the title, unless it is laid out as `layout` says; `title_at` says whether the title heads the page or may stand
    anywhere (a certification stamp)."""

    slug: str
    version: str
    legal_basis: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    titles: tuple[str, ...] = ()
    title_at: Literal["top", "anywhere", "none"] = "top"
    proof: tuple[str, ...] = ()
    layout: Literal["", "administrative"] = ""
    marks: tuple[str, ...] = ()
    filing_date: str | None = None
    based_on: str | None = None
    without: tuple[str, ...] = ()
    relabel: dict[str, str] = {}
    fields: tuple[Entry, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What makes a template unique."""
        return self.slug, self.version


@lru_cache(maxsize=8)
def load_templates(folder: str | None) -> tuple[Template, ...]:
    """All templates, the built-in ones first, those of `folder` (None: no others) replacing them by slug and version.

    Raises UsageError `template_invalid` (file, place) for a file that is not a template, `template_folder_missing` for a
    folder that is not there.
    """
    found: dict[tuple[str, str], Template] = {}
    with_stem: dict[str, Template] = {}
    builtin = Path(str(files("ocr").joinpath("templates")))
    paths = sorted(builtin.glob("*.yaml"))
    if folder is not None:
        added = Path(folder)
        if not added.is_dir():
            raise UsageError("template_folder_missing", folder=added.name)
        paths += sorted([*added.glob("*.yaml"), *added.glob("*.yml")])
    read = [(path, read_template(path)) for path in paths]
    for path, template in sorted(read, key=lambda pair: pair[1].based_on is not None):
        complete = _complete(path, template, with_stem)
        with_stem[path.stem] = complete
        found[complete.key] = complete
    return tuple(found[key] for key in sorted(found))


def read_template(path: Path) -> Template:
    """The template in one file, checked. Raises UsageError `template_invalid` with the file's name and the place of the fault."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), YAML)  # noqa: S506 - both loaders build plain data only
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("template_invalid", file=path.name, where=type(error).__name__) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UsageError("template_invalid", file=path.name, where=f"line {mark.line + 1}" if mark else "YAML") from error
    try:
        template = msgspec.convert(raw, Template, strict=True)
    except msgspec.ValidationError as error:
        raise _invalid(path, str(error)) from error
    if template.based_on is None:
        _consistent(path, template)
    return template


def _complete(path: Path, template: Template, others: dict[str, Template]) -> Template:
    """A template written as changes to another one, with the other's labels and rules filled in."""
    if template.based_on is None:
        return template
    base = others.get(template.based_on)
    if base is None:
        raise _invalid(path, f"$.based_on ({template.based_on})")
    unknown = {*template.without, *template.relabel} - {entry.name for entry in base.fields}
    if unknown:
        raise _invalid(path, f"$.without / $.relabel ({', '.join(sorted(unknown))})")
    own = {entry.name: entry for entry in template.fields}
    fields = tuple(
        own.get(entry.name)
        or (
            msgspec.structs.replace(entry, label=template.relabel[entry.name], variants=(*entry.variants, entry.label))
            if entry.name in template.relabel
            else entry
        )
        for entry in base.fields
        if entry.name == "" or entry.name not in template.without
    )
    names = {entry.name for entry in fields}
    complete = msgspec.structs.replace(
        template,
        titles=template.titles or base.titles,
        title_at=base.title_at,
        proof=template.proof or base.proof,
        layout=template.layout or base.layout,
        filing_date=template.filing_date or base.filing_date,
        fields=fields,
        rules=tuple(rule for rule in (template.rules or base.rules) if names.issuperset(name.partition(".")[0] for name in rule.fields)),
    )
    _consistent(path, complete)
    return complete


def _invalid(path: Path, where: str) -> UsageError:
    line = line_of(path, where)
    return UsageError("template_invalid", file=path.name, where=where if line is None else f"{where} (line {line})")


def _consistent(path: Path, template: Template) -> None:
    """What the schema cannot say: names are unique, values have names, rules speak of fields that exist."""
    from ocr.fields.checks.rules import RULES

    def refuse(where: str) -> None:
        raise _invalid(path, where)

    names: set[str] = set()
    for position, entry in enumerate(template.fields):
        at = f"$.fields[{position}]"
        if entry.place not in ("anchor", "date_line") and not entry.name:
            refuse(f"{at}.name")
        if entry.place not in ("header", "code", "date_line") and not fold(entry.label):
            refuse(f"{at}.label")
        if entry.name and entry.name in names:
            refuse(f"{at}.name ({entry.name})")
        if entry.place == "table" and not entry.columns:
            refuse(f"{at}.columns")
        names.add(entry.name)
    if template.title_at != "none" and not template.titles:
        refuse("$.titles")
    if template.title_at == "none" and not template.proof:
        refuse("$.proof")
    for position, rule in enumerate(template.rules):
        if rule.code not in RULES:
            refuse(f"$.rules[{position}].code ({rule.code})")
        missing = {name.partition(".")[0] for name in rule.fields} - names
        if missing:
            refuse(f"$.rules[{position}].fields ({', '.join(sorted(missing))})")
