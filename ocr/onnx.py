"""The part of an ONNX model that leads to some of its values, without the library that edits graphs.

A model is a Protocol Buffers message (onnx.proto): of a ModelProto field 7 is the graph; of a GraphProto field 1 is a node, in an order
in which every value is made before it is used, and field 12 an output; of a NodeProto fields 1 and 2 are the values that it takes and
gives; field 1 of an output is its name.
"""

from collections.abc import Iterator, Sequence

_GRAPH = 7
_NODE, _OUTPUT = 1, 12
_TAKES, _GIVES = 1, 2
_VARINT, _LENGTH, _FOUR_BYTES = 0, 2, 5


def leading_to(wanted: Sequence[str], model: bytes) -> bytes:
    """`model` with `wanted` as its outputs, and without the nodes that none of these needs."""
    return b"".join(
        _message(_GRAPH, _cut(content, [name.encode() for name in wanted])) if number == _GRAPH else whole
        for number, whole, content in _fields(model)
    )


def _cut(graph: bytes, wanted: list[bytes]) -> bytes:
    needed = set(wanted)
    kept: list[bytes] = []
    for number, whole, content in reversed(list(_fields(graph))):
        if number == _NODE:
            values = [(way, name) for way, _, name in _fields(content) if way in (_TAKES, _GIVES)]
            if needed.isdisjoint(name for way, name in values if way == _GIVES):
                continue
            needed.update(name for way, name in values if way == _TAKES)
        if number != _OUTPUT:
            kept.append(whole)
    return b"".join([*reversed(kept), *(_message(_OUTPUT, _message(1, name)) for name in wanted)])


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(number, the field whole, its content where that is bytes)."""
    at = 0
    while at < len(message):
        start, content = at, b""
        key, at = _varint(message, at)
        if key & 7 == _LENGTH:
            size, at = _varint(message, at)
            content = message[at : at + size]
            at += size
        elif key & 7 == _VARINT:
            at = _varint(message, at)[1]
        else:
            at += 4 if key & 7 == _FOUR_BYTES else 8
        yield key >> 3, message[start:at], content


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """(the number that begins `at`, where it ends)."""
    number, shift = 0, 0
    while message[at] > 0x7F:
        number |= (message[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return number | message[at] << shift, at + 1


def _message(number: int, content: bytes) -> bytes:
    return _as_varint(number << 3 | _LENGTH) + _as_varint(len(content)) + content


def _as_varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
