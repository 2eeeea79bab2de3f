"""Pages photographed one by one are proposed as one paper, in printed order, and never across folders or papers."""

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ocr.model import Page, Quality, Word
from pipeline.proposals import propose, signs


def page(*lines: tuple[str, float]) -> Page:
    """A page of A4 with each text at a height (share of the page)."""
    words = tuple(
        Word(text, (100 + 40 * n, at * 842, 130 + 40 * n, at * 842 + 12), 1.0, line)
        for line, (row, at) in enumerate(lines)
        for n, text in enumerate(row.split())
    )
    return Page(1, (210, 297), 300, 0, 0.0, Quality(), "read", None, words)


HEAD = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 0.08)
BODY = ("Điều 2. Quyết định này có hiệu lực kể từ ngày ký", 0.3)


def row(name: str, *lines: tuple[str, float], folder: str = "in") -> dict[str, Any]:
    return {"name": name, "source": f"{folder}/{name}.jpg", "page_signs": signs([page(*lines)])}


def order(rows: list[dict[str, Any]]) -> list[list[str]]:
    return [[one["name"] for one in proposal["pages"]] for proposal in propose(rows)]


def test_a_head_and_its_numbered_pages_are_one_paper() -> None:
    rows = [row("IMG_9", HEAD, BODY), row("IMG_10", ("3", 0.04), BODY), row("IMG_11", ("- 2 -", 0.04), BODY), row("IMG_12", HEAD, BODY)]
    assert order(rows) == [["IMG_9", "IMG_11", "IMG_10"]]


def test_two_papers_one_after_the_other_stay_two() -> None:
    rows = [row("a1", HEAD), row("a2", ("2", 0.96)), row("b1", HEAD), row("b2", ("2", 0.04)), row("b3", ("3", 0.04))]
    assert order(rows) == [["a1", "a2"], ["b1", "b2", "b3"]]


def test_a_gap_in_the_numbers_a_second_number_or_another_folder_is_no_proposal() -> None:
    assert order([row("a", HEAD), row("b", ("3", 0.04))]) == []
    assert order([row("a", HEAD), row("b", ("2", 0.04)), row("c", ("2", 0.04))]) == []
    assert order([row("a", HEAD, folder="x"), row("b", ("2", 0.04), folder="y")]) == []


def test_a_number_inside_the_text_is_no_page_number() -> None:
    assert signs([page(HEAD, ("2", 0.5))]) == {"number": None, "head": True, "total": None}


def test_a_number_with_its_count_orders_pages_and_a_missing_one_is_no_proposal() -> None:
    rows = [row("c", ("Trang 3/3", 0.96)), row("a", HEAD, ("Trang 1/3", 0.96)), row("b", BODY, ("Trang 2/3", 0.96))]
    assert order(sorted(rows, key=lambda one: str(one["name"]))) == [["a", "b", "c"]]
    assert order([row("a", HEAD, ("Trang 1/3", 0.96)), row("b", BODY, ("Trang 2/3", 0.96))]) == []
    assert order([row("a", BODY, ("Trang 1/2", 0.96)), row("b", BODY, ("2/2", 0.96))]) == [["a", "b"]]


def test_a_date_or_a_fraction_in_the_margin_is_no_page_count() -> None:
    for text in ("12/2026", "Số: 15/20", "ngày 02/09"):
        assert signs([page(HEAD, (text, 0.96))]) == {"number": None, "head": True, "total": None}


def test_a_paper_photographed_from_its_last_page_is_found() -> None:
    assert order([row("1", ("3", 0.04)), row("2", ("2", 0.04)), row("3", HEAD)]) == [["3", "2", "1"]]


def test_a_document_of_several_pages_or_an_unread_page_says_nothing() -> None:
    assert signs([page(HEAD), page(BODY)]) is None


@given(st.integers(2, 9), st.randoms())
def test_whatever_the_order_of_the_inputs_the_proposal_is_the_same(pages: int, shuffle: random.Random) -> None:
    rows = [row("p1", HEAD), *(row(f"p{n}", (str(n), 0.04)) for n in range(2, pages + 1))]
    shuffle.shuffle(rows)
    assert order(rows) == [[f"p{n}" for n in range(1, pages + 1)]]
