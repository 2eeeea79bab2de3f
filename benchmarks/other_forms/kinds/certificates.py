"""What offices give out: birth certificate, certificate of marital status, certification of a copy."""

from calendar import monthrange
from datetime import date, timedelta

from benchmarks.other_forms.invented import Citizen, Place, citizen, day_between
from benchmarks.other_forms.kinds.common import leader_title, paper_of, who
from benchmarks.other_forms.model import Answer, Form, Free, Group, Part, Sentence, SideBySide, Signatures, Signer, Words
from benchmarks.other_forms.writer import Writer, spoken
from samples.people import date_in_words

BIRTH_CODES = ("date_words_mismatch", "id_gender_mismatch", "id_birthyear_mismatch")
STATUS_CODES = ("id_gender_mismatch", "id_birthyear_mismatch", "expiry_not_6_months")
COPY_CODES = ("signature_certification",)


def birth_certificate(w: Writer) -> Form:
    """A birth certificate, with or without the number of its book."""
    chance, day = w.chance, w.filed()
    place = Place(chance, old=day.year < 2025)
    born = day_between(chance, day - timedelta(58), day - timedelta(3))
    father, mother = citizen(chance, place, "Nam", (1975, 2000)), citizen(chance, place, "Nữ", (1978, 2002))
    young = citizen(chance, place, family=father.name.split()[0])
    child = Citizen(young.name, young.sex, born, young.serial, young.home, young.code, father.ethnic, father.origin)
    declarer = chance.choice((father, mother))
    wrong = w.breaks("date_words_mismatch", "ngay_sinh", "ngay_sinh_bang_chu")
    words = date_in_words(born + timedelta(chance.choice((1, 5, 30)) if wrong else 0))
    number, year = chance.randint(5, 480), day.year
    own = child.id12
    if w.breaks("id_gender_mismatch", "so_dinh_danh", "gioi_tinh"):
        own = child.id_with(sex=True)
    elif w.breaks("id_birthyear_mismatch", "so_dinh_danh", "ngay_sinh"):
        own = child.id_with(year=True)
    first: list[str | Answer] = ["Số: ", w.ask("so", f"{number}/{year}" if chance.random() < 0.6 else str(number))]
    if w.template.version.endswith("quyen_so"):
        first += ["    Quyển số: ", w.ask("quyen_so", f"{chance.randint(1, 4):02}/{year}")]
    entry = w.dated("ngay_dang_ky", day).date if chance.random() < 0.5 else w.day("ngay_dang_ky", day)
    leader = citizen(chance, place)
    signers = [Signer(["NGƯỜI ĐI KHAI SINH"], w.ask("ho_ten_nguoi_di_khai_sinh_2", declarer.name))] if chance.random() < 0.35 else []
    signers.append(_head_of(w, place, leader.name, "NGƯỜI KÝ GIẤY KHAI SINH", "nguoi_ky"))
    parts: list[Part] = [
        Sentence(first, "centre"),
        Group(
            [
                w.ask("ho_ten", child.name),
                w.day("ngay_sinh", born),
                w.ask("ngay_sinh_bang_chu", words[0].upper() + words[1:]),
                *who(w, child, "gioi_tinh", "dan_toc", "quoc_tich"),
                w.ask("noi_sinh", f"{chance.choice(('Bệnh viện đa khoa', 'Trung tâm Y tế', 'Bệnh viện Phụ sản'))}, {place.whole}"),
                w.ask("que_quan", child.origin),
                *([w.ask("so_dinh_danh", own)] if w.checks or chance.random() < 0.8 else []),
            ]
        ),
        SideBySide((_parent(w, mother, "me", "Người mẹ", day), _parent(w, father, "cha", "Người cha", day))),
        Group(
            [
                w.ask("ho_ten_nguoi_di_khai_sinh", declarer.name),
                w.ask("giay_to_nguoi_di_khai_sinh", paper_of(w, declarer, day)),
                w.ask("noi_dang_ky", f"{place.authority}, {place.province}"),
                entry,
            ]
        ),
        Signatures(signers),
    ]
    return Form(["GIẤY KHAI SINH"], parts, agency=_agency(w, place) if chance.random() < 0.5 else [])


def marital_status(w: Writer) -> Form:
    """A certificate of marital status."""
    chance, day = w.chance, w.filed()
    place = Place(chance, old=day.year < 2025)
    person = citizen(chance, place, born=(1975, 2004))
    number = person.id12
    if w.breaks("id_gender_mismatch", "giay_to", "gioi_tinh"):
        number = person.id_with(sex=True)
    elif w.breaks("id_birthyear_mismatch", "giay_to", "ngay_sinh"):
        number = person.id_with(year=True)
    wrong = w.breaks("expiry_not_6_months", "ngay_cap", "gia_tri_den")
    until = _months_on(day, 9 if wrong else 6)
    address = "ông" if person.sex == "Nam" else "bà"
    asked = chance.choice((f"{address} {person.name}", "bản thân"))
    issued = w.dated("ngay_cap", day)
    head = Free(
        f'<div class="top"><div>Số: {{0}}</div><div><i>{place.ward}, {{1}}</i></div></div>',
        [w.ask("so_ky_hieu", f"{chance.randint(3, 600)}/{chance.choice(('UBND-XNTTHN', 'XNTTHN-UBND', 'UBND-GXN'))}"), issued.date],
    )
    validity: list[str | Answer] = [
        "Giấy này có giá trị sử dụng trong thời hạn ",
        w.ask("thoi_han", chance.choice(("6 tháng", "06 tháng"))),
        ", kể từ ngày cấp",
    ]
    if wrong or chance.random() < 0.5:
        validity += [", đến hết ", w.ask("gia_tri_den", until.isoformat(), spoken(until))]
    validity += [
        ", được sử dụng để ",
        w.ask("muc_dich", chance.choice(("đăng ký kết hôn", "bổ sung hồ sơ vay vốn ngân hàng", "làm thủ tục mua bán nhà đất"))),
        ".",
    ]
    since = day_between(chance, date(2012, 1, 1), day - timedelta(700))
    if chance.random() < 0.5:
        lived: list[Part] = [
            Sentence(
                [
                    "Trong thời gian cư trú tại: ",
                    w.ask("noi_cu_tru_xac_nhan", place.whole),
                    ", từ ",
                    _spoken(w, "tu_ngay", since),
                    " đến ",
                    _spoken(w, "den_ngay", day),
                    ".",
                ],
                "plain",
            )
        ]
    else:
        lived = []
    parts: list[Part] = [
        Sentence(
            [
                f"Xét đề nghị của {chance.choice(('ông/bà', address))}: ",
                w.ask("ho_ten_nguoi_de_nghi", person.name),
                ", về việc cấp Giấy xác nhận tình trạng hôn nhân cho ",
                w.ask("cap_cho", asked),
                ",",
            ]
        ),
        Words("XÁC NHẬN:", "centre"),
        Group(
            [
                w.ask("ho_ten", person.name),
                w.day("ngay_sinh", person.born),
                *who(w, person, "gioi_tinh", "dan_toc", "quoc_tich"),
                w.ask("giay_to", paper_of(w, person, day, number)),
                w.ask("noi_cu_tru", person.home),
            ]
        ),
        *lived,
        Group([w.ask("tinh_trang_hon_nhan", chance.choice(("Chưa đăng ký kết hôn với ai", "Hiện tại chưa đăng ký kết hôn với ai")))]),
        Sentence(validity),
        Signatures([_head_of(w, place, citizen(chance, place).name, "NGƯỜI KÝ GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN", "nguoi_ky")]),
    ]
    return Form(["GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN"], parts, agency=_agency(w, place), before=[head])


def certified_copy(w: Writer) -> Form:
    """A copied paper with the certification of the copy, or of a signature, below."""
    chance, day = w.chance, w.filed()
    place = Place(chance, old=day.year < 2025)
    signature = w.breaks("signature_certification", "loai_so", "tieu_de", note="certifies a signature, not a copy")
    title = "CHỨNG THỰC CHỮ KÝ" if signature else "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH"
    book = chance.choice((f"{chance.randint(1, 30):02}/{day.year}", f"{chance.randint(1, 30):02}"))
    kind = chance.choice(("SCT/CK, ĐC", "SCT/CK")) if signature else "SCT/BS"
    office, position = chance.choice(
        (
            (f"ỦY BAN NHÂN DÂN {place.commune.upper()}", "CHỦ TỊCH"),
            (f"ỦY BAN NHÂN DÂN {place.commune.upper()}", "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH"),
            (f"PHÒNG TƯ PHÁP {(place.district or 'huyện ' + place.ward).upper()}", "TRƯỞNG PHÒNG"),
            (f"VĂN PHÒNG CÔNG CHỨNG {citizen(chance, place).name.upper()}", "CÔNG CHỨNG VIÊN"),
        )
    )
    answers = [
        w.ask("tieu_de", title),
        w.ask("so_chung_thuc", f"{chance.randint(12, 9800):0{chance.choice((1, 5))}}"),
        w.ask("quyen_so", book),
        w.ask("loai_so", kind),
        _spoken(w, "ngay_chung_thuc", day, capital=True),
        w.ask("co_quan_chung_thuc", office),
        _position(w, "chuc_vu", position),
        w.ask("nguoi_chung_thuc", citizen(chance, place).name),
    ]
    joint = chance.choice((" - ", " – ", " ")) if not w.style.held_out else chance.choice((", ", "; ", " / "))
    signing = Signatures(
        [Signer([answers[5]], answers[7], "", position=answers[6], seal=_ring(place) if not office.startswith("VĂN") else None)]
    )
    side = chance.choice(("margin-left:32%", "margin:0 auto;width:78%", "margin-left:44%"))
    block = Free(
        f'<div style="text-align:center;{side};line-height:1.3"><b>{{0}}</b><br>'
        f"Số chứng thực: {{1}} quyển số: {{2}}{joint}{{3}}<br>{{4}}<br>"
        "<i>Người thực hiện chứng thực ký, ghi rõ họ, tên và đóng dấu</i></div>",
        answers[:5],
    )
    return Form([], [*_copied(w, place), block, signing], state=False)


def _copied(w: Writer, place: Place) -> list[Part]:
    """The paper that was copied: a diploma, a contract, somebody's certificate."""
    chance = w.chance
    person, rector = citizen(chance, place), citizen(chance, place)
    day = day_between(chance, date(2005, 1, 1), date(2018, 12, 31))
    title, lines = chance.choice(
        (
            (
                "BẰNG TỐT NGHIỆP TRUNG HỌC PHỔ THÔNG",
                ("Cấp cho: {n}", "Sinh ngày: {b}", "Học sinh trường: THPT {p}", "Khóa thi ngày: {d}", "Số hiệu: B {k}"),
            ),
            (
                "HỢP ĐỒNG THUÊ NHÀ",
                (
                    "Bên cho thuê: {n}",
                    "Bên thuê: {m}",
                    "Bên A đồng ý cho bên B thuê căn nhà tại {p} với giá 4.500.000 đồng mỗi tháng.",
                    "Thời hạn thuê: 24 tháng, kể từ ngày {d}.",
                ),
            ),
            ("CHỨNG CHỈ TIN HỌC", ("Chứng nhận: {n}", "Sinh ngày: {b}", "Đạt yêu cầu kỳ thi ngày {d}, xếp loại Khá", "Số vào sổ: {k}")),
        )
    )
    values = {
        "n": person.name,
        "m": rector.name,
        "b": f"{person.born:%d/%m/%Y}",
        "p": place.ward,
        "d": f"{day:%d/%m/%Y}",
        "k": chance.randint(10000, 99999),
    }
    body = "".join(f"<div>{line.format(**values)}</div>" for line in lines)
    stamp = f'<div style="text-align:right;margin:0.4em 1em 0 0"><b>ĐẠI DIỆN</b><br><br><br>{rector.name}</div>'
    return [
        Free('<div style="text-align:right;font-weight:bold;font-size:1.2em;letter-spacing:2px">BẢN SAO</div>', []),
        Free(
            '<div style="border:1px solid #555;padding:4mm 6mm;margin:2mm 0 6mm;font-family:serif"><div style="text-align:center">'
            "<b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM<br>Độc lập - Tự do - Hạnh phúc</b></div>"
            f'<div class="title">{title}</div>{body}{stamp}</div>',
            [],
        ),
    ]


def _parent(w: Writer, person: Citizen, end: str, heading: str, day: date) -> Group:
    whole = w.chance.random() < 0.4
    answers = [
        w.ask(f"ho_ten_{end}", person.name, brief="Họ, chữ đệm, tên"),
        w.day(f"nam_sinh_{end}", person.born) if whole else w.ask(f"nam_sinh_{end}", str(person.born.year)),
        w.ask(f"dan_toc_{end}", person.ethnic),
        w.ask(f"quoc_tich_{end}", "Việt Nam"),
        w.ask(f"noi_cu_tru_{end}", person.home),
    ]
    return Group(answers, heading if w.style.beside != "one_by_one" else "")


def _agency(w: Writer, place: Place) -> list[str]:
    name = place.commune.upper()
    upper = (place.district or place.province).upper()
    return w.chance.choice((["ỦY BAN NHÂN DÂN", name], [f"UBND {upper}", f"ỦY BAN NHÂN DÂN<br>{name}"], ["", f"ỦY BAN NHÂN DÂN<br>{name}"]))


def _head_of(w: Writer, place: Place, name: str, label: str, end: str) -> Signer:
    position = _position(w, f"chuc_vu_{end}", leader_title(w.chance))
    signing = w.ask(f"ho_ten_{end}", name)
    note = w.chance.choice(("(Ký, ghi rõ họ, chữ đệm, tên, chức vụ và đóng dấu)", "(Ký, ghi rõ họ tên, chức vụ, đóng dấu)", ""))
    short = "NGƯỜI KÝ" if w.chance.random() < 0.3 else label
    return Signer([short], signing, note, position=position, seal=_ring(place))


def _position(w: Writer, name: str, lines: str) -> Answer:
    return w.ask(name, lines.replace("\n", " "), lines)


def _ring(place: Place) -> tuple[str, str]:
    return (f"ỦY BAN NHÂN DÂN {place.commune.upper()}", place.province.upper())


def _spoken(w: Writer, name: str, day: date, capital: bool = False) -> Answer:
    words = spoken(day)
    return w.ask(name, day.isoformat(), words[0].upper() + words[1:] if capital else words)


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    return date(day.year + year, month + 1, min(day.day, monthrange(day.year + year, month + 1)[1]))
