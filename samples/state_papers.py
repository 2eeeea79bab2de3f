"""What the commune itself issues: a decision of three pages, and the birth certificate."""

from datetime import date

from samples import people
from samples.form import Form, national_header
from samples.ink import seal, seal_box, sign
from samples.paper import MM, Box, Drawing, Paper, Span, TrueWord

_PLACE = f"{people.COMMUNE}, {people.PROVINCE}"
_DECIDED = date(2026, 9, 7)
_REGISTERED = date(2026, 9, 15)
SEAL_TEXT = ("U.B.N.D XÃ HƯƠNG MẪU", "T. HƯNG YÊN")

_GROUNDS = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
    "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
    "Căn cứ Nghị định số 118/2025/NĐ-CP ngày 09 tháng 6 năm 2025 của Chính phủ về thực hiện thủ tục hành chính theo cơ chế "
    "một cửa, một cửa liên thông tại Bộ phận Một cửa và Cổng Dịch vụ công quốc gia;",
    "Theo đề nghị của Giám đốc Trung tâm Phục vụ hành chính công xã tại Tờ trình số 15/TTr-TTPVHCC ngày 01 tháng 9 năm 2026.",
)
_SUBJECT = "Về việc ban hành Quy trình tiếp nhận và số hóa hồ sơ tại Trung tâm Phục vụ hành chính công xã Hương Mẫu"
_ARTICLES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Điều 1.", " Ban hành kèm theo Quyết định này Quy trình tiếp nhận và số hóa hồ sơ, giấy tờ của tổ chức, cá nhân nộp tại "
     "Trung tâm Phục vụ hành chính công xã Hương Mẫu (sau đây gọi là Trung tâm).", (
        "1. Quy trình áp dụng đối với hồ sơ nộp trực tiếp, nộp qua dịch vụ bưu chính công ích và nộp trực tuyến trên Cổng Dịch vụ "
        "công quốc gia.",
        "2. Hồ sơ đã được ký số hợp lệ thì tiếp nhận nguyên trạng, không in ra để quét lại.",
    )),
    ("Điều 2.", " Yêu cầu đối với bản số hóa", (
        "1. Bản số hóa phải đầy đủ các trang có thông tin, đúng thứ tự, ngay ngắn, rõ nét và đọc được bằng mắt thường.",
        "2. Định dạng là PDF phiên bản 1.4 trở lên; ảnh màu; độ phân giải tối thiểu 200 dpi; tỷ lệ số hóa 100%.",
        "3. Công chức tiếp nhận đối chiếu bản số hóa với bản giấy, ký số vào bản số hóa trước khi chuyển cho bộ phận chuyên môn.",
        "4. Trường hợp ảnh chụp bị mờ, bị lóa hoặc mất góc, công chức hướng dẫn người nộp chụp lại ngay tại quầy; không từ chối "
        "tiếp nhận khi còn có thể khắc phục.",
        "5. Giấy tờ có hai mặt thì số hóa cả hai mặt vào cùng một tệp; thẻ căn cước chỉ số hóa khi thủ tục hành chính yêu cầu.",
        "6. Dữ liệu bóc tách được công chức xác nhận trước khi lưu vào Kho quản lý dữ liệu điện tử của tổ chức, cá nhân.",
    )),
    ("Điều 3.", " Thời hạn thực hiện từng bước", (
        "Thời hạn thực hiện các bước của quy trình được quy định như sau:",
    )),
    ("Điều 4.", " Trách nhiệm thi hành", (
        "1. Giám đốc Trung tâm tổ chức tập huấn cho công chức, viên chức trực tiếp tiếp nhận hồ sơ xong trước ngày 30 tháng 9 năm 2026.",
        "2. Văn phòng Hội đồng nhân dân và Ủy ban nhân dân xã bố trí máy quét, chữ ký số và đường truyền phục vụ việc số hóa; "
        "định kỳ hằng quý báo cáo kết quả với Chủ tịch Ủy ban nhân dân xã.",
        "3. Phòng Văn hóa - Xã hội tuyên truyền để người dân biết quyền không phải nộp bản sao chứng thực khi xuất trình bản chính.",
        "4. Công chức được giao nhiệm vụ không được sử dụng chữ ký số của người khác, không được cung cấp dữ liệu cá nhân trong hồ sơ "
        "cho bên thứ ba khi chưa có sự đồng ý của chủ thể dữ liệu.",
    )),
    ("Điều 5.", " Quyết định này có hiệu lực thi hành kể từ ngày 15 tháng 9 năm 2026 và thay thế Quyết định số 21/QĐ-UBND ngày 10 "
     "tháng 7 năm 2025 của Ủy ban nhân dân xã Hương Mẫu.", ()),
    ("Điều 6.", " Chánh Văn phòng Hội đồng nhân dân và Ủy ban nhân dân xã, Giám đốc Trung tâm Phục vụ hành chính công xã, Trưởng các "
     "phòng chuyên môn và các tổ chức, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này./.", ()),
)  # fmt: skip
_STEPS = (
    ("TT", "Nội dung công việc", "Người thực hiện", "Thời hạn"),
    ("1", "Kiểm tra tính đầy đủ của hồ sơ", "Công chức một cửa", "15 phút"),
    ("2", "Quét, kiểm tra chất lượng ảnh", "Công chức một cửa", "20 phút"),
    ("3", "Nhận dạng, bóc tách dữ liệu", "Phần mềm", "5 phút"),
    ("4", "Đối chiếu các trường còn nghi ngờ", "Công chức một cửa", "10 phút"),
    ("5", "Ký số bản số hóa, chuyển hồ sơ", "Văn thư xã", "02 giờ"),
)
_RECEIVERS = ("Như Điều 6;", "Thường trực Đảng ủy, HĐND xã;", "Chủ tịch, các PCT UBND xã;", "Lưu: VT, TTPVHCC (03b).")


def decision(stamped: bool = True) -> tuple[Drawing, Box, Box]:
    """A QUYẾT ĐỊNH after NĐ 30/2020/NĐ-CP, Phụ lục I; and the boxes of signature and seal on its last page.

    With `stamped` False the places of signature and seal stay empty, for digital signatures to fill.
    """
    paper = Paper(title="Quyết định số 87/QĐ-UBND")
    sheet = _Sheet(paper)
    sheet.turn()
    _decision_head(paper)
    sheet.y = 262
    for ground in _GROUNDS:
        sheet.paragraph([Span(ground, 14, "I")])
    sheet.y += 6
    paper.put(sheet.middle, sheet.y, [Span("QUYẾT ĐỊNH:", 14, "B")], align="center")
    sheet.y += 27
    for heading, opening, clauses in _ARTICLES:
        sheet.paragraph([Span(heading, 14, "B"), Span(opening, 14, "B" if not opening.endswith((".", "/.")) else "")])
        for clause in clauses:
            sheet.paragraph([Span(clause, 14)])
        if heading == "Điều 3.":
            sheet.table()
    signature_box, stamp_box = _decision_end(paper, sheet, stamped)
    return paper.finish("decision", "van_ban_hanh_chinh"), signature_box, stamp_box


class _Sheet:
    """Running text over several pages with the margins of NĐ 30/2020/NĐ-CP."""

    left, right, bottom, leading = 30 * MM, 192 * MM, 297 * MM - 20 * MM, 20.5

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.y = 0.0
        self.middle = (self.left + self.right) / 2

    def turn(self) -> None:
        """Begins a page; from the second on its number stands in the middle of the upper margin."""
        self.paper.add_page()
        self.y = 20 * MM + 14
        number = len(self.paper.pages)
        if number > 1:
            self.paper.put(self.middle, 42, [Span(str(number), 13)], align="center")

    def paragraph(self, spans: list[Span]) -> None:
        """A justified paragraph that goes on over the page's end."""
        width, indent = self.right - self.left, 12.7 * MM
        lines = self.paper.wrap(spans, width, width - indent)
        for number, line in enumerate(lines):
            if self.y > self.bottom:
                self.turn()
            start = self.left + (indent if number == 0 else 0)
            spaces = sum(span.text.count(" ") for span in line)
            spare = self.right - start - self.paper.width(line)
            last = number == len(lines) - 1
            self.paper.put(start, self.y, line, stretch=0 if last or not spaces else spare / spaces)
            self.y += self.leading
        self.y += 6

    def table(self) -> None:
        """The table of steps; it never stands across two pages."""
        row, shares = 24.0, (0.08, 0.47, 0.27, 0.18)
        if self.y + row * len(_STEPS) > self.bottom:
            self.turn()
        top = self.y - 14
        for number, cells in enumerate(_STEPS):
            x = self.left
            for column, (cell, share) in enumerate(zip(cells, shares, strict=True)):
                edge = x + share * (self.right - self.left)
                self.paper.frame((x, top + number * row, edge, top + (number + 1) * row), 0.6)
                span = Span(cell, 13, "B" if number == 0 else "")
                centred = number == 0 or column in (0, 3)
                place = (x + edge) / 2 if centred else x + 5
                self.paper.put(place, top + number * row + 16.5, [span], align="center" if centred else "left")
                x = edge
        self.y = top + row * len(_STEPS) + 26


def _decision_head(paper: Paper) -> None:
    """Two columns: who issues, and the state; then the kind of document and what it is about."""
    left, right = 30 * MM + 82, 30 * MM + 312
    top = 20 * MM + 12
    box = paper.put(left, top, [Span("ỦY BAN NHÂN DÂN", 13, "B")], align="center").box
    second = paper.put(left, top + 16.5, [Span("XÃ HƯƠNG MẪU", 13, "B")], align="center").box
    agency = "ỦY BAN NHÂN DÂN XÃ HƯƠNG MẪU"
    agency_box = (min(box[0], second[0]), box[1], max(box[2], second[2]), second[3])
    paper.note("co_quan_ban_hanh", "Cơ quan ban hành", None, "text", agency, agency, agency_box)
    paper.rule(left - 28, left + 28, top + 22)
    national_header(paper, right, top, 12.6)
    line = paper.put(left, top + 44, [Span("Số: 87/QĐ-UBND", 13)], align="center")
    paper.note("so_ky_hieu", "Số", None, "so_ky_hieu", "87/QĐ-UBND", "87/QĐ-UBND", line.words[1].box)
    day = f"ngày {_DECIDED:%d} tháng {_DECIDED:%m} năm {_DECIDED.year}"
    line = paper.put(right, top + 44, [Span(f"Hương Mẫu, {day}", 13.5, "I")], align="center")
    place, when = line.words[:2], line.words[2:]
    paper.note("dia_danh", "Địa danh", None, "text", "Hương Mẫu", "Hương Mẫu", _over(place))
    paper.note("ngay_ban_hanh", "ngày … tháng … năm …", None, "date", _DECIDED.isoformat(), day, _over(when))
    middle = (30 + 192) / 2 * MM
    box = paper.put(middle, top + 90, [Span("QUYẾT ĐỊNH", 14.5, "B")], align="center").box
    paper.note("ten_loai", "Tên loại", None, "text", "QUYẾT ĐỊNH", "QUYẾT ĐỊNH", box)
    y, boxes = top + 110, list[Box]()
    for spans in paper.wrap([Span(_SUBJECT, 14, "B")], 360):
        boxes.append(paper.put(middle, y, spans, align="center").box)
        y += 18.5
    subject_box = (min(b[0] for b in boxes), boxes[0][1], max(b[2] for b in boxes), boxes[-1][3])
    paper.note("trich_yeu", "Trích yếu", None, "text", _SUBJECT, _SUBJECT, subject_box)
    paper.rule(middle - 60, middle + 60, y - 11)
    paper.put(middle, y + 16, [Span("CHỦ TỊCH ỦY BAN NHÂN DÂN XÃ HƯƠNG MẪU", 14, "B")], align="center")


def _decision_end(paper: Paper, sheet: _Sheet, stamped: bool) -> tuple[Box, Box]:
    if sheet.y + 190 > sheet.bottom + 20:
        sheet.turn()
    y, x = sheet.y + 12, 30 * MM + 335
    paper.put(sheet.left, y, [Span("Nơi nhận:", 12, "BI")])
    for number, receiver in enumerate(_RECEIVERS):
        paper.put(sheet.left, y + 15 + 14 * number, [Span(f"- {receiver}", 11)])
    box = paper.put(x, y, [Span("CHỦ TỊCH", 14, "B")], align="center").box
    paper.note("chuc_vu", "Chức vụ", None, "text", "CHỦ TỊCH", "CHỦ TỊCH", box)
    signature_box = (x - 52, y + 28, x + 68, y + 82)
    stamp_box = _stamp_beside(signature_box)
    if stamped:
        sign(paper, signature_box, "loop", thickness=1.6)
        paper.picture(seal(*SEAL_TEXT), stamp_box)
    paper.note("chu_ky", "Chữ ký", None, "signature", True, "", signature_box)
    box = paper.put(x, y + 112, [Span(people.CHAIRMAN, 14, "B")], align="center").box
    paper.note("nguoi_ky", "Người ký", None, "text", people.CHAIRMAN, people.CHAIRMAN, box)
    return signature_box, stamp_box


def certificate() -> Drawing:
    """A GIẤY KHAI SINH (TT 04/2024/TT-BTP): what comes of the birth registration."""
    paper = Paper(title="Giấy khai sinh")
    paper.add_page()
    width, height = paper.size_mm[0] * MM, paper.size_mm[1] * MM
    red = (176, 40, 44)
    for inset, thickness in ((24, 3.2), (30, 0.8)):
        paper.frame((inset, inset, width - inset, height - inset), thickness, red)
    left, right = 23 * MM, 190 * MM
    middle = width / 2
    national_header(paper, middle, 90)
    paper.put(middle, 148, [Span("GIẤY KHAI SINH", 22, "B", colour=red)], align="center")
    line = paper.put(middle, 170, [Span("Số: 142/2026", 12.5)], align="center")
    paper.note("so", "Số", None, "so_ky_hieu", "142/2026", "142/2026", line.words[1].box)
    form = Form(paper, left, right, 202, size=12.8, leading=21)
    child, section = people.CHILD, "Người được khai sinh"
    form.entry("ho_ten", "Họ, chữ đệm, tên", child.name.upper(), section=section)
    form.entry("ngay_sinh", "Ngày, tháng, năm sinh", child.born.isoformat(), raw=people.dmy(child.born), type_="date", section=section)
    words = people.date_in_words(child.born)
    form.entry("ngay_sinh_bang_chu", "Ghi bằng chữ", words[0].upper() + words[1:], type_="date_words", section=section)
    form.row(
        [("gioi_tinh", "Giới tính", child.sex, "enum", 0.28), ("dan_toc", "Dân tộc", "Kinh", "enum", 0.32),
         ("quoc_tich", "Quốc tịch", "Việt Nam", "enum", 0.40)],
        section,
    )  # fmt: skip
    form.entry("noi_sinh", "Nơi sinh", f"Trạm y tế {_PLACE}", section=section)
    form.entry("que_quan", "Quê quán", _PLACE, section=section)
    form.entry("so_dinh_danh", "Số định danh cá nhân", child.id12, type_="id12", section=section)
    _certificate_parent(form, "me", "mẹ", people.MOTHER)
    _certificate_parent(form, "cha", "cha", people.FATHER)
    form.entry("ho_ten_nguoi_di_khai_sinh", "Họ, chữ đệm, tên người đi khai sinh", people.FATHER.name)
    form.entry("giay_to_nguoi_di_khai_sinh", "Giấy tờ tùy thân", people.FATHER.papers)
    form.entry("noi_dang_ky", "Nơi đăng ký khai sinh", f"Ủy ban nhân dân {_PLACE}")
    form.entry("ngay_dang_ky", "Ngày, tháng, năm đăng ký", _REGISTERED.isoformat(), raw=people.dmy(_REGISTERED), type_="date")
    _certificate_end(paper, left, right, form.y + 12)
    return paper.finish("certificate", "giay_khai_sinh")


def _certificate_parent(form: Form, suffix: str, word: str, person: people.Person) -> None:
    section = f"Người {word}"
    form.entry(f"ho_ten_{suffix}", f"Họ, chữ đệm, tên người {word}", person.name, section=section)
    form.row(
        [(f"nam_sinh_{suffix}", "Năm sinh", str(person.born.year), "date", 0.28), (f"dan_toc_{suffix}", "Dân tộc", "Kinh", "enum", 0.32),
         (f"quoc_tich_{suffix}", "Quốc tịch", "Việt Nam", "enum", 0.40)],
        section,
    )  # fmt: skip
    form.entry(f"noi_cu_tru_{suffix}", "Nơi cư trú", person.home, section=section)


def _certificate_end(paper: Paper, left: float, right: float, y: float) -> None:
    asker, signer = left + 0.22 * (right - left), left + 0.73 * (right - left)
    paper.put(asker, y, [Span("NGƯỜI ĐI KHAI SINH", 12, "B")], align="center")
    paper.put(asker, y + 14, [Span("(Ký, ghi rõ họ, chữ đệm, tên)", 10.5, "I")], align="center")
    sign(paper, (asker - 48, y + 50, asker + 48, y + 80), "wave")
    paper.put(asker, y + 122, [Span(people.FATHER.name, 12.5, "B")], align="center")
    paper.put(signer, y, [Span("NGƯỜI KÝ GIẤY KHAI SINH", 12, "B")], align="center")
    paper.put(signer, y + 14, [Span("(Ký, ghi rõ họ, chữ đệm, tên, chức vụ và đóng dấu)", 10.5, "I")], align="center")
    box = paper.put(signer, y + 34, [Span("CHỦ TỊCH", 12.5, "B")], align="center").box
    paper.note("chuc_vu_nguoi_ky", "Chức vụ", None, "text", "CHỦ TỊCH", "CHỦ TỊCH", box)
    signature_box = (signer - 46, y + 50, signer + 70, y + 100)
    sign(paper, signature_box, "loop", thickness=1.6)
    paper.picture(seal(*SEAL_TEXT, seed=9), _stamp_beside(signature_box))
    paper.note("chu_ky_nguoi_ky", "NGƯỜI KÝ GIẤY KHAI SINH", None, "signature", True, "", signature_box)
    box = paper.put(signer, y + 122, [Span(people.CHAIRMAN, 12.5, "B")], align="center").box
    paper.note("ho_ten_nguoi_ky", "NGƯỜI KÝ GIẤY KHAI SINH (họ tên)", None, "text", people.CHAIRMAN, people.CHAIRMAN, box)


def _stamp_beside(signature_box: Box) -> Box:
    """The seal over the left third of the signature (NĐ 30/2020/NĐ-CP, Điều 33 khoản 1)."""
    x0, y0, x1, y1 = signature_box
    half = (seal_box((0, 0))[2] - seal_box((0, 0))[0]) / 2
    return seal_box((x0 + (x1 - x0) / 3 - half, (y0 + y1) / 2))


def _over(words: tuple[TrueWord, ...]) -> Box:
    boxes = [word.box for word in words]
    return (boxes[0][0], min(b[1] for b in boxes), boxes[-1][2], max(b[3] for b in boxes))
