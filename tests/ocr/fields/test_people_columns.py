"""Answers in columns of people: the heading over a column says whose they are, the label of the row what they answer."""

import cv2
import numpy as np
import pytest

from ocr.fields.extract import extract

SCALE = 200 / 72
MOTHER = ("Mai Thị Bích Linh", "2003", "Thái", "Số 175, đường Lý Thường|Kiệt, xã Gia Viễn, tỉnh Ninh|Bình")
FATHER = ("Bùi Công Phong", "1992", "Chăm", "xã Hoa Lư, tỉnh Ninh Bình")
ASKED = ("(14) Họ, chữ|đệm, tên", "(15) Năm|sinh", "(16) Dân tộc", "(18) Nơi cư|trú")
FIELDS = ("ho_ten", "nam_sinh", "dan_toc", "noi_cu_tru")
SWORN = "Tôi cam đoan nội dung đề nghị đăng ký khai sinh trên đây là đúng sự thật, được sự thỏa thuận"


def beginning(paper):
    return paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Họ, chữ đệm, tên: Trần Minh Khang").row("Quê quán: xã Gia Viễn, tỉnh Ninh Bình")


def grid(page, rows, ruled=True, edges=(60.0, 140.0, 340.0, 540.0)):
    """Draws `rows` of cells, the lines of one cell joined by |, with their rules or without: words and image."""
    image = np.full((2339, 1654), 255, np.uint8)
    for cells in rows:
        y, high = page.y, 6.0 + 15.0 * max(text.count("|") + 1 for text in cells)
        for text, left, right in zip(cells, edges, edges[1:], strict=False):
            for number, line in enumerate(text.split("|") if text else ()):
                page.y = y + 4 + 15.0 * number
                page.row((left + 4, line), gap=0)
            if ruled:
                corners = [(left, y), (right, y), (right, y + high), (left, y + high)]
                cv2.polylines(image, [np.array([[round(a * SCALE) for a in one] for one in corners], np.int32)], True, 0, 2)
        page.y = y + high
    return image


def told(found):
    return [tuple(found[f"{name}_{who}"].value for name in FIELDS) for who in ("me", "cha")]


def whole(said):
    return tuple(text.replace("|", " ") for text in said)


@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.parametrize(
    ("heads", "left", "right"),
    [
        (("Người mẹ", "Người cha"), MOTHER, FATHER),
        (("NGƯỜI CHA", "NGƯỜI MẸ"), FATHER, MOTHER),
        (("Cha", "Mẹ"), FATHER, MOTHER),
        (("Thông tin về người mẹ", "Thông tin về người cha"), MOTHER, FATHER),
    ],
)
def test_the_heading_says_whose_a_column_is(paper, by_name, ruled, heads, left, right):
    page = beginning(paper)
    image = grid(page, [("", *heads), *zip(ASKED, left, right, strict=True)], ruled)
    found = by_name(page.row(SWORN).read(image))
    assert told(found) == [whole(MOTHER), whole(FATHER)]
    assert found["noi_cu_tru_me"].status == "accepted"


def test_a_column_whose_heading_was_not_read_has_no_accepted_answer(paper, by_name):
    page = beginning(paper)
    image = grid(page, [("", "Ngtrm", "Người cha"), *zip(ASKED, MOTHER, FATHER, strict=True)])
    found = by_name(page.row(SWORN).read(image))
    assert [found[f"{name}_me"].status for name in FIELDS] == ["review"] * 4
    assert told(found)[1] == whole(FATHER)


def test_the_answer_of_both_is_nobody_s(paper, by_name):
    page = beginning(paper)
    image = grid(page, [("", "Người mẹ", "Người cha"), *zip(ASKED[:3], MOTHER[:3], FATHER[:3], strict=True)])
    shared = grid(page, [("(18) Nơi cư trú", "Số 175, đường Lý Thường Kiệt, tỉnh Ninh Bình")], edges=(60.0, 140.0, 540.0))
    found = by_name(page.row(SWORN).read(np.minimum(image, shared)))
    assert [found[f"noi_cu_tru_{who}"].status for who in ("me", "cha")] == ["review"] * 2


def test_an_empty_cell_is_not_filled_from_the_other_parent_s(paper, by_name):
    page = beginning(paper)
    image = grid(page, [("", "Người cha", "Người mẹ"), *zip(ASKED, ("", "", "", ""), MOTHER, strict=True)])
    found = by_name(page.row(SWORN).read(image))
    assert told(found) == [whole(MOTHER), (None,) * 4]


def frames(paper, heads, rows):
    page = beginning(paper).row((70, heads[0]), (320, heads[1]))
    for left, right in rows:
        page.row((70, left), (320, right), gap=15)
    return page


@pytest.mark.parametrize("heads", [("Người mẹ", "Người cha"), ("Mẹ", "Cha")])
def test_two_frames_with_labels_of_their_own(paper, by_name, heads):
    rows = (
        ("14. Họ, chữ đệm, tên: Mai Thị Bích", "20. Họ, chữ đệm, tên: Bùi Công Phong"),
        ("Linh", "21. Năm sinh: 1992"),
        ("15. Năm sinh: 2003", "22. Dân tộc: Chăm"),
        ("16. Dân tộc: Thái", "23. Nơi cư trú: xã Hoa Lư, tỉnh Ninh"),
        ("17. Nơi cư trú: Số 175, đường Lý", "Bình"),
    )
    page = frames(paper, heads, rows).row((70, "Thường Kiệt, xã Gia Viễn, tỉnh Ninh Bình"), gap=15)
    assert told(by_name(page.row(SWORN).read())) == [whole(MOTHER), whole(FATHER)]


def test_columns_go_on_over_the_page(paper, by_name):
    rows = (("14. Họ và tên: Bùi Công Phong", "20. Họ và tên: Mai Thị Bích Linh"), ("15. Năm sinh: 1992", "21. Năm sinh: 2003"))
    first = frames(paper, ("Người cha", "Người mẹ"), rows)
    second = paper().row((71, "16. Dân tộc: Chăm"), (322, "22. Dân tộc: Thái"), gap=15)
    second.row((71, "17. Nơi cư trú: xã Hoa Lư, tỉnh"), (322, "23. Nơi cư trú: Số 175, đường Lý Thường"), gap=15)
    second.row((71, "Ninh Bình"), (322, "Kiệt, xã Gia Viễn, tỉnh Ninh Bình")).row(SWORN)
    found = by_name(extract((first.page(), second.page(2)), lambda _: None))
    assert told(found) == [whole(MOTHER), whole(FATHER)]


def test_one_column_may_end_its_answer_on_the_next_page_where_the_other_asks_on(paper, by_name):
    rows = (("14. Họ và tên: Mai Thị Bích Linh", "20. Họ và tên: Bùi Công Phong"), ("15. Năm sinh: 2003", "21. Năm sinh: 1992"),
            ("16. Dân tộc: Thái", "22. Giấy tờ tùy thân: CCCD số 037190001234, cấp ngày"))  # fmt: skip
    first = frames(paper, ("Người mẹ", "Người cha"), rows)
    first.y = 800
    second = paper().row((70, "17. Giấy tờ tùy thân: CCCD số"), (320, "12/03/2021, nơi cấp: Bộ Công an"), gap=15)
    second.row((70, "037190001235, cấp ngày 01/02/2022"), gap=40).row(SWORN)
    found = by_name(extract((first.row((270, "Trang 1/2")).page(), second.page(2)), lambda _: None))
    assert found["giay_to_cha"].value == "CCCD số 037190001234, cấp ngày 12/03/2021, nơi cấp: Bộ Công an"
    assert found["giay_to_me"].value == "CCCD số 037190001235, cấp ngày 01/02/2022"


@pytest.mark.parametrize("separator", [" - ", " -", "- "])
def test_dashes_close_the_labels_of_two_columns(paper, by_name, separator):
    rows = (("Họ và tên{}Mai Thị Bích Linh", "Họ và tên{}Bùi Công Phong"), ("Năm sinh{}2003", "Năm sinh{}1992"),
            ("Dân tộc{}Thái", "Dân tộc{}Chăm"), ("Nơi cư trú{}xã Gia Viễn", "Nơi cư trú{}xã Hoa Lư"))  # fmt: skip
    page = frames(paper, ("Thông tin người mẹ", "Thông tin người cha"), [[one.format(separator) for one in row] for row in rows])
    assert told(by_name(page.row(SWORN).read())) == [
        ("Mai Thị Bích Linh", "2003", "Thái", "xã Gia Viễn"),
        ("Bùi Công Phong", "1992", "Chăm", "xã Hoa Lư"),
    ]


@pytest.mark.parametrize("open_at_the_end", [True, False])
def test_a_row_that_the_page_s_end_breaks_is_one_answer_of_each(paper, by_name, open_at_the_end):
    first, second = beginning(paper), paper()
    first.y = 600
    rows = [("", "Người mẹ", "Người cha"), *zip(ASKED[:3], MOTHER[:3], FATHER[:3], strict=True)]
    head = grid(
        first, [*rows, (ASKED[3], "Số 175, đường Lý Thường|Kiệt, xã Gia Viễn, tỉnh", "311/18 Ngô Gia Tự, xã Hoa|Lư, quận 12, Thành phố")]
    )
    rest = grid(second, [("", "Ninh Bình", "Hồ Chí Minh")])
    if open_at_the_end:  # as a browser prints it
        head[round((first.y - 4) * SCALE) :] = 255
        rest[: round(64 * SCALE)] = 255
    pages = (first.row((280, "- 1 -")).page(), second.row(SWORN).page(2))
    found = by_name(extract(pages, lambda number: head if number == 1 else rest))
    assert found["noi_cu_tru_me"].value == "Số 175, đường Lý Thường Kiệt, xã Gia Viễn, tỉnh Ninh Bình"
    assert found["noi_cu_tru_cha"].value == "311/18 Ngô Gia Tự, xã Hoa Lư, quận 12, Thành phố Hồ Chí Minh"


def test_a_heading_at_the_foot_of_a_page_stands_over_the_next_one_s_columns(paper, by_name):
    first = beginning(paper)
    head = grid(first, [("", "Người mẹ", "Người cha")])
    second = paper()
    rest = grid(second, list(zip(ASKED, MOTHER, FATHER, strict=True)))
    found = by_name(extract((first.page(), second.row(SWORN).page(2)), lambda number: head if number == 1 else rest))
    assert told(found) == [whole(MOTHER), whole(FATHER)]


def test_a_row_of_a_column_that_nobody_took_leaves_the_answer_above_in_doubt(paper, by_name):
    rows = (
        ("14. Họ và tên: Mai Thị Bích", "20. Họ và tên: Bùi Công Phong"),
        ("Linh", "21. Năm sinh: 1992"),
        ("15. Nơi cư trú: Số 175, đường Lý Thường", "22. Dân tộc: Chăm"),
    )
    found = by_name(frames(paper, ("Người mẹ", "Người cha"), rows).row(SWORN).read())
    assert found["ho_ten_me"].status == "review"


TWINS = (
    ("14. Họ, chữ đệm, tên{}: Bùi Công Phong", "20. Họ, chữ đệm, tên{}: Mai Thị Bích Linh"),
    ("15. Năm sinh: 1992", "21. Năm sinh: 2003"),
    ("16. Dân tộc: Chăm", "22. Dân tộc: Thái"),
    ("17. Nơi cư trú: xã Hoa Lư, tỉnh Ninh Bình", "23. Nơi cư trú: Số 175, đường Lý Thường"),
)


def test_labels_say_whose_the_columns_are_where_no_heading_does(paper, by_name):
    page = beginning(paper)
    for left, right in TWINS:
        page.row((70, left.format(" người cha")), (320, right.format(" người mẹ")), gap=15)
    page.row((320, "Kiệt, xã Gia Viễn, tỉnh Ninh Bình"), gap=15)
    assert told(by_name(page.row(SWORN).read())) == [whole(MOTHER), whole(FATHER)]


def test_two_people_whom_nothing_names_are_shown_to_a_person(paper, by_name):
    page = beginning(paper)
    for left, right in TWINS:
        page.row((70, left.format("")), (320, right.format("")), gap=15)
    found = by_name(page.row(SWORN).read())
    assert {found[f"{name}_{who}"].status for name in FIELDS for who in ("me", "cha")} == {"review"}


def test_a_column_that_goes_on_over_the_page_in_a_row_nobody_took_waits(paper, by_name):
    """Two boxes side by side, each open at the page's end: on the next page they are no table."""
    page = beginning(paper)
    image = grid(page, [("Người mẹ", "Người cha")], edges=(60.0, 300.0, 540.0))
    asked = "Họ, chữ đệm, tên: {}|Năm sinh: {}|Dân tộc: {}|Nơi cư trú: Số nhà 62, ngõ 78, xã Phú Thượng"
    image = np.minimum(image, grid(page, [(asked.format(*MOTHER[:3]), asked.format(*FATHER[:3]))], edges=(60.0, 300.0, 540.0)))
    over = paper().row((66, "Đông, huyện Phong Điền, tỉnh Huế"), (306, "Đông, huyện Phong Điền, tỉnh Huế")).row(SWORN)
    images = {1: image, 2: np.full((2339, 1654), 255, np.uint8)}
    found = by_name(extract((page.page(), over.page(2)), images.get))
    assert [found[f"noi_cu_tru_{who}"].status for who in ("me", "cha")] == ["review", "review"]


def test_a_row_as_wide_as_the_page_below_the_columns_is_not_parted_at_one_of_its_spaces(paper, by_name):
    page = paper().title("GIẤY KHAI SINH").row("Họ, chữ đệm, tên: Trần Minh Khang").row("Ngày, tháng, năm sinh: 02/03/2020")
    page.row((76, "NGƯỜI MẸ"), (345, "NGƯỜI CHA"))
    for label, mother, father in zip(("Họ, chữ đệm, tên", "Năm sinh", "Dân tộc"), MOTHER, FATHER, strict=False):
        page.row((76, f"{label}: {mother}"), (345, f"{label}: {father}"))
    page.row((73, "Họ, chữ đệm, tên người đi khai sinh: BÙI HOÀNG NGUYÊN"), (327, "PHONG"))
    found = by_name(page.row((73, "Nơi đăng ký khai sinh: Ủy ban nhân dân xã Thới Sơn")).read())
    assert found["ho_ten_nguoi_di_khai_sinh"].value == "BÙI HOÀNG NGUYÊN PHONG"


def test_a_colon_read_twice_is_no_second_question(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Họ, chữ đệm, tên người yêu cầu: : Mai Thị Bích Linh")
    found = by_name(page.row("Họ, chữ đệm, tên: Trần Minh Khang").row(SWORN).read())
    assert (found["ho_ten_nguoi_yeu_cau"].value, found["ho_ten"].value) == ("Mai Thị Bích Linh", "Trần Minh Khang")
