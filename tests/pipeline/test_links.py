"""The same paper captured twice is linked, two fillings of one form are not."""

from time import process_time
from typing import Any

import pytest
from msgspec import structs

from ocr.export.delivered import Delivered, DeliveredField, DeliveredPage
from pipeline.dossiers import Paper, paper_of
from pipeline.links import Text, links, text_of

LETTER = (
    "Kính gửi Ủy ban nhân dân xã Hương Mẫu. Tôi là Lê Văn Tám, số điện thoại 0912345678, đề nghị xem xét việc thoát nước tại ngõ 15 "
    "đường Lúa Mới. Sự việc xảy ra ngày 12 tháng 9 năm 2026, nước ngập 40 cm trong 3 giờ. Rất mong quý cơ quan sớm giải quyết."
)


def one(name: str, sha: str, text: str = "", template: str | None = None, **values: Any) -> tuple[Paper, str, Text]:
    fields = tuple(DeliveredField(key, key, None, "text", value, value, "print", 1, None, "accepted") for key, value in values.items())
    document = Delivered(template, None, (DeliveredPage(1, (210.0, 297.0), "read"),), fields)
    return paper_of(name, f"in/{name}.jpg", lambda: document), sha, text_of(lambda: text)


def kinds(*papers: tuple[Paper, str, Text]) -> list[tuple[str, list[str]]]:
    return [(found["kind"], [document["name"] for document in found["documents"]]) for found in links(papers)]


def test_equal_bytes_are_told_once_for_all() -> None:
    assert kinds(one("a", "1"), one("b", "1"), one("c", "2"), one("d", "1")) == [("same_file", ["a", "b", "d"])]


def test_a_second_capture_with_reading_errors_is_linked() -> None:
    worse = LETTER.replace("Hương Mẫu", "Hương Mấu").replace("thoát nước", "thoát nườc").replace("Rất mong", "Rat mong")
    assert kinds(one("a", "1", LETTER), one("b", "2", worse)) == [("same_paper", ["a", "b"])]


def test_a_capture_whose_text_is_partly_under_a_note_is_linked() -> None:
    covered = LETTER[: len(LETTER) * 2 // 3] + " Đã nhận hồ sơ, hẹn trả thứ hai"
    assert kinds(one("a", "1", LETTER), one("b", "2", covered)) == [("same_paper", ["a", "b"])]


def test_the_same_letter_from_another_person_is_another_paper() -> None:
    other = LETTER.replace("0912345678", "0987654321").replace("15", "27").replace("12", "28").replace("40", "65")
    assert kinds(one("a", "1", LETTER), one("b", "2", other)) == []


INVITATION = (
    "GIẤY MỜI HỌP Trân trọng kính mời: {} Hiện cư trú tại: ngõ Lúa, thôn Đông. Đến dự cuộc họp lấy ý kiến về quy hoạch khu dân cư. "
    "Thời gian: 8 giờ 00 ngày 15 tháng 10 năm 2026. Địa điểm: Nhà văn hóa thôn Đông, xã Tân Lập. CHỦ TỊCH Hoàng Văn Thái"
)


@pytest.mark.parametrize("other", ["Bà Nguyễn Thị Hoa", "Ông Lê Văn Bình", "Ông LÊ VĂN BÌNH", "Ông Trần Quốc Toản"])
def test_one_text_sent_to_two_people_is_two_papers(other: str) -> None:
    assert kinds(one("a", "1", INVITATION.format("Ông Lê Văn Tám")), one("b", "2", INVITATION.format(other))) == []


@pytest.mark.parametrize("read", ["Ông Lê Vàn Tám", "Ông lê Văn Tảm", "Ông Lé Vãn Tám.", "Ông Lê Văn Tàm", "Ông", "Ông Lê Văn"])
def test_a_name_that_was_misread_is_the_same_name(read: str) -> None:
    assert kinds(one("a", "1", INVITATION.format("Ông Lê Văn Tám")), one("b", "2", INVITATION.format(read))) == [("same_paper", ["a", "b"])]


def test_two_fillings_of_one_form_are_two_papers_and_two_captures_of_one_filling_one() -> None:
    first = {"ho_ten": "Lê Văn Tám", "so_dinh_danh": "033195000217", "ngay_sinh": "1995-03-14", "que_quan": "Hưng Yên"}
    second = first | {"so_dinh_danh": "033196000111", "ho_ten": "Lê Thị Chín", "ngay_sinh": "1996-01-02"}
    form = "Mẫu CT01 " * 30
    assert kinds(one("a", "1", form, "ct01", **first), one("b", "2", form, "ct01", **second)) == []
    assert kinds(one("a", "1", form, "ct01", **first), one("b", "2", form, "ct01", **first)) == [("same_paper", ["a", "b"])]


FILING = {
    "ho_ten": "Lê Văn Tám", "so_dinh_danh": "033195000217", "ngay_sinh": "1995-03-14", "que_quan": "xã Hương Mẫu, tỉnh Hưng Yên",
    "noi_cu_tru": "Số 12, thôn Đông, xã Hương Mẫu", "email": "tam.le@example.vn", "dien_thoai": "0912345678", "ngay_ke_khai": "2026-01-05",
}  # fmt: skip


@pytest.mark.parametrize("twin", ["Lê Minh Hưng", "LÊ MINH HƯNG", "Lê Minh Hùnh", "Lê Minh Hà"])
def test_the_forms_of_twins_are_two_papers(twin: str) -> None:
    """All else is the same: the parents, their numbers, the day and the place."""
    first = {
        "ho_ten": "Lê Minh Hùng",
        "ngay_sinh": "2026-03-14",
        "ho_ten_me": "Vũ Thị Lan",
        "noi_sinh": "Bệnh viện Phụ sản",
        "que_quan": "Huế",
    }
    form = "Tờ khai đăng ký khai sinh " * 30
    assert kinds(one("a", "1", form, "to_khai", **first), one("b", "2", form, "to_khai", **first | {"ho_ten": twin})) == []
    same = first | {"ho_ten": "LÊ MINH HÙNG"}
    assert kinds(one("a", "1", form, "to_khai", **first), one("b", "2", form, "to_khai", **same)) == [("same_paper", ["a", "b"])]


def test_a_later_filing_by_the_same_person_is_another_paper() -> None:
    later = FILING | {"ngay_ke_khai": "2026-08-19"}
    assert kinds(one("a", "1", "", "ct01", **FILING), one("b", "2", "", "ct01", **later)) == []


def test_a_capture_whose_values_were_misread_and_doubted_is_linked() -> None:
    misread = FILING | {"que_quan": "xã Hương Mấu, tính Hưng Yên", "dien_thoai": "0912845678", "ngay_ke_khai": "2026-01-06"}
    paper, sha, text = one("b", "2", "", "ct01", **misread)
    fields = tuple(structs.replace(field, status="review") for field in paper.read().fields)
    doubted = paper_of(paper.name, paper.source, lambda: structs.replace(paper.read(), fields=fields))
    assert kinds(one("a", "1", "", "ct01", **FILING), (doubted, sha, text)) == [("same_paper", ["a", "b"])]


def test_thousands_of_papers_are_compared_in_seconds() -> None:
    form = "Tờ khai thay đổi thông tin cư trú " * 20
    numbers = [f"0331{n:08}" for n in range(2000)]
    papers = [
        one(f"p{n}", str(n), f"{form} {number} ông bà số {n}", "ct01", so_dinh_danh=number, ho_ten=f"Lê {n}")
        for n, number in enumerate(numbers)
    ]
    started = process_time()
    assert links(papers) == []
    assert process_time() - started < 10


def test_two_sides_of_a_card_find_each_other() -> None:
    front = one("front", "1", "", "cccd_mat_truoc", so="033195000217", ho_ten="TRỊNH THỊ HUYỀN")
    zone = {"mrz_1": "IDVNM1950002174033195000217<<3", "mrz_2": "9503147F3503148VNM<<<<<<<<<<<2", "mrz_3": "TRINH<<THI<HUYEN<<<<<<<<<<<<<<"}
    assert kinds(front, one("back", "2", "", "cccd_mat_sau", **zone)) == [("two_sides", ["front", "back"])]
    assert kinds(one("x", "1", "", "cccd_mat_truoc", so="033195000218"), one("back", "2", "", "cccd_mat_sau", **zone)) == []
