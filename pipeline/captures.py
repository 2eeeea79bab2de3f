"""Several pictures of one paper: which of them is the most legible, and may two pictures belong to one paper at all?

That pictures show the same paper is found by `pipeline.links`, pair by pair. A person is shown each paper once, with all its
captures and the one that can be read best; nothing is dropped.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

KIND = "same_paper"
_PERSONAL = re.compile(r"(?<!\d)\d{12}(?!\d)")  # a personal identity number (Luật Căn cước, Điều 12)
_PER_CODE = 0.05  # what a warning of the photo check weighs against confidence


class Capture(Struct, frozen=True):
    """One delivered document: how well its worst page was read, and the personal identity numbers on it."""

    name: str
    mean_confidence: float
    omission: float
    dpi: float
    codes: tuple[str, ...]
    people: frozenset[str]

    @property
    def worth(self) -> tuple[float, float, str]:
        """The higher, the better it can be read."""
        return (self.mean_confidence - self.omission - _PER_CODE * len(self.codes), self.dpi, self.name)


def captures(out: Path, rows: Sequence[dict[str, Any]]) -> dict[str, Capture]:
    """By folder name, the documents of a batch that were delivered into `out`."""
    files = {str(row["name"]): out / row["name"] / "document.json" for row in rows}
    return {name: _capture(name, msgspec.json.decode(file.read_bytes())) for name, file in files.items() if file.is_file()}


def ranked(proposals: Iterable[dict[str, Any]], known: Mapping[str, Capture]) -> list[dict[str, Any]]:
    """The proposals, captures of one paper brought together, each with its quality and the name of the best one."""
    pairs, others = list[dict[str, Any]](), list[dict[str, Any]]()
    for proposal in proposals:
        (pairs if proposal["kind"] == KIND else others).append(proposal)
    groups: list[dict[str, Any]] = []
    for pair in pairs:
        names = {document["name"] for document in pair["documents"]}
        joined = [group for group in groups if names & {document["name"] for document in group["documents"]}]
        merged = {document["name"]: document for group in [*joined, pair] for document in group["documents"]}
        likeness = min(group["similarity"] for group in [*joined, pair])
        groups = [group for group in groups if group not in joined]
        groups.append(pair | {"documents": list(merged.values()), "similarity": likeness})
    return [*others, *(_with_quality(group, known) for group in groups)]


def worse_ones(proposals: Iterable[dict[str, Any]]) -> frozenset[str]:
    """The captures of which there is a better one."""
    found = ((proposal["better"], document["name"]) for proposal in proposals if "better" in proposal for document in proposal["documents"])
    return frozenset(name for better, name in found if name != better)


def of_one_person(pages: Sequence[Capture]) -> bool:
    """May these be pages of one paper? Not when two of them name people and have nobody in common."""
    named = [page.people for page in pages if page.people]
    return all(one & two for one, two in combinations(named, 2))


def _with_quality(group: dict[str, Any], known: Mapping[str, Capture]) -> dict[str, Any]:
    def seen(name: str) -> dict[str, Any]:
        capture = known[name]
        return {"mean_confidence": capture.mean_confidence, "omission": capture.omission, "dpi": capture.dpi, "codes": capture.codes}

    documents = [document | ({"quality": seen(document["name"])} if document["name"] in known else {}) for document in group["documents"]]
    read = [known[document["name"]] for document in documents if document["name"] in known]
    return group | {"documents": documents} | ({"better": max(read, key=lambda one: one.worth).name} if read else {})


def _capture(name: str, document: dict[str, Any]) -> Capture:
    pages = [page for page in document["pages"] if page["status"] != "failed"]
    worst = min(pages, key=lambda page: page["quality"]["mean_confidence"], default=None)
    people = frozenset(_PERSONAL.findall(" ".join(word["text"] for word in document["words"])))
    if worst is None:
        return Capture(name, 0.0, 1.0, 0.0, (), people)
    quality = worst["quality"]
    return Capture(name, quality["mean_confidence"], quality["omission"], worst["dpi"], tuple(quality["codes"]), people)
