"""Administrative papers after NĐ 30/2020/NĐ-CP: decisions, letters, announcements, invitations and others."""

import html
from collections.abc import Callable
from datetime import date, timedelta

from benchmarks.other_forms.invented import Place, citizen
from benchmarks.other_forms.model import Answer, Form, Free, Part, Sentence, Signatures, Signer, Words
from benchmarks.other_forms.writer import Writer, spoken

_ABOUT = (
    "phê duyệt Kế hoạch chuyển đổi số năm {y}",
    "kiện toàn Ban Chỉ đạo cải cách hành chính {p}",
    "tăng cường công tác phòng cháy, chữa cháy mùa hanh khô",
    "rà soát, chuẩn hóa dữ liệu hộ tịch trên địa bàn",
    "cử cán bộ tham gia lớp bồi dưỡng nghiệp vụ văn thư, lưu trữ",
    "tổ chức Hội nghị sơ kết công tác 6 tháng đầu năm {y}",
    "hỗ trợ kinh phí sửa chữa nhà văn hóa thôn",
)
_SENTENCES = (
    "Thực hiện chỉ đạo của Ủy ban nhân dân cấp trên về việc đẩy mạnh cải cách thủ tục hành chính, "
    "đơn vị đã rà soát toàn bộ hồ sơ tồn đọng và báo cáo kết quả theo quy định.",
    "Đề nghị các đơn vị nghiêm túc triển khai, định kỳ báo cáo kết quả thực hiện về Văn phòng trước ngày {d} để tổng hợp.",
    "Trong quá trình thực hiện, nếu có vướng mắc, đề nghị phản ánh về Văn phòng (điện thoại: 0243.{k}) để được hướng dẫn, giải quyết.",
    "Kinh phí thực hiện được bố trí từ nguồn ngân sách năm {y} và các nguồn huy động hợp pháp khác, tổng số tiền là {m}.000.000 đồng.",
    "Các ông (bà) có tên nêu trên chịu trách nhiệm thi hành kể từ ngày ký.",
)
_BASES = (
    "Căn cứ Luật Tổ chức chính quyền địa phương;",
    "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
    "Xét đề nghị của Chánh Văn phòng tại Tờ trình số {k}/TTr-VP.",
)
# Kind of paper, its sign in the number.
_KINDS = {
    "QUYẾT ĐỊNH": "QĐ",
    "": "",
    "THÔNG BÁO": "TB",
    "GIẤY MỜI": "GM",
    "TỜ TRÌNH": "TTr",
    "BÁO CÁO": "BC",
    "KẾ HOẠCH": "KH",
    "GIẤY PHÉP": "GP",
    "GIẤY GIỚI THIỆU": "GGT",
    "BIÊN BẢN": "BB",
    "GIẤY XÁC NHẬN": "GXN",
}


def official(kind: str) -> Callable[[Writer], Form]:
    """What draws papers of that kind; "" is an official letter."""
    return lambda w: _official(w, kind)


def _official(w: Writer, kind: str) -> Form:
    chance, day = w.chance, w.filed()
    place = Place(chance)
    upper, own, letters, position = _agency(w, place)
    about = chance.choice(_ABOUT).format(y=day.year, p=place.commune)
    whose = f"{_KINDS[kind]}-{letters}" if kind else f"{letters}-{chance.choice(('VP', 'QLN', 'TCHC', 'KT'))}"
    number = w.ask("so_ky_hieu", f"{chance.randint(2, 3400):02}/{whose}")
    where = w.ask("dia_danh", place.ward if "XÃ" in own or "PHƯỜNG" in own else place.area)
    issued = w.ask("ngay_ban_hanh", day.isoformat(), spoken(day))
    said = [w.ask("co_quan_chu_quan", upper)] if upper else []
    said.append(w.ask("co_quan_ban_hanh", own))
    letter = [w.ask("trich_yeu", about, raw=f"V/v {about}")] if not kind else []
    head = _head(w, upper, own, [number, where, issued, *letter])
    title = [] if not kind else [kind]
    subtitle = ""
    if kind:
        said.append(w.ask("ten_loai", kind))
        printed = about[0].upper() + about[1:] if chance.random() < 0.5 else f"Về việc {about}"
        if kind not in ("GIẤY GIỚI THIỆU", "GIẤY XÁC NHẬN"):
            said.append(w.ask("trich_yeu", about, printed, raw=printed))
            subtitle = f'<b>{html.escape(printed)}</b><span class="line" style="width:20%;margin-top:.2em"></span>'
    body = _BODIES.get(kind, _plain)(w, place, day)
    signing = _signing(w, place, position)
    return Form(title, [*body, signing], subtitle=subtitle, head=said, before=[head], state=False)


def _agency(w: Writer, place: Place) -> tuple[str, str, str, str]:
    """Upper agency, own name, letters of the number, position of who signs."""
    chance = w.chance
    commune, province = place.commune.upper(), place.province.upper()
    leader = chance.choice(
        ("TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH", "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH", "CHỦ TỊCH", "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH")
    )
    return chance.choice(
        (
            (chance.choice(("", f"UBND {province}")), f"ỦY BAN NHÂN DÂN {commune}", "UBND", leader),
            (f"UBND {province}", "SỞ TƯ PHÁP", "STP", chance.choice(("GIÁM ĐỐC", "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC"))),
            (f"ỦY BAN NHÂN DÂN {province}", "SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG", "SNNMT", "GIÁM ĐỐC"),
            (
                f"UBND {commune}",
                "TRƯỜNG TRUNG HỌC CƠ SỞ AN KHÁNH",
                "THCSAK",
                chance.choice(("HIỆU TRƯỞNG", "KT. HIỆU TRƯỞNG\nPHÓ HIỆU TRƯỞNG")),
            ),
            ("BỘ TƯ PHÁP", "CỤC HÀNH CHÍNH TƯ PHÁP", "HCTP", "CỤC TRƯỞNG"),
        )
    )


def _head(w: Writer, upper: str, own: str, answers: list[Answer]) -> Free:
    size = f"font-size:{w.chance.choice((0.9, 0.95, 1.0)):.2f}em"
    gap = w.chance.choice((" ", "")) if w.style.held_out else " "
    about = '<div style="font-size:.92em">V/v {3}</div>' if len(answers) > 3 else ""
    names = f"{upper}<br><b>{own}</b>" if upper else f"<b>{own}</b>"
    left = f'<div style="flex:0 1 42%">{names}<span class="line" style="width:34%"></span><div>Số:{gap}{{0}}</div>{about}</div>'
    right = (
        '<div class="state" style="flex:0 0 auto"><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b><b>Độc lập - Tự do - Hạnh phúc</b>'
        '<span class="line" style="width:56%"></span><div><i>{1}, {2}</i></div></div>'
    )
    return Free(f'<div class="top" style="{size}">{left}{right}</div>', answers)


def _signing(w: Writer, place: Place, position: str) -> Part:
    chance = w.chance
    copies = (
        ["Như trên;", "Ban Giám đốc;", "Phòng Nội vụ;", "Lưu: VT, VP."]
        if w.style.held_out
        else ["Như Điều 3;", "Thường trực HĐND;", "Lưu: VT."]
    )
    name = citizen(chance, place).name
    receivers = "".join(f"<div>- {one}</div>" for one in copies)
    left = Signer(
        [f'<div style="text-align:left;font-size:.85em"><i>Nơi nhận:</i><div style="font-weight:normal">{receivers}</div></div>'], None, ""
    )
    signed = Signer(
        [],
        w.ask("nguoi_ky", name),
        "",
        position=w.ask("chuc_vu", position.replace("\n", " "), position),
        seal=(f"ỦY BAN NHÂN DÂN {place.commune.upper()}", place.province.upper()),
    )
    return Signatures([left, signed])


def _to(w: Writer, place: Place) -> Part:
    office = w.chance.choice(
        (
            f"Ủy ban nhân dân {place.province}",
            f"Trung tâm Phục vụ hành chính công {place.province}",
            f"Công an {place.commune}",
            "Các cơ quan, đơn vị trực thuộc",
        )
    )
    return Sentence(["Kính gửi: ", w.ask("kinh_gui", office)], "centre")


def _sentences(w: Writer, day: date, count: int) -> list[Part]:
    values = {"d": f"{day + timedelta(20):%d/%m/%Y}", "k": w.chance.randint(100000, 999999), "y": day.year, "m": w.chance.randint(20, 900)}
    return [Words(html.escape(one.format(**values)), "first") for one in w.chance.sample(_SENTENCES, count)]


def _plain(w: Writer, place: Place, day: date) -> list[Part]:
    return _sentences(w, day, w.chance.randint(2, 4))


def _letter(w: Writer, place: Place, day: date) -> list[Part]:
    return [_to(w, place), *_sentences(w, day, w.chance.randint(2, 4))]


def _decision(w: Writer, place: Place, day: date) -> list[Part]:
    bases = [Words(f"<i>{one.format(k=w.chance.randint(10, 400))}</i>", "first") for one in _BASES]
    articles = [
        Words(f"<b>Điều {number}.</b> {one.text}", "first") for number, one in enumerate(_sentences(w, day, 3), 1) if isinstance(one, Words)
    ]
    return [Words(f"CHỦ TỊCH ỦY BAN NHÂN DÂN {place.commune.upper()}", "centre"), *bases, Words("QUYẾT ĐỊNH:", "centre"), *articles]


def _licence(w: Writer, place: Place, day: date) -> list[Part]:
    holder = citizen(w.chance, place)
    until = date(day.year + w.chance.choice((1, 3, 5)), day.month, min(day.day, 28))
    lines: list[Part] = [
        Sentence(["Cấp cho: ", w.ask("cap_cho", holder.name.upper())], "plain"),
        Sentence(["Số định danh cá nhân: ", w.ask("so_dinh_danh", holder.id12)], "plain"),
        Sentence(["Nơi thường trú: ", w.ask("noi_thuong_tru", holder.home)], "plain"),
        Sentence(
            [
                "Phạm vi hiệu lực: ",
                w.ask("pham_vi_hieu_luc", w.chance.choice(("trên phạm vi toàn quốc", f"trên địa bàn {place.province}"))),
            ],
            "plain",
        ),
        Sentence(
            [
                f"Giấy phép này có {w.chance.choice(('giá trị', 'hiệu lực'))} đến hết ",
                w.ask("thoi_han_hieu_luc", until.isoformat(), spoken(until)),
                ".",
            ],
            "plain",
        ),
    ]
    return [Words(_BASES[1], "first"), *lines]


def _introduction(w: Writer, place: Place, day: date) -> list[Part]:
    holder = citizen(w.chance, place)
    until = day + timedelta(w.chance.choice((10, 15, 30)))
    return [
        Words(
            f"Trân trọng giới thiệu: Ông (bà) {holder.name}, chức vụ: Chuyên viên, được cử đến {place.authority} để liên hệ công tác.",
            "first",
        ),
        Words("Đề nghị quý cơ quan tạo điều kiện để ông (bà) có tên trên hoàn thành nhiệm vụ.", "first"),
        Sentence(["Giấy này có giá trị đến hết ", w.ask("thoi_han_hieu_luc", until.isoformat(), spoken(until)), "."]),
    ]


def _statement(w: Writer, place: Place, day: date) -> list[Part]:
    holder = citizen(w.chance, place)
    return [
        Words(f"Xác nhận ông (bà): {holder.name}, sinh ngày {holder.born:%d/%m/%Y}.", "first"),
        Sentence(["Số định danh cá nhân: ", w.ask("so_dinh_danh", holder.id12)], "plain"),
        Sentence(["Nơi thường trú: ", w.ask("noi_thuong_tru", holder.home)], "plain"),
        Words(f"Đã công tác tại cơ quan từ ngày 01 tháng 9 năm {w.chance.randint(2005, 2018)} đến nay, chấp hành tốt nội quy.", "first"),
    ]


_BODIES = {
    "": _letter,
    "TỜ TRÌNH": _letter,
    "GIẤY MỜI": _letter,
    "QUYẾT ĐỊNH": _decision,
    "GIẤY PHÉP": _licence,
    "GIẤY GIỚI THIỆU": _introduction,
    "GIẤY XÁC NHẬN": _statement,
}
