"""The two forms a commune office meets most: the registration of a birth and the change of residence."""

from datetime import date

from samples import people
from samples.form import Form, label_spans, national_header
from samples.ink import cross, sign
from samples.paper import MM, Drawing, Paper, Span

_PLACE = f"{people.COMMUNE}, {people.PROVINCE}"
_FILED = date(2026, 9, 14)
_CHILD, _MOTHER, _FATHER, _ASKER = "Người được khai sinh", "Người mẹ", "Người cha", "Người yêu cầu"
_OATH = (
    "Tôi cam đoan nội dung đề nghị đăng ký khai sinh trên đây là đúng sự thật, được sự thỏa thuận nhất trí của các bên "
    "liên quan theo quy định pháp luật.",
    "Tôi chịu hoàn toàn trách nhiệm trước pháp luật về nội dung cam đoan của mình.",
)
_BIRTH_NOTES = (
    "(1) Ghi rõ tên cơ quan đề nghị thực hiện đăng ký khai sinh.",
    "(2) Chỉ khai khi không cung cấp được số định danh cá nhân. (3) Ghi loại giấy tờ, số, nơi cấp, ngày cấp.",
    "(4) Ghi tên cơ sở y tế và địa chỉ; nếu sinh ngoài cơ sở y tế thì ghi địa danh hành chính.",
    "(5) Ghi đầy đủ ngày, tháng, năm sinh nếu có. (6) Đánh dấu X vào ô nếu có đề nghị cấp bản sao và ghi rõ số lượng.",
)


def birth_registration(filled: bool = True) -> Drawing:
    """TỜ KHAI ĐĂNG KÝ KHAI SINH after TT 04/2024/TT-BTP; with `filled` False, dotted lines only."""
    kind = "birth-registration" if filled else "birth-registration-blank"
    paper = Paper(title="Tờ khai đăng ký khai sinh")
    paper.add_page()
    left, right = 25 * MM, 193 * MM
    middle = (left + right) / 2
    national_header(paper, middle, 50)
    paper.put(middle, 97, [Span("TỜ KHAI ĐĂNG KÝ KHAI SINH", 15, "B")], align="center")
    form = Form(paper, left, right, 122, filled=filled)
    child, mother, father = people.CHILD, people.MOTHER, people.FATHER
    form.entry("kinh_gui", "Kính gửi(1)", f"Ủy ban nhân dân {_PLACE}")
    form.entry("ho_ten_nguoi_yeu_cau", "Họ, chữ đệm, tên người yêu cầu", father.name, section=_ASKER)
    _birthday(form, "ngay_sinh_nguoi_yeu_cau", father, _ASKER)
    form.entry("noi_cu_tru_nguoi_yeu_cau", "Nơi cư trú(2)", father.home, section=_ASKER)
    form.entry("giay_to_nguoi_yeu_cau", "Giấy tờ tùy thân(3)", father.papers, section=_ASKER)
    form.entry("quan_he", "Quan hệ với người được khai sinh", "Cha", type_="enum", section=_ASKER)
    form.text("Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:", "B")
    form.entry("ho_ten", "Họ, chữ đệm, tên", child.name.upper(), section=_CHILD)
    _birthday(form, "ngay_sinh", child, _CHILD)
    form.entry("ngay_sinh_bang_chu", "ghi bằng chữ", people.date_in_words(child.born), type_="date_words", section=_CHILD)
    thirds = 0.28, 0.32, 0.40
    names = ("gioi_tinh", "dan_toc", "quoc_tich")
    values = zip(names, ("Giới tính", "Dân tộc", "Quốc tịch"), (child.sex, "Kinh", "Việt Nam"), thirds, strict=True)
    form.row([(n, label, v, "enum", w) for n, label, v, w in values], _CHILD)
    form.entry("noi_sinh", "Nơi sinh(4)", f"Trạm y tế {_PLACE}", section=_CHILD)
    form.entry("que_quan", "Quê quán", _PLACE, section=_CHILD)
    _parent(form, "me", "mẹ", mother, _MOTHER, year_only=False)
    _parent(form, "cha", "cha", father, _FATHER, year_only=True)
    for sentence in _OATH:
        form.text(sentence, indent=28)
    form.y += 2
    _place_and_day(form)
    _copies(form)
    _birth_signature(form)
    paper.rule(left, left + 120, 789, 0.5)
    for number, note in enumerate(_BIRTH_NOTES):
        paper.put(left, 799 + number * 10, [Span(note, 8.2, "I")])
    return paper.finish(kind, "to_khai_dang_ky_khai_sinh")


def _birthday(form: Form, name: str, person: people.Person, section: str) -> None:
    raw = people.dmy(person.born)
    form.entry(name, "Ngày, tháng, năm sinh", person.born.isoformat(), raw=raw, type_="date", section=section)


def _parent(form: Form, suffix: str, word: str, person: people.Person, section: str, year_only: bool) -> None:
    form.entry(f"ho_ten_{suffix}", f"Họ, chữ đệm, tên người {word}", person.name, section=section)
    born = str(person.born.year) if year_only else people.dmy(person.born)
    value = born if year_only else person.born.isoformat()
    width = form.right - form.left
    middle = form.left + 0.36 * width
    form.entry(f"nam_sinh_{suffix}", "Năm sinh(5)", value, raw=born, type_="date", section=section, until=middle - 3, advance=False)
    rest = form.left + 0.64 * width
    form.entry(
        f"dan_toc_{suffix}", "Dân tộc", "Kinh", type_="enum", section=section, at=middle, until=rest - 3, goes_on=True, advance=False
    )
    form.entry(f"quoc_tich_{suffix}", "Quốc tịch", "Việt Nam", type_="enum", section=section, at=rest, goes_on=True)
    form.entry(f"noi_cu_tru_{suffix}", "Nơi cư trú(2)", person.home, section=section)
    form.entry(f"giay_to_{suffix}", "Giấy tờ tùy thân(3)", person.papers, section=section)


def _place_and_day(form: Form) -> None:
    paper, size = form.paper, form.size
    x = form.left + 0.36 * (form.right - form.left)
    if form.filled:
        form.entry("noi_lam", "Làm tại", "Hương Mẫu", at=x, until=x + 120, advance=False)
        words = f"ngày {_FILED:%d} tháng {_FILED:%m} năm {_FILED.year}"
        box = paper.put(x + 123, form.y, [Span(words, size)], goes_on=True).box
        paper.note("ngay_lam_don", "ngày … tháng … năm …", None, "date", _FILED.isoformat(), words, box)
    else:
        form.entry("noi_lam", "Làm tại", None, at=x, until=x + 120, advance=False)
        start = end = x + 123
        for word, room in (("ngày", 24), ("tháng", 24), ("năm", 34)):
            end = paper.put(end, form.y, [Span(word, size)], goes_on=True).box[2]
            paper.leader(end + 2, end + room, form.y, size)
            end += room + 4
        box = (start, form.y - 10, end, form.y + 3)
        paper.note("ngay_lam_don", "ngày … tháng … năm …", None, "date", None, "", box)
    form.y += form.leading + 2


def _copies(form: Form) -> None:
    """The request for copies on the left, beside the signature; the number of copies under it."""
    paper, size, side = form.paper, form.size, 10.0
    y = form.y
    x = paper.put(form.left, y, [*label_spans("Đề nghị cấp bản sao(6)", size), Span(": Có", size)]).box[2] + 4
    for name, label, ticked in (("cap_ban_sao_co", "Có", True), ("cap_ban_sao_khong", "Không", False)):
        if label == "Không":
            x = paper.put(x + 8, y, [Span("Không", size)], goes_on=True).box[2] + 4
        box = (x, y - 9, x + side, y - 9 + side)
        paper.frame(box, 0.8)
        if ticked and form.filled:
            cross(paper, box)
        value = ticked if form.filled else False
        paper.note(name, label, None, "checkbox", value, "", box)
        x += side + 1
    kept_y, form.y = form.y, y + form.leading
    until = form.left + 95
    form.entry("so_luong_ban_sao", "Số lượng", 2 if form.filled else None, raw="02", type_="int", until=until, advance=False)
    paper.put(until + 4, form.y, [Span("bản", size)], goes_on=True)
    form.y = kept_y


def _birth_signature(form: Form) -> None:
    paper = form.paper
    x = form.right - 95
    paper.put(x, form.y, [Span("Người yêu cầu", form.size, "B")], align="center")
    paper.put(x, form.y + 15, [Span("(Ký, ghi rõ họ, chữ đệm, tên)", form.size - 1.5, "I")], align="center")
    box = (x - 52, form.y + 20, x + 52, form.y + 50)
    name_y = form.y + 64
    if form.filled:
        sign(paper, box, "wave")
        name_box = paper.put(x, name_y, [Span(people.FATHER.name, form.size, "B")], align="center").box
    else:
        name_box = (x - 60, name_y - 10, x + 60, name_y + 3)
    signed = people.FATHER.name if form.filled else None
    paper.note("chu_ky_nguoi_yeu_cau", "Người yêu cầu", None, "signature", form.filled, "", box)
    paper.note("ho_ten_nguoi_yeu_cau_2", "Người yêu cầu (họ tên)", None, "text", signed, signed or "", name_box)


def ct01() -> Drawing:
    """TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ, mẫu CT01 of TT 53/2025/TT-BCA: mother and son move into a household."""
    paper = Paper(title="Tờ khai thay đổi thông tin cư trú")
    paper.add_page()
    left, right = 24 * MM, 194 * MM
    middle = (left + right) / 2
    paper.put(right, 40, [Span("Mẫu CT01 ban hành kèm theo Thông tư số 53/2025/TT-BCA", 9.5, "I")], align="right")
    national_header(paper, middle, 62)
    paper.put(middle, 112, [Span("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ", 14.5, "B")], align="center")
    form = Form(paper, left, right, 138, size=12.5, leading=20)
    mother, host = people.MOTHER, people.HOUSEHOLDER
    form.entry("kinh_gui", "Kính gửi(1)", f"Công an {_PLACE}")
    form.entry("ho_ten", "1. Họ, chữ đệm và tên khai sinh", mother.name.upper())
    width = right - left
    form.entry("ngay_sinh", "2. Ngày, tháng, năm sinh", mother.born.isoformat(), raw=people.dmy(mother.born), type_="date",
               until=left + 0.6 * width, advance=False)  # fmt: skip
    form.entry("gioi_tinh", "3. Giới tính", mother.sex, type_="enum", at=left + 0.61 * width, goes_on=True)
    form.digit_boxes("so_dinh_danh", "4. Số định danh cá nhân", mother.id12)
    form.entry("dien_thoai", "5. Số điện thoại liên hệ", "0912000345", type_="phone", until=left + 0.5 * width, advance=False)
    form.entry("email", "6. Email", "huyen.trinh@example.vn", type_="email", at=left + 0.51 * width, goes_on=True)
    form.entry("ho_ten_chu_ho", "7. Họ, chữ đệm và tên chủ hộ", host.name.upper())
    form.entry("quan_he_chu_ho", "8. Mối quan hệ với chủ hộ", "Con dâu", type_="enum")
    form.digit_boxes("so_dinh_danh_chu_ho", "9. Số định danh cá nhân của chủ hộ", host.id12)
    form.entry(
        "noi_dung_de_nghi", "10. Nội dung đề nghị(2)", f"Đăng ký thường trú cho tôi và con trai vào hộ của ông {host.name} tại {host.home}"
    )
    form.text("11. Những thành viên trong hộ gia đình cùng thay đổi:")
    form.y += _members(paper, left, right, form.y - 10) + 12
    _ct01_signatures(paper, left, right, form.y)
    return paper.finish("ct01", "ct01")


_COLUMNS = (
    ("TT", None, "text", 0.06),
    ("Họ, chữ đệm và tên", "ho_ten", "text", 0.25),
    ("Ngày, tháng, năm sinh", "ngay_sinh", "date", 0.17),
    ("Giới tính", "gioi_tinh", "enum", 0.10),
    ("Số định danh cá nhân", "so_dinh_danh", "id12", 0.22),
    ("Mối quan hệ với chủ hộ", "quan_he", "enum", 0.20),
)


def _members(paper: Paper, left: float, right: float, top: float) -> float:
    """The table of members with one of three rows filled; returns its height."""
    width, head, row, size = right - left, 34.0, 21.0, 11.5
    son = people.SON
    cells = {"ho_ten": son.name, "ngay_sinh": people.dmy(son.born), "gioi_tinh": son.sex, "so_dinh_danh": son.id12, "quan_he": "Cháu"}
    edges = [left]
    for label, _, _, share in _COLUMNS:
        x, edge = edges[-1], edges[-1] + share * width
        edges.append(edge)
        paper.frame((x, top, edge, top + head), 0.6)
        lines = paper.wrap([Span(label, size, "B")], share * width - 5)
        for number, spans in enumerate(lines):
            paper.put((x + edge) / 2, top + 20 - 6.5 * (len(lines) - 1) + 13 * number, spans, align="center")
        for number in range(3):
            paper.frame((x, top + head + number * row, edge, top + head + (number + 1) * row), 0.6)
    for (label, column, type_, _), x, edge in zip(_COLUMNS, edges, edges[1:], strict=False):
        raw = cells[column] if column else "1"
        box = paper.put((x + edge) / 2, top + head + 14.5, [Span(raw, size)], align="center").box
        if column:
            value = son.born.isoformat() if type_ == "date" else raw
            paper.note(f"thanh_vien_1_{column}", label, None, type_, value, raw, box)
    return head + 3 * row


def _ct01_signatures(paper: Paper, left: float, right: float, y: float) -> None:
    width = (right - left) / 4
    host, asker = people.HOUSEHOLDER.name, people.MOTHER.name
    columns = (
        ("Ý KIẾN CỦA CHỦ HỘ", "(3)", "chu_ky_chu_ho", "ho_ten_chu_ho_2", host, "hook"),
        ("Ý KIẾN CỦA CHỦ SỞ HỮU CHỖ Ở HỢP PHÁP", "(4)", "chu_ky_chu_so_huu", "ho_ten_chu_so_huu", None, ""),
        ("Ý KIẾN CỦA CHA, MẸ HOẶC NGƯỜI GIÁM HỘ", "(5)", "chu_ky_cha_me_giam_ho", "ho_ten_cha_me_giam_ho", None, ""),
        ("NGƯỜI KÊ KHAI", "(6)", "chu_ky_nguoi_ke_khai", "ho_ten_nguoi_ke_khai", asker, "loop"),
    )
    for number, (title, reference, sign_name, text_name, who, shape) in enumerate(columns):
        x = left + (number + 0.5) * width
        day = f"ngày {_FILED:%d} tháng {_FILED:%m} năm {_FILED.year}" if who else "....ngày....tháng....năm......"
        if who:
            paper.put(x, y, [Span(day, 9.5, "I")], align="center")
        else:
            paper.leader(x - 50, x + 50, y, 9.5)
        line_y = y + 16
        for spans in paper.wrap(label_spans(title + reference, 10.5, "B"), width - 8):
            paper.put(x, line_y, spans, align="center")
            line_y += 13
        for hint in ("(Ký, ghi rõ họ tên)",) if number == 3 else ("(Ghi rõ nội dung và ký,", "ghi rõ họ tên)"):
            paper.put(x, line_y, [Span(hint, 9.5, "I")], align="center")
            line_y += 12
        box = (x - 45, y + 74, x + 45, y + 106)
        name_y = y + 124
        name_box = (x - 50, name_y - 10, x + 50, name_y + 3)
        if who:
            sign(paper, box, shape, thickness=1.2)
            name_box = paper.put(x, name_y, [Span(who, 11, "B")], align="center").box
        paper.note(sign_name, title, None, "signature", bool(who), "", box)
        paper.note(text_name, f"{title} (họ tên)", None, "text", who, who or "", name_box)
