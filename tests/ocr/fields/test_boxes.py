"""A check box is ticked, empty, or left open: the ink inside it decides."""

import cv2
import numpy as np
import pytest

from ocr.fields.boxes import drawn
from ocr.fields.layout import lay_out
from ocr.fields.page_ink import ink_of

SCALE = 300 / 72


@pytest.fixture
def form(paper, by_name):
    """The last rows of a birth registration form with two drawn boxes; `draw` puts ink into the first one."""

    def read(draw=None, second=None, noise=0, scale=SCALE, swallowed=False):
        page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
        page.row("Họ, chữ đệm, tên người yêu cầu: Phạm Thu Hà")
        y = page.y
        page.row("Đề nghị cấp bản sao(6):", (230, "Có"), (275, "Không"))
        page.row("Số lượng: 02 bản", gap=30)
        if swallowed:  # the reader took the box into the word beside it
            page.words = [word if word.text != "Có" else type(word)("Có", (230, y, 253, y + 12), 0.9, word.line) for word in page.words]
        image = np.full((round(841.9 * scale), round(595.3 * scale), 3), 250, np.uint8)
        for x, ticks in ((243, draw), (303, second)):
            corners = [round(value * scale) for value in (x, y + 2, x + 9, y + 11)]
            cv2.rectangle(image, corners[:2], corners[2:], (20, 20, 20), max(1, round(0.7 * scale)))
            for line in ticks or ():
                points = [round(value * scale) for value in (x + line[0], y + 2 + line[1], x + line[2], y + 2 + line[3])]
                cv2.line(image, points[:2], points[2:], (40, 40, 120), max(1, round(0.9 * scale)), cv2.LINE_AA)
        if noise:
            image = np.clip(image.astype(np.int16) + np.random.default_rng(7).normal(0, noise, image.shape), 0, 255).astype(np.uint8)
        found = by_name(page.read(image))
        return found["cap_ban_sao_co"], found["cap_ban_sao_khong"]

    return read


CROSS = ((1, 1, 8, 8), (8, 1, 1, 8))
TICK = ((1.5, 4.5, 4, 7.5), (4, 7.5, 8.5, 0))
DASH = ((1.5, 4.5, 7.5, 4.5), (4.5, 1.5, 4.5, 7.5))


@pytest.mark.parametrize("ink", [CROSS, TICK, DASH, tuple((1, row, 8, row) for row in range(1, 9))])
@pytest.mark.parametrize("noise", [0, 12])
def test_ink_inside_a_box_ticks_it(form, ink, noise):
    yes, no = form(ink, noise=noise)
    assert (yes.value, no.value) == (True, False)
    assert yes.status == "accepted"


@pytest.mark.parametrize("scale", [200 / 72, 300 / 72, 400 / 72])
def test_an_empty_box_is_not_ticked(form, scale):
    yes, no = form(scale=scale)
    assert (yes.value, no.value) == (False, False)


def test_a_stroke_across_a_corner_leaves_the_box_open(form):
    yes, _ = form(((7.5, 6.5, 14, 12), (7.5, 6.5, 6.8, 8)))
    assert yes.value is None
    assert (yes.status, yes.reason_code) == ("review", "box_unclear")


def test_a_box_that_the_reader_took_into_the_word_is_still_found(form):
    yes, _ = form(CROSS, swallowed=True)
    assert yes.value is True


def test_two_ticked_boxes_that_exclude_each_other_are_flagged(form):
    yes, no = form(CROSS, CROSS)
    assert {check.code for check in yes.checks if check.result == "failed"} == {"multiple_boxes"}
    assert (yes.status, no.status) == ("review", "review")


@pytest.mark.parametrize(("glyph", "value"), [("☒", True), ("☑", True), ("☐", False), ("[x]", True)])
def test_a_box_printed_as_a_letter_says_so_itself(paper, by_name, glyph, value):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    page.row("Đề nghị cấp bản sao:", (230, f"Có {glyph}"), (300, "Không ☐"))
    assert by_name(page.read())["cap_ban_sao_co"].value is value


def test_without_a_picture_and_without_a_letter_nothing_is_said(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    page.row("Đề nghị cấp bản sao:", (230, "Có"), (300, "Không"))
    box = by_name(page.read())["cap_ban_sao_co"]
    assert (box.value, box.status) == (None, "review")


@pytest.mark.parametrize(("printed", "ticked"), [("[x]", True), ("[ ]", False), ("(x)", True), ("( )", False), ("[ X ]", True)])
def test_a_box_drawn_with_brackets_says_so_itself(birth_form, by_name, printed, ticked):
    page = birth_form().row("Đề nghị cấp bản sao: Có " + printed, gap=20)
    assert by_name(page.read())["cap_ban_sao_co"].value is ticked


@pytest.mark.parametrize(
    "row",
    ["Có[x] Không[ ]", "[x]Có [ ]Không", "[x] Có [ ] Không", "( x )Có ( )Không", "Có( x ) Không( )", "Có (x) Không ( )", "[v]Có []Không"],
)
def test_brackets_tell_the_same_tight_or_apart_before_or_behind(paper, by_name, row):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Họ, chữ đệm, tên: Trần Minh Khang").row("Quê quán: xã Gia Viễn, tỉnh Ninh Bình")
    found = by_name(page.row("Đề nghị cấp bản sao: " + row).row("Số lượng: 2 bản").read())
    assert (found["cap_ban_sao_co"].value, found["cap_ban_sao_khong"].value) == (True, False)
    assert found["cap_ban_sao_co"].status == found["cap_ban_sao_khong"].status == "accepted"


@pytest.mark.parametrize("answer", ["[x]Nam [ ]Nữ", "Nam[x] Nữ[ ]", "( ) Nữ ( x ) Nam"])
def test_brackets_choose_an_answer(birth_form, answers, by_name, answer):
    found = by_name(birth_form({**answers, "gioi_tinh": answer}).read())["gioi_tinh"]
    assert (found.value, found.status) == ("Nam", "accepted")


@pytest.fixture
def copies(paper, by_name):
    """The row of the copies asked for, its answers drawn by `draw`: a picture, points on it, what was read there."""

    def read(draw, *pieces):
        page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
        page.row("Họ, chữ đệm, tên người yêu cầu: Phạm Thu Hà")
        y = page.y
        page.row("Đề nghị cấp bản sao(6):", *pieces)
        page.row("Số lượng: 02 bản", gap=30)
        image = np.full((round(841.9 * SCALE), round(595.3 * SCALE), 3), 250, np.uint8)

        def put(kind, *where):
            kind(image, *[(round(x * SCALE), round((y + down) * SCALE)) for x, down in where], (20, 20, 20))

        draw(put)
        found = by_name(page.read(image))
        return found["cap_ban_sao_co"].value, found["cap_ban_sao_khong"].value

    return read


def test_circles_are_boxes_too(copies):
    def draw(put):
        put(lambda image, at, ink: cv2.circle(image, at, 17, ink, -1, cv2.LINE_AA), (248, 6.5))
        put(lambda image, at, ink: cv2.circle(image, at, 17, ink, 3, cv2.LINE_AA), (308, 6.5))

    assert copies(draw, (230, "Có"), (275, "Không")) == (True, False)


@pytest.mark.parametrize("misread", [("Ệ Ị", "Ix)"), ("Ị", "lxì")])
def test_brackets_that_were_misread_are_seen(copies, misread):
    def bracket(image, at, inner, ink):
        x, y = at
        cv2.polylines(image, [np.int32([(inner[0], y), (x, y), (x, y + 40), (inner[0], y + 40)])], False, ink, 4)

    def draw(put):
        for left, right in ((230, 242), (279, 292)):
            put(bracket, (left, 1), (left + 2.5, 0))
            put(bracket, (right, 1), (right - 2.5, 0))
        put(lambda image, one, two, ink: cv2.line(image, one, two, ink, 4), (283.3, 3.5), (287.7, 9))
        put(lambda image, one, two, ink: cv2.line(image, one, two, ink, 4), (287.7, 3.5), (283.3, 9))

    assert copies(draw, (229, misread[0]), (246, "Có"), (279, misread[1]), (296, "Không")) == (False, True)


@pytest.mark.parametrize(
    ("struck", "read", "expected"),
    [((229, 243), "C6", (False, True)), ((229, 243), "Có", (False, True)), ((250, 284), "Khòng", (True, False))],
)
def test_what_is_struck_out_is_not_chosen(copies, struck, read, expected):
    pieces = [(230, read if struck[0] < 240 else "Có"), (250, read if struck[0] > 240 else "Không")]

    def draw(put):
        put(lambda image, one, two, ink: cv2.line(image, one, two, ink, 3), (struck[0], 6.5), (struck[1], 6.5))

    assert copies(draw, (pieces[0][0], pieces[0][1] + " /"), pieces[1]) == expected


def test_boxes_before_their_words_are_known_by_the_row(copies):
    def draw(put):
        for x in (230, 270):
            put(lambda image, one, two, ink: cv2.rectangle(image, one, two, ink, 3), (x, 2), (x + 9, 11))
        put(lambda image, one, two, ink: cv2.line(image, one, two, ink, 4), (272, 4), (277, 9))
        put(lambda image, one, two, ink: cv2.line(image, one, two, ink, 4), (277, 4), (272, 9))

    assert copies(draw, (242, "Có"), (282, "Không")) == (False, True)


@pytest.mark.parametrize("read", ["ÍxÌKhông", "lxlKhông", "|x|Không", "ÍxỊKhông"])
def test_brackets_with_a_cross_that_were_read_as_letters_are_brackets(paper, by_name, read):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    page.row("Đề nghị cấp bản sao:", (230, "[ ]Có"), (300, read)).row("Số lượng: 02 bản", gap=30)
    found = by_name(page.read())
    assert (found["cap_ban_sao_co"].value, found["cap_ban_sao_khong"].value) == (False, True)


@pytest.mark.parametrize(("yes", "no"), [("CóÍxl", "Không[ l"), ("Có (xì", "Không[ l"), ("Có[xÌ", "Không[ ]")])
def test_brackets_set_against_their_words_and_misread_are_brackets(paper, by_name, yes, no):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    page.row("Đề nghị cấp bản sao:", (230, yes), (290, no)).row("Số lượng: 02 bản", gap=30)
    found = by_name(page.read())
    assert (found["cap_ban_sao_co"].value, found["cap_ban_sao_khong"].value) == (True, False)


def test_a_circle_set_against_its_word_and_read_as_its_last_letter_is_none(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    image = np.full((round(841.9 * SCALE), round(595.3 * SCALE)), 255, np.uint8)
    middle = round((page.y + 6) * SCALE)
    for x, filled in ((242, -1), (332, 2)):
        cv2.circle(image, (round(x * SCALE), middle), round(4.5 * SCALE), 0, filled)
    page.row("Đề nghị cấp bản sao:", (230, "Cóo"), (300, "KhôngO"), (380, "Số lượng: 02 bản"), gap=30)
    found = by_name(page.read(image))
    assert (found["cap_ban_sao_co"].value, found["cap_ban_sao_khong"].value) == (True, False)


def test_a_bracket_that_was_read_as_an_i_before_its_word_is_a_bracket(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    page.row("Đề nghị cấp bản sao:", (230, "[x]Có"), (262, "I"), (267, "]Không")).row("Số lượng: 02 bản", gap=30)
    found = by_name(page.read())
    assert (found["cap_ban_sao_co"].value, found["cap_ban_sao_khong"].value) == (True, False)


@pytest.mark.parametrize("read", ["DXÌKhông", "XKhông", "ẬxKhông"])
def test_a_box_read_as_letters_before_its_word_leaves_the_word(copies, read):
    def draw(put):
        for x in (230, 270):
            put(lambda image, one, two, ink: cv2.rectangle(image, one, two, ink, 3), (x, 2), (x + 9, 11))
        put(lambda image, one, two, ink: cv2.line(image, one, two, ink, 4), (272, 4), (277, 9))
        put(lambda image, one, two, ink: cv2.line(image, one, two, ink, 4), (277, 4), (272, 9))

    assert copies(draw, (242, "Có"), (270, read)) == (False, True)


@pytest.mark.parametrize("read", ["j02lLần đầu", "lỊ02ỊLần đầu", "(02lLần đầu", "(o2lLần đầu"])
def test_a_label_s_number_in_misread_brackets_is_no_part_of_its_word(paper, read):
    tokens = [token.text for token in lay_out([paper().row(read).page()]).tokens]
    assert tokens == [f"[{read.strip('jlỊ(')[:2]}]", "Lần", "đầu"]


@pytest.mark.parametrize("numbers", [("[01] Kỳ tính thuế:", "[02]", "(03)"), ("(01, Kỳ tính thuế:", "(o2", "[o3]Bổ")])
@pytest.mark.parametrize("mark", ["■", "●"])
def test_a_black_box_inside_a_word_s_place_is_no_letter_and_the_next_number_no_footnote(paper, by_name, numbers, mark):
    first, second, third = numbers
    page = paper().title("TỜ KHAI LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT")
    page.row((60, f"{first} Theo từng lần phát sinh"))
    y = page.y
    page.row((60, f"{second} Lần đầu"), (144, f"{third} Bổ sung lần thứ:"))
    page.row("[04] Tên người nộp thuế: Tống Thùy Dung").row("[05] Mã số thuế (nếu có): 8000000017").row("[06] Địa chỉ: Tổ 3")
    end = next(word for word in page.words if word.text == "đầu")
    page.words[page.words.index(end)] = type(end)("đầu", (end.box[0], y, end.box[2] + 16, y + 12), 0.98, end.line)
    image = np.full((round(841.9 * SCALE), round(595.3 * SCALE), 3), 250, np.uint8)
    x0, x1, top = end.box[2] + 5, end.box[2] + 12, y + 3
    if mark == "■":
        cv2.rectangle(image, [round(x0 * SCALE), round(top * SCALE)], [round(x1 * SCALE), round((top + 7) * SCALE)], (20, 20, 20), -1)
    else:
        middle = [round((x0 + 3.5) * SCALE), round((top + 3.5) * SCALE)]
        cv2.circle(image, middle, round(3.5 * SCALE), (20, 20, 20), -1, cv2.LINE_AA)
    assert by_name(page.read(image))["lan_dau"].value is True


def test_a_box_read_into_a_label_s_number_leaves_the_number(paper):
    assert [token.text for token in lay_out([paper().row("GỊ02jLãn đầu").page()]).tokens] == ["[02]", "Lãn", "đầu"]


def test_what_looks_like_a_box_in_struck_out_words_is_none(copies):
    def draw(put):
        put(lambda image, one, two, ink: cv2.rectangle(image, one, two, ink, 3), (232, 2), (241, 11))
        put(lambda image, one, two, ink: cv2.line(image, one, two, ink, 3), (229, 6.5), (243, 6.5))

    assert copies(draw, (230, "Có /"), (250, "Không")) == (False, True)


def test_a_box_read_as_a_letter_between_two_choices_parts_them(paper):
    tokens = [token.text for token in lay_out([paper().row("tư pháp: Số 1CSố 2").page()]).tokens]
    assert tokens == ["tư", "pháp:", "Số", "1", "C", "Số", "2"]


@pytest.mark.parametrize("ink", [(), CROSS])
def test_a_letter_set_against_an_empty_box_does_not_tick_it(paper, by_name, ink):
    """ "☐Không": the feet and the head of the K go on from the box's edges, and its stem stood inside."""
    page = paper().title("GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH").row("Kính gửi: Ủy ban nhân dân phường An Khánh")
    y = page.y
    page.row((70, "Không kinh doanh tại trụ sở"))
    image = np.full((round(841.9 * SCALE), round(595.3 * SCALE), 3), 250, np.uint8)

    def stroke(*ends):
        (x0, y0, x1, y1) = (round(value * SCALE) for value in ends)
        cv2.line(image, (x0, y0), (x1, y1), (20, 20, 20), max(1, round(0.8 * SCALE)))

    cv2.rectangle(image, *[tuple(round(v * SCALE) for v in at) for at in ((60, y + 2), (69.5, y + 11.5))], (20, 20, 20), 3)
    stroke(69.5, y + 2, 73.5, y + 2)
    stroke(69.5, y + 11.5, 73.5, y + 11.5)
    stroke(71.7, y + 2, 71.7, y + 11.5)
    stroke(72, y + 7, 77, y + 2)
    stroke(72, y + 7, 77, y + 11.5)
    for x0, y0, x1, y1 in ink:
        stroke(60.2 + x0, y + 2.2 + y0, 60.2 + x1, y + 2.2 + y1)
    found = by_name(page.read(image))["khong_kd_tai_tru_so"]
    assert (found.value, found.status) == (bool(ink), "accepted")


def test_a_low_zero_in_a_question_s_number_is_no_circle(paper):
    """ "(02)" in old-style figures: the 0 is round and as low as a small letter."""
    page = paper().row((64, "(02)"), (87, "Lần"), (108, "đầu"))
    image = np.full((round(841.9 * SCALE), round(595.3 * SCALE), 3), 250, np.uint8)
    cv2.circle(image, (round(71.5 * SCALE), round(67 * SCALE)), round(2.9 * SCALE), (20, 20, 20), 4, cv2.LINE_AA)
    ink = ink_of(image, (595.3, 841.9))
    words = lay_out([page.page()]).tokens
    assert drawn(ink, (55, 55, 90, 78), 12.0, ()) is not None
    assert drawn(ink, (55, 55, 90, 78), 12.0, words) is None
