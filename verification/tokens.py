"""A PDF object read straight from raw bytes, with the place of every dictionary entry (ISO 32000-2, 7.2-7.3).

This reader is ours and shares nothing with the two PDF libraries: it exists so that what a signature covers is decided
on the bytes themselves. It reads one object at a given place, follows no reference and repairs nothing.
"""

import re

from msgspec import Struct

_SPACE = re.compile(rb"(?:[\x00\t\n\x0c\r ]|%[^\r\n]*)*")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)")
_NAME = re.compile(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]*)")
_REFERENCE = re.compile(rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+R(?![^\x00\t\n\x0c\r ()<>\[\]{}/%])")
_WORD = re.compile(rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]+")
_STRING_STEP = re.compile(rb"[()\\]")
_HEADER = re.compile(rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+obj")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_DEEPEST = 60
_LONGEST_STRING = 200_000
_MOST_TOKENS = 50_000


class Malformed(Exception):
    """The bytes at this place are no PDF object."""


class Token(Struct, frozen=True):
    """One object: `kind` is name, number, reference, string, hex, word, array or dictionary; `end` is exclusive.

    `value`: bytes for name/string/hex/word (hex and strings undecoded, without brackets), a number, (number, generation),
    a tuple of tokens, or a tuple of (key name, place of the key, token).
    """

    kind: str
    start: int
    end: int
    value: object

    def entries(self) -> "tuple[tuple[bytes, int, Token], ...]":
        """The entries of a dictionary, in file order, doubled keys included; empty for other kinds."""
        return self.value if self.kind == "dictionary" and isinstance(self.value, tuple) else ()

    def items(self) -> "tuple[Token, ...]":
        """The members of an array; empty for other kinds."""
        return self.value if self.kind == "array" and isinstance(self.value, tuple) else ()

    def all(self, key: bytes) -> "list[Token]":
        """Every value that stands under `key`: a sound dictionary has one at most."""
        return [token for name, _, token in self.entries() if name == key]

    def one(self, key: bytes) -> "Token | None":
        """The value under `key` when exactly one stands there."""
        found = self.all(key)
        return found[0] if len(found) == 1 else None


def skip_space(data: bytes, at: int) -> int:
    """The first place at or after `at` that is neither white space nor comment."""
    found = _SPACE.match(data, at)
    return found.end() if found else at


def object_header(data: bytes, at: int) -> tuple[int, int, int] | None:
    """(number, generation, place after `obj`) when an indirect object starts exactly at `at`."""
    found = _HEADER.match(data, at)
    return (int(found[1]), int(found[2]), found.end()) if found else None


def object_before(data: bytes, at: int) -> int | None:
    """The start of the last indirect object header before `at`."""
    end = at
    while (end := data.rfind(b"obj", 0, end)) >= 0:
        window = data[max(0, end - 24) : end + 3]
        found = re.search(rb"(?<![0-9])\d{1,10}[\x00\t\n\x0c\r ]+\d{1,5}[\x00\t\n\x0c\r ]+obj\Z", window)
        if found:
            return end + 3 - len(window) + found.start()
    return None


def read_token(data: bytes, at: int) -> Token:
    """The object that starts at `at` (white space skipped). Raises Malformed, also for one too deep or too large to be honest."""
    return _read(data, at, 0, [_MOST_TOKENS])


def _read(data: bytes, at: int, depth: int, left: list[int]) -> Token:
    left[0] -= 1
    if depth > _DEEPEST or left[0] < 0:
        raise Malformed
    at = skip_space(data, at)
    first = data[at : at + 1]
    if first == b"<":
        return _read_dictionary(data, at, depth, left) if data[at + 1 : at + 2] == b"<" else _read_hex(data, at)
    if first == b"/":
        return _read_name(data, at)
    if first == b"[":
        return _read_array(data, at, depth, left)
    if first == b"(":
        return _read_string(data, at)
    if found := _REFERENCE.match(data, at):
        return Token("reference", at, found.end(), (int(found[1]), int(found[2])))
    if found := _NUMBER.match(data, at):
        text = found[0]
        if len(text) > 40:
            raise Malformed
        return Token("number", at, found.end(), float(text) if b"." in text else int(text))
    if found := _WORD.match(data, at):
        return Token("word", at, found.end(), found[0])
    raise Malformed


def _read_name(data: bytes, at: int) -> Token:
    found = _NAME.match(data, at)
    if not found:
        raise Malformed
    return Token("name", at, found.end(), _ESCAPED.sub(lambda m: bytes([int(m[1], 16)]), found[1]))


def _read_hex(data: bytes, at: int) -> Token:
    end = data.find(b">", at)
    if end < 0:
        raise Malformed
    return Token("hex", at, end + 1, data[at + 1 : end])


def _read_string(data: bytes, at: int) -> Token:
    depth, place, last = 0, at, at + _LONGEST_STRING
    while place < last and (found := _STRING_STEP.search(data, place, last)):
        place = found.end()
        if found[0] == b"\\":
            place += 1
        else:
            depth += 1 if found[0] == b"(" else -1
            if depth == 0:
                return Token("string", at, place, data[at + 1 : place - 1])
    raise Malformed


def _read_array(data: bytes, at: int, depth: int, left: list[int]) -> Token:
    items: list[Token] = []
    place = skip_space(data, at + 1)
    while data[place : place + 1] != b"]":
        items.append(_read(data, place, depth + 1, left))
        place = skip_space(data, items[-1].end)
    return Token("array", at, place + 1, tuple(items))


def _read_dictionary(data: bytes, at: int, depth: int, left: list[int]) -> Token:
    entries: list[tuple[bytes, int, Token]] = []
    place = skip_space(data, at + 2)
    while data[place : place + 2] != b">>":
        name = _read_name(data, place)
        value = _read(data, name.end, depth + 1, left)
        entries.append((name.value if isinstance(name.value, bytes) else b"", name.start, value))
        place = skip_space(data, value.end)
    return Token("dictionary", at, place + 2, tuple(entries))
