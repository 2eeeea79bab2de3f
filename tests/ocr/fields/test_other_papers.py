"""Papers with tables, stamps, codes and no labels at all."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from msgspec.structs import replace
from PIL import Image, ImageDraw, ImageFont

from ocr.fields.date_lines import date_lines
from ocr.fields.layout import lay_out
from ocr.fields.machine_codes import card_code, check_digit, check_digits_hold, completed
from ocr.fields.page_ink import ink_of, keep_ink, kept_ink


@pytest.fixture
def residence(paper):
    """A change of residence form with the given answers and members."""

    def fill(
        relation="Con",
        name="Lê Minh Tú",
        head="Lê Văn Sơn",
        number="0 0 1 0 8 5 0 0 1 2 3 4",
        head_number="0 0 1 0 6 0 0 0 5 6 7 8",
        members=(),
    ):
        page = paper().row((300, "Mẫu CT01 ban hành kèm theo Thông tư số 53/2025/TT-BCA")).title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ")
        page.row("Kính gửi: Công an phường Hoa Lư").row(f"1. Họ, chữ đệm và tên: {name}").row(
            "2. Ngày, tháng, năm sinh: 03/04/1985", (340, "3. Giới tính: Nam")
        )
        page.row(f"4. Số định danh cá nhân: {number}").row("5. Số điện thoại liên hệ: 0912345678", (340, "6. Email:"))
        page.row(f"7. Họ, chữ đệm và tên chủ hộ: {head}").row(f"8. Mối quan hệ với chủ hộ: {relation}").row(
            f"9. Số định danh cá nhân của chủ hộ: {head_number}"
        )
        page.row("10. Nội dung đề nghị: Đăng ký tạm trú").row("11. Những thành viên trong hộ gia đình cùng thay đổi:")
        page.row(
            (60, "TT"),
            (90, "Họ, chữ đệm và tên"),
            (215, "Ngày, tháng,"),
            (300, "Giới"),
            (345, "Số định danh cá"),
            (450, "Mối quan hệ với"),
            gap=13,
        )
        page.row((215, "năm sinh"), (300, "tính"), (345, "nhân"), (450, "chủ hộ"))
        for position, cells in enumerate(members, 1):
            lines = [[*cell.split("|"), ""][:2] for cell in cells]
            page.row((62, str(position)), *zip((90, 215, 300, 345, 450), [line[0] for line in lines], strict=True), gap=13)
            page.row(
                *zip((90, 215, 300, 345, 450), [line[1] for line in lines], strict=True), gap=18 if any(line[1] for line in lines) else 5
            )
        page.y += 20
        page.row((70, "Ý KIẾN CỦA CHỦ HỘ"), (430, "NGƯỜI KÊ KHAI"), gap=60).row((80, head), (440, name))
        return page

    return fill


MEMBERS = (("Lê Thu An", "05/06/2010", "Nữ", "001310004321", "Cháu"), ("Lê Minh Khôi", "07/08/2012", "Nam", "001212004321", "Cháu"))


def test_a_table_is_a_list_of_rows(residence, by_name):
    table = by_name(residence(members=MEMBERS).read())["thanh_vien"]
    assert table.type == "table"
    assert table.value[0] == {
        "ho_ten": "Lê Thu An",
        "ngay_sinh": "2010-06-05",
        "gioi_tinh": "Nữ",
        "so_dinh_danh": "001310004321",
        "quan_he": "Cháu",
    }
    assert [row["ho_ten"] for row in table.value] == ["Lê Thu An", "Lê Minh Khôi"]


def test_an_empty_table_is_empty(residence, by_name):
    table = by_name(residence().read())["thanh_vien"]
    assert (table.value, table.status) == (None, "empty")


def test_a_contradiction_in_a_table_row_is_flagged(residence):
    wrong = (("Lê Thu An", "05/06/2010", "Nam", "001310004321", "Cháu"),)
    checks = residence(members=wrong).read().checks
    assert any(check.code == "id_gender_mismatch" and check.result == "failed" and check.fields == ("thanh_vien",) for check in checks)


def test_digits_in_boxes_are_one_number(residence, by_name):
    found = by_name(residence().read())
    assert (found["so_dinh_danh"].value, found["so_dinh_danh_chu_ho"].value) == ("001085001234", "001060005678")


def test_two_pairs_on_a_row_stay_apart(residence, by_name):
    found = by_name(residence().read())
    assert (found["dien_thoai"].value, found["email"].value, found["ngay_sinh"].value, found["gioi_tinh"].value) == (
        "0912345678",
        None,
        "1985-04-03",
        "Nam",
    )


def test_names_under_signatures_belong_to_their_columns(residence, by_name):
    found = by_name(residence().read())
    assert (found["ho_ten_chu_ho_2"].value, found["ho_ten_nguoi_ke_khai"].value) == ("Lê Văn Sơn", "Lê Minh Tú")


def test_a_head_of_household_must_be_himself(residence):
    codes = {check.code: check.result for check in residence(relation="Chủ hộ").read().checks}
    assert codes["chu_ho_mismatch"] == "failed"
    same = residence(relation="Chủ hộ", head="Lê Minh Tú", head_number="0 0 1 0 8 5 0 0 1 2 3 4")
    assert {check.code: check.result for check in same.read().checks}["chu_ho_mismatch"] == "passed"


def test_a_nine_digit_number_in_twelve_boxes_is_flagged(residence, by_name):
    field = by_name(residence(number="0 2 4 1 6 3 9 7 3").read())["so_dinh_danh"]
    assert field.status == "review"
    assert [check.code for check in field.checks if check.result == "failed"] == ["id_length"]


def test_numbers_of_a_certification_stamp_never_become_registry_numbers(paper, by_name):
    page = (
        paper()
        .title("GIẤY KHAI SINH")
        .row((230, "Số: 106/2025"))
        .row("Họ, chữ đệm, tên: Trần Minh Khang")
        .row("Ngày, tháng, năm sinh: 05/10/2023")
    )
    page.row("Giới tính: Nam", (240, "Dân tộc: Kinh"), (410, "Quốc tịch: Việt Nam")).row("Nơi sinh: tỉnh Ninh Bình").row(
        "Quê quán: tỉnh Ninh Bình"
    )
    page.row("Họ, chữ đệm, tên người mẹ: Phạm Thu Hà").row("Họ, chữ đệm, tên người cha: Trần Văn Bách")
    page.row("Nơi đăng ký khai sinh: phường Hoa Lư").row("Ngày, tháng, năm đăng ký: ngày 09 tháng 10 năm 2023", gap=60)
    page.row((180, "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH")).row((180, "Số chứng thực: 8160 quyển số: 03/2026 - SCT/BS")).row(
        (180, "Ngày 12 tháng 01 năm 2026")
    )
    extraction = page.read()
    found = by_name(extraction)
    assert extraction.template == "giay_khai_sinh"
    assert (found["so"].value, found["ngay_dang_ky"].value) == ("106/2025", "2023-10-09")
    assert "quyen_so" not in found or found["quyen_so"].value is None


def test_an_arrival_stamp_is_not_the_document_s_number(paper, by_name):
    page = paper().row((60, "ĐẾN")).row((60, "Số: 2443")).row((60, "Ngày: 02/11/2025")).title("TỜ KHAI ĐĂNG KÝ KHAI SINH")
    page.row("Kính gửi: Ủy ban nhân dân phường Hoa Lư").row("Họ, chữ đệm, tên người yêu cầu: Phạm Thu Hà")
    assert "2443" not in {field.value for field in page.read().fields}


def test_a_certified_signature_is_not_a_certified_copy(paper):
    page = paper().title().row((200, "CHỨNG THỰC CHỮ KÝ")).row((150, "Số chứng thực: 6807 quyển số: 01/2024 - SCT/CK, ĐC"))
    page.row((150, "Ngày 01 tháng 07 năm 2024")).row((150, "Người thực hiện chứng thực ký, ghi rõ họ, tên và đóng dấu"))
    extraction = page.read()
    assert extraction.template == "loi_chung_ban_sao"
    assert {check.code: check.result for check in extraction.checks}["signature_certification"] == "failed"
    assert {field.name: field.value for field in extraction.fields}["quyen_so"] == "01/2024"


def test_a_subject_ends_where_the_paper_goes_on_below_it(paper, by_name):
    page = paper().row((70, "TRƯỜNG THPT HOA LƯ"), (280, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"))
    page.row((75, "Số: 58/GXN-HL"), (310, "Độc lập - Tự do - Hạnh phúc")).row((310, "Hoa Lư, ngày 05 tháng 03 năm 2026"), gap=40)
    page.row((230, "GIẤY XÁC NHẬN"), gap=24).row((170, "Về việc kết quả học tập của học sinh"))
    page.row((200, "năm học 2025 - 2026"), gap=36).row("Trường xác nhận em Trần Thị Mai, sinh ngày 09/02/2008, có kết quả sau:")
    page.row("Toán: 8,5").row((70, "Nơi nhận:"), (380, "HIỆU TRƯỞNG")).row((70, "- Như trên;"), gap=60).row((370, "Phạm Văn Hùng"))
    found = by_name(page.read())
    assert found["ten_loai"].value == "GIẤY XÁC NHẬN"
    assert found["trich_yeu"].value == "Về việc kết quả học tập của học sinh năm học 2025 - 2026"


def test_an_administrative_document_is_known_by_its_layout(paper, by_name):
    page = paper()
    page.row((70, "ỦY BAN NHÂN DÂN"), (280, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")).row(
        (70, "PHƯỜNG HOA LƯ"), (310, "Độc lập - Tự do - Hạnh phúc")
    )
    page.row((75, "Số: 12/UBND-TP"), (310, "Hoa Lư, ngày 05 tháng 03 năm 2026")).row((75, "V/v rà soát hộ tịch"), gap=40)
    page.row((120, "Kính gửi: Sở Tư pháp tỉnh Ninh Bình.")).row(
        (100, "Thực hiện chỉ đạo của Ủy ban nhân dân tỉnh, phường báo cáo như sau."), gap=50
    )
    page.row((70, "Nơi nhận:"), (380, "CHỦ TỊCH")).row((70, "- Như trên;"), gap=60).row((370, "Phạm Văn Hùng"))
    extraction = page.read()
    found = by_name(extraction)
    assert extraction.template == "van_ban_hanh_chinh"
    assert (found["co_quan_ban_hanh"].value, found["so_ky_hieu"].value, found["dia_danh"].value) == (
        "ỦY BAN NHÂN DÂN PHƯỜNG HOA LƯ",
        "12/UBND-TP",
        "Hoa Lư",
    )
    assert (found["ngay_ban_hanh"].value, found["trich_yeu"].value) == ("2026-03-05", "rà soát hộ tịch")
    assert (found["chuc_vu"].value, found["nguoi_ky"].value, found["kinh_gui"].value) == (
        "CHỦ TỊCH",
        "Phạm Văn Hùng",
        "Sở Tư pháp tỉnh Ninh Bình",
    )


@pytest.fixture
def card(paper):
    def fill(number="037190001234"):
        page = (
            paper()
            .title("CĂN CƯỚC CÔNG DÂN")
            .row((200, "Citizen Identity Card"))
            .row(f"Số / No.: {number}")
            .row("Họ và tên / Full name:")
            .row("PHẠM THU HÀ")
        )
        return page.row("Ngày sinh / Date of birth: 05/06/1990").row("Giới tính / Sex: Nữ", (300, "Quốc tịch / Nationality: Việt Nam"))

    return fill


def with_card_code():
    """An A4 picture with nothing but a card's QR code."""
    code = segno.make("037190001234||Phạm Thu Hà|05061990|Nữ|phường Hoa Lư, tỉnh Ninh Bình|01022022", error="m")
    image = np.full((3508, 2480, 3), 255, np.uint8)
    drawn = np.kron(np.array([[0 if dark else 255 for dark in line] for line in code.matrix], np.uint8), np.ones((8, 8), np.uint8))
    image[2000 : 2000 + drawn.shape[0], 1200 : 1200 + drawn.shape[1]] = drawn[..., None]
    return image


@pytest.mark.parametrize(("printed", "result"), [("037190001234", "passed"), ("037190001235", "failed")])
def test_the_qr_code_of_a_card_is_compared_with_its_print(card, printed, result):
    image = with_card_code()
    extraction = card(printed).read(image)
    assert {check.code: check.result for check in extraction.checks}["qr_mismatch"] == result
    assert {field.name: field.source for field in extraction.fields}["qr"] == "qr"


def test_a_code_of_fine_modules_is_read_although_straightening_blurred_it():
    code = segno.make("064190176957|208188795|Mai Hoài Trang|18071990|Nữ|Hương Vĩ, Đầm Dơi, tỉnh Cà Mau|13082023", error="m", version=11)
    drawn = np.kron(np.array([[20 if dark else 235 for dark in line] for line in code.matrix], np.uint8), np.ones((8, 8), np.uint8))
    card = np.full((710, 960), 235, np.uint8)
    side = 96
    card[80 : 80 + side, 700 : 700 + side] = cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA)
    for turn in (-1.3, 1.0):
        turned = cv2.warpAffine(card, cv2.getRotationMatrix2D((480, 355), turn, 1), (960, 710), borderValue=235)
        assert card_code(cv2.GaussianBlur(turned, (3, 3), 0.6)) is not None


def zone(number="001190001234", born="900605", until="300605"):
    one = f"IDVNM{number[3:]}"
    one += check_digit(one[5:14]) + number + "<<"
    one += check_digit(number)
    two = born + check_digit(born) + "F" + until + check_digit(until) + "VNM" + "<" * 11
    two += check_digit(one[5:30] + two[0:7] + two[8:15] + two[18:29])
    return [one, two, "PHAM<<THU<HA".ljust(30, "<")]


def test_a_machine_readable_zone_with_right_digits_is_accepted(paper, by_name):
    page = (
        paper()
        .row("Nơi cư trú / Place of residence:")
        .row("phường Hoa Lư, tỉnh Ninh Bình")
        .row("Ngày, tháng, năm cấp / Date of issue: 21/07/2024", gap=60)
    )
    for line in zone():
        page.row(line)
    extraction = page.read()
    found = by_name(extraction)
    assert extraction.template == "cccd_mat_sau"
    assert (found["mrz_1"].status, found["mrz_1"].source, found["mrz_1"].value) == ("accepted", "mrz", zone()[0])


@pytest.mark.parametrize(("name", "status"), [("NGO<<NGOC<YENK", "review"), ("NGO<<NGOC<YEN", "accepted")])
def test_a_filler_read_as_a_k_at_a_names_end_is_looked_at(paper, by_name, name, status):
    page = paper().row("Nơi cư trú / Place of residence:").row("Ngày, tháng, năm cấp / Date of issue: 21/07/2024", gap=60)
    for line in (*zone()[:2], name.ljust(30, "<")):
        page.row(line)
    found = by_name(page.read())
    assert [found[f"mrz_{number}"].status for number in (1, 2, 3)] == ["accepted", "accepted", status]


def drawn_zone(lines, page):
    """The zone in a fixed-width face at 300 dpi, where the words of `page` say its rows stand."""
    image = Image.fromarray(np.full((3508, 2480, 3), 250, np.uint8))
    pen = ImageDraw.Draw(image)
    face = next(path for path in ZONE_FACES if Path(path).is_file())
    for number, line in enumerate(lines):
        words = [word for word in page.words if word.line == page.line - len(lines) + number]
        x, y = words[0].box[0] * 300 / 72, words[0].box[1] * 300 / 72
        pen.text((x, y), line, fill=(20, 20, 20), font=ImageFont.truetype(face, 44))
    return np.asarray(image)


ZONE_FACES = (
    "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
)


def test_a_zone_whose_fillers_were_read_as_dashes_is_read_again_from_the_picture(paper, by_name):
    if not any(Path(path).is_file() for path in ZONE_FACES):
        pytest.skip("no fixed-width face to draw a zone with")
    page = paper().row("Nơi cư trú / Place of residence:").row("phường Hoa Lư, tỉnh Ninh Bình")
    page.row("Ngày, tháng, năm cấp / Date of issue: 21/07/2024").row("BỘ CÔNG AN", gap=60)
    one, two, _ = zone()
    for line in (f"I DVNM {one[5:27]}--{one[29]}", two.replace("<", "-"), "PHAM -THU -HA KKKKKKKKK"):
        page.row(line)
    for number in (-3, -2, -1):
        words = [word for word in page.words if word.line == page.line + number]
        page.words[page.words.index(words[-1])] = type(words[-1])(
            words[-1].text, (words[-1].box[0], words[-1].box[1], 70 + 30 * 6.34, words[-1].box[3]), 0.4, words[-1].line
        )
    found = by_name(page.read(drawn_zone(zone(), page)))
    assert [found[name].value for name in ("mrz_1", "mrz_2", "mrz_3")] == zone()
    assert found["mrz_1"].status == "accepted"


def test_only_fillers_of_a_zone_are_completed():
    one, two, three = zone()
    assert completed([one.replace("<<", "<"), two.replace("<<<", "<<"), three[:20]]) == zone()
    assert completed([one[:20], two, three])[0] == one[:20]


def test_a_figure_read_as_both_of_two_that_look_alike_is_one():
    one, two, three = zone()
    assert completed([one.replace("0", "0O", 1), two.replace("0", "O0", 1), three]) == zone()


def test_an_old_card_says_its_marks_under_a_heading_in_the_middle(paper, by_name):
    page = paper().row("Dân tộc: Hoa", (200, "Tôn giáo: Không"), gap=30).row("Ngón trỏ trái", (230, "DẤU VẾT RIÊNG VÀ DỊ HÌNH"), gap=24)
    page.row((222, "Sẹo chấm C:2cm trên đuôi mày phải"), gap=40).row((240, "Ngày 15 tháng 03 năm 2015"))
    page.row((220, "GIÁM ĐỐC CA THÀNH PHỐ HỒ CHÍ MINH"), gap=60).row((250, "Hoàng Thị Ngọc Liên"))
    assert by_name(page.read())["dac_diem"].value == "Sẹo chấm C:2cm trên đuôi mày phải"


def test_a_number_in_capitals_is_no_line_of_a_card_s_title(paper):
    page = paper().title("GIẤY CHỨNG MINH NHÂN DÂN")
    page.y -= 6
    page.row((270, "SỐ 271565850")).row("Họ tên: Đinh Thị Ngọc Châu").row("Sinh ngày: 10-01-1990").row("Nguyên quán: Thới Sơn, Hải Phòng")
    assert page.read().template == "cmnd_mat_truoc"


def test_what_only_the_qr_code_says_goes_to_a_person(paper, by_name):
    image = with_card_code()
    page = paper().title("CĂN CƯỚC CÔNG DÂN").row("Citizen Identity Card").row("58037190001234")
    page.row("Ngày sinh / Date of birth: 05/06/1990")
    found = by_name(page.read(image))
    assert (found["ho_ten"].value, found["ho_ten"].source, found["ho_ten"].status) == ("Phạm Thu Hà", "qr", "review")
    assert found["ho_ten"].reason_code == "read_from_code"
    assert (found["so"].value, found["so"].source) == ("037190001234", "print")


def test_a_code_proves_nothing_about_a_number_that_was_taken_from_it(paper, by_name):
    image = with_card_code()
    page = paper().title("CĂN CƯỚC CÔNG DÂN").row("Citizen Identity Card").row("Ngày sinh / Date of birth: 05/06/1990")
    extraction = page.read(image)
    assert by_name(extraction)["so"].source == "qr"
    assert {check.code: check.result for check in extraction.checks}["qr_mismatch"] == "not_made"


def test_a_card_s_number_glued_to_its_label_is_compared_with_the_code(paper, by_name):
    page = paper().title("CĂN CƯỚC CÔNG DÂN").row("Citizen Identity Card").row("N6037190001234")
    page.row("Ngày sinh / Date of birth: 05/06/1990")
    number = by_name(page.read())["so"]
    assert (number.value, number.status) == ("037190001234", "review")


def test_a_card_s_small_second_language_may_be_unreadable(paper, by_name):
    page = paper().title("CĂN CƯỚC CÔNG DÂN").row("Citizen Identity Card").row("s 037190001234")
    page.row("Họ và tên /F ll n me").row((20, "ẢNH MẪU"), (70, "PHẠM THU HÀ"))
    found = by_name(page.row("Ngày sinh / D te f bi :05/06/1990").read())
    assert (found["ho_ten"].value, found["ngay_sinh"].value, found["so"].value) == ("PHẠM THU HÀ", "1990-06-05", "037190001234")


@pytest.mark.parametrize("line", [0, 1])
@pytest.mark.parametrize("position", [6, 13])
def test_every_misread_digit_of_the_zone_is_noticed(line, position):
    lines = zone()
    assert check_digits_hold(lines)
    wrong = lines[line][:position] + ("1" if lines[line][position] != "1" else "2") + lines[line][position + 1 :]
    assert not check_digits_hold([wrong if number == line else other for number, other in enumerate(lines)])


def test_reading_the_fields_of_a_page_is_quick(residence):
    import time

    page = residence(members=MEMBERS)
    page.read()
    started = time.process_time()
    for _ in range(5):
        page.read()
    assert (time.process_time() - started) / 5 < 0.15


def test_one_doubtful_cell_is_looked_at_and_not_its_whole_table(residence, by_name):
    page = residence(members=MEMBERS)
    page.words = [replace(word, confidence=0.3) if word.text == "Khôi" else word for word in page.words]
    table = by_name(page.read())["thanh_vien"]
    assert (table.status, table.reason_code) == ("review", "cells_doubtful")
    doubtful = [(cell.row, cell.column, cell.value, cell.reason_code) for cell in table.cells if cell.status == "review"]
    assert doubtful == [(1, "ho_ten", "Lê Minh Khôi", "low_confidence")]
    assert all(cell.box is not None for cell in table.cells)


def test_a_cell_goes_on_below_its_number(residence, by_name):
    broken = [(cells[0].replace(" An", "|An").replace(" Khôi", "|Khôi"), *cells[1:]) for cells in MEMBERS]
    page = residence(members=broken)
    assert [row["ho_ten"] for row in by_name(page.read())["thanh_vien"].value] == ["Lê Thu An", "Lê Minh Khôi"]


def test_a_word_over_a_table_s_border_is_doubted(residence, by_name):
    page = residence(members=MEMBERS)
    page.words = [replace(word, box=(90.0, word.box[1], 230.0, word.box[3])) if word.text == "An" else word for word in page.words]
    cells = [cell for cell in by_name(page.read())["thanh_vien"].cells if cell.row == 0]
    assert any(cell.status == "review" for cell in cells)


@pytest.mark.parametrize(("sure", "value", "reason"), [(0.9, "Lê Minh Tú", None), (0.1, None, "handwriting_unread")])
def test_a_blue_pen_is_handwriting_and_what_it_wrote_is_not_guessed(paper, by_name, sure, value, reason):
    image = np.full((2339, 1654, 3), 255, np.uint8)
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("1. Họ, chữ đệm và tên khai sinh: Lê Minh Tú").row("3. Giới tính: Nam")
    page.words = [replace(word, confidence=sure) if word.text in ("Lê", "Minh", "Tú") else word for word in page.words]
    for word in page.words:
        x0, y0, x1, y1 = (int(edge * 200 / 72) for edge in word.box)
        image[y0 + 8 : y1 - 8, x0 + 2 : x1 - 2] = (40, 60, 190) if word.text in ("Lê", "Minh", "Tú") else (30, 30, 30)
    found = by_name(page.read(image))
    assert (found["ho_ten"].source, found["ho_ten"].value, found["ho_ten"].reason_code) == ("handwriting", value, reason)
    assert found["ho_ten"].raw == "Lê Minh Tú"
    assert found["gioi_tinh"].source == "print"


@pytest.mark.parametrize("source", ["handwriting", "print"])
def test_a_blue_stamp_is_no_pen(paper, by_name, source):
    """Where the label is blue as well, what stands in its blank may have been printed with it."""
    image = np.full((2339, 1654, 3), 255, np.uint8)
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("1. Họ, chữ đệm và tên khai sinh: Lê Minh Tú").row("3. Giới tính: Nam")
    label, value = {"1.", "Họ,", "chữ", "đệm", "và", "tên", "khai", "sinh:"}, {"Lê", "Minh", "Tú"}
    for word in page.words:
        x0, y0, x1, y1 = (int(edge * 200 / 72) for edge in word.box)
        inked = word.text in value or (source == "print" and word.text in label)
        image[y0 + 8 : y1 - 8, x0 + 2 : x1 - 2] = (40, 60, 190) if inked else (30, 30, 30)
    assert by_name(page.read(image))["ho_ten"].source == source


def test_ink_that_was_kept_is_the_same_ink():
    image = np.full((400, 300, 3), 255, np.uint8)
    image[50:60, 40:200] = (20, 30, 200)
    image[100:110, 40:200] = 20
    ink = ink_of(image, (108.0, 144.0))
    kept = kept_ink(keep_ink(ink))
    assert np.array_equal(kept.dark, ink.dark)
    assert np.array_equal(kept.pen, ink.pen)
    assert (kept.written([(14, 17, 72, 23)]) > 0.9, kept.written([(14, 35, 72, 41)])) == (True, 0.0)


def test_a_date_in_words_inside_a_table_is_its_cell_s(paper):
    row = paper().row((60, "1"), (90, "Lê Thu An"), (215, "ngày 05 tháng 06 năm 2010"), (390, "Nữ"), (430, "001310004321"))
    signed = paper().row((330, "Hoa Lư, ngày 05 tháng 06 năm 2010"))
    assert [list(date_lines(lay_out((page.page(),)))) for page in (row, signed)] == [[], [(2, 3, 4, 5, 6, 7)]]


def test_an_official_s_heading_is_no_part_of_his_office(paper, by_name):
    page = paper().title("GIẤY KHAI SINH").row("Họ, chữ đệm, tên: Trần Minh Khang").row("Ngày, tháng, năm sinh: 05/10/2023")
    page.row((90, "NGƯỜI ĐI KHAI SINH"), (370, "NGƯỜI KÝ"), gap=14).row((90, "(Ký, ghi rõ họ tên)"), (372, "TUQ. CHỦ TỊCH"), gap=14)
    page.row((320, "CÔNG CHỨC TƯ PHÁP - HỘ TỊCH"), gap=60).row((90, "Trần Văn Bách"), (370, "Lê Hoài Xuân"))
    assert by_name(page.read())["chuc_vu_nguoi_ky"].value == "TUQ. CHỦ TỊCH CÔNG CHỨC TƯ PHÁP - HỘ TỊCH"


def test_the_book_s_kind_right_under_a_statement_s_title_is_none_of_its_words(paper, by_name):
    page = paper().row((400, "BẢN SAO")).title("BẰNG TỐT NGHIỆP TRUNG HỌC PHỔ THÔNG").row("Cấp cho: Lý Mạnh Sơn", gap=60)
    page.row((180, "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH"), gap=13).row((150, "Số chứng thực: 7641 quyển số: 21/2020 SCT/BS"), gap=13)
    page.row((220, "Ngày 28 tháng 11 năm 2020")).row((180, "Người thực hiện chứng thực ký, ghi rõ họ, tên và đóng dấu"))
    extraction = page.row((220, "CÔNG CHỨNG VIÊN"), gap=60).row((230, "Đoàn Mạnh Tùng")).read()
    assert (extraction.template, by_name(extraction)["so_chung_thuc"].value) == ("loi_chung_ban_sao", "7641")
