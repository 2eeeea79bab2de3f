"""A file is divided only as a person confirmed, every page once and unaltered, and never when it is signed."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pipeline.intake import Intake
from pipeline.splitting import KIND, SPLIT, Plan, Split, propose_splits, read_plan
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError
from storage.objects import FolderObjects

DRAWN = Path(__file__).parents[2] / "samples" / "drawn"


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "hồ sơ.pdf"
    path.parent.mkdir()
    with pikepdf.new() as whole:
        for name in ("birth-registration.clean.pdf", "decision.clean.pdf"):
            with pikepdf.open(DRAWN / name) as part:
                whole.pages.extend(part.pages)
        whole.save(path)
    return path


def accept(tmp_path: Path, child: Child, file: Path, parts: tuple[tuple[int, int], ...]) -> tuple[list[Any], FolderObjects]:
    objects = FolderObjects(tmp_path / "objects")
    sha = hashlib.sha256(file.read_bytes()).hexdigest()
    return Intake(objects, 1 << 30, child).accept([file], plan=Plan({sha: parts}, ())), objects


def drawing(pdf: pikepdf.Pdf, number: int) -> bytes:
    return bytes(pdf.pages[number].Contents.read_bytes())


def test_every_page_goes_unaltered_into_exactly_one_part(tmp_path: Path, child: Child, merged: Path) -> None:
    before = merged.read_bytes()
    new, objects = accept(tmp_path, child, merged, ((1, 1), (2, 4)))
    assert [(one.name, one.source.rpartition("/")[2]) for one in new] == [
        ("hồ sơ__p1", "hồ sơ.pdf#page=1"),
        ("hồ sơ__p2-4", "hồ sơ.pdf#page=2-4"),
    ]
    assert merged.read_bytes() == before
    with pikepdf.open(merged) as whole:
        pages = [drawing(whole, number) for number in range(4)]
    parted = []
    for one in new:
        with pikepdf.open(objects.path(one.sha256)) as part:
            parted += [drawing(part, number) for number in range(len(part.pages))]
    assert parted == pages


def test_dividing_again_gives_the_same_bytes(tmp_path: Path, child: Child, merged: Path) -> None:
    hashes = []
    for name in "ab":
        (tmp_path / name).mkdir()
        paths = child.call(SPLIT, Split(str(merged), str(tmp_path / name), ((1, 1), (2, 4)))).paths
        hashes.append([hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths])
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("parts", [((1, 1), (2, 3)), ((1, 2), (2, 4)), ((1, 5),), ((0, 4),), ((3, 4), (1, 1))])
def test_parts_that_lose_repeat_or_invent_a_page_are_refused(tmp_path: Path, child: Child, merged: Path, parts: Any) -> None:
    with pytest.raises(SohoaError) as refused:
        child.call(SPLIT, Split(str(merged), str(tmp_path), parts))
    assert refused.value.code == "split_pages"


def test_a_signed_file_is_refused_whole(tmp_path: Path, child: Child) -> None:
    new, _ = accept(tmp_path, child, DRAWN / "decision.signed.pdf", ((1, 1), (2, 3)))
    assert [(one.name, one.error_code) for one in new] == [("decision.signed", "split_signed")]


def proposals(tmp_path: Path, *entries: dict[str, Any]) -> Path:
    file = tmp_path / "proposals.json"
    file.write_text(json.dumps(entries), encoding="utf8")
    return file


def test_what_was_proposed_can_be_confirmed_corrected_or_struck_out(tmp_path: Path, merged: Path) -> None:
    papers = [{"pages": [1, 1], "template": "ct01", "title": "T"}, {"pages": [2, 4], "template": None, "title": None}]
    row = {"name": "x", "source": str(merged), "sha256": "ab", "papers": papers}
    (proposal,) = propose_splits([row, {"name": "y", "source": "z", "sha256": "cd"}])
    plan = read_plan(proposals(tmp_path, proposal, {"kind": "same_file", "documents": []}))
    assert plan == Plan({"ab": ((1, 1), (2, 4))}, (merged,))
    with pytest.raises(UsageError) as refused:
        read_plan(proposals(tmp_path, proposal | {"confirmed": False}))
    assert refused.value.code == "split_nothing"


def test_a_member_of_an_archive_is_taken_from_the_archive(tmp_path: Path, merged: Path) -> None:
    entry = {"kind": KIND, "source": f"{merged}/inner/a.pdf", "sha256": "ab", "parts": [{"pages": [1, 4]}]}
    assert read_plan(proposals(tmp_path, entry)).sources == (merged,)


def test_a_broken_proposals_file_is_told(tmp_path: Path) -> None:
    for text in ("", "{}", '[{"kind": "several_documents", "parts": [{"pages": [1]}]}]'):
        (tmp_path / "p.json").write_text(text, encoding="utf8")
        with pytest.raises(UsageError) as refused:
            read_plan(tmp_path / "p.json")
        assert refused.value.code == "split_invalid"
