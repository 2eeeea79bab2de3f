"""Shadow attacks (Mainka, Mladenov, Rohlmann 2021): content is prepared before signing and brought forth afterwards.

Each file is signed while it looks innocent; a small later revision hides, replaces or uncovers. A person sees another
text under a signature whose bytes are all untouched.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm

FORM_XOBJECT = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d %s>>\nstream\n%s\nendstream" % (len(content), entries, content)


def prepared(*hidden: tuple[int, bytes]) -> tuple[bytes, dict[int, int]]:
    """A one-page paper whose text lies under a cover; and `hidden`, second bodies for object numbers, which no table names.

    Objects: 3 page, 4 contents, 5 the text to show, 6 the cover, 7 a font, 9 a text field. Returns the offsets of what is hidden.
    """
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[9 0 R]/DA(/F 12 Tf)/DR<</Font<</F 7 0 R>>>>>>>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[9 0 R]"
        b"/Resources<</XObject<</A 5 0 R/B 6 0 R>>/Font<</F 7 0 R>>>>>>",
        4: stream(b"/A Do /B Do BT /F 12 Tf 50 700 Td (So tien: 1.000.000) Tj ET"),
        5: stream(b"BT /F 12 Tf 50 650 Td (Toi dong y ban nha) Tj ET", FORM_XOBJECT + b"/Resources<</Font<</F 7 0 R>>>>"),
        6: stream(b"1 g 40 640 300 30 re f", FORM_XOBJECT),
        7: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        9: b"<</Type/Annot/Subtype/Widget/FT/Tx/T(so_tien)/V(1.000.000)/Rect[50 600 200 620]/DA(/F 12 Tf)/P 3 0 R>>",
    }
    out, offsets, places = bytearray(b"%PDF-1.7\n"), {}, {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    for number, body in hidden:
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 10\n" + b"".join(b"%010d 00000 n \n" % offsets[n] if n in offsets else b"0000000000 65535 f \n" for n in range(10))
    return bytes(out + b"trailer\n<</Size 10/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table), places


def table_alone(data: bytes, entries: dict[int, bytes]) -> bytes:
    """A later revision of nothing but cross-references (ISO 32000-2, 7.5.6)."""
    previous = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    with_root = data[data.rindex(b"trailer") :] if b"trailer" in data else b""
    root = with_root.partition(b"/Root")[2].split()[0] if with_root else b"1"
    start = len(data)
    lines = b"".join(b"%d 1\n%s" % (number, entry) for number, entry in sorted(entries.items()))
    return data + b"xref\n%strailer\n<</Size 40/Root %s 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (lines, root, previous, start)


def updated(data: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def entry(at: int) -> bytes:
    return b"%010d 00000 n \n" % at


OTHER_TEXT = stream(b"/A Do /B Do BT /F 12 Tf 50 700 Td (So tien: 9.000.000) Tj ET")
NO_COVER = stream(b"", FORM_XOBJECT)


@pytest.mark.parametrize("permission", [None, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
@pytest.mark.parametrize(("number", "body"), [(4, OTHER_TEXT), (6, NO_COVER)], ids=["replace the text", "uncover the text"])
def test_hide_and_replace_a_table_that_brings_forth_a_second_body_is_altered(judge, sign, number, body, permission) -> None:
    data, places = prepared((number, body))
    signed = sign(data, certify=permission)
    verdict = judge(table_alone(signed, {number: entry(places[number])}))
    assert (verdict.verdict, verdict.integrity) == ("invalid", "altered")


def test_hide_freeing_the_cover_is_altered(judge, sign) -> None:
    signed = sign(prepared()[0])
    verdict = judge(table_alone(signed, {6: b"0000000000 00001 f \n"}))
    assert (verdict.verdict, verdict.integrity) == ("invalid", "altered")


def dangling(entry: bytes) -> bytes:
    """The paper with a reference to object 30, which there is none: to every reader it is nothing."""
    data = prepared()[0]
    page = data.index(b"3 0 obj\n") + 8
    old, room = data[page : data.index(b"endobj", page)], b"3 0 obj\n"
    new = old.replace(*(b"/Contents 4 0 R", b"/Contents[4 0 R 30 0 R]") if entry == b"/Contents" else (b"/A 5 0 R", b"/C 30 0 R/A 5 0 R"))
    moved = len(data[: data.rindex(b"xref\n0")])
    out = data[:moved] + room + new + b"endobj\n"
    tail = data[moved : data.rindex(b"startxref")].replace(b"%010d" % (page - 8), b"%010d" % moved)
    return out + tail + b"startxref\n%d\n%%%%EOF\n" % len(out)


def named_later(data: bytes) -> bytes:
    """A later revision with nothing but object 30."""
    body = b"30 0 obj\n" + stream(b"BT /F 12 Tf 50 500 Td (No: 9.000.000.000) Tj ET", FORM_XOBJECT) + b"\nendobj\n"
    return table_alone(data + body, {30: entry(len(data))})


@pytest.mark.parametrize("permission", [None, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
@pytest.mark.parametrize("where", [b"/Contents", b"/XObject"])
def test_a_reference_to_nothing_that_is_given_a_meaning_later_is_altered(judge, sign, where, permission) -> None:
    signed = sign(dangling(where), certify=permission)
    assert (judge(signed).verdict, judge(signed).integrity) == ("valid", "intact")
    verdict = judge(named_later(signed))
    assert (verdict.verdict, verdict.integrity) == ("invalid", "altered")


@pytest.mark.parametrize("where", [b"/Contents", b"/XObject"])
def test_a_meaning_given_before_the_seal_and_taken_after_it_is_altered_for_both(judge, sign, where) -> None:
    sealed = sign(named_later(sign(dangling(where))), "agency", "Sig2")
    assert judge(sealed).integrity == "altered"
    taken = judge(table_alone(sealed, {30: b"0000000000 00001 f \n"}))
    assert [s.integrity for s in taken.signatures] == ["altered", "altered"]


def test_a_reference_to_nothing_that_stays_one_hinders_nobody(judge, sign) -> None:
    verdict = judge(sign(sign(dangling(b"/XObject")), "agency", "Sig2"))
    assert (verdict.verdict, verdict.integrity) == ("valid", "extended")


BEYOND = 60_000
SYMBOLS = b"<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"
SHOWN = stream(b"BT /F 12 Tf 50 500 Td (No: 9.000.000.000) Tj ET", FORM_XOBJECT + b"/Resources<</Font<</F 7 0 R>>>>")


def placed_beyond(number: int) -> bytes:
    """The paper whose table says that object `number` stands far behind the end."""
    data = prepared()[0]
    return data.replace(b"%010d 00000 n" % (data.index(b"\n%d 0 obj" % number) + 1), b"%010d 00000 n" % BEYOND)


def filled_up(data: bytes, number: int, body: bytes) -> bytes:
    """The file grown to where the object was said to stand, and the object there."""
    comment = b"%" + b" " * (BEYOND - len(data) - 2) + b"\n"
    return table_alone(data + comment + b"%d 0 obj\n%s\nendobj\n" % (number, body), {35: b"0000000000 00000 f \n"})


@pytest.mark.parametrize("permission", [None, MDPPerm.ANNOTATE])
@pytest.mark.parametrize(("number", "body"), [(4, OTHER_TEXT), (5, SHOWN), (7, SYMBOLS)], ids=["contents", "drawing", "font"])
def test_an_object_said_to_stand_beyond_the_end_and_put_there_later_is_altered(judge, sign, number, body, permission) -> None:
    signed = sign(placed_beyond(number), certify=permission)
    assert judge(signed).integrity == "intact"
    verdict = judge(filled_up(signed, number, body))
    assert (verdict.verdict, verdict.integrity) == ("invalid", "altered")


@pytest.mark.parametrize(("number", "body"), [(4, OTHER_TEXT), (5, SHOWN), (7, SYMBOLS)], ids=["contents", "drawing", "font"])
def test_an_object_that_stood_nowhere_and_is_placed_anew_is_altered(judge, sign, number, body) -> None:
    signed = sign(placed_beyond(number))
    verdict = judge(table_alone(signed + b"%d 0 obj\n%s\nendobj\n" % (number, body), {number: entry(len(signed))}))
    assert (verdict.verdict, verdict.integrity) == ("invalid", "altered")


def test_an_object_put_beyond_the_end_before_the_seal_is_altered(judge, sign) -> None:
    assert judge(sign(filled_up(sign(placed_beyond(5)), 5, SHOWN), "agency", "Sig2")).integrity == "altered"


def test_a_stream_that_runs_into_the_end_and_is_ended_later_is_never_valid(judge, sign) -> None:
    data, _ = prepared()
    start = data.rindex(b"xref\n0")
    head, tail = data[:start], data[start : data.rindex(b"startxref")]
    at = len(head) + len(tail) + 9
    text = b"BT /F 12 Tf 50 500 Td (No: 9.000.000.000) Tj ET"
    tail = tail.replace(b"%010d" % (data.index(b"\n5 0 obj") + 1), b"%010d" % at)
    running = b"5 0 obj\n<<%s/Resources<</Font<</F 7 0 R>>>>/Length 99999>>\nstream\n%s%%" % (FORM_XOBJECT, text)
    signed = sign(head + tail + b"%% open\n\n" + running + b"\nstartxref\n%d\n%%%%EOF\n" % start)
    length = 99_999 - (len(signed) - signed.index(text))
    verdict = judge(table_alone(signed + b"%" + b" " * (length - 1) + b"\nendstream\nendobj\n", {35: b"0000000000 00000 f \n"}))
    assert verdict.verdict != "valid"
    assert verdict.integrity in ("altered", "unknown")


def test_a_stream_whose_length_is_said_elsewhere_and_changed_is_altered(judge, sign) -> None:
    data, places = prepared((8, b"4"))
    text = b"BT /F 12 Tf 50 700 Td (So tien: 9.000.000) Tj ET"
    body = b"4 0 obj\n<</Length 8 0 R>>\nstream\nq Q \nendstream\n%s\nendstream\nendobj\n" % text
    start = data.rindex(b"xref\n0")
    table = data[start : data.rindex(b"startxref")].replace(b"%010d" % (data.index(b"\n4 0 obj") + 1), b"%010d" % start)
    lines = table.split(b"\n")
    lines[2 + 8] = b"%010d 00000 n " % places[8]
    changed = data[:start] + body
    signed = sign(changed + b"\n".join(lines) + b"startxref\n%d\n%%%%EOF\n" % len(changed))
    assert judge(signed).integrity in ("intact", "unknown")
    longer = signed + b"8 0 obj\n%d\nendobj\n" % (15 + len(text))
    assert judge(table_alone(longer, {8: entry(len(signed))})).integrity in ("altered", "unknown")


def change_font(writer: IncrementalPdfFileWriter) -> None:
    font = writer.root["/AcroForm"]["/DR"]["/Font"]["/F"]
    font[generic.NameObject("/BaseFont")] = generic.NameObject("/Symbol")
    writer.update_container(font)


def cover_gone(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    cover = page["/Resources"]["/XObject"]["/B"]
    cover._data, cover._encoded_data = b"", None
    writer.update_container(cover)


@pytest.mark.parametrize("change", [change_font, cover_gone], ids=lambda f: f.__name__)
@pytest.mark.parametrize("permission", [None, MDPPerm.FILL_FORMS])
def test_replace_a_font_or_a_cover_redefined_later_is_altered(judge, sign, change, permission) -> None:
    verdict = judge(updated(sign(prepared()[0], certify=permission), change))
    assert (verdict.verdict, verdict.integrity) == ("invalid", "altered")


def fill(writer: IncrementalPdfFileWriter, value: str = "9.000.000") -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[generic.NameObject("/V")] = generic.TextStringObject(value)
    writer.update_container(field)


def test_a_field_filled_where_filling_is_allowed_is_listed_and_not_called_forged(judge, sign) -> None:
    verdict = judge(updated(sign(prepared()[0], certify=MDPPerm.FILL_FORMS), fill))
    assert verdict.integrity == "extended"
    (change,) = [c for s in verdict.signatures for c in s.changes_after if c.code == "form_filled"]
    assert change.allowed


def test_a_field_filled_where_nothing_is_allowed_is_altered(judge, sign) -> None:
    assert judge(updated(sign(prepared()[0], certify=MDPPerm.NO_CHANGES), fill)).integrity == "altered"


def looks_of_its_own(writer: IncrementalPdfFileWriter) -> None:
    """The value stays, the field shows something else: what is filled in and what is seen part ways."""
    field = writer.root["/AcroForm"]["/Fields"][0]
    looks: Any = generic.StreamObject(
        {generic.NameObject("/Subtype"): generic.NameObject("/Form"), generic.NameObject("/Type"): generic.NameObject("/XObject")},
        stream_data=b"BT /F 12 Tf 2 2 Td (9.000.000) Tj ET",
    )
    field[generic.NameObject("/AP")] = generic.DictionaryObject({generic.NameObject("/N"): writer.add_object(looks)})
    writer.update_container(field)


def test_a_field_that_shows_another_value_than_it_holds_is_not_intact(judge, sign) -> None:
    for permission in (None, MDPPerm.NO_CHANGES):
        assert judge(updated(sign(prepared()[0], certify=permission), looks_of_its_own)).integrity != "intact"


def annotation(kind: str, entries: dict[str, Any]) -> Callable[[IncrementalPdfFileWriter], None]:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        note = {"/Type": "/Annot", "/Subtype": f"/{kind}"}
        made = generic.DictionaryObject({generic.NameObject(k): generic.NameObject(v) for k, v in note.items()})
        made[generic.NameObject("/Rect")] = generic.ArrayObject(generic.NumberObject(n) for n in (40, 690, 400, 720))
        for key, value in entries.items():
            made[generic.NameObject(key)] = value
        kept = page.raw_get("/Annots")
        kept = kept.get_object() if isinstance(kept, generic.IndirectObject) else kept
        page[generic.NameObject("/Annots")] = generic.ArrayObject([*kept, writer.add_object(made)])
        writer.update_container(page)

    return change


EVIL = {
    "FreeText": {"/Contents": generic.TextStringObject("So tien: 9.000.000"), "/DA": generic.TextStringObject("/F 12 Tf")},
    "Stamp": {"/Name": generic.NameObject("/Approved")},
    "Redact": {"/OverlayText": generic.TextStringObject("x")},
    "Square": {"/IC": generic.ArrayObject([generic.NumberObject(1)] * 3)},
}


@pytest.mark.parametrize("kind", EVIL)
def test_an_annotation_over_the_text_is_never_quietly_valid(judge, sign, kind: str) -> None:
    """Evil annotation attack: certified with permission 3, annotations are allowed, covering the words is not."""
    verdict = judge(updated(sign(prepared()[0], certify=MDPPerm.ANNOTATE), annotation(kind, EVIL[kind])))
    assert verdict.integrity == "altered", [c.code for s in verdict.signatures for c in s.changes_after]
    assert judge(updated(sign(prepared()[0], certify=MDPPerm.FILL_FORMS), annotation(kind, EVIL[kind]))).integrity == "altered"


def test_where_annotating_is_allowed_a_note_and_a_drawing_on_an_empty_place_are_listed(judge, sign) -> None:
    def note(writer: IncrementalPdfFileWriter) -> None:
        annotation("Text", {"/Contents": generic.TextStringObject("xem lại")})(writer)
        annotation("Square", {"/Rect": generic.ArrayObject(generic.NumberObject(n) for n in (40, 100, 90, 140))})(writer)

    verdict = judge(updated(sign(prepared()[0], certify=MDPPerm.ANNOTATE), note))
    assert verdict.integrity == "extended"
    assert {"annotation_added", "drawing_added"} <= {c.code for c in verdict.signatures[0].changes_after}


def test_a_field_taken_off_its_page_is_altered_though_annotations_may_be_removed(judge, sign) -> None:
    def hidden(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        kept = [item for item in page["/Annots"] if "/T" not in item.get_object() or item.get_object()["/T"] != "so_tien"]
        page[generic.NameObject("/Annots")] = generic.ArrayObject(kept)
        writer.update_container(page)

    assert judge(updated(sign(prepared()[0], certify=MDPPerm.ANNOTATE), hidden)).integrity == "altered"
