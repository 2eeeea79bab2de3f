"""The faster functions give what the libraries' own gave."""

import re
import subprocess
import sys
from io import BytesIO

import pytest
from asn1crypto import core, x509
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.misc import PdfStreamError

from sohoa import pyhanko_speed
from sohoa.pyhanko_speed import key_of_name, prepared, read_hex_string, same_names

_THEIRS = pyhanko_speed._prepare
_WHITE = st.sampled_from([b"", b" ", b"\n", b"\r\n", b"\0"])
_DIGITS = st.lists(st.tuples(st.sampled_from([bytes([c]) for c in b"0123456789abcdefABCDEF"]), _WHITE), max_size=400)


@given(_DIGITS, st.binary(max_size=300))
def test_digits_in_any_case_with_white_space_between_are_read_and_nothing_after_them(
    digits: list[tuple[bytes, bytes]], rest: bytes
) -> None:
    plain = b"".join(digit for digit, _ in digits)
    stream = BytesIO(b"<" + b"".join(digit + white for digit, white in digits) + b">" + rest)
    value = read_hex_string(stream)
    assert value.original_bytes == bytes.fromhex((plain + b"0" * (len(plain) % 2)).decode())
    assert stream.read() == rest


@pytest.mark.parametrize("broken", [b"<12", b"<", b"<1G>", b"<12" * 200])
def test_a_broken_string_is_told_as_pyhanko_tells_it(broken: bytes) -> None:
    with pytest.raises(PdfStreamError):
        read_hex_string(BytesIO(broken))


def test_both_readers_agree_where_pyhanko_is_asked_in_a_process_of_its_own() -> None:
    strings = [b"<>", b"<4>", b"<48 65\n6c6C6f>", b"<FEFF1EA4>", b"<30820A>" * 2]
    script = (
        "import io; from pyhanko.pdf_utils import generic as g\n"
        f"for s in {strings!r}: v = g.read_hex_string_from_stream(io.BytesIO(s)); print(type(v).__name__, v.original_bytes.hex())"
    )
    theirs = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
    ours = [read_hex_string(BytesIO(string)) for string in strings]
    assert [f"{type(value).__name__} {value.original_bytes.hex()}" for value in ours] == theirs


@given(st.text(max_size=60))
def test_names_are_prepared_as_asn1crypto_prepares_them(text: str) -> None:
    try:
        theirs = _THEIRS(None, text)
    except ValueError as error:
        with pytest.raises(ValueError, match=re.escape(str(error).split("\n")[0])):
            prepared(text)
    else:
        assert prepared(text) == theirs


_PARTS = st.sampled_from(["common_name", "organization_name", "country_name", "serial_number"])
_NAMES = st.lists(st.dictionaries(_PARTS, st.sampled_from(["VN", "vn", " vn ", "Ủy ban", "uỷ ban", "\x7f", ""]), min_size=1), max_size=3)


def _named(parts: list[dict[str, str]]) -> x509.Name:
    """A name as it comes out of a certificate: parsed from bytes, with several values in one part if need be."""

    def value(kind: str, text: str) -> dict[str, object]:
        return {"type": kind, "value": x509.DirectoryString("utf8_string", core.UTF8String(text))}

    sequence = x509.RDNSequence([x509.RelativeDistinguishedName([value(*pair) for pair in part.items()]) for part in parts])
    return x509.Name.load(x509.Name("", sequence).dump())


@given(_NAMES, _NAMES)
def test_names_are_compared_and_filed_as_asn1crypto_does(one: list[dict[str, str]], other: list[dict[str, str]]) -> None:
    for _ in range(2):  # from the library, and from memory
        first, second = _named(one), _named(other)
        assert same_names(first, second) == (first.chosen == second.chosen)
        assert same_names(first, _named(one))
        assert key_of_name(first) == first.chosen.hashable


def test_a_name_is_no_other_thing() -> None:
    assert not same_names(_named([{"common_name": "VN"}]), "VN")


def test_a_name_that_cannot_be_compared_is_told_each_time_as_asn1crypto_tells_it() -> None:
    odd = [{"common_name": "\ufffd"}]  # RFC 4518 §2.4 prohibits it
    for _ in range(2):
        with pytest.raises(ValueError, match="replacement character"):
            same_names(_named(odd), _named(odd))
