"""`sohoa export`: what a batch delivered, in the shapes that other systems take.

Tables (csv, xlsx, json) give the fields of one form each. Metadata (xml-nd30, json-nd30, cv7197, tt01) gives a record beside
the PDF of every document, both under the name that the office's pattern makes, and an index that tells what a record still
lacks; edxml puts record and PDF into one package. Nothing in OUT is changed.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ocr.export.delivered import Delivered, read_delivered
from ocr.export.metadata import Problem, Record, as_object, as_xml, comparable_number, record, said, type_name
from ocr.export.sheets import Row, as_csv, as_xlsx
from pipeline import edxml
from pipeline.naming import check_naming, code, description, file_name, office
from signing.model import VIETNAM
from sohoa.errors import UsageError
from sohoa.messages import message
from sohoa.settings import Settings
from storage.objects import replace_file

Format = Literal["csv", "xlsx", "json", "xml-nd30", "json-nd30", "cv7197", "tt01", "edxml"]
TABLES: frozenset[Format] = frozenset({"csv", "xlsx", "json"})
_SCHEMES: Mapping[str, tuple[str, str]] = {
    "xml-nd30": ("nd30", ".xml"),
    "json-nd30": ("nd30", ".json"),
    "cv7197": ("cv7197", ".json"),
    "tt01": ("tt01", ".json"),
    "edxml": ("cv7197", ".edxml"),
}
UNKNOWN = "khong_ro_loai"


class Exported(Struct, frozen=True):
    """The files written, how many documents went into them, and how many are not ready to be handed over."""

    files: tuple[Path, ...]
    documents: int
    lacking: int


class _Item(Struct, frozen=True):
    row: Mapping[str, Any]
    folder: Path
    document: Delivered
    ordinal: int


def export(out: Path, format: Format, target: Path, settings: Settings, template: str = "") -> Exported:
    """Export what `sohoa run` delivered into `out`; `template` takes one form only (`khong_ro_loai` for unknown papers).

    Raises UsageError export_nothing, pattern_invalid, out_unwritable.
    """
    check_naming(settings.naming)
    items = [item for item in _items(out) if not template or (item.document.template or UNKNOWN) == template]
    if not items:
        raise UsageError("export_nothing", path=str(out))
    try:
        target.mkdir(parents=True, exist_ok=True)
        if format in TABLES:
            return Exported(tuple(_tables(items, format, target)), len(items), 0)
        return _records(items, format, target, settings)
    except OSError:
        raise UsageError("out_unwritable", path=str(target)) from None


def _items(out: Path) -> Iterator[_Item]:
    try:
        rows: list[dict[str, Any]] = json.loads((out / "batch.json").read_text(encoding="utf8"))
    except (OSError, ValueError):
        raise UsageError("export_nothing", path=str(out)) from None
    ordinals = _ordinals(out)
    for number, row in enumerate(rows, 1):
        document = read_delivered(out / row["name"])
        if document is not None and row["status"] != "failed":
            yield _Item(row, out / row["name"], document, ordinals.get(row["name"], number))


def _ordinals(out: Path) -> dict[str, int]:
    """Each paper's number within its dossier."""
    try:
        found = json.loads((out / "dossiers.json").read_text(encoding="utf8"))
    except (OSError, ValueError):
        return {}
    return {paper["name"]: number for dossier in found for number, paper in enumerate(dossier["documents"], 1)}


def _tables(items: Sequence[_Item], format: Format, target: Path) -> Iterator[Path]:
    forms: dict[str, list[Row]] = {}
    for item in items:
        forms.setdefault(item.document.template or UNKNOWN, []).append(Row(item.row["name"], item.row["source"], item.document))
    for form, rows in sorted(forms.items()):
        write: dict[str, Callable[[], bytes]] = {
            "csv": lambda rows=rows: as_csv(rows),  # type: ignore[misc]
            "xlsx": lambda rows=rows, form=form: as_xlsx(rows, form),  # type: ignore[misc]
            "json": lambda rows=rows: _json([_plain(row) for row in rows]),  # type: ignore[misc]
        }
        path = target / f"{form}.{format}"
        replace_file(path, write[format]())
        yield path


def _plain(row: Row) -> dict[str, Any]:
    document = row.document
    return {
        "name": row.name,
        "source": row.source,
        "template": document.template,
        "template_version": document.template_version,
        "pages": len(document.pages),
        "fields": {
            field.name: {"label": field.label, "type": field.type, "value": field.value, "status": field.status}
            for field in document.fields
        },
    }


def _records(items: Sequence[_Item], format: Format, target: Path, settings: Settings) -> Exported:
    scheme, ending = _SCHEMES[format]
    files: list[Path] = []
    index: list[dict[str, Any]] = []
    running, taken, lacking = settings.naming.first, set[str](), 0
    for item in items:
        facts = _facts(item, settings, running)
        running += 1 if facts["doc_code"] and not (item.row.get("codes") or {}).get("doc_code") else 0
        made = record(scheme, item.document, {key: str(value) for key, value in facts.items()})
        stem = _free(file_name(settings.naming.file, facts), taken)
        pdf = next(path for name in ("signed.pdf", "document.pdf") if (path := item.folder / name).is_file())
        if format == "edxml":
            content, made = packed(made, item.document, facts, pdf, f"{stem}.pdf", settings)
        else:
            content = as_xml(made) if ending == ".xml" else _json(as_object(made))
            shutil.copyfile(pdf, target / f"{stem}.pdf")
            files.append(target / f"{stem}.pdf")
        replace_file(target / f"{stem}{ending}", content)
        files.append(target / f"{stem}{ending}")
        lacking += bool(made.problems)
        index.append(_line(item, stem, facts, made))
    replace_file(target / "index.json", _json(index))
    return Exported((*files, target / "index.json"), len(items), lacking)


def packed(
    made: Record, document: Delivered, facts: Mapping[str, str | int], pdf: Path, name: str, settings: Settings
) -> tuple[bytes, Record]:
    """A package for the national document axis, and the record with what the package itself still lacks."""
    more = {what: str(field.value) for what in ("signer", "position") if (field := said(document, what)) is not None}
    known = {key: str(value) for key, value in facts.items()} | more
    values, lacking = edxml.fill(edxml.facts_of(made.values, known, datetime.now(VIETNAM)), settings.metadata.send_to)
    content = edxml.pack(edxml.Package(values, (edxml.Attachment(name, "application/pdf", pdf.read_bytes()),)))
    return content, replace(made, problems=(*made.problems, *lacking))


def delivered_record(folder: Path, row: Mapping[str, Any], settings: Settings) -> tuple[Record, Delivered, dict[str, str | int]]:
    """The record by Công văn 7197/BKHCN-CĐSQG of one document that was delivered into `folder`, and what it was made from.

    Raises UsageError export_nothing.
    """
    document = read_delivered(folder)
    if document is None:
        raise UsageError("export_nothing", path=str(folder.name))
    facts = _facts(_Item(row, folder, document, int(row.get("position", 0)) + 1), settings, settings.naming.first)
    return record("cv7197", document, {key: str(value) for key, value in facts.items()}), document, facts


def _facts(item: _Item, settings: Settings, running: int) -> dict[str, str | int]:
    """All that names and records may say of one document."""
    document, row, meta = item.document, item.row, settings.metadata
    codes = row.get("codes") or {}
    number, owner, issued = (said(document, what) for what in ("number", "owner", "issued"))
    date = str(issued.value).replace("-", "") if issued is not None and len(str(issued.value)) == 10 else ""
    first, _, notation = str(number.value).partition("/") if number is not None else ("", "", "")
    facts: dict[str, str | int] = office(settings.naming) | {
        "stt": running,
        "date": date,
        "year": date[:4],
        "desc": description(type_name(document) or row.get("title") or "") or "TaiLieu",
        "name": row["name"],
        "template": document.template or "",
        "number": first.strip(),
        "notation": notation.strip(),
        "owner": comparable_number(str(owner.value)) if owner is not None else "",
        "dossier": codes.get("dossier", ""),
        "type_code": meta.type_codes.get(document.template or "", ""),
        "sha8": row["sha256"][:8],
    }
    facts["doc_code"] = codes.get("doc_code") or code(settings.naming.doc_code, facts)
    facts["result_code"] = code(settings.naming.result_code, facts)
    return facts | {
        "ordinal": item.ordinal,
        "organ_id": meta.organ_id,
        "file_catalog": meta.file_catalog,
        "file_notation": meta.file_notation or codes.get("dossier", ""),
        "language": meta.language,
        "confidence_level": confidence_level(document),
        "format": row.get("archive") or "PDF",
        "title": row.get("title") or "",
    }


def confidence_level(document: Delivered) -> str:
    """How the electronic document came about (ConfidenceLevel of Công văn 7197/BKHCN-CĐSQG)."""
    kinds = {page.status for page in document.pages}
    if kinds == {"had_text"}:
        return "Gốc điện tử"
    return "Hỗn hợp" if "had_text" in kinds else "Số hóa"


def _line(item: _Item, stem: str, facts: Mapping[str, str | int], made: Record) -> dict[str, Any]:
    return {
        "name": item.row["name"],
        "source": item.row["source"],
        "file": stem,
        "doc_code": facts["doc_code"] or None,
        "result_code": facts["result_code"] or None,
        "ready": not made.problems,
        "problems": [_told(problem) for problem in made.problems],
    }


def _told(problem: Problem) -> dict[str, Any]:
    told = message(f"metadata_{problem.fault}", element=problem.element, **problem.facts)
    return {"element": problem.element, "code": told.code, "text_vi": told.vi, "text_en": told.en}


def _free(stem: str, taken: set[str]) -> str:
    """`stem`, with a number behind it when it is taken."""
    made, number = stem, 1
    while made.casefold() in taken or made.casefold() == "index":
        number += 1
        made = f"{stem}__{number}"
    taken.add(made.casefold())
    return made


def _json(content: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"
