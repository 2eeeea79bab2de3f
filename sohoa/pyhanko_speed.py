"""Functions that pyHanko and asn1crypto spend half of a verification in, doing the same in a tenth of the time.

For processes that a parser may run in. They give what the libraries' own give, which tests compare.
"""

import binascii
import io
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, TypeVar

from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfStreamError

_WHITE_SPACE = b"\0\t\n\f\r "
_FIRST_CHUNK = 128
_CHUNK = 1 << 20


def read_hex_string(stream: Any) -> Any:
    """A hexadecimal string (ISO 32000-1 §7.3.4.3) as pyHanko's own function reads it, but not byte by byte.

    The room of one signature takes 40 ms there, the half of what a file's evidence costs.
    """
    stream.read(1)
    digits, size = bytearray(), _FIRST_CHUNK
    while True:
        chunk = stream.read(size)
        if not chunk:
            raise PdfStreamError("Stream has ended unexpectedly")
        end = chunk.find(b">")
        if end >= 0:
            digits += chunk[:end]
            stream.seek(end + 1 - len(chunk), io.SEEK_CUR)
            break
        digits += chunk
        size = min(2 * size, _CHUNK)
    packed = bytes(digits).translate(None, _WHITE_SPACE)
    try:
        return generic.pdf_string(binascii.unhexlify(packed + b"0" * (len(packed) % 2)))
    except binascii.Error:
        raise PdfStreamError("Unexpected token in hex string") from None


@lru_cache(maxsize=4096)
def prepared(text: str) -> str:
    """A part of a certificate's name, prepared to be compared (RFC 4518 §2). A file names the same few bodies a hundred times."""
    return str(_prepare(None, text))


_prepare: Any = x509.NameTypeAndValue._ldap_string_prep


def same_names(one: x509.Name, other: object) -> bool:
    """Whether two names are equal (RFC 5280 §7.1), as asn1crypto compares them, but the same two only once.

    A path of certificates compares its few names a hundred times.
    """
    if not isinstance(other, x509.Name):
        return False
    return bool(_remembered(_equal, (one.chosen.contents, other.chosen.contents), lambda: one.chosen == other.chosen))


def key_of_name(name: x509.Name) -> str:
    """The text under which asn1crypto files a name, equal for equal names."""
    return str(_remembered(_keys, name.chosen.contents, lambda: name.chosen.hashable))


_Known = TypeVar("_Known", bound=Hashable)
_MOST_NAMES = 4096
_LONGEST_NAME = 2048
_equal: dict[tuple[bytes, bytes], bool] = {}
_keys: dict[bytes, str] = {}


def _remembered(known: dict[_Known, Any], key: Any, ask: Callable[[], Any]) -> Any:
    """What `ask` says, or said of the same bytes before. No long name is kept: a file could bring many."""
    said = known.get(key)
    if said is None:
        said = ask()
        if len(known) >= _MOST_NAMES:
            known.clear()
        if sum(map(len, key if isinstance(key, tuple) else (key,))) <= _LONGEST_NAME:
            known[key] = said
    return said


def be_quick() -> None:
    """Let the libraries use them, in this process and those forked from it."""
    generic.read_hex_string_from_stream = read_hex_string
    x509.NameTypeAndValue._ldap_string_prep = lambda _, text: prepared(text)
    x509.Name.__eq__ = same_names
    x509.Name.hashable = property(key_of_name)
