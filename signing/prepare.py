"""In the child: the first step of a signature. PDF in, file with a placeholder and the attributes to sign out.

The update is always incremental: the bytes that came in stay the beginning of the bytes that go out, so that every
earlier signature still verifies (ISO 32000-1 §12.8.1, ETSI EN 319 142-1 §5.4).
"""
# mypy: allow-untyped-calls

import shutil
from functools import lru_cache
from typing import Any

from asn1crypto import x509
from asn1crypto.parser import emit
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from signing.earlier import Earlier, earlier_signatures, locked, person_signed
from signing.model import VIETNAM
from signing.placing import EarlierAppearance, Placed, placed
from signing.tasks import Prepare, Prepared
from signing.typeface import SHARED, Stream
from signing.update import CHUNK, RESERVED_TOKEN, Update, damage_told, new_name
from sohoa.errors import SohoaError

# DER of the CMS besides certificates: attributes, names, algorithm parameters and a signature of up to 1 KiB.
_RESERVED_CMS = 4096


def prepare(request: Prepare) -> Prepared:
    """Write `request.out` and tell what is to be signed.

    Raises SohoaError pdf_not_signable, pdf_locked, pdf_encrypted_for_signing, person_signature_missing, no_free_place,
    signature_page_missing, signature_page_unread, and those of `signing.appearance.draw`.
    """
    with damage_told():
        shutil.copyfile(request.source, request.out)
        with open(request.out, "r+b") as file:  # noqa: PTH123 - one handle is read, appended to and hashed
            return _prepare(request, file)


def _prepare(request: Prepare, file: Any) -> Prepared:
    reader = PdfFileReader(file, strict=False)
    if reader.encrypted:
        raise SohoaError("pdf_encrypted_for_signing")
    earlier = earlier_signatures(reader)
    if locked(reader):
        raise SohoaError("pdf_locked")
    if request.profile.after_person and not person_signed(earlier, request.certificate):
        raise SohoaError("person_signature_missing")
    writer = Update(file, prev=reader)
    where = _placed(request, writer, earlier)
    field = new_name(reader)
    page_index = where.page - 1 if where else 0
    rect = where.shape.to_user(where.box) if where else None
    embedder = PdfCMSEmbedder(SigFieldSpec(field, on_page=page_index, box=rect)).write_cms(field, writer)  # type: ignore[arg-type]
    widget = next(embedder).get_object()
    if where:
        _show(writer, widget, where)
    reserved = _RESERVED_CMS + len(request.certificate) + sum(map(len, request.chain))
    if request.reserve_timestamp:
        reserved += RESERVED_TOKEN
    value = SignatureObject(timestamp=request.signed_at.astimezone(VIETNAM), subfilter=SigSeedSubFilter.PADES, bytes_reserved=2 * reserved)
    embedder.send(SigObjSetup(sig_placeholder=value))
    ready, _ = embedder.send(SigIOSetup(md_algorithm=request.digest, in_place=True, chunk_size=CHUNK))
    attributes = _signed_attributes(ready.document_digest, request)
    return Prepared(
        document_digest=ready.document_digest,
        attributes=attributes,
        start=ready.reserved_region_start,
        end=ready.reserved_region_end,
        field=field,
        page=where.page if where else None,
        box=where.box if where else None,
        placement=where.how if where else "hidden" if request.profile.place.kind != "none" else "",
        pages=_page_count(writer),
    )


def _signed_attributes(digest: bytes, request: Prepare) -> bytes:
    """PAdES baseline (ETSI EN 319 142-1 §6.3): content type, message digest, signing certificate; the time stands in /M.

    DER wants the members of a SET OF in the order of their encodings (X.690 §11.6). Only the digest differs from file
    to file; the rest is encoded once, for encoding is what costs most here.
    """
    varying = simple_cms_attribute("message_digest", digest).dump()
    members = sorted((*_unchanging_attributes(request.certificate, request.digest), varying))
    return bytes(emit(0, 1, 17, b"".join(members)))


@lru_cache(maxsize=16)
def _unchanging_attributes(certificate: bytes, digest: str) -> tuple[bytes, bytes]:
    binding = as_signing_certificate_v2(x509.Certificate.load(certificate), hash_algo=digest)
    return simple_cms_attribute("content_type", "data").dump(), simple_cms_attribute("signing_certificate_v2", binding).dump()


# ------------------------------------------------------------------------------------------------------ appearance


def _placed(request: Prepare, writer: IncrementalPdfFileWriter, earlier: list[Earlier]) -> Placed | None:
    before = next((EarlierAppearance(one.page, one.rect) for one in reversed(earlier) if one.page is not None and one.rect), None)
    return placed(request, _page_count(writer), before)


def _page_count(writer: IncrementalPdfFileWriter) -> int:
    return int(writer.root["/Pages"]["/Count"])


def _show(writer: IncrementalPdfFileWriter, widget: Any, placed: Placed) -> None:
    """Give the widget its one appearance stream, upright on a turned page."""
    form = Stream(
        {
            "/Type": "/XObject",
            "/Subtype": "/Form",
            "/BBox": [0, 0, *placed.drawing.size],
            "/Matrix": {0: [1, 0, 0, 1, 0, 0], 90: [0, 1, -1, 0, 0, 0], 180: [-1, 0, 0, -1, 0, 0], 270: [0, -1, 1, 0, 0, 0]}[
                placed.shape.turn
            ],
            "/Resources": placed.drawing.resources,
        },
        placed.drawing.content,
    )
    widget["/AP"] = generic.DictionaryObject({generic.pdf_name("/N"): _object(writer, form)})
    if placed.shape.turn:
        widget["/MK"] = generic.DictionaryObject({generic.pdf_name("/R"): generic.NumberObject(placed.shape.turn)})


def _object(writer: IncrementalPdfFileWriter, value: Any) -> generic.PdfObject:
    """A plain value of `signing.typeface` as an object of this writer; streams become indirect and compressed."""
    if isinstance(value, Stream):
        entries = {generic.pdf_name(key): _object(writer, item) for key, item in value.entries.items()}
        stream = generic.StreamObject(entries, stream_data=value.data)
        stream.compress()
        return writer.add_object(stream)
    if isinstance(value, dict):
        dictionary = generic.DictionaryObject({generic.pdf_name(key): _object(writer, item) for key, item in value.items()})
        return writer.add_object(dictionary) if value.get("/Type") in SHARED else dictionary
    if isinstance(value, list):
        return generic.ArrayObject([_object(writer, item) for item in value])
    if isinstance(value, bool):
        return generic.BooleanObject(value)
    if isinstance(value, bytes):
        return generic.ByteStringObject(value)
    if isinstance(value, str):
        return generic.pdf_name(value)
    return generic.NumberObject(value) if isinstance(value, int) else generic.FloatObject(value)
