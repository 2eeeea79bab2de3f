"""Captures of one paper are shown together with the most legible one; pages that name different people are kept apart."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipeline.captures import Capture, captures, of_one_person, ranked, worse_ones
from pipeline.proposals import propose

AN, BINH = "012345678901", "098765432109"


def capture(name: str, confidence: float = 0.95, *people: str, codes: tuple[str, ...] = (), omission: float = 0.0) -> Capture:
    return Capture(name, confidence, omission, 200.0, codes, frozenset(people))


def same(*names: str, similarity: float = 0.9) -> dict[str, Any]:
    return {"kind": "same_paper", "documents": [{"name": name, "source": f"in/{name}"} for name in names], "similarity": similarity}


def known(*found: Capture) -> dict[str, Capture]:
    return {one.name: one for one in found}


def test_three_captures_of_one_paper_are_shown_once_with_the_best_one_named() -> None:
    pairs = [same("a", "b"), same("x", "y"), same("b", "c", similarity=0.8)]
    found = ranked(pairs, known(capture("a", 0.8), capture("b", 0.97), capture("c", 0.9), capture("x"), capture("y", 0.5)))
    assert [[one["name"] for one in group["documents"]] for group in found] == [["x", "y"], ["a", "b", "c"]]
    assert [group["better"] for group in found] == ["x", "b"]
    assert found[1]["documents"][0]["quality"]["mean_confidence"] == 0.8 and found[1]["similarity"] == 0.8
    assert worse_ones(found) == {"a", "c", "y"}


@pytest.mark.parametrize("worse", [capture("b", 0.95, codes=("photo_glare",)), capture("b", 0.95, omission=0.2), capture("b", 0.9)])
def test_a_capture_with_a_warning_with_ink_left_out_or_less_sure_is_the_worse_one(worse: Capture) -> None:
    (group,) = ranked([same("a", "b")], known(capture("a"), worse))
    assert group["better"] == "a"


def test_other_proposals_pass_untouched() -> None:
    other = {"kind": "two_sides", "documents": [{"name": "a", "source": "a"}]}
    assert ranked([other], {}) == [other]


def test_quality_and_people_are_read_from_what_was_delivered(tmp_path: Path) -> None:
    page = {"status": "read", "dpi": 210.5, "quality": {"mean_confidence": 0.9, "omission": 0.01, "codes": ["photo_blurred"]}}
    document = {"pages": [page], "words": [{"text": "Số:"}, {"text": AN + ","}, {"text": "12345"}]}
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "document.json").write_bytes(msgspec.json.encode(document))
    found = captures(tmp_path, [{"name": "a"}, {"name": "failed"}])
    assert found == {"a": Capture("a", 0.9, 0.01, 210.5, ("photo_blurred",), frozenset({AN}))}


def rows(**numbers: int | None) -> list[dict[str, Any]]:
    return [
        {"name": name, "source": f"in/{name}.jpg", "page_signs": {"number": number, "head": number is None, "total": None}}
        for name, number in numbers.items()
    ]


@pytest.mark.parametrize(("second", "one_paper"), [(AN, True), (BINH, False)])
def test_a_second_page_that_names_another_person_is_not_proposed(second: str, one_paper: bool) -> None:
    pages = known(capture("p1", 0.9, AN), capture("p2", 0.9, second))
    assert of_one_person(list(pages.values())) is one_paper
    assert bool(propose(rows(p1=None, p2=2), pages)) is one_paper


def test_of_two_captures_of_a_page_the_clearer_one_stands_in_the_paper() -> None:
    (found,) = propose(rows(p1=None, p2=2, p3=2), {}, leave_out={"p3"})
    assert [page["name"] for page in found["pages"]] == ["p1", "p2"]
    assert propose(rows(p1=None, p2=2, p3=2)) == []
