"""What is filled into a PDF form counts as it stands in the field, however its program drew it."""

from importlib.resources import files
from io import BytesIO

import pikepdf
import pytest
from fpdf import FPDF
from pikepdf import Array, Dictionary, Name, String

from ocr.pdf.own_text import own_text
from ocr.tasks import Extract, ReadPage
from ocr.work import extract, read_page

FACE = str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf")
TITLE = "TỜ KHAI ĐĂNG KÝ KHAI SINH"
ANSWERS = {
    "Kính gửi:": "Ủy ban nhân dân xã Tân Lập",
    "Họ, chữ đệm, tên người yêu cầu:": "Phạm Thu Hà",
    "Nơi cư trú:": "Thôn Đông, xã Tân Lập",
    "Giấy tờ tùy thân:": "CCCD 001185012345",
    "Quan hệ với người được khai sinh:": "Mẹ",
    "Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:": None,
    "Họ, chữ đệm, tên:": "PHẠM MINH ĐỨC",
    "Ngày, tháng, năm sinh:": "01/02/2024",
    "Giới tính:": "Nam",
}


def text_field(value):
    return Dictionary(FT=Name.Tx, V=value if isinstance(value, String) else String(value))


def choice(value, *options):
    return Dictionary(FT=Name.Ch, Ff=1 << 17, V=String(value), Opt=Array([Array([String(a), String(b)]) for a, b in options]))


def box(ticked, **more):
    state = Name.Yes if ticked else Name.Off
    return Dictionary(FT=Name.Btn, V=state, AS=state, **more)


def form(path, rows, *, need=False, drawn=None, turn=0, high=16, wide=200):
    """A page of labels with a field after each; `drawn` is the content of every text field's appearance stream."""
    paper = FPDF(unit="pt", format="A4")
    paper.add_page()
    paper.add_font("serif", "", FACE)
    paper.set_font("serif", size=12)
    paper.text(200, 60, TITLE)
    places = []
    for number, (label, _) in enumerate(rows):
        foot = 90 + number * (high + 10)
        paper.text(60, foot, label)
        places.append((66 + paper.get_string_width(label), paper.h - foot))
    pdf = pikepdf.open(BytesIO(bytes(paper.output())))
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding))
    resources = Dictionary(Font=Dictionary(Helv=font))
    widgets = Array()
    for number, ((_, field), (x, y)) in enumerate(zip(rows, places, strict=True)):
        if field is None:
            continue
        field = Dictionary(field)
        width = 11 if Name.Btn == field.FT else wide
        field.Type, field.Subtype, field.P = Name.Annot, Name.Widget, pdf.pages[0].obj
        field.T, field.DA = String(f"f{number}"), String("/Helv 11 Tf 0 g")
        field.Rect = Array([x, y + 12 - high, x + width, y + 12])
        if "/F" not in field:
            field.F = 4
        if drawn is not None and Name.Tx == field.FT:
            look = pdf.make_stream(drawn, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, width, high]), Resources=resources)
            field.AP = Dictionary(N=look)
        widgets.append(pdf.make_indirect(field))
    pdf.pages[0].Annots = widgets
    if turn:
        pdf.pages[0].Rotate = turn
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=widgets, DR=resources, DA=String("/Helv 11 Tf 0 g")))
    if need:
        pdf.Root.AcroForm.NeedAppearances = True
    pdf.save(path)
    return str(path)


def birth(path, **look):
    return form(path, [(label, answer and text_field(answer)) for label, answer in ANSWERS.items()], **look)


def filled_in(path):
    return [(word.text, word.raw) for word in own_text(path, 1).words if word.in_field]


def fields(path, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    page = read_page(ReadPage(path, "application/pdf", 1, str(work)))
    found = extract(Extract(path, "application/pdf", str(work), (page,), None, None))
    return {field.name: field for field in found.fields}


@pytest.mark.parametrize("need", [False, True])
def test_letters_that_the_fields_font_lacks_are_not_lost(tmp_path, need) -> None:
    found = fields(birth(tmp_path / "a.pdf", need=need), tmp_path)
    for name, value in (("kinh_gui", "Ủy ban nhân dân xã Tân Lập"), ("ho_ten_nguoi_yeu_cau", "Phạm Thu Hà"), ("ho_ten", "PHẠM MINH ĐỨC")):
        assert (found[name].value, found[name].source, found[name].status) == (value, "acroform", "accepted"), name
    assert found["ngay_sinh"].value == "2024-02-01"


@pytest.mark.parametrize("drawn", [b"", b"BT /Helv 11 Tf 2 4 Td (Nguyen Van X) Tj ET"])
def test_what_the_page_does_not_show_waits_for_a_person(tmp_path, drawn) -> None:
    found = fields(birth(tmp_path / "a.pdf", drawn=drawn), tmp_path)
    for name in ("kinh_gui", "ho_ten_nguoi_yeu_cau", "ho_ten", "gioi_tinh", "ngay_sinh"):
        assert found[name].value is not None
        assert (found[name].source, found[name].status, found[name].reason_code) == ("acroform", "review", "form_field_unseen"), name


def test_an_appearance_that_the_viewer_makes_anew_is_no_contradiction(tmp_path) -> None:
    found = fields(birth(tmp_path / "a.pdf", drawn=b"", need=True), tmp_path)
    assert (found["gioi_tinh"].value, found["gioi_tinh"].status) == ("Nam", "accepted")


def test_printed_answers_beside_fields_stay_what_they_are(tmp_path) -> None:
    rows = [(label, answer and text_field(answer)) for label, answer in ANSWERS.items()]
    rows[0] = ("Kính gửi: Ủy ban nhân dân xã Tân Lập", None)
    found = fields(form(tmp_path / "a.pdf", rows), tmp_path)
    assert found["kinh_gui"].source == "pdf_text"
    assert found["ho_ten_nguoi_yeu_cau"].source == "acroform"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (String("Đỗ Thị Ế"), "Đỗ Thị Ế"),  # UTF-16
        (pikepdf.Object.parse(b"<C0 6E 20 80 20 8A>"), "Àn • −"),  # PDFDocEncoding
        (pikepdf.Object.parse(b"<EFBBBF C490E1BB97>"), "Đỗ"),  # UTF-8, PDF 2.0
        (String("Đỗ Thị Ế"), "Đỗ Thị Ế"),  # marks apart
    ],
)
def test_every_encoding_of_a_value_is_read(tmp_path, value, text) -> None:
    path = form(tmp_path / "a.pdf", [("Họ, chữ đệm, tên:", Dictionary(FT=Name.Tx, V=value))])
    assert " ".join(word for word, _ in filled_in(path)) == text


def test_a_choice_is_read_as_it_is_shown(tmp_path) -> None:
    path = form(tmp_path / "a.pdf", [("Quan hệ:", choice("me", ("bo", "Bố"), ("me", "Mẹ đẻ")))])
    assert [word for word, _ in filled_in(path)] == ["Mẹ", "đẻ"]


def test_passwords_hidden_fields_and_empty_ones_give_nothing(tmp_path) -> None:
    secret, hidden, empty = text_field("matkhau"), text_field("an"), text_field("")
    secret.Ff, hidden.F = 1 << 13, 2
    path = form(tmp_path / "a.pdf", [("Một:", secret), ("Hai:", hidden), ("Ba:", empty), ("Bốn:", text_field("hiện"))])
    assert [word for word, _ in filled_in(path)] == ["hiện"]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_words_of_a_field_stand_beside_its_label_on_a_turned_page(tmp_path, turn) -> None:
    own = own_text(form(tmp_path / "a.pdf", [("Họ, chữ đệm, tên:", text_field("Phạm Thu Hà"))], turn=turn), 1)
    label = next(word for word in own.words if word.text == "tên:")
    first = next(word for word in own.words if word.text == "Phạm")
    across = 1 if turn in (90, 270) else 0
    middle = [(word.box[1 - across] + word.box[3 - across]) / 2 for word in (label, first)]
    assert abs(middle[0] - middle[1]) < 8
    assert 0 < abs(first.box[across] - label.box[across]) < 80 + 200  # the label, and the field, whose letters are upright


def test_an_answer_of_several_rows_keeps_them(tmp_path) -> None:
    field = text_field("Thôn Đông, xã Tân Lập,\nhuyện Vũ Thư, tỉnh Thái Bình")
    field.Ff = 1 << 12
    own = own_text(form(tmp_path / "a.pdf", [("Nơi cư trú:", field)], high=40), 1)
    words = [word for word in own.words if word.in_field]
    assert " ".join(word.text for word in words) == "Thôn Đông, xã Tân Lập, huyện Vũ Thư, tỉnh Thái Bình"
    assert len({word.line for word in words}) == 2
    assert words[5].box[1] > words[4].box[1]


@pytest.mark.parametrize("appearances", [False, True])
def test_check_boxes_and_radio_buttons_say_what_is_chosen(tmp_path, appearances) -> None:
    """Also where no appearance shows it: a viewer draws the state of the field."""
    rows = [("Phương pháp kê khai", box(True)), ("Phương pháp khoán", box(False))]
    path = form(tmp_path / "a.pdf", rows)
    if appearances:
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            face = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.ZapfDingbats)
            for widget in pdf.pages[0].Annots:
                more = {"Type": Name.XObject, "Subtype": Name.Form, "BBox": Array([0, 0, 11, 11])}
                tick = pdf.make_stream(b"BT /Z 10 Tf 1 2 Td (4) Tj ET", Resources=Dictionary(Font=Dictionary(Z=face)), **more)
                widget.AP = Dictionary(N=Dictionary(Yes=tick, Off=pdf.make_stream(b"", **more)))
            pdf.save()
    assert [word for word, _ in filled_in(path)] == ["☑", "☐"]
    assert not [word.text for word in own_text(path, 1).words if word.text in "4✔"]


@pytest.mark.parametrize(("chosen", "value"), [(0, "Nam"), (1, "Nữ")])
def test_the_state_of_a_radio_group_is_the_answer(tmp_path, chosen, value) -> None:
    """Two buttons, kids of one field, behind their words."""
    path = form(
        tmp_path / "a.pdf",
        [
            (
                f"{label} Nam          Nữ" if label == "Giới tính:" else label,
                of and box(False) if label == "Giới tính:" else of and text_field(of),
            )
            for label, of in ANSWERS.items()
        ],
    )
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        widgets = pdf.pages[0].Annots
        second = widgets[-1]
        first = pdf.make_indirect(Dictionary(second))
        x0, y0, x1, y1 = (float(side) for side in second.Rect)
        first.Rect = Array([x0 - 42, y0, x1 - 42, y1])
        widgets.append(first)
        states = [Name("/0"), Name("/1")]
        group = pdf.make_indirect(Dictionary(FT=Name.Btn, Ff=1 << 15, T=String("gt"), V=states[chosen], Kids=Array([first, second])))
        for number, kid in enumerate((first, second)):
            look = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 11, 11]))
            kid.Parent, kid.AS = group, states[number] if number == chosen else Name.Off
            kid.AP = Dictionary(N=Dictionary({str(states[number]): look, "/Off": look}))
            del kid["/FT"], kid["/T"], kid["/V"]
        pdf.Root.AcroForm.Fields = Array([*pdf.Root.AcroForm.Fields[:-1], group])
        pdf.save()
    found = fields(path, tmp_path)["gioi_tinh"]
    assert (found.value, found.status, found.source) == (value, "accepted", "acroform")
