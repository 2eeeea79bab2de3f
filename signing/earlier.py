"""In the child: what has been signed before, as far as the next signature must know it.

This is no verdict: trust is the verifier's question. Signing asks only whether the file may still be signed, where an
earlier appearance stands, and whether another person's signature is there with its bytes intact.
"""
# mypy: allow-untyped-calls

from typing import Any

from asn1crypto import x509
from msgspec import Struct
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.model import Box

_NO_CHANGES = 1


class Earlier(Struct, frozen=True):
    """An earlier signature: `page` from 1 and `rect` in user space when it is visible."""

    signature: EmbeddedPdfSignature
    page: int | None
    rect: Box | None

    @property
    def certificate(self) -> bytes:
        """The signer's certificate, DER."""
        return bytes(self.signature.signer_cert.dump())


def earlier_signatures(reader: PdfFileReader) -> list[Earlier]:
    """The filled signature fields, oldest first; document timestamps are not persons and stay out."""
    found = [signature for signature in reader.embedded_regular_signatures if signature.sig_object is not None]
    if not found:
        return []
    pages = _page_numbers(reader)
    return [_earlier(signature, pages) for signature in found]


def locked(reader: PdfFileReader) -> bool:
    """Whether a certification signature forbids every later change, further signatures included (ISO 32000-1 table 254)."""
    # The catalogue's own entry counts even when an update took the certified field out of the form.
    certified = entry(entry(reader.root, "/Perms"), "/DocMDP")
    if any(entry(entry(one, "/TransformParams"), "/P") == _NO_CHANGES for one in items(entry(certified, "/Reference"))):
        return True
    for signature in reader.embedded_regular_signatures:
        level = signature.docmdp_level
        if level is not None and level.value == _NO_CHANGES:
            return True
    return False


def person_signed(earlier: list[Earlier], agency: bytes) -> bool:
    """Whether somebody other than `agency` (its certificate) has signed and the signed bytes still match the value."""
    return any(one.certificate != agency and _intact(one.signature) for one in earlier)


def entry(dictionary: Any, key: str) -> Any:
    """A dictionary's value behind any reference, None when there is none: `get` would hand out the bare reference."""
    return dictionary[key] if dictionary is not None and key in dictionary else None


def items(array: Any) -> list[Any]:
    """An array's values behind any reference: iterating would hand out bare references."""
    return [array[i] for i in range(len(array))] if array is not None else []


def _intact(signature: EmbeddedPdfSignature) -> bool:
    try:
        digest = signature.compute_digest()
        certificate: x509.Certificate = signature.signer_cert
        return all(validate_sig_integrity(signature.signer_info, certificate, "data", digest))
    except Exception:  # noqa: BLE001 - an odd CMS fails in many ways, and each of them is "not intact"
        return False


def _earlier(signature: EmbeddedPdfSignature, pages: dict[Any, int]) -> Earlier:
    widget = signature.sig_field
    if "/Kids" in widget and "/Rect" not in widget:
        widget = widget["/Kids"][0]
    x0, y0, x1, y1 = (float(value) for value in items(entry(widget, "/Rect")) or (0, 0, 0, 0))
    if x0 == x1 or y0 == y1 or "/P" not in widget:
        return Earlier(signature, None, None)
    number = pages.get(widget.raw_get("/P").reference)
    return Earlier(signature, number, (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)) if number else None)


def _page_numbers(reader: PdfFileReader) -> dict[Any, int]:
    count = int(reader.root["/Pages"]["/Count"])
    return {reader.find_page_for_modification(i)[0].reference: i + 1 for i in range(count)}
