"""What is known only when every document of a batch is there: dossiers, links between documents, papers to part.

Reads what was delivered, and writes `dossiers.json` and, into each `document.json` concerned, the checks that follow.
Doing it again gives the same files.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from ocr.export.delivered import read_delivered
from pipeline.dossiers import Paper, as_json, checks_of, dossiers
from pipeline.links import links, text_of
from pipeline.splitting import propose_splits
from sohoa.checks import Check
from sohoa.messages import message
from storage.objects import replace_file

_CODES = frozenset({"dossier_differs", "dossier_address", "paper_disagrees"})
_REASON = "dossier_differs"
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True)
class Together:
    """The batch's rows after looking across them, what a person is asked about, and the names of the documents that changed."""

    rows: tuple[dict[str, Any], ...]
    proposals: tuple[dict[str, Any], ...]
    amended: frozenset[str]


def look_across(out: Path, rows: Sequence[dict[str, Any]]) -> Together:
    """Compare the documents delivered into `out`; a row whose paper is contradicted comes back as "review"."""
    papers: dict[str, Paper] = {}
    texts = []
    for row in rows:
        document = read_delivered(out / row["name"]) if row["status"] in ("done", "review", "partial") else None
        if document is None:
            continue
        paper = papers[row["name"]] = Paper(row["name"], row["source"], document, row.get("codes") or {})
        texts.append((paper, row["sha256"], text_of((out / row["name"] / "document.txt").read_text(encoding="utf8"))))
    found = dossiers(list(papers.values()))
    replace_file(out / "dossiers.json", _pretty([as_json(dossier) for dossier in found]))
    checks = {paper.name: checks_of(paper, dossier) for dossier in found for paper in dossier.papers}
    after = [_amend(out, row, checks[row["name"]]) if row["name"] in papers else None for row in rows]
    amended = frozenset(row["name"] for row in after if row is not None)
    together = tuple(new or row for row, new in zip(rows, after, strict=True))
    return Together(together, (*propose_splits(rows), *links(texts)), amended)


def _amend(out: Path, row: dict[str, Any], checks: Sequence[tuple[Check, bool]]) -> dict[str, Any] | None:
    """Write the checks into the document, and say in its row what became of it; None when nothing did."""
    folder = out / row["name"]
    before = (folder / "document.json").read_bytes()
    if not checks and not any(code.encode() in before for code in _CODES):
        return None
    document = json.loads(before, parse_float=Decimal)
    _without_ours(document)
    for check, blocking in checks:
        said = msgspec.to_builtins(check)
        document["checks"].append(said)
        for field in document["fields"]:
            if field["name"] in check.fields:
                field["checks"].append(said)
                if blocking and field["status"] == "accepted":
                    field["status"], field["reason_code"] = "review", _REASON
    if checks and row.get("signed_as") and any(blocking for _, blocking in checks):
        # It was signed before the others could be compared with it; what waits for review is not signed.
        document["signatures"] = []
        for name in ("signed.pdf", "verification.json"):
            (folder / name).unlink(missing_ok=True)
        said = message("dossier_unsigned")
        row = row | {"signed_as": None, "verdict": None, "error_code": said.code}
        row |= {"message_vi": f"{said.vi} {said.next_vi}", "message_en": f"{said.en} {said.next_en}"}
    after = _ENCODER.encode(document) + b"\n"
    if after != before:
        replace_file(folder / "document.json", after)
    states = [field["status"] for field in document["fields"]]
    row = row | {"fields_accepted": states.count("accepted"), "fields_review": states.count("review")}
    if row["status"] == "done" and "review" in states:
        row["status"] = "review"
    return row


def _without_ours(document: dict[str, Any]) -> None:
    """The document as it was before dossiers were compared, so that comparing again does not pile up."""
    document["checks"] = [one for one in document["checks"] if one["code"] not in _CODES]
    for field in document["fields"]:
        field["checks"] = [one for one in field["checks"] if one["code"] not in _CODES]
        if field["reason_code"] == _REASON:
            field["status"], field["reason_code"] = "accepted", None


def _pretty(content: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"
