"""What is known only when every document of a batch is there: dossiers, links between documents, papers to part.

Reads what was delivered, and writes `dossiers.json` and, into each `document.json` concerned, the checks that follow.
Doing it again gives the same files.
"""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ocr.export.delivered import Delivered, read_delivered
from pipeline.dossiers import Paper, as_json, checks_of, dossiers, paper_of
from pipeline.links import links, text_of
from pipeline.splitting import propose_splits
from sohoa.checks import Check
from sohoa.messages import message
from storage.objects import pretty, replace_file
from verification.model import Verdict, verdict_json

_CODES = frozenset({"dossier_differs", "dossier_address", "paper_disagrees"})
_REASON = "dossier_differs"
_UNSIGNED = "dossier_unsigned"
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Together(Struct, frozen=True):
    """The batch's rows after looking across them, what a person is asked about, and the names of the documents that changed."""

    rows: tuple[dict[str, Any], ...]
    proposals: tuple[dict[str, Any], ...]
    amended: frozenset[str]


def look_across(out: Path, rows: Sequence[dict[str, Any]], verify: Callable[[Path], Verdict]) -> Together:
    """Compare the documents delivered into `out`; a row whose paper is contradicted comes back as "review".

    `verify` judges a signed upload once more when a further signature on it is taken back.
    """
    papers: dict[str, Paper] = {}
    texts = []
    for row in rows:
        delivered = partial(_delivered, out / row["name"])
        try:
            read = row["status"] in ("done", "review", "partial")
            paper = paper_of(row["name"], row["source"], delivered, row.get("codes")) if read else None
        except FileNotFoundError:
            paper = None
        if paper is None:
            continue
        papers[paper.name] = paper
        texts.append((paper, row["sha256"], text_of(partial((out / row["name"] / "document.txt").read_text, encoding="utf8"))))
    found = dossiers(list(papers.values()))
    replace_file(out / "dossiers.json", pretty([as_json(dossier) for dossier in found]))
    checks = {paper.name: checks_of(paper, dossier) for dossier in found for paper in dossier.papers}
    after = [_amend(out, row, checks[row["name"]], verify) if row["name"] in papers else None for row in rows]
    amended = frozenset(row["name"] for row in after if row is not None)
    together = tuple(new or row for row, new in zip(rows, after, strict=True))
    return Together(together, (*propose_splits(rows), *links(texts)), amended)


def _delivered(folder: Path) -> Delivered:
    """The document in `folder`; raises FileNotFoundError when none was delivered there, or the file is not ours."""
    document = read_delivered(folder)
    if document is None:
        raise FileNotFoundError(folder)
    return document


def _amend(
    out: Path, row: dict[str, Any], checks: Sequence[tuple[Check, bool]], verify: Callable[[Path], Verdict]
) -> dict[str, Any] | None:
    """Write the checks into the document, and say in its row what became of it; None when nothing did."""
    folder = out / row["name"]
    before = (folder / "document.json").read_bytes()
    if not checks and not any(code.encode() in before for code in _CODES):
        return None
    document = json.loads(before, parse_float=Decimal)
    _without_ours(document)
    _with(document, checks)
    row = dict(row)
    if any(blocking for _, blocking in checks) and row.get("signed_as"):
        row |= _take_back_signature(folder, document, verify)
    after = _ENCODER.encode(document) + b"\n"
    if after != before:
        replace_file(folder / "document.json", after)
    states = [field["status"] for field in document["fields"]]
    row |= {"fields_accepted": states.count("accepted"), "fields_review": states.count("review")}
    if row["status"] == "done" and "review" in states:
        row["status"] = "review"
    elif row["status"] == "review" and "review" not in states and row["error_code"] in (None, _UNSIGNED):
        row |= {"status": "done", "error_code": None}  # what had contradicted it is not in the batch any more
    return row


def _with(document: dict[str, Any], checks: Sequence[tuple[Check, bool]]) -> None:
    for check, blocking in checks:
        said = msgspec.to_builtins(check)
        document["checks"].append(said)
        for field in document["fields"]:
            if field["name"] in check.fields:
                field["checks"].append(said)
                if blocking and field["status"] == "accepted":
                    field["status"], field["reason_code"] = "review", _REASON


def _take_back_signature(folder: Path, document: dict[str, Any], verify: Callable[[Path], Verdict]) -> dict[str, Any]:
    """The paper was signed before the others could be compared with it; what waits for review is not signed. Gives the row's news."""
    for name in ("signed.pdf", "verification.json"):
        (folder / name).unlink(missing_ok=True)
    verdict = verify(folder / "document.pdf") if document["archive"]["reason_code"] == "signed_kept" else None
    if verdict is not None:
        replace_file(folder / "verification.json", pretty(verdict_json(verdict, "document.pdf")))
    document["signatures"] = msgspec.to_builtins(verdict.signatures) if verdict is not None else []
    said = message(_UNSIGNED)
    return {
        "signed_as": None,
        "verdict": verdict.verdict if verdict is not None else None,
        "error_code": said.code,
        "message_vi": f"{said.vi} {said.next_vi}",
        "message_en": f"{said.en} {said.next_en}",
    }


def _without_ours(document: dict[str, Any]) -> None:
    """The document as it was before dossiers were compared, so that comparing again does not pile up."""
    document["checks"] = [one for one in document["checks"] if one["code"] not in _CODES]
    for field in document["fields"]:
        field["checks"] = [one for one in field["checks"] if one["code"] not in _CODES]
        if field["reason_code"] == _REASON:
            field["status"], field["reason_code"] = "accepted", None
