"""Which text of a PDF is trusted, and where its words stand."""

from importlib.resources import files
from io import BytesIO

import pikepdf
import pytest
from fpdf import FPDF
from PIL import Image

from ocr.pdf.claims import pdf_a_claim, picture_bytes, title_claim
from ocr.pdf.legible import judge
from ocr.pdf.own_text import own_text
from sohoa.errors import SohoaError

FACE = str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf")
LETTER = [
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Kính gửi: Ủy ban nhân dân xã Hương Thử, tỉnh Hưng Yên",
    "Họ, chữ đệm, tên người yêu cầu: Phạm Đức Quỳnh ..................",
]
VNI = """COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM Ñoäc laäp - Töï do - Haïnh phuùc TÔØ KHAI ÑAÊNG KYÙ KHAI SINH
Kính göûi: UÛy ban nhaân daân xaõ Hoï teân ngöôøi yeâu caàu Nôi cö truù Giaáy tôø tuøy thaân"""
TCVN3 = """Céng hßa x· héi chñ nghÜa ViÖt Nam §éc lËp - Tù do - H¹nh phóc Tê khai ®¨ng ký khai sinh
KÝnh göi: ñy ban nh©n d©n x· Hä tªn ng\u00adêi yªu cÇu N¬i c\u00ad tró GiÊy tê tïy th©n"""
BARE = """cong hoa xa hoi chu nghia viet nam doc lap tu do hanh phuc to khai dang ky khai sinh kinh gui uy ban nhan dan xa
ho ten nguoi yeu cau noi cu tru giay to tuy than quan he voi nguoi duoc khai sinh de nghi co quan dang ky ngay thang nam"""
GERMAN = """Mitarbeiterinnen und Mitarbeiter arbeiten in über hundert Ländern, für die Würde des Menschen, größtenteils
ehrenamtlich; gemäß den Grundsätzen können Bürger täglich prüfen, wofür Gelder gewährt würden"""
ENGLISH = "The undersigned hereby certifies that this is a true copy of the original document kept in the office"


def born_digital(tmp_path, lines=LETTER, *, name="a.pdf", before=None, after=None, invisible=False):
    pdf = FPDF(format="A4")
    pdf.add_page()
    pdf.add_font("serif", "", FACE)
    pdf.set_font("serif", size=13)
    for step, where in ((before, "before"), (None, "text"), (after, "after")):
        if where == "text":
            with pdf.local_context(text_mode=3 if invisible else 0):
                for number, line in enumerate(lines):
                    pdf.text(20, 30 + 10 * number, line)
        elif step:
            step(pdf)
    pdf.output(str(tmp_path / name))
    return str(tmp_path / name)


def scanned(pdf):
    picture = BytesIO()
    Image.new("L", (300, 420), 240).save(picture, "JPEG")
    pdf.image(picture, 0, 0, 210, 297)


def lines_of(own):
    lines = {}
    for word in own.words:
        lines.setdefault(word.line, []).append(word.text)
    return [" ".join(words) for words in lines.values()]


READ = [line.rstrip(". ") if ". . ." in line or "...." in line else line for line in LETTER]  # leaders are no text


def test_good_text_is_taken_word_by_word_in_lines_without_its_leaders(tmp_path):
    own = own_text(born_digital(tmp_path), 1)
    assert own.decision == "good"
    assert lines_of(own) == READ


def test_a_value_printed_over_its_leader_keeps_its_letters_together(tmp_path):
    def leader(pdf):
        pdf.set_font(size=12)
        pdf.text(60, 60, "." * 90)

    def value(pdf):
        pdf.text(62, 59.6, "Phạm Đức Quỳnh")

    own = own_text(born_digital(tmp_path, ["Họ, chữ đệm, tên:"], before=leader, after=value), 1)
    assert "Phạm Đức Quỳnh" in lines_of(own)


def test_boxes_are_points_from_the_top_left(tmp_path):
    word = own_text(born_digital(tmp_path), 1).words[0]
    left, baseline = 20 / 25.4 * 72, 30 / 25.4 * 72
    assert word.text == "CỘNG"
    assert abs(word.box[0] - left) < 1
    assert word.box[1] < baseline < word.box[3] < baseline + 5
    assert 8 < word.box[3] - word.box[1] < 20


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_follow_the_turned_and_cropped_page(tmp_path, turn):
    """A page whose content is drawn turned, and turned back by /Rotate, reads as if it stood upright."""
    path = born_digital(tmp_path)
    matrix = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[turn]
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        width, height = float(page.MediaBox[2]), float(page.MediaBox[3])
        # `turn` clockwise by the viewer undoes `turn` counter-clockwise in the content.
        shift = {0: (0, 0), 90: (height, 0), 180: (width, height), 270: (0, width)}[turn]
        page.contents_add(f"q {' '.join(map(str, (*matrix, *shift)))} cm".encode(), prepend=True)
        page.contents_add(b"Q")
        page.MediaBox = [0, 0, *((width, height) if turn % 180 == 0 else (height, width))]
        page.Rotate = turn
        pdf.save(path)
    plain = own_text(born_digital(tmp_path, name="plain.pdf"), 1)
    own = own_text(path, 1)
    assert lines_of(own) == READ
    assert own.size == pytest.approx(plain.size, abs=0.1)
    for word, same in zip(own.words, plain.words, strict=True):
        assert word.box == pytest.approx(same.box, abs=0.5)


def test_an_old_machine_text_under_a_scan_is_not_trusted(tmp_path):
    assert own_text(born_digital(tmp_path, before=scanned, invisible=True), 1).decision == "picture"


def test_text_hidden_behind_a_scan_is_not_trusted(tmp_path):
    assert own_text(born_digital(tmp_path, after=scanned), 1).decision == "picture"


def test_a_stamped_number_on_a_scan_does_not_make_it_born_digital(tmp_path):
    assert own_text(born_digital(tmp_path, ["Số đến: 123, ngày 5/5/2025"], before=scanned), 1).decision == "picture"


def test_a_letterhead_picture_behind_a_full_text_does_no_harm(tmp_path):
    assert own_text(born_digital(tmp_path, LETTER * 4, before=scanned), 1).decision == "good"


def test_pictures_that_may_hold_text_are_named_and_logos_are_not(tmp_path):
    def pictures(pdf):
        for box in ((20, 200, 86, 54), (20, 10, 20, 20)):
            picture = BytesIO()
            Image.new("L", (60, 40), 200).save(picture, "JPEG")
            pdf.image(picture, *box)

    own = own_text(born_digital(tmp_path, before=pictures), 1)
    assert own.decision == "good"
    (card,) = own.pictures
    assert card == pytest.approx([v / 25.4 * 72 for v in (20, 200, 106, 254)], abs=0.5)


def test_a_page_without_anything_is_blank(tmp_path):
    assert own_text(born_digital(tmp_path, []), 1).decision == "blank"


def test_a_few_lines_without_text_are_a_drawing(tmp_path):
    assert own_text(born_digital(tmp_path, [], before=lambda pdf: pdf.line(10, 10, 100, 100)), 1).decision == "drawing"


def test_letters_turned_into_outlines_are_read_as_an_image(tmp_path):
    def outlines(pdf):
        for at in range(400):
            pdf.rect(10 + at % 40 * 4, 10 + at // 40 * 6, 2, 3, style="F")

    assert own_text(born_digital(tmp_path, [], before=outlines), 1).decision == "no_text"


def test_filled_form_fields_belong_to_the_text(tmp_path):
    path = born_digital(tmp_path)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        look = pikepdf.Stream(pdf, b"BT /F0 12 Tf 2 4 Td (Hanoi) Tj ET")
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        look.Type, look.Subtype, look.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 100, 20]
        look.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F0=font))
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="noi", V="Hanoi", F=4, Rect=[300, 400, 400, 420]
        )
        field.AP = pikepdf.Dictionary(N=pdf.make_indirect(look))
        widget = pdf.make_indirect(field)
        pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([widget]))
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[widget])
        pdf.save(path)
    found = {word.text: word.box for word in own_text(path, 1).words}
    assert found["Hanoi"][0] == pytest.approx(302, abs=2)


@pytest.mark.parametrize(("text", "verdict"), [(VNI, "legacy"), (TCVN3, "legacy"), (BARE, "unmarked"), (GERMAN, "good"), (ENGLISH, "good")])
def test_old_encodings_and_lost_marks_are_told_from_other_languages(text, verdict):
    assert judge(text.split()) == verdict


@pytest.mark.parametrize(
    "text", ["".join(chr(0xE000 + i) for i in range(60)), "7Kӏ sӕ 4ӱ vұ 9ăn Bộ " * 10, "N g u y ễ n T h ị Á n h " * 6, "\ufffd" * 30]
)
def test_text_from_a_broken_map_is_not_trusted(text):
    assert judge(text.split()) == "broken"


def test_a_blank_form_full_of_leaders_is_good():
    assert judge(["Họ", "và", "tên:", "Ngày", "sinh:", "." * 300]) == "good"


def test_legacy_fonts_are_known_by_their_names_and_codes(tmp_path):
    path = born_digital(tmp_path, ["Tê khai ®¨ng ký khai sinh"])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for item in pdf.objects:
            for key in ("/BaseFont", "/FontName"):
                if isinstance(item, pikepdf.Dictionary) and key in item:
                    item[key] = pikepdf.Name("/ABCDEF+.VnTime")
        pdf.save(path)
    assert own_text(path, 1).decision == "legacy"


def test_damaged_and_protected_files_have_codes(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 nothing more")
    with pytest.raises(SohoaError, match="pdf_damaged"):
        own_text(str(tmp_path / "a.pdf"), 1)
    path = born_digital(tmp_path, name="b.pdf")
    with pikepdf.open(path) as pdf:
        pdf.save(tmp_path / "c.pdf", encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(SohoaError, match="pdf_encrypted"):
        own_text(str(tmp_path / "c.pdf"), 1)


def test_claims_are_read_and_never_guessed(tmp_path, letter, build):
    ours = str(build(letter, title="Giấy xác nhận"))
    assert (pdf_a_claim(ours), title_claim(ours)) == ("PDF/A-2b", "Giấy xác nhận")
    plain = born_digital(tmp_path)
    assert (pdf_a_claim(plain), title_claim(plain)) == (None, None)
    (tmp_path / "x.pdf").write_bytes(b"no pdf")
    assert pdf_a_claim(str(tmp_path / "x.pdf")) is None


def test_picture_bytes_count_what_the_scan_takes(tmp_path, letter, build):
    path = str(build(letter))
    with pikepdf.open(path) as pdf:
        size = len(pdf.pages[0].Resources.XObject.Im0.read_raw_bytes())
    assert picture_bytes(path, 1) == size
    assert picture_bytes(born_digital(tmp_path), 1) is None
