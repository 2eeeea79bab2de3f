"""Comparing the documents of a batch and writing its reports, as it runs inside a killable child (see `pipeline.reports`)."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from pipeline.captures import captures, ranked, worse_ones
from pipeline.proposals import propose
from pipeline.reports import Report, Reported
from pipeline.together import look_across
from storage.objects import pretty, replace_file
from verification.model import Verdict
from verification.tasks import Verify

COLUMNS = ("source", "name", "sha256", "status", "error_code", "pages", "seconds")


def report(request: Report) -> Reported:
    """Do it; doing it again gives the same files."""
    out = Path(request.out)
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    with Path(request.rows).open("rb") as lines:
        rows = [decode(line) for line in lines]

    def judged(file: Path) -> Verdict:
        from verification.work import verify_path  # few batches need it

        return verify_path(Verify(str(file), trust=request.trust))

    together = look_across(out, rows, judged)
    write_reports(out, together.rows, together.proposals)
    return Reported(
        Counter(row["status"] for row in together.rows),
        [row for row in together.rows if row["status"] in ("failed", "partial") or row.get("read_badly")],
        [row for row in together.rows if row["name"] in together.amended],
    )


def write_reports(out: Path, rows: Sequence[dict[str, Any]], further: Sequence[dict[str, Any]] = ()) -> None:
    """batch.json and batch.csv, one row per input; the CSV opens in a spreadsheet with its diacritics right.

    proposals.json is there when a person is to be asked: pictures that look like the pages of one paper, and `further` ones.
    """
    known = captures(out, rows)
    others = ranked(further, known)
    proposals = [*propose(rows, known, worse_ones(others)), *others]
    replace_file(out / "batch.json", pretty(rows))
    (out / "proposals.json").unlink(missing_ok=True)
    if proposals:
        replace_file(out / "proposals.json", pretty(proposals))
    text = io.StringIO()
    table = csv.DictWriter(text, [*COLUMNS, "message_vi"], extrasaction="ignore", lineterminator="\r\n")
    table.writeheader()
    table.writerows({key: _harmless(value) for key, value in row.items()} for row in rows)
    replace_file(out / "batch.csv", b"\xef\xbb\xbf" + text.getvalue().encode())


def _harmless(value: Any) -> Any:
    """A cell that a spreadsheet would run as a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
