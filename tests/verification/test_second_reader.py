"""Two readers must see the same pages: contents, and whatever resources and appearances lead to.

qpdf takes the last of two entries under one key, pyHanko the first; so does one viewer or the other.
"""

import random
import zlib

import pytest

from verification.second_reader import readers_agree
from verification.view import View

PICTURE = b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1"
FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 100 20]/Length 27"
DRAWING = b"<</Length 5>>\nstream\n/X Do\nendstream"
DRAWN = b"BT /F 12 Tf (1.000.000) Tj "


def file(resources: bytes, more: dict[int, bytes], page: bytes = b"", contents: bytes = DRAWING, kids: bytes = b"/Kids[3 0 R]") -> bytes:
    """A page whose resources are object 5; `more` are further objects from 6 on, `page` further entries of the page."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages%s/Count 1/Resources 5 0 R>>" % kids,
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R%s>>" % page,
        4: contents,
        5: resources,
        **more,
    }
    out, table = bytearray(b"%PDF-1.7\n"), b"0000000000 65535 f \n"
    for number, body in objects.items():
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    at = len(out)
    size = len(objects) + 1
    return bytes(out) + b"xref\n0 %d\n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, table, size, at)


def stream(entries: bytes, content: bytes) -> bytes:
    return b"<<%s>>\nstream\n%s\nendstream" % (entries, content)


HONEST = {
    "picture": (b"<</XObject<</X 6 0 R>>>>", {6: stream(PICTURE, b"\x10"), 7: stream(PICTURE, b"\xf0")}),
    "form": (b"<</XObject<</X 6 0 R>>/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>", {6: stream(FORM, DRAWN)}),
}
TWO_FACED = {
    "two pictures under one name": (b"<</XObject<</X 6 0 R/X 7 0 R>>>>", HONEST["picture"][1]),
    "two resources of a kind": (b"<</XObject<</X 6 0 R>>/XObject<</X 7 0 R>>>>", HONEST["picture"][1]),
    "a picture as a mask or not": (HONEST["picture"][0], {6: stream(PICTURE + b"/ImageMask true/ImageMask false", b"\x10")}),
    "a form drawn elsewhere": (HONEST["form"][0], {6: stream(FORM + b"/Matrix[1 0 0 1 0 0]/Matrix[1 0 0 1 900 0]", DRAWN)}),
    "two pictures beside what one reader cannot read": (
        b"<</XObject<</X 6 0 R/X 7 0 R>>/Font<</F 8 0 R>>>>",
        {**HONEST["picture"][1], 8: b"<</Type/Font/Subtype/Type1/BaseFont/\xba\xda>>"},
    ),
    "a font with two encodings": (
        HONEST["form"][0].replace(b"/BaseFont", b"/Encoding 7 0 R/BaseFont"),
        {6: stream(FORM, DRAWN), 7: b"<</Differences[49/one]/Differences[49/nine]>>"},
    ),
}


@pytest.mark.parametrize("name", HONEST)
def test_what_both_readers_see_alike_is_valid(name: str, judge, sign) -> None:
    assert judge(sign(file(*HONEST[name]))).verdict == "valid"


@pytest.mark.parametrize("name", TWO_FACED)
def test_resources_that_readers_take_for_different_things_are_never_valid(name: str, judge, sign) -> None:
    verdict = judge(sign(file(*TWO_FACED[name])))
    assert verdict.verdict == "indeterminate" and verdict.reason_code == "file_not_as_expected"


def test_an_appearance_that_readers_take_for_different_things_is_never_valid(judge, sign) -> None:
    """An annotation's appearance is drawn like a page's content, and no content stream names it."""
    resources, more = HONEST["form"]
    note = b"<</Type/Annot/Subtype/Stamp/Rect[50 700 150 720]/F 4/AP<</N 6 0 R/N 7 0 R>>>>"
    objects = {**more, 7: stream(FORM, DRAWN.replace(b"1.", b"9.")), 8: note}
    assert judge(sign(file(resources, objects, b"/Annots[8 0 R]"))).verdict == "indeterminate"


def test_pages_made_of_very_much_are_compared_as_far_as_there_is_time(judge, sign) -> None:
    """Thousands of pictures: what was looked at is alike, and the rest is told as not compared."""
    pictures = {number: stream(PICTURE + b"/Name /N%d" % number, b"\x10") for number in range(6, 21_006)}
    names = b"".join(b"/X%d %d 0 R" % (number, number) for number in pictures)
    verdict = judge(sign(file(b"<</XObject<<%s>>>>" % names, pictures)))
    assert verdict.verdict == "valid"
    assert "not_made" in {check.result for check in verdict.checks if check.code == "readers_agree"}


def test_contents_and_pictures_of_many_megabytes_are_compared(judge, sign) -> None:
    noise = zlib.compress(b"%" + random.Random(1).randbytes(5_000_000).hex().encode() + b"\n/X Do", 1)
    large = stream(b"/Filter/FlateDecode/Length %d" % len(noise), noise)
    picture = stream(PICTURE.replace(b"/Length 1", b"/Length 5000000"), bytes(5_000_000))
    verdict = judge(sign(file(HONEST["picture"][0], {6: picture}, contents=large)))
    assert verdict.verdict == "valid"
    assert {check.result for check in verdict.checks if check.code == "readers_agree"} == {"passed"}


def test_a_page_tree_that_is_a_loop_to_one_reader_is_another_tree() -> None:
    data = file(*HONEST["picture"], kids=b"/Kids[2 0 R]/Kids[3 0 R]")
    assert readers_agree(data, View(data, len(data))) is False
