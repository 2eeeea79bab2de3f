"""Request for a criminal record certificate."""

from benchmarks.other_forms.invented import Place, citizen, email, issue_day, office, phone
from benchmarks.other_forms.kinds.common import signer
from benchmarks.other_forms.model import Answer, Boxes, Form, Grid, Group, Part, Signatures, Words
from benchmarks.other_forms.writer import Writer

CODES = ("id_gender_mismatch", "id_birthyear_mismatch", "multiple_boxes", "id_length")
_WORK = "Học sinh|Sinh viên|Kế toán, cửa hàng Hoa Mai|Công nhân|Nông nghiệp|Lái xe tự do|Giáo viên, trường THCS An Khánh|Kinh doanh"


def criminal_record(w: Writer) -> Form:
    """The request with parents, spouse and the places where somebody lived."""
    chance, filed = w.chance, w.filed()
    place = Place(chance, old=filed.year < 2025)
    person = citizen(chance, place, born=(1975, 2004))
    number = person.id12
    if w.breaks("id_gender_mismatch", "so_giay_to", "gioi_tinh"):
        number = person.id_with(sex=True)
    elif w.breaks("id_birthyear_mismatch", "so_giay_to", "ngay_sinh"):
        number = person.id_with(year=True)
    elif w.breaks("id_length", "so_giay_to", note="13 digits"):
        number = person.id12 + str(chance.randrange(10))
    digits, shown = phone(chance)
    copies = chance.randint(1, 3)
    answers = [
        w.ask("ho_ten", person.name.upper() if chance.random() < 0.5 else person.name),
        w.ask("ten_goi_khac", w.maybe(citizen(chance, place, person.sex).name, 0.75)),
        w.day("ngay_sinh", person.born),
        w.ask("gioi_tinh", person.sex),
        w.ask("noi_sinh", place.whole),
        w.ask("quoc_tich", "Việt Nam"),
        w.ask("dan_toc", person.ethnic),
        w.ask("noi_thuong_tru", person.home),
        w.ask("noi_tam_tru", w.maybe(Place(chance).address(), 0.6)),
        w.ask("so_giay_to", number),
        w.day("ngay_cap_giay_to", issue_day(chance, filed)),
        w.ask("noi_cap_giay_to", office(chance)),
        *_relative(w, "cha", citizen(chance, place, "Nam", (1940, 1955), person.name.split()[0]).name, 1941),
        *_relative(w, "me", citizen(chance, place, "Nữ", (1942, 1957)).name, 1944),
        *_relative(w, "vo_chong", w.maybe(citizen(chance, place, "Nữ" if person.sex == "Nam" else "Nam").name, 0.4), 1976),
        w.ask("dien_thoai", digits, shown),
        w.ask("email", w.maybe(email(chance, person), 0.4)),
    ]
    both = w.breaks("multiple_boxes", "phieu_so_1", "phieu_so_2")
    one, banned = chance.random() < 0.7, chance.random() < 0.3
    ban = "Yêu cầu xác nhận về nội dung cấm đảm nhiệm chức vụ, thành lập, quản lý doanh nghiệp, hợp tác xã theo quyết định tuyên bố phá sản"
    parts: list[Part] = [
        w.to(chance.choice((f"Sở Tư pháp {place.province}", f"Công an {place.province}"))),
        Group(answers),
        _lived(w),
        Group([w.ask("an_tich", chance.choice(("Không có", "Không")))]),
        Boxes("Yêu cầu cấp Phiếu lý lịch tư pháp", [w.box("phieu_so_1", one or both), w.box("phieu_so_2", not one or both)]),
        Boxes(ban, [w.box("xac_nhan_cam_co", banned), w.box("xac_nhan_cam_khong", not banned)]),
        Group(
            [
                w.ask(
                    "muc_dich",
                    chance.choice(("Xin việc làm", "Bổ sung hồ sơ dự tuyển công chức", "Làm hồ sơ du học", "Xin giấy phép lao động")),
                ),
                w.ask("so_luong", copies, f"{copies:02}", unit="phiếu"),
            ]
        ),
        Words("Tôi xin cam đoan những lời khai trên là đúng sự thật và chịu trách nhiệm trước pháp luật về lời khai của mình.", "first"),
        w.dated("ngay_lam_don", filed, place.area),
        Signatures([signer(w, "ho_ten_nguoi_khai", person.name, "Người khai")]),
    ]
    title = ["TỜ KHAI", "YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP"]
    return Form(chance.choice((title, [" ".join(title)])), parts, remark=w.remark())


def _relative(w: Writer, end: str, name: str | None, year: int) -> list[Answer]:
    born = w.day(f"ngay_sinh_{end}", None) if not name else _year(w, end, year)
    return [w.ask(f"ho_ten_{end}", name), born]


def _year(w: Writer, end: str, year: int) -> Answer:
    day = citizen(w.chance, Place(w.chance), born=(year, year + 14)).born
    return w.day(f"ngay_sinh_{end}", day) if w.chance.random() < 0.6 else w.ask(f"ngay_sinh_{end}", str(day.year))


def _lived(w: Writer) -> Grid:
    start = w.chance.randint(2005, 2014)
    rows: list[list[Answer | str]] = []
    for number in range(1, w.chance.randint(1, 3) + 1):
        end = start + w.chance.randint(2, 5)
        span = f"{w.chance.randint(1, 12):02}/{start} - {f'{w.chance.randint(1, 12):02}/{end}' if end < 2024 else 'nay'}"
        cells = {"thoi_gian": span, "noi_cu_tru": Place(w.chance, old=end < 2025).whole, "nghe": w.chance.choice(_WORK.split("|"))}
        rows.append([w.cell("cu_tru", number, name, value) for name, value in cells.items()])
        start = end
    head = ("Từ tháng, năm đến tháng, năm", "Nơi thường trú/Tạm trú", "Nghề nghiệp, nơi làm việc")
    columns = list(zip(head, (0.24, 0.44, 0.32), strict=True))
    return Grid("QUÁ TRÌNH CƯ TRÚ CỦA BẢN THÂN (Tính từ khi đủ 14 tuổi)", columns, rows, numbered=False, blank=w.chance.randint(0, 2))
