"""Attacks on signed files, made by code: none may be called intact, extended without a word, or valid."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm

Change = Callable[[IncrementalPdfFileWriter], None]


def updated(data: bytes, change: Change) -> bytes:
    """The file with one more revision."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def first_page(writer: IncrementalPdfFileWriter) -> Any:
    return writer.root["/Pages"]["/Kids"][0]


def name(text: str) -> generic.NameObject:
    return generic.NameObject(text)


def other_text(writer: IncrementalPdfFileWriter) -> None:
    stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf 50 700 Td (9.000.000) Tj ET")
    first_page(writer)[name("/Contents")] = writer.add_object(stream)
    writer.update_container(first_page(writer))


def text_in_place(writer: IncrementalPdfFileWriter) -> None:
    stream = first_page(writer)["/Contents"]
    stream._data = b"BT ET"
    stream._encoded_data = None
    writer.update_container(stream)


def smaller_page(writer: IncrementalPdfFileWriter) -> None:
    first_page(writer)[name("/CropBox")] = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 200, 200)])
    writer.update_container(first_page(writer))


def turned_page(writer: IncrementalPdfFileWriter) -> None:
    first_page(writer)[name("/Rotate")] = generic.NumberObject(180)
    writer.update_container(first_page(writer))


def other_fonts(writer: IncrementalPdfFileWriter) -> None:
    first_page(writer)[name("/Resources")] = generic.DictionaryObject()
    writer.update_container(first_page(writer))


def page_taken_out(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages[name("/Kids")] = generic.ArrayObject([pages.raw_get("/Kids")[0]])
    pages[name("/Count")] = generic.NumberObject(1)
    writer.update_container(pages)


def pages_swapped(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages[name("/Kids")] = generic.ArrayObject(list(reversed(pages.raw_get("/Kids"))))
    writer.update_container(pages)


def note_over_text(writer: IncrementalPdfFileWriter) -> None:
    box = generic.ArrayObject([generic.NumberObject(n) for n in (40, 700, 400, 800)])
    note = {"/Type": name("/Annot"), "/Subtype": name("/FreeText"), "/Rect": box, "/Contents": generic.TextStringObject("9.000.000")}
    annotation = writer.add_object(generic.DictionaryObject({name(k): v for k, v in note.items()}))
    existing = list(first_page(writer).get("/Annots", generic.ArrayObject()))
    kept = first_page(writer).raw_get("/Annots") if "/Annots" in first_page(writer) else generic.ArrayObject()
    kept = kept.get_object() if isinstance(kept, generic.IndirectObject) else kept
    assert len(existing) == len(kept)
    first_page(writer)[name("/Annots")] = generic.ArrayObject([*kept, annotation])
    writer.update_container(first_page(writer))


def script_on_opening(writer: IncrementalPdfFileWriter) -> None:
    action = {name("/S"): name("/JavaScript"), name("/JS"): generic.TextStringObject("app.alert(1)")}
    writer.root[name("/OpenAction")] = generic.DictionaryObject(action)
    writer.update_root()


def layers(writer: IncrementalPdfFileWriter) -> None:
    writer.root[name("/OCProperties")] = generic.DictionaryObject({name("/OCGs"): generic.ArrayObject()})
    writer.update_root()


def form_emptied(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/AcroForm"][name("/Fields")] = generic.ArrayObject()
    writer.update_container(writer.root["/AcroForm"])


def form_removed(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/AcroForm"]
    writer.update_root()


def reason_replaced(writer: IncrementalPdfFileWriter) -> None:
    signature = writer.root["/AcroForm"]["/Fields"][0]["/V"]
    signature[name("/Reason")] = generic.TextStringObject("Đồng ý")
    writer.update_container(signature)


def seal_repainted(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    looks = generic.StreamObject({name("/Type"): name("/XObject"), name("/Subtype"): name("/Form")}, stream_data=b"0 0 50 50 re f")
    field[name("/AP")] = generic.DictionaryObject({name("/N"): writer.add_object(looks)})
    writer.update_container(field)


def attachment(writer: IncrementalPdfFileWriter) -> None:
    writer.root[name("/Names")] = generic.DictionaryObject({name("/EmbeddedFiles"): generic.DictionaryObject()})
    writer.update_root()


LATER = [
    other_text, text_in_place, smaller_page, turned_page, other_fonts, page_taken_out, pages_swapped, note_over_text, script_on_opening,
    layers, form_emptied, form_removed, reason_replaced, seal_repainted, attachment,
]  # fmt: skip


@pytest.mark.parametrize("change", LATER, ids=lambda f: f.__name__)
@pytest.mark.parametrize("kind", ["approval", "certified", "two", "long_term"])
def test_a_later_revision_that_changes_the_document_is_altered(judge, sign, paper, twice, signed, change, kind) -> None:
    made = {
        "approval": lambda: signed,
        "certified": lambda: sign(paper, certify=MDPPerm.ANNOTATE if change is not note_over_text else MDPPerm.FILL_FORMS),
        "two": lambda: twice,
        "long_term": lambda: sign(paper, long_term=True),
    }[kind]()
    verdict = judge(updated(made, change))
    assert (verdict.verdict, verdict.integrity) == ("invalid", "altered")


@pytest.mark.parametrize("change", [other_text, smaller_page, form_emptied], ids=lambda f: f.__name__)
def test_a_change_between_officer_and_seal_is_altered_though_the_seal_covers_it(judge, sign, signed, change) -> None:
    assert judge(sign(updated(signed, change), "agency", "Sig2")).integrity == "altered"


def test_the_words_of_a_change_say_what_and_where(judge, signed) -> None:
    (signature,) = judge(updated(signed, other_text)).signatures
    (change,) = [c for c in signature.changes_after if not c.allowed]
    assert (change.code, change.page, change.revision) == ("page_content_changed", 1, 3)


def other_title(writer: IncrementalPdfFileWriter) -> None:
    writer.set_info(generic.DictionaryObject({name("/Title"): generic.TextStringObject("Quyết định khác")}))


def test_another_title_is_told_and_after_a_certification_that_forbids_all_it_is_altered(judge, sign, paper, signed) -> None:
    told = judge(updated(signed, other_title))
    assert (told.verdict, told.integrity) == ("valid", "extended")
    assert "warning" in [c.result for c in told.signatures[0].checks if c.code == "later_changes_harmless"]
    assert judge(updated(sign(paper, certify=MDPPerm.NO_CHANGES), other_title)).integrity == "altered"


def test_a_visible_signature_over_words_is_told(judge, sign, signed) -> None:
    verdict = judge(sign(signed, "agency", "Sig2", box=(20, 740, 560, 830)))
    assert verdict.integrity == "extended"
    assert [c.result for c in verdict.checks if c.code == "later_signature_covers_text"] == ["warning"]


def test_a_seal_over_the_words_beside_the_officers_own_signature_is_how_offices_sign(judge, sign, write) -> None:
    text = "Quyết định\n\n\nCHỦ TỊCH\n\nNguyễn Thị Ví Dụ"
    officer = sign(write(text), box=(20, 690, 120, 740))
    verdict = judge(sign(officer, "agency", "Sig2", box=(5, 680, 60, 760)))
    assert (verdict.verdict, verdict.integrity, verdict.reason_code) == ("valid", "extended", "all_valid")
    assert [c.result for c in verdict.checks if c.code == "later_signature_covers_text"] == ["passed"]


RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)[^\]]*\]")


def ranged(data: bytes, numbers: Callable[[int, int, int, int], tuple[int, ...]]) -> bytes:
    found = RANGE.search(data)
    assert found
    new = b"/ByteRange [" + b" ".join(b"%d" % n for n in numbers(*map(int, found.groups())))
    return data[: found.start()] + new.ljust(found.end() - found.start() - 1) + b"]" + data[found.end() :]


RANGES = {
    "gap_wider": lambda a, b, c, d: (a, b - 8, c, d),
    "gap_wider_behind": lambda a, b, c, d: (a, b, c + 8, d - 8),
    "tail_left_out": lambda a, b, c, d: (a, b, c, d - 20),
    "beyond_the_end": lambda a, b, c, d: (a, b, c, d + 9),
    "empty": lambda a, b, c, d: (0, 0, 0, 0),
    "negative": lambda a, b, c, d: (a, b, c, -d),
    "overlapping": lambda a, b, c, d: (a, c + 5, b, d),
    "not_from_the_start": lambda a, b, c, d: (5, b - 5, c, d),
    "three_parts": lambda a, b, c, d: (a, b, c, 9, c + 10, d - 10),
    "one_part": lambda a, b, c, d: (a, b),
}


@pytest.mark.parametrize("numbers", RANGES.values(), ids=RANGES.keys())
def test_every_bent_byte_range_is_found(judge, signed, numbers) -> None:
    verdict = judge(ranged(signed, numbers))
    assert verdict.verdict != "valid"
    assert verdict.integrity in ("altered", "unknown")


@pytest.mark.parametrize("share", [0.001, 0.1, 0.3, 0.5, 0.9, 0.999])
def test_one_flipped_bit_anywhere_is_not_intact(judge, signed, share) -> None:
    data = bytearray(signed)
    data[int(len(data) * share)] ^= 1
    verdict = judge(bytes(data))
    if verdict.verdict == "valid":  # the one place nobody signs: the padding behind the signature
        found = RANGE.search(signed)
        assert found and int(found[2]) < int(len(data) * share) < int(found[3])
    else:
        assert verdict.integrity in ("altered", "unknown")


def test_bytes_after_the_end_are_altered(judge, signed) -> None:
    for tail in (b"garbage", b"\n1 0 obj\n<</Type/Catalog>>\nendobj\n", b"\n%%EOF\nPK\x03\x04 a second file"):
        assert judge(signed + tail).integrity in ("altered", "unknown")


def test_bytes_before_the_header_are_not_intact(judge, signed) -> None:
    assert judge(b"MZ\x90 program " + signed).integrity in ("altered", "unknown")


def test_a_signature_of_another_file_does_not_fit(judge, sign, signed, write) -> None:
    other = sign(write("Một văn bản khác"))
    mine, theirs = (re.search(rb"/Contents <([0-9A-Fa-f]+)>", data) for data in (signed, other))
    assert mine and theirs and len(mine[1]) == len(theirs[1])
    assert judge(signed.replace(mine[1], theirs[1])).integrity == "altered"


def test_a_file_rebuilt_around_its_signature_is_altered(judge, signed) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(signed)) as pdf:
        pdf.save(out)
    assert judge(out.getvalue()).integrity == "altered"


def test_a_seat_for_a_signature_is_no_signature(judge, signed) -> None:
    found = re.search(rb"/Contents <([0-9A-Fa-f]+)>", signed)
    assert found
    verdict = judge(signed.replace(found[1], b"0" * len(found[1])))
    assert (verdict.verdict, verdict.reason_code) == ("unsigned", "signature_placeholder")


@pytest.mark.parametrize("spoilt", [b"/Contents <Z", b"/Contents <3\xc8"], ids=["a letter", "a byte"])
def test_a_later_signature_made_unreadable_is_no_empty_seat(judge, twice, spoilt) -> None:
    at = twice.rindex(b"/Contents <")
    verdict = judge(twice[:at] + spoilt + twice[at + len(spoilt) :])
    assert (verdict.verdict, len(verdict.signatures)) == ("invalid", 2)


def test_a_later_signature_rewritten_as_a_plain_string_is_no_empty_seat(judge, twice) -> None:
    at = twice.rindex(b"/Contents <") + 10
    end = twice.index(b">", at)
    verdict = judge(twice[:at] + b"(" + twice[at + 1 : end] + b")" + twice[end + 1 :])
    assert (verdict.verdict, len(verdict.signatures)) == ("invalid", 2)


def test_a_file_cut_short_is_never_valid(judge, signed) -> None:
    for share in (0.2, 0.5, 0.8, 0.99):
        assert judge(signed[: int(len(signed) * share)]).verdict != "valid"
