"""The faster functions give what the libraries' own gave."""

import re
import subprocess
import sys
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.misc import PdfStreamError

from sohoa import pyhanko_speed
from sohoa.pyhanko_speed import prepared, read_hex_string

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
