"""Request for the registration of a household business."""

import random
from datetime import timedelta

from benchmarks.other_forms.invented import TRADES, Citizen, Place, citizen, email, money_in_words, phone
from benchmarks.other_forms.kinds.common import signer
from benchmarks.other_forms.model import Answer, Boxes, Form, Grid, Group, Part, Signatures, Words
from benchmarks.other_forms.writer import Writer

CODES = (
    "id_gender_mismatch",
    "id_birthyear_mismatch",
    "money_words_mismatch",
    "tax_method",
    "multiple_boxes",
    "household_members_missing",
    "two_main_industries",
)
_SIGNS = "CỬA HÀNG TẠP HÓA|QUÁN ĂN|SALON TÓC|XƯỞNG MAY|CƠ SỞ SỬA CHỮA|TIỆM BÁNH|HỘ KINH DOANH"


def household_business(w: Writer) -> Form:
    """The request with its owner, seat, trades, capital, taxes and members."""
    chance, filed = w.chance, w.filed()
    place = Place(chance)
    owner = citizen(chance, place)
    amount = chance.choice((20, 30, 45, 50, 80, 100, 150, 200, 350, 500, 1200)) * 10**6
    wrong = w.breaks("money_words_mismatch", "von_bang_so", "von_bang_chu")
    words = money_in_words(amount * 10 if wrong else amount)
    members = _members(w, place, owner)
    start = filed + timedelta(chance.randint(1, 25))
    workers = chance.randint(1, 12)
    parts: list[Part] = [
        w.dated("ngay_lam_don", filed, place.ward),
        w.to(f"{chance.choice(('Phòng Kinh tế', 'Phòng Kinh tế, Hạ tầng và Đô thị', 'Phòng Tài chính - Kế hoạch'))} {place.commune}"),
        Group(_owner(w, owner)),
        Words("Nơi thường trú:", "heading"),
        Group(_where(w, "thuong_tru", place)),
        Words("Nơi ở hiện tại:", "heading"),
        Group(_where(w, "hien_tai", place if chance.random() < 0.6 else Place(chance))),
        Words("Đăng ký hộ kinh doanh do tôi là chủ hộ với các nội dung sau:", "centre" if chance.random() < 0.5 else "heading"),
        Words("1. Tên hộ kinh doanh:", "heading"),
        Group(
            [
                w.ask("ten_ho_kinh_doanh", _name(chance, owner)),
                w.ask("ten_nuoc_ngoai", None),
                w.ask("ten_viet_tat", w.maybe(f"HKD {owner.name.split()[-1]}", 0.6)),
            ]
        ),
        Words("2. Trụ sở của hộ kinh doanh:", "heading"),
        *_seat(w, place, owner),
        _trades(w),
        Words("4. Vốn kinh doanh:", "heading"),
        Group([w.amount("von_bang_so", amount, unit=chance.choice(("đồng", ""))), w.ask("von_bang_chu", words)]),
        Words("5. Thông tin đăng ký thuế:", "heading"),
        Group(
            [
                w.ask("dia_chi_thue", w.maybe(place.address(), 0.3)),
                w.day("ngay_bat_dau", start),
                w.ask(
                    "so_lao_dong", workers, f"{workers:02}" if chance.random() < 0.5 else str(workers), unit=chance.choice(("người", ""))
                ),
            ]
        ),
        *_taxes(w, bool(members)),
        Grid(
            "Thông tin về các thành viên hộ gia đình",
            list(zip(_MEMBER_HEAD, (0.05, 0.15, 0.11, 0.14, 0.07, 0.08, 0.08, 0.17, 0.15), strict=True)),
            members,
            number="7",
            blank=1 if not members else chance.randint(0, 1),
        ),
        Words(
            "Tôi xin cam kết bản thân không thuộc diện pháp luật cấm kinh doanh "
            "và chịu trách nhiệm về tính trung thực của nội dung đăng ký trên.",
            "first",
        ),
        Signatures([signer(w, "ho_ten_chu_ho_kinh_doanh", owner.name, "CHỦ HỘ KINH DOANH")]),
    ]
    return Form(["GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH"], parts, remark=w.remark())


_MEMBER_HEAD = (
    "STT",
    "Họ tên",
    "Ngày, tháng, năm sinh",
    "Số định danh cá nhân",
    "Giới tính",
    "Quốc tịch",
    "Dân tộc",
    "Nơi thường trú",
    "Nơi ở hiện tại",
)


def _name(chance: random.Random, owner: Citizen) -> str:
    ending = chance.choice(("PHÁT", "LỘC", "THỊNH", "VIỆT", "ANH"))
    return f"{chance.choice(_SIGNS.split('|'))} {owner.name.split()[-1].upper()} {ending}"


def _owner(w: Writer, owner: Citizen) -> list[Answer]:
    number = owner.id12
    if w.breaks("id_gender_mismatch", "so_dinh_danh", "gioi_tinh"):
        number = owner.id_with(sex=True)
    elif w.breaks("id_birthyear_mismatch", "so_dinh_danh", "ngay_sinh"):
        number = owner.id_with(year=True)
    digits, shown = phone(w.chance)
    return [
        w.ask("ho_ten", owner.name.upper()),
        w.day("ngay_sinh", owner.born),
        w.ask("gioi_tinh", owner.sex),
        w.ask("so_dinh_danh", number),
        w.ask("dien_thoai", digits, shown),
        w.ask("email", w.maybe(email(w.chance, owner), 0.4)),
    ]


def _where(w: Writer, start: str, place: Place) -> list[Answer]:
    bare = w.chance.random() < 0.5
    return [
        w.ask(f"{start}_chi_tiet", place.detail()),
        w.ask(f"{start}_xa", place.ward if bare else place.commune.capitalize()[:1] + place.commune[1:]),
        w.ask(f"{start}_tinh", place.area if bare else place.province[:1].upper() + place.province[1:]),
    ]


def _seat(w: Writer, place: Place, owner: Citizen) -> list[Part]:
    digits, shown = phone(w.chance)
    known = w.chance.random() < 0.6
    answers = [
        *_where(w, "tru_so", place),
        w.ask("dien_thoai_tru_so", digits if known else None, shown),
        w.ask("fax", None),
        w.ask("email_tru_so", w.maybe(email(w.chance, owner), 0.7)),
        w.ask("website", w.maybe("www.cuahang.example", 0.85)),
    ]
    return [Group(answers), Boxes("", [w.box("khong_kd_tai_tru_so", w.chance.random() < 0.15)], after=False)]


def _trades(w: Writer) -> Grid:
    count = w.chance.randint(1, 3)
    two = w.breaks("two_main_industries", "nganh_nghe")
    count = max(2, count) if two else count
    rows: list[list[Answer | str]] = []
    for number, (trade, code) in enumerate(w.chance.sample(TRADES, count), 1):
        main = number == 1 or (two and number == 2)
        rows.append(
            [
                "",
                w.cell("nganh_nghe", number, "ten", trade),
                w.cell("nganh_nghe", number, "ma", code),
                w.cell("nganh_nghe", number, "chinh", main, "X" if main else ""),
            ]
        )
    last = "Ngành, nghề kinh doanh chính (đánh dấu X)" if w.daring < 0.5 else "Ngành, nghề kinh doanh chính"
    columns = list(zip(("STT", "Tên ngành", "Mã ngành", last), (0.08, 0.52, 0.15, 0.25), strict=True))
    return Grid("Ngành, nghề kinh doanh", columns, rows, number="3", blank=w.chance.randint(0, 1))


def _taxes(w: Writer, household: bool) -> list[Part]:
    both = w.breaks("tax_method", "thue_ke_khai", "thue_khoan")
    declared = w.chance.random() < 0.5
    owners = w.breaks("multiple_boxes", "chu_the_ca_nhan", "chu_the_gia_dinh")
    family = household or owners or "household_members_missing" in w.checks
    return [
        Boxes(
            "Phương pháp tính thuế GTGT",
            [w.box("thue_ke_khai", declared or both), w.box("thue_khoan", not declared or both)],
            "5.4",
            after=False,
        ),
        Boxes(
            "Chủ thể thành lập hộ kinh doanh",
            [w.box("chu_the_ca_nhan", not family or owners), w.box("chu_the_gia_dinh", family)],
            "6",
            after=False,
        ),
    ]


def _members(w: Writer, place: Place, owner: Citizen) -> list[list[Answer | str]]:
    if w.breaks("household_members_missing", "chu_the_gia_dinh", "thanh_vien"):
        return []
    rows: list[list[Answer | str]] = []
    for number in range(1, w.chance.choice((0, 0, 1, 2)) + 1):
        one = citizen(w.chance, place, family=owner.name.split()[0])
        said = {
            "ho_ten": one.name,
            "ngay_sinh": (one.born.isoformat(), f"{one.born:%d/%m/%Y}"),
            "so_dinh_danh": one.id12,
            "gioi_tinh": one.sex,
            "quoc_tich": "Việt Nam",
            "dan_toc": one.ethnic,
            "thuong_tru": one.home,
            "hien_tai": place.whole,
        }
        rows.append(
            ["", *(w.cell("thanh_vien", number, name, *(value if isinstance(value, tuple) else (value,))) for name, value in said.items())]
        )
    return rows
