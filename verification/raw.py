"""Every signature that stands in the raw bytes of a file, found and measured without any PDF library.

A `/ByteRange` says which bytes a signature covers. Attacks on signed PDFs bend it, hide it or wrap it (USF, SWA), or
show one to the parser and another to the reader. So each occurrence in the file is accounted for here: it must stand
in a dictionary of its own, name two ranges that start at byte 0, and leave out exactly the hexadecimal string under
`/Contents` of that very dictionary (ISO 32000-2, 12.8.1; EN 319 142-1, 5.1).
"""

import re

from msgspec import Struct

from verification.tokens import Malformed, Token, object_before, object_header, read_token, skip_space

_TAIL = re.compile(rb"startxref[\x00\t\n\x0c\r ]+(\d{1,12})[\x00\t\n\x0c\r ]+%%EOF[\x00\t\n\x0c\r ]*\Z")
_REVISION = re.compile(rb"startxref[\x00\t\n\x0c\r ]+(\d{1,12})[\x00\t\n\x0c\r ]+%%EOF(?:\r\n|\r|\n)?")
_OCTAL = re.compile(rb"\\([0-7]{1,3})")
_MOST_SIGNATURES = 500
_NOTHING = b"0\0\\\r\n\t \x0c"


class RawSignature(Struct, frozen=True):
    """One dictionary with a `/ByteRange`. `problem` is the code of what is wrong with its shape, or None.

    `number`/`generation` name the indirect object it stands in, which starts at `object_at`; `direct` when it is nested
    inside another dictionary.
    `contents` holds the decoded bytes of `/Contents` with their padding, `gap` its place with brackets. `placeholder`: an empty
    seat for a signature that was never made; one that cannot be read any more is none.
    """

    at: int
    object_at: int
    number: int
    generation: int
    direct: bool
    ranges: tuple[int, ...]
    gap: tuple[int, int]
    contents: bytes
    filter: str
    subfilter: str
    type: str
    signing_time: str | None
    certificate: bytes | None
    problem: str | None
    placeholder: bool

    @property
    def end(self) -> int:
        """Where the signed bytes end; 0 when the range makes no sense."""
        return self.ranges[2] + self.ranges[3] if len(self.ranges) == 4 else 0


class RawFile(Struct, frozen=True):
    """The raw look at a whole file. `unaccounted` counts `/ByteRange` words that stand in no readable dictionary."""

    size: int
    header_at: int
    signatures: tuple[RawSignature, ...]
    unaccounted: int
    trailing: int


def scan(data: bytes) -> RawFile:
    """Look at the bytes of a file; never raises, whatever they are."""
    signatures: list[RawSignature] = []
    objects: dict[int, Token | None] = {}
    unaccounted, place = 0, 0
    while (place := data.find(b"/ByteRange", place)) >= 0:
        found = _signature_at(data, place, objects)
        if isinstance(found, RawSignature):
            signatures.append(found)
        elif found == "unaccounted":
            unaccounted += 1
        place += 10
        if len(signatures) + unaccounted > _MOST_SIGNATURES:
            unaccounted += 1
            break
    end = data.rfind(b"%%EOF")
    trailing = len(data[end + 5 :].strip(b"\r\n\t \0\x0c")) if end >= 0 else len(data)
    return RawFile(len(data), data.find(b"%PDF-", 0, 1024), tuple(signatures), unaccounted, trailing)


def revision_ends(data: bytes) -> tuple[int, ...]:
    """Where the revisions of the file end, the places after each %%EOF; the stub in front of a linearized file is none."""
    return tuple(found.end() for found in _REVISION.finditer(data) if int(found[1]) > 0)


def ends_revision(data: bytes, end: int) -> bool:
    """Whether a whole revision ends at `end`: startxref, a number, %%EOF and nothing more than line ends."""
    return _TAIL.search(data, max(0, end - 200), end) is not None


def only_space(data: bytes, start: int) -> bool:
    """Whether nothing but white space follows `start`."""
    return not data[start:].strip(b"\r\n\t \0\x0c")


def _signature_at(data: bytes, place: int, objects: dict[int, Token | None]) -> RawSignature | str:
    """The signature whose `/ByteRange` key stands at `place`; "data" when the word is page data, else "unaccounted"."""
    start = object_before(data, place)
    header = object_header(data, start) if start is not None else None
    if header is None:
        return "unaccounted"
    number, generation, body = header
    if body not in objects:
        try:
            objects[body] = read_token(data, body)
        except (Malformed, RecursionError, ValueError):
            objects[body] = None
    whole = objects[body]
    if whole is None:
        return "unaccounted"
    if whole.end <= place:
        return "data" if _inside_stream(data, whole, place) else "unaccounted"
    owner = _owner(whole, place)
    if owner is None:
        return "data"  # inside a string: text about signatures is no signature
    return _measure(data, owner, (start or 0, number, generation), owner is not whole, place)


def _inside_stream(data: bytes, dictionary: Token, place: int) -> bool:
    after = skip_space(data, dictionary.end)
    if data[after : after + 6] != b"stream":
        return False
    end = data.find(b"endstream", after)
    length = dictionary.one(b"Length")
    if length is not None and isinstance(length.value, int):
        end = max(end, after + 6 + length.value)
    return place < end


def _owner(token: Token, place: int) -> Token | None:
    """The innermost dictionary that has the key at `place`."""
    for _, key_at, value in token.entries():
        if key_at == place:
            return token
        if value.start <= place < value.end:
            return _owner(value, place)
    for item in token.items():
        if item.start <= place < item.end:
            return _owner(item, place)
    return None


def _measure(data: bytes, owner: Token, place_of: tuple[int, int, int], direct: bool, place: int) -> RawSignature:
    contents, ranges = owner.one(b"Contents"), owner.one(b"ByteRange")
    numbers = tuple(item.value for item in ranges.items() if isinstance(item.value, int)) if ranges else ()
    gap = (contents.start, contents.end) if contents else (0, 0)
    decoded = _decode(contents)
    certificate = owner.one(b"Cert")
    return RawSignature(
        at=place,
        object_at=place_of[0],
        number=place_of[1],
        generation=place_of[2],
        direct=direct,
        ranges=numbers,
        gap=gap,
        contents=decoded or b"",
        filter=_name(owner, b"Filter"),
        subfilter=_name(owner, b"SubFilter"),
        type=_name(owner, b"Type"),
        signing_time=_text(owner.one(b"M")),
        certificate=_decode(certificate) if certificate else None,
        problem=_problem(data, owner, ranges, numbers, gap, decoded),
        placeholder=_is_empty(contents),
    )


def _problem(
    data: bytes, owner: Token, ranges: Token | None, numbers: tuple[int, ...], gap: tuple[int, int], decoded: bytes | None
) -> str | None:
    """The code of the first thing wrong with the range, or None (ISO 32000-2, 12.8.1)."""
    if len({name for name, _, _ in owner.entries()}) != len(owner.entries()):
        return "doubled_key"
    if ranges is None or ranges.kind != "array" or len(numbers) != 4 or len(ranges.items()) != 4:
        return "not_two_ranges"
    first, length, second, rest = numbers
    if first != 0 or length <= 0 or rest <= 0 or second <= length or second + rest > len(data):
        return "out_of_bounds"
    if decoded is None:
        return "contents_not_hex"
    if (length, second) != gap:
        return "gap_is_not_contents"
    return None


def _decode(token: Token | None) -> bytes | None:
    if token is None or not isinstance(token.value, bytes):
        return None
    if token.kind == "hex":
        try:
            return bytes.fromhex(token.value.translate(None, b"\0\x0c").decode("ascii"))
        except ValueError:
            return None
    return None


def _is_empty(contents: Token | None) -> bool:
    return contents is None or (isinstance(contents.value, bytes) and not contents.value.strip(_NOTHING))


def _name(owner: Token, key: bytes) -> str:
    token = owner.one(key)
    return token.value.decode("latin-1") if token and token.kind == "name" and isinstance(token.value, bytes) else ""


def _text(token: Token | None) -> str | None:
    if token is None or not isinstance(token.value, bytes) or token.kind not in ("string", "hex"):
        return None
    value = (_decode(token) or b"") if token.kind == "hex" else _OCTAL.sub(lambda m: bytes([int(m[1], 8) & 255]), token.value)
    return value.decode("latin-1")[:60]
