"""In the child: who signed a file, as far as long-term evidence must know it. No verdict: that is the verifier's."""
# mypy: allow-untyped-calls

import contextlib
from datetime import datetime
from typing import Any

from asn1crypto import core
from msgspec import Struct
from msgspec.structs import replace
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.finish import token_signer


class Stamp(Struct, frozen=True):
    """A signature timestamp: its signer's certificate (DER) and the time that it states."""

    signer: bytes
    moment: datetime


class SignedPart(Struct, frozen=True):
    """One signature or document timestamp, oldest first.

    `moment` is the time from which its certificate must be shown to have been good: what its own timestamps state, or
    the next document timestamp, None when nothing proves a time. `contents` is the hexadecimal string by which its VRI
    entry is named (ISO 32000-2 §12.8.4.4). `certificates` are all that came with it, DER.
    """

    field: str
    contents: bytes
    signer: bytes
    certificates: tuple[bytes, ...]
    stamps: tuple[Stamp, ...]
    is_timestamp: bool
    moment: datetime | None


def signed_parts(reader: PdfFileReader) -> list[SignedPart]:
    """The filled signature and timestamp fields, oldest first; one whose CMS cannot be read is left to the verifier."""
    found: list[SignedPart] = []
    for embedded in reader.embedded_signatures:
        if embedded.sig_object is not None:
            # An odd CMS fails in many ways, and each of them means that nothing can be proven for it.
            with contextlib.suppress(Exception):
                found.append(_part(embedded))
    return [_timed(part, found[number + 1 :]) for number, part in enumerate(found)]


def _part(embedded: EmbeddedPdfSignature) -> SignedPart:
    is_timestamp = _is_timestamp(embedded)
    stamps = tuple(_stamps(embedded.signer_info))
    moment = _stated(embedded.signed_data) if is_timestamp else min((one.moment for one in stamps), default=None)
    carried = [der for data in (embedded.signed_data, *_tokens(embedded.signer_info)) for der in _carried(data)]
    return SignedPart(
        field=embedded.field_name,
        contents=embedded.pkcs7_content.hex().upper().encode(),
        signer=embedded.signer_cert.dump(),
        certificates=tuple(dict.fromkeys(carried)),
        stamps=stamps,
        is_timestamp=is_timestamp,
        moment=moment,
    )


def _is_timestamp(embedded: Any) -> bool:
    return bool(embedded.sig_object_type == "/DocTimeStamp" or embedded.sig_object.get("/SubFilter") == "/ETSI.RFC3161")


def _timed(part: SignedPart, later: list[SignedPart]) -> SignedPart:
    if part.moment is not None:
        return part
    return replace(part, moment=next((one.moment for one in later if one.is_timestamp), None))


def _stamps(signer: Any) -> list[Stamp]:
    return [Stamp(token_signer(data).dump(), _stated(data)) for data in _tokens(signer)]


def _tokens(signer: Any) -> list[Any]:
    """The SignedData of each signature timestamp among the unsigned attributes."""
    attributes = signer["unsigned_attrs"]
    if isinstance(attributes, core.Void):
        return []
    wanted = [one for one in attributes if one["type"].native == "signature_time_stamp_token"]
    return [value["content"] for attribute in wanted for value in attribute["values"]]


def _stated(signed: Any) -> datetime:
    moment: datetime = signed["encap_content_info"]["content"].parsed["gen_time"].native
    return moment


def _carried(signed: Any) -> list[bytes]:
    return [choice.chosen.dump() for choice in signed["certificates"] if choice.name == "certificate"]
