"""The JPEG stream of a photo or scan without its private parts, so that it can be embedded untouched.

ISO/IEC 10918-1 Annex B: a stream is a chain of marker segments up to the end marker. Kept are the picture itself, JFIF
density (APP0), the colour profile (APP2 "ICC_PROFILE") and Adobe's colour transform (APP14). Dropped are EXIF with GPS,
XMP, thumbnails, comments, and whatever a phone appended after the end (depth maps, motion clips).
"""

import re

_ENTROPY_END = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_PLAIN_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive: the Huffman-coded ones that PDF readers know
_OTHER_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
_EOI, _SOS = 0xD9, 0xDA


def clean(body: bytes) -> bytes | None:
    """The stream from SOI to EOI without metadata; None when it is cut short or not embeddable (CMYK, 12 bits, lossless)."""
    if body[:2] != b"\xff\xd8":
        return None
    parts = [b"\xff\xd8"]
    at = 2
    while at + 4 <= len(body):
        if body[at] != 0xFF:
            return None
        marker = body[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _EOI:
            parts.append(b"\xff\xd9")
            return b"".join(parts)
        size = int.from_bytes(body[at + 2 : at + 4], "big")
        end = at + 2 + size
        if size < 2 or end > len(body) or marker in _OTHER_FRAMES:
            return None
        if marker in _PLAIN_FRAMES and (body[at + 4] != 8 or body[at + 9] not in (1, 3)):
            return None
        if marker == _SOS:
            after = _ENTROPY_END.search(body, end)
            if not after:
                return None
            end = after.start()
        if marker == _SOS or _kept(marker, body[at + 4 : end]):
            parts.append(body[at:end])
        at = end
        if body[at : at + 2] == b"\xff\xd9":
            parts.append(b"\xff\xd9")
            return b"".join(parts)
    return None


def _kept(marker: int, segment: bytes) -> bool:
    if marker == 0xE0:
        return segment.startswith(b"JFIF\0")
    if marker == 0xE2:
        return segment.startswith(b"ICC_PROFILE\0")
    if marker == 0xEE:
        return segment.startswith(b"Adobe")
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE)
