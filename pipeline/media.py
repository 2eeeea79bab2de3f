"""The media type of a file by its first bytes; names and what browsers say are not believed."""

from pathlib import Path

from sohoa.errors import SohoaError

ZIP = "application/zip"
HEAD = 1024
"""How many bytes of a file tell its type."""


def media_type(head: bytes) -> str | None:
    """The media type of a file by its first 1024 bytes, None when it is none that we read.

    A PDF's header may stand anywhere in them (ISO 32000-1 Annex H, implementation note 13).
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return "image/tiff"
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"):
        return "image/heic"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ZIP
    if b"%PDF-" in head[:HEAD]:  # after ZIP, whose first member may be a PDF that is not compressed
        return "application/pdf"
    return None


def sniff(path: Path) -> str:
    """The media type of a stored upload; raises SohoaError file_type_unknown."""
    with path.open("rb") as file:
        found = media_type(file.read(HEAD))
    if found is None:
        raise SohoaError("file_type_unknown")
    return found
