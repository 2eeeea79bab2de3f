"""A file that holds several papers: its division is proposed, a person confirms it, and the parts become documents.

The proposal stands in `proposals.json` with the file's SHA-256 and the pages of each part. `sohoa run --split FILE` carries
out what that file says; before, a person may strike a proposal out, or correct its pages. The upload is never changed, and
every page of it goes into exactly one part, unaltered.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from sohoa.child import Task
from sohoa.errors import UsageError
from sohoa.messages import message

if TYPE_CHECKING:
    from ocr.fields.papers import PaperInside

KIND = "several_documents"


class Part(msgspec.Struct, frozen=True):
    """One paper of a file: its first and last page, from 1."""

    pages: tuple[int, int]
    template: str | None = None
    title: str | None = None


class _Proposal(msgspec.Struct, frozen=True):
    kind: str
    source: str = ""
    sha256: str = ""
    parts: tuple[Part, ...] = ()
    confirmed: bool = True


class Split(Struct, frozen=True):
    """Write the pages `parts` (first and last, from 1) of the PDF at `path` as files of their own into the folder `out`."""

    path: str
    out: str
    parts: tuple[tuple[int, int], ...]


class Parted(Struct, frozen=True):
    """The files written, in the order of the parts."""

    paths: tuple[str, ...]


SPLIT = Task("pipeline.divide:divide", Split, Parted)


def propose_splits(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One proposal for every row whose file seems to hold several papers."""
    found = []
    for row in rows:
        papers = row.get("papers")
        if not papers:
            continue
        said = message(KIND, papers=len(papers))
        found.append(
            {
                "kind": KIND,
                "name": row["name"],
                "source": row["source"],
                "sha256": row["sha256"],
                "parts": papers,
                "text_vi": said.vi,
                "text_en": said.en,
            }
        )
    return found


def parts_of(papers: "Sequence[PaperInside]") -> list[dict[str, Any]]:
    """Papers as a row of the batch keeps them."""
    return [{"pages": [one.first, one.last], "template": one.template, "title": one.title} for one in papers]


class Plan(Struct, frozen=True):
    """What a person confirmed: the parts of each file by its SHA-256, and where the files lay."""

    parts: Mapping[str, tuple[tuple[int, int], ...]]
    sources: tuple[Path, ...]


def read_plan(file: Path) -> Plan:
    """The confirmed divisions of a proposals file; a proposal with `"confirmed": false` is left out.

    Raises UsageError split_invalid with the place of the mistake, split_nothing when there is none to carry out.
    """
    try:
        proposals = msgspec.json.decode(file.read_bytes(), type=list[_Proposal])
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError("split_invalid", path=str(file), mistake=str(error)) from None
    wanted = [one for one in proposals if one.kind == KIND and one.confirmed and one.parts]
    if not wanted:
        raise UsageError("split_nothing", path=str(file))
    return Plan({one.sha256: tuple(part.pages for part in one.parts) for one in wanted}, tuple(dict.fromkeys(map(_file, wanted))))


def _file(proposal: _Proposal) -> Path:
    """The file on the disk: for a member of an archive, the archive."""
    path = Path(proposal.source)
    return next((place for place in (path, *path.parents) if place.is_file()), path)
