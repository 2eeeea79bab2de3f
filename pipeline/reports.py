"""What a batch says of itself when it is over: batch.json, batch.csv, dossiers.json and proposals.json.

Comparing thousands of documents takes memory and touches everything that was read, so it happens in a killable child; the
process that runs the batch sees counts, failures and what changed, and stays as small as it was.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sohoa.child import Child, Task
from sohoa.disk import disk_told

_SECONDS = 600.0  # for a batch of any usual size, and a tenth more for every document


class Report(Struct, frozen=True):
    """Compare the documents delivered into `out`, whose rows stand in the file `rows`, one JSON object a line; write the reports.

    `trust` is the folder against which a signed upload is judged anew, None for nothing trusted.
    """

    rows: str
    out: str
    trust: str | None


class Reported(Struct, frozen=True):
    """How many rows there are of each status, those that failed, are partial or were read badly, and those that
    comparing has changed."""

    statuses: dict[str, int]
    bad: list[dict[str, Any]]
    amended: list[dict[str, Any]]


REPORT = Task("pipeline.reporting:report", Report, Reported)


def report_in_child(child: Child, rows: Iterable[dict[str, Any]], notes: Path, out: Path, trust: str) -> Reported:
    """Write the reports of the batch with these rows into `out`; `notes` is a file that may be written meanwhile.

    Raises SohoaError disk_full, out_unwritable.
    """
    count = 0
    try:
        with disk_told(notes), notes.open("wb") as file:
            for row in rows:
                file.write(msgspec.json.encode(row) + b"\n")
                count += 1
        return child.call(REPORT, Report(str(notes), str(out), trust or None), _SECONDS + count / 10)
    finally:
        notes.unlink(missing_ok=True)
