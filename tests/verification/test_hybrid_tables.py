"""Hybrid files have two tables of objects (ISO 32000-2, 7.5.8.4): what only one reader asks, only one reader sees."""

from collections.abc import Mapping

import pytest
from pyhanko.sign.fields import MDPPerm

Places = Mapping[int, int]


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d %s>>\nstream\n%s\nendstream" % (len(content), entries, content)


TEXT = stream(b"BT /F 12 Tf 50 700 Td (So tien: 1.000.000) Tj ET")
OTHER_TEXT = stream(b"BT /F 12 Tf 50 700 Td (So tien: 9.000.000) Tj ET")
PICTURE = b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
OBJECTS = {
    1: b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot 7 0 R>>",
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</P 6 0 R>>>>>>",
    4: TEXT,
    5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    6: stream(b"\x10", PICTURE),
    7: b"<</Type/StructTreeRoot>>",
}
FREE = b"0000000000 65535 f \n"


def section(out: bytearray, listed: Mapping[int, bytes], hidden: Places, number: int, entries: bytes) -> bytes:
    """`out` with a table of `listed` lines and a cross-reference stream, object `number`, of what stands `hidden`."""
    at = len(out)
    index = b" ".join(b"%d 1" % n for n in sorted(hidden))
    rows = b"".join((b"\1" if hidden[n] else b"\0") + hidden[n].to_bytes(4, "big") + b"\0\0" for n in sorted(hidden))
    out += b"%d 0 obj\n%s\nendobj\n" % (number, stream(rows, b"/Type/XRef/Size 40/W[1 4 2]/Index[%s]/Root 1 0 R" % index))
    table = len(out)
    out += b"xref\n" + b"".join(b"%d 1\n%s" % (n, listed[n]) for n in sorted(listed))
    out += b"trailer\n<</Size 40/Root 1 0 R/XRefStm %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (at, entries, table)
    return bytes(out)


def line(at: int) -> bytes:
    return b"%010d 00000 n \n" % at


def written(hidden: tuple[int, ...] = (), twice: Mapping[int, bytes] | None = None) -> bytes:
    """A one-page file; the objects `hidden` stand in the second table alone, those of `twice` in both, with another body."""
    out, places, second = bytearray(b"%PDF-1.5\n"), {}, {}
    for number, body in OBJECTS.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    for number, body in (twice or {}).items():
        second[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    listed = {0: FREE} | {n: FREE if n in hidden else line(at) for n, at in places.items()}
    return section(out, listed, second | {n: places[n] for n in hidden} or {39: 0}, 20, b"")


def later(data: bytes, body: bytes | None, in_table: Mapping[int, bytes] | None = None, number: int = 4) -> bytes:
    """One more revision: its second table says that object `number` is `body` now (None: free), its first says `in_table`."""
    previous = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    root = data[data.rindex(b"/Root") :].split()[1]
    out = bytearray(data)
    at = len(out) if body is not None else 0
    if body is not None:
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    new = section(out, in_table or {0: FREE}, {number: at}, 30, b"/Prev %d" % previous)
    return new.replace(b"/Root 1 0 R", b"/Root %s 0 R" % root) if root != b"1" else new


def place_of(data: bytes, number: int) -> int:
    return data.index(b"\n%d 0 obj" % number) + 1


def test_an_honest_hybrid_file_is_valid_and_intact(judge, sign) -> None:
    for hidden in ((), (7,)):
        verdict = judge(sign(written(hidden)))
        assert (verdict.verdict, verdict.integrity) == ("valid", "intact")


@pytest.mark.parametrize("hidden", [4, 5, 6], ids=["text", "font", "picture"])
def test_what_only_some_readers_show_on_a_page_is_never_valid(judge, sign, hidden) -> None:
    verdict = judge(sign(written((hidden,))))
    assert (verdict.verdict, verdict.reason_code) == ("indeterminate", "file_not_as_expected")


@pytest.mark.parametrize("permission", [None, MDPPerm.ANNOTATE])
def test_text_replaced_through_the_second_table_is_altered(judge, sign, permission) -> None:
    verdict = judge(later(sign(written(), certify=permission), OTHER_TEXT))
    assert (verdict.verdict, verdict.integrity) == ("invalid", "altered")


def test_a_picture_replaced_through_the_second_table_is_altered(judge, sign) -> None:
    verdict = judge(later(sign(written((6,))), stream(b"\xf0", PICTURE), number=6))
    assert verdict.verdict == "invalid" or verdict.integrity == "unknown"


def test_text_hidden_through_the_second_table_is_never_valid(judge, sign) -> None:
    verdict = judge(later(sign(written()), None))
    assert verdict.verdict != "valid"


@pytest.mark.parametrize(("number", "body"), [(4, OTHER_TEXT), (6, stream(b"\xf0", PICTURE))], ids=["text", "picture"])
def test_two_tables_of_a_later_revision_that_contradict_each_other_are_never_valid(judge, sign, number, body) -> None:
    signed = sign(written())
    verdict = judge(later(signed, body, {0: FREE, number: line(place_of(signed, number))}, number))
    assert verdict.verdict != "valid"
    assert verdict.integrity in ("altered", "unknown")


@pytest.mark.parametrize(("number", "body"), [(4, OTHER_TEXT), (6, stream(b"\xf0", PICTURE))], ids=["text", "picture"])
def test_a_file_signed_with_two_tables_that_contradict_each_other_is_never_valid(judge, sign, number, body) -> None:
    verdict = judge(sign(written(twice={number: body})))
    assert (verdict.verdict, verdict.reason_code) == ("indeterminate", "file_not_as_expected")


@pytest.mark.parametrize("target", ["itself", "the first table", "a page", "nowhere"])
def test_a_second_table_that_leads_astray_is_never_valid(judge, sign, target) -> None:
    signed = sign(written())
    new = later(signed, OTHER_TEXT)
    mark = new.rindex(b"/XRefStm ") + 9
    number = new[mark:].split(b"/")[0]
    table = new[new.rindex(b"startxref") + 9 :].split()[0]
    where = {"itself": table, "the first table": b"%d" % signed.index(b"xref\n"), "a page": b"%d" % place_of(new, 3), "nowhere": b"1"}[
        target
    ]
    bent = new[:mark] + where.ljust(len(number)) + new[mark + len(number) :]
    verdict = judge(bent)
    assert verdict.verdict != "valid"
