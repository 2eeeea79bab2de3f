"""Labels that an office prints in other words than the circular, and answers that look like labels."""

import pytest

OFFICE = "Kính gửi: Ủy ban nhân dân xã Hòa Xuân"
REQUESTER = (
    "Nơi cư trú: Buôn Kli A, xã Hòa Xuân, tỉnh Lâm Đồng",
    "Giấy tờ tùy thân: CCCD số 068056149293",
    "Quan hệ với người được khai sinh: Cha",
    "Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:",
)
CHILD = (
    "Họ, chữ đệm, tên: Cao Hữu Cường",
    "Ngày, tháng, năm sinh: 16/10/2022",
    "Giới tính: Nam",
    "Dân tộc: Kinh",
    "Quốc tịch: Việt Nam",
)


@pytest.fixture
def birth(paper):
    def fill(*head):
        page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row(OFFICE)
        for text in (*head, *REQUESTER, "II. NGƯỜI ĐƯỢC KHAI SINH", *CHILD):
            page.row(text)
        return page

    return fill


@pytest.mark.parametrize("heading", ["I. NGƯỜI YÊU CẦU", "L Người yêu cầu", "NGƯỜI YÊU CẦU", "I. THÔNG TIN VỀ NGƯỜI YÊU CẦU"])
def test_a_label_leaves_its_end_to_the_heading_of_its_section(birth, by_name, heading):
    found = by_name(birth(heading, "Họ và tên: Nghiêm Mạnh Hưng").read())
    assert found["ho_ten_nguoi_yeu_cau"].value == "Nghiêm Mạnh Hưng"
    assert found["ho_ten"].value == "Cao Hữu Cường"


def test_a_heading_is_no_label_of_an_empty_answer(birth, by_name):
    assert by_name(birth("I. NGƯỜI YÊU CẦU").read())["ho_ten_nguoi_yeu_cau"].status == "review"


def test_a_requester_who_writes_of_himself_has_his_name(birth, by_name):
    assert by_name(birth("Tôi là: Nghiêm Mạnh Hưng").read())["ho_ten_nguoi_yeu_cau"].value == "Nghiêm Mạnh Hưng"


def test_a_measure_on_a_card_is_no_label(paper, by_name):
    page = paper().row("Đặc điểm nhận dạng / Personal identification:").row("Nốt ruồi C: 1,5cm trên trước đầu mày phải")
    page.row("Ngày, tháng, năm / Date, month, year: 16/04/2021").row("IDVNM0889198988068088919898<<4")
    assert by_name(page.read())["dac_diem"].value == "Nốt ruồi C: 1,5cm trên trước đầu mày phải"
