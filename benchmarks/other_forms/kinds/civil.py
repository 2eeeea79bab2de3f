"""What citizens file with the register of civil status: birth, marital status, copies of entries."""

from datetime import date, timedelta

from benchmarks.other_forms.invented import Citizen, Place, citizen, day_between
from benchmarks.other_forms.kinds.common import OATH, headed, lead, paper_of, signer, who
from benchmarks.other_forms.model import Answer, Boxes, Form, Group, Part, Sentence, SideBySide, Signatures, Words
from benchmarks.other_forms.writer import Writer
from samples.people import date_in_words

BIRTH_CODES = ("date_words_mismatch", "mother_id_gender", "id_birthyear_mismatch", "multiple_boxes", "copies_missing")
OLD_BIRTH_CODES = ("date_words_mismatch", "multiple_boxes", "copies_missing")
STATUS_CODES = ("id_gender_mismatch", "id_birthyear_mismatch")
COPY_CODES = ("id_gender_mismatch", "id_birthyear_mismatch", "id_length")
_REASONS = (
    "Để đăng ký kết hôn|Bổ sung hồ sơ vay vốn ngân hàng|Làm thủ tục chuyển nhượng quyền sử dụng đất|Bổ sung hồ sơ đi lao động ở nước ngoài"
)


def birth_registration(w: Writer) -> Form:
    """Declaration for the registration of a birth."""
    chance, filed = w.chance, w.filed()
    place = Place(chance, old=filed.year < 2025)
    born = day_between(chance, filed - timedelta(55), filed - timedelta(4))
    father = citizen(chance, place, "Nam", (1978, 2001))
    mother = citizen(chance, place, "Nữ", (1980, 2003))
    child = _born(w, place, born, father)
    parent = chance.choice((father, mother))
    known = chance.random() < 0.82 or parent is father
    wrong = w.breaks("date_words_mismatch", "ngay_sinh", "ngay_sinh_bang_chu")
    words = date_in_words(born + timedelta(chance.choice((1, 2, 10)) if wrong else 0))
    group = _child(w, child, words, _hospital(w, place))
    parts: list[Part] = [
        w.to(f"{place.authority}{f', {place.province}' if chance.random() < 0.6 else ''}"),
        _asker(w, parent, filed, "Cha" if parent is father else "Mẹ", born=True),
        lead(w, "Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:", "Đề nghị cơ quan đăng ký khai sinh cho người có tên dưới đây:"),
        headed(w, "NGƯỜI ĐƯỢC KHAI SINH", group, "II"),
        SideBySide((_parent(w, mother, "me", "Người mẹ", filed), _parent(w, father if known else None, "cha", "Người cha", filed))),
        Words(
            "Tôi cam đoan nội dung đề nghị đăng ký khai sinh trên đây là đúng sự thật, "
            "được sự thỏa thuận nhất trí của các bên liên quan theo quy định pháp luật. "
            "Tôi chịu hoàn toàn trách nhiệm trước pháp luật về nội dung cam đoan của mình.",
            "first",
        ),
    ]
    tail: list[Part] = [w.dated("ngay_lam_don", filed, w.ask("noi_lam", w.maybe(place.ward)), "Làm tại:"), _copies(w)]
    if chance.random() < 0.4:
        tail.reverse()
    parts += [*tail, Signatures([signer(w, "ho_ten_nguoi_yeu_cau_2", parent.name, "Người yêu cầu")])]
    return Form(["TỜ KHAI ĐĂNG KÝ KHAI SINH"], parts, remark=w.remark())


def status_request(w: Writer) -> Form:
    """Request for a certificate of marital status."""
    chance, filed = w.chance, w.filed()
    place = Place(chance, old=filed.year < 2025)
    person = citizen(chance, place, born=(1975, 2005))
    self_asked = chance.random() < 0.75
    asker = person if self_asked else citizen(chance, place, born=(1960, 1985))
    number = _broken_number(w, person, "giay_to")
    own = paper_of(w, person, filed, number)
    parts: list[Part] = [
        w.to(place.authority),
        _asker(w, asker, filed, "Bản thân" if self_asked else _kin(asker, older=False), paper=own if self_asked else ""),
        lead(
            w,
            "Đề nghị cấp Giấy xác nhận tình trạng hôn nhân cho người có tên dưới đây:",
            "Đề nghị cấp Giấy xác nhận tình trạng hôn nhân cho người có tên dưới đây:",
        ),
        headed(
            w,
            "NGƯỜI ĐƯỢC XÁC NHẬN",
            [
                w.ask("ho_ten", person.name),
                w.day("ngay_sinh", person.born),
                *who(w, person, "gioi_tinh", "dan_toc", "quoc_tich"),
                w.ask("noi_cu_tru", person.home),
                w.ask("giay_to", own),
                w.ask("tinh_trang_hon_nhan", _status(w)),
                *([w.ask("thoi_gian_cu_tru_tai", place.whole)] if chance.random() < 0.4 else []),
                w.ask("muc_dich", chance.choice(_REASONS.split("|"))),
            ],
            "II",
        ),
        Words(OATH, "first"),
        w.dated("ngay_lam_don", filed, w.ask("noi_lam", w.maybe(place.ward)), "Làm tại:"),
        Signatures([signer(w, "ho_ten_nguoi_yeu_cau_2", asker.name, "Người yêu cầu")]),
    ]
    return Form(
        ["TỜ KHAI", "CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN"]
        if chance.random() < 0.6
        else ["TỜ KHAI CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN"],
        parts,
        remark=w.remark(),
    )


def copy_request(w: Writer) -> Form:
    """Request for a copy of an entry of the register."""
    chance, filed = w.chance, w.filed()
    place = Place(chance, old=filed.year < 2025)
    person = citizen(chance, place, born=(1980, 2015))
    asker = citizen(chance, place, born=(1950, 1979))
    number = person.id12
    if w.breaks("id_gender_mismatch", "so_dinh_danh", "gioi_tinh"):
        number = person.id_with(sex=True)
    elif w.breaks("id_birthyear_mismatch", "so_dinh_danh", "ngay_sinh"):
        number = person.id_with(year=True)
    elif w.breaks("id_length", "so_dinh_danh", note="11 digits"):
        number = person.id12[:-1]
    entered = day_between(chance, max(person.born, filed - timedelta(3000)), filed - timedelta(20))
    entry = chance.choice(("khai sinh", "kết hôn") if person.born.year < 2000 else ("khai sinh",))
    known = w.checks or chance.random() < 0.85
    copies = chance.randint(1, 12)
    parts: list[Part] = [
        w.to(place.authority),
        _asker(w, asker, filed, _kin(asker, asker.born.year + 18 < person.born.year)),
        Sentence(
            [
                f"Đề nghị cơ quan cấp bản sao trích lục{chance.choice((':', ''))} ",
                w.ask("loai_trich_luc", entry),
                f" cho người {chance.choice(('có tên ', ''))}dưới đây:",
            ]
        ),
        headed(
            w,
            "NGƯỜI ĐƯỢC CẤP BẢN SAO",
            [
                w.ask("ho_ten", person.name),
                w.day("ngay_sinh", person.born),
                *who(w, person, "gioi_tinh", "dan_toc", "quoc_tich"),
                w.ask("noi_cu_tru", person.home),
                w.ask("giay_to", w.maybe(paper_of(w, person, filed) if known and not w.checks and person.born.year < 2010 else None)),
                w.ask("so_dinh_danh", number if known else None),
            ],
            "II",
        ),
        *_entry(w, place, entered),
        Group([w.ask("so_luong", copies, f"{copies:02}", unit="bản")]),
        Words(OATH, "first"),
        w.dated("ngay_lam_don", filed, w.ask("noi_lam", place.ward), "Làm tại:"),
        Signatures([signer(w, "ho_ten_nguoi_yeu_cau_2", asker.name, "Người yêu cầu")]),
    ]
    title = chance.choice(
        (["TỜ KHAI", "CẤP BẢN SAO TRÍCH LỤC HỘ TỊCH"], ["TỜ KHAI CẤP BẢN SAO TRÍCH LỤC HỘ TỊCH"], ["TỜ KHAI", "CẤP BẢN SAO TRÍCH LỤC"])
    )
    return Form(title, parts, remark=w.remark())


def _asker(w: Writer, asker: Citizen, filed: date, relation: str, *, born: bool = False, paper: str = "") -> Group:
    dated = born and "ngay_sinh_nguoi_yeu_cau" in w.template.fields
    number = asker.id12
    if dated and w.breaks("id_birthyear_mismatch", "giay_to_nguoi_yeu_cau", "ngay_sinh_nguoi_yeu_cau"):
        number = asker.id_with(year=True)
    answers = [
        w.ask("ho_ten_nguoi_yeu_cau", asker.name, brief=w.said("Họ, chữ đệm, tên").label),
        *([w.day("ngay_sinh_nguoi_yeu_cau", asker.born)] if dated else []),
        w.ask("noi_cu_tru_nguoi_yeu_cau", asker.home),
        w.ask("giay_to_nguoi_yeu_cau", paper or paper_of(w, asker, filed, number)),
        w.ask("quan_he", relation),
    ]
    return headed(w, "NGƯỜI YÊU CẦU", answers, "I")


def _entry(w: Writer, place: Place, entered: date) -> list[Part]:
    """Where and when the entry was made: a group in ruled layouts, else a line of running text as the legal form has it."""
    where = w.ask("noi_da_dang_ky", f"UBND {place.whole}")
    when = w.dated("ngay_da_dang_ky", entered).date
    number, book = (
        w.ask("so_dang_ky", str(w.chance.randint(3, 480)), label="Số"),
        w.ask("quyen_so", w.maybe(f"{w.chance.randint(1, 4):02}/{entered.year}")),
    )
    if w.style.layout in ("lines", "flowing", "tabbed", "under"):
        return [Group([where]), Sentence(["", when, "   Số: ", number, "   Quyển số: ", book], "plain")]
    when.label = "Ngày đăng ký"
    return [headed(w, "THÔNG TIN ĐĂNG KÝ", [where, when, number, book], "III")]


def _kin(asker: Citizen, older: bool) -> str:
    man, woman = ("Cha", "Mẹ") if older else ("Anh ruột", "Chị ruột")
    return man if asker.sex == "Nam" else woman


def _born(w: Writer, place: Place, born: date, father: Citizen) -> Citizen:
    child = citizen(w.chance, place, family=father.name.split()[0])
    return Citizen(child.name, child.sex, born, child.serial, child.home, child.code, father.ethnic, father.origin)


def _hospital(w: Writer, place: Place) -> str:
    house = w.chance.choice(("Bệnh viện Phụ sản", "Bệnh viện đa khoa tỉnh", "Trung tâm Y tế khu vực", "Trạm Y tế", "Bệnh viện Sản - Nhi"))
    return f"{house}{' ' + place.area if 'tỉnh' in house and w.chance.random() < 0.5 else ''}, {place.whole}"


def _child(w: Writer, child: Citizen, words: str, where: str) -> list[Answer]:
    return [
        w.ask("ho_ten", child.name),
        w.day("ngay_sinh", child.born),
        w.ask("ngay_sinh_bang_chu", words),
        *who(w, child, "gioi_tinh", "dan_toc", "quoc_tich"),
        w.ask("noi_sinh", where),
        w.ask("que_quan", child.origin),
    ]


def _parent(w: Writer, person: Citizen | None, end: str, heading: str, filed: date) -> Group:
    number = person.id12 if person else ""
    if person and end == "me" and w.template.fields.get("giay_to_me") and w.breaks("mother_id_gender", "giay_to_me"):
        number = person.id_with(sex=True)
    whole = w.chance.random() < 0.4
    born = person and (w.day(f"nam_sinh_{end}", person.born) if whole else w.ask(f"nam_sinh_{end}", str(person.born.year)))
    short = "Họ, chữ đệm, tên" if w.daring < 0.5 else "Họ và tên"
    answers = [
        w.ask(f"ho_ten_{end}", person and person.name, brief=short),
        born or w.ask(f"nam_sinh_{end}", None),
        w.ask(f"dan_toc_{end}", person and person.ethnic),
        w.ask(f"quoc_tich_{end}", person and "Việt Nam"),
        w.ask(f"noi_cu_tru_{end}", person and person.home),
    ]
    if f"giay_to_{end}" in w.template.fields:
        answers.append(w.ask(f"giay_to_{end}", person and paper_of(w, person, filed, number)))
    beside = w.style.beside != "one_by_one"
    return Group(
        answers,
        (f"Thông tin {heading.lower()}" if w.style.held_out and w.style.beside != "matrix" else heading) if beside or w.headed else "",
    )


def _copies(w: Writer) -> Boxes:
    asked = w.chance.random() < 0.6
    both = w.breaks("multiple_boxes", "cap_ban_sao_co", "cap_ban_sao_khong")
    missing = w.breaks("copies_missing", "cap_ban_sao_co", "so_luong_ban_sao")
    yes = asked or both or missing
    number = w.chance.randint(1, 9)
    copies = w.ask("so_luong_ban_sao", number if yes and not missing else None, f"{number:02}", unit="bản")
    return Boxes("Đề nghị cấp bản sao", [w.box("cap_ban_sao_co", yes), w.box("cap_ban_sao_khong", not yes or both)], tail=[copies])


def _broken_number(w: Writer, person: Citizen, field: str) -> str:
    if w.breaks("id_gender_mismatch", field, "gioi_tinh"):
        return person.id_with(sex=True)
    if w.breaks("id_birthyear_mismatch", field, "ngay_sinh"):
        return person.id_with(year=True)
    return person.id12


def _status(w: Writer) -> str:
    court = (
        f"Bản án số {w.chance.randint(3, 300)}/{w.chance.randint(2015, 2023)}/HNGĐ-ST của Tòa án nhân dân khu vực {w.chance.randint(1, 12)}"
    )
    return w.chance.choice(
        (
            "Chưa đăng ký kết hôn với ai",
            "Chưa đăng ký kết hôn với ai",
            f"Đã đăng ký kết hôn, nhưng đã ly hôn theo {court}; hiện tại chưa đăng ký kết hôn với ai",
        )
    )
