"""The sRGB profile that a PDF/A names as its output intent, made here so that it may be shipped and never changes.

A matrix and curve display profile after ICC.1:2001-04 (version 2.4), the primaries those of IEC 61966-2-1 adapted to
D50. Its creation date is a constant: a profile from a library carries the clock, and equal input must give equal bytes.
"""

import struct
from functools import cache

_D50 = (0.9642, 1.0, 0.8249)
_PRIMARIES = {b"rXYZ": (0.43607, 0.22249, 0.01392), b"gXYZ": (0.38515, 0.71687, 0.09708), b"bXYZ": (0.14307, 0.06061, 0.71410)}
_CURVE_POINTS = 256
_NAME = b"sRGB IEC61966-2.1"


@cache
def srgb_profile() -> bytes:
    """The profile's bytes."""
    curve = _curve()
    tags: list[tuple[bytes, bytes]] = [
        (b"desc", _description()),
        (b"cprt", b"text\0\0\0\0Public domain\0"),
        (b"wtpt", _xyz(_D50)),
        *((name, _xyz(value)) for name, value in _PRIMARIES.items()),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    placed: dict[bytes, int] = {}
    for name, data in tags:
        if data not in placed:
            placed[data] = start + len(body)
            body += data + b"\0" * (-len(data) % 4)
        table += struct.pack(">4sII", name, placed[data], len(data))
    return _header(start + len(body)) + struct.pack(">I", len(tags)) + table + body


def _header(size: int) -> bytes:
    created = struct.pack(">6H", 2025, 1, 1, 0, 0, 0)
    illuminant = struct.pack(">3i", *(round(v * 65536) for v in _D50))
    head = struct.pack(">I4xI4s4s4s", size, 0x02400000, b"mntr", b"RGB ", b"XYZ ") + created + b"acsp"
    return (head + b"\0" * 28 + illuminant).ljust(128, b"\0")


def _description() -> bytes:
    text = _NAME + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * (8 + 3 + 67)


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in value))


def _curve() -> bytes:
    points = [_linear(i / (_CURVE_POINTS - 1)) for i in range(_CURVE_POINTS)]
    return b"curv\0\0\0\0" + struct.pack(f">I{_CURVE_POINTS}H", _CURVE_POINTS, *(round(p * 65535) for p in points))


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
