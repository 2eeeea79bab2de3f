"""Signatures forged without a key: made empty, wrapped around other content, or borrowed by a file of two kinds.

Universal signature forgery and signature wrapping as in Mladenov, Mainka and others, "1 Trillion Dollar Refund" (CCS 2019).
"""

import io
import re
import zipfile

import pytest

CONTENTS = re.compile(rb"/Contents <[0-9A-Fa-f]+>")
RANGE = re.compile(rb"/ByteRange \[[^\]]*\]")

EMPTIED = {
    "contents are null": (CONTENTS, b"/Contents null"),
    "contents are gone": (CONTENTS, b""),
    "contents are empty": (CONTENTS, b"/Contents <>"),
    "contents are one zero byte": (CONTENTS, b"/Contents <00>"),
    "contents are a number": (CONTENTS, b"/Contents 0"),
    "contents are elsewhere": (CONTENTS, b"/Contents 3 0 R"),
    "range is gone": (RANGE, b""),
    "range is null": (RANGE, b"/ByteRange null"),
    "range is empty": (RANGE, b"/ByteRange []"),
    "range is elsewhere": (RANGE, b"/ByteRange 3 0 R"),
    "range of words": (RANGE, b"/ByteRange [/a /b /c /d]"),
    "range of fractions": (RANGE, b"/ByteRange [0 1.5 2.5 3]"),
}


def emptied(data: bytes, what: str) -> bytes:
    """The file with a signature that nobody can check; what is cut out is filled up, so that offsets stay."""
    pattern, new = EMPTIED[what]
    return pattern.sub(lambda found: new.ljust(len(found[0])), data, count=1)


@pytest.mark.parametrize("what", EMPTIED)
def test_a_signature_that_nobody_can_check_is_never_valid(judge, signed, what: str) -> None:
    verdict = judge(emptied(signed, what))
    assert verdict.verdict in ("unsigned", "indeterminate", "invalid")
    assert verdict.integrity in ("none", "unknown", "altered")


@pytest.mark.parametrize("what", EMPTIED)
def test_an_emptied_second_signature_does_not_leave_the_first_quietly_intact(judge, twice, what: str) -> None:
    at = twice.index(b"%%EOF", twice.index(b"/ByteRange"))
    verdict = judge(twice[:at] + emptied(twice[at:], what))
    assert verdict.verdict != "valid" or verdict.integrity == "extended"
    assert not any(s.field == "Sig2" and s.verdict == "valid" for s in verdict.signatures)


def wrapped(data: bytes, evil: bytes, second_range: bool) -> bytes:
    """The signed tail is moved behind content of the attacker's, which stands in the gap that the signature leaves out."""
    found = CONTENTS.search(data)
    assert found
    head, seat, tail = data[: found.start() + 10], data[found.start() + 10 : found.end()], data[found.end() :]
    moved = len(head) + len(seat) + len(evil) + 120
    again = b"/ByteRange [0 %d %d %d]" % (len(head), moved, len(tail)) if second_range else b""
    gap = seat + again + b">>\nendobj\n" + evil
    return head + gap.ljust(moved - len(head)) + tail


EVIL = b"4 0 obj\n<</Length 44>>\nstream\nBT /F1 12 Tf 50 700 Td (9.000.000) Tj ET\nendstream\nendobj\n"


@pytest.mark.parametrize("second_range", [False, True])
@pytest.mark.parametrize("table", [False, True])
def test_content_wrapped_into_the_gap_of_a_signature_is_never_valid(judge, signed, second_range: bool, table: bool) -> None:
    evil = EVIL + (b"xref\n4 1\n0000000900 00000 n \ntrailer\n<</Size 99/Root 1 0 R>>\nstartxref\n900\n%%EOF\n" if table else b"")
    verdict = judge(wrapped(signed, evil, second_range))
    assert verdict.verdict != "valid"
    assert verdict.integrity in ("altered", "unknown")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("other.pdf", b"%PDF-1.4 another paper")
    return out.getvalue()


OTHER_KINDS = {
    "a ZIP behind it": lambda data: data + zipped(),
    "a ZIP in front": lambda data: zipped() + data,
    "a page of HTML in front": lambda data: b"<html><body>9.000.000</body><!--" + data,
    "a page of HTML behind it": lambda data: data + b"--><html>9.000.000</html>",
    "a picture in front": lambda data: b"\xff\xd8\xff\xe0" + bytes(100) + data,
    "a program in front": lambda data: b"#!/bin/sh\nexit\n" + data,
    "another PDF in front": lambda data: b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\n" + data,
    "another PDF behind it": lambda data: data + b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\nstartxref\n0\n%%EOF\n",
    "itself behind it": lambda data: data + data,
}


@pytest.mark.parametrize("make", OTHER_KINDS.values(), ids=OTHER_KINDS.keys())
def test_a_signed_file_that_is_also_something_else_is_never_valid(judge, signed, make) -> None:
    verdict = judge(make(signed))
    assert verdict.verdict != "valid"
    assert verdict.integrity in ("altered", "unknown", "none")
