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

from signing.appearance import Drawing, draw
from signing.earlier import Earlier, earlier_signatures, items, locked, person_signed
from signing.geometry import PageShape, free_place, over_earlier
from signing.model import VIETNAM, Box
from signing.tasks import Prepare, Prepared
from signing.typeface import SHARED, Stream
from signing.update import CHUNK, RESERVED_TOKEN, Update, damage_told, new_name
from sohoa.errors import SohoaError

# DER of the CMS besides certificates: attributes, names, algorithm parameters and a signature of up to 1 KiB.
_RESERVED_CMS = 4096
# Words stand this share of the earlier appearance away from it.
_BESIDE = -0.05
_WIDEST_TREE = 64


def prepare(request: Prepare) -> Prepared:
    """Write `request.out` and tell what is to be signed.

    Raises SohoaError pdf_not_signable, pdf_locked, pdf_encrypted_for_signing, person_signature_missing, no_free_place,
    signature_page_missing, and those of `signing.appearance.draw`.
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
    placed = _placed(request, writer, earlier)
    field = new_name(reader)
    page_index = placed.page - 1 if placed else 0
    rect = placed.shape.to_user(placed.box) if placed else None
    embedder = PdfCMSEmbedder(SigFieldSpec(field, on_page=page_index, box=rect)).write_cms(field, writer)  # type: ignore[arg-type]
    widget = next(embedder).get_object()
    if placed:
        _show(writer, widget, placed)
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
        page=placed.page if placed else None,
        box=placed.box if placed else None,
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


class _Placed:
    """An appearance with its place: `page` from 1, `box` as seen."""

    def __init__(self, page: int, shape: PageShape, box: Box, drawing: Drawing) -> None:
        self.page, self.shape, self.box, self.drawing = page, shape, box, drawing


def _placed(request: Prepare, writer: IncrementalPdfFileWriter, earlier: list[Earlier]) -> _Placed | None:
    profile = request.profile
    if profile.place.kind == "none":
        return None
    seal_over = next((one for one in reversed(earlier) if one.page is not None), None) if profile.place.kind == "seal" else None
    number = request.page or (seal_over.page if seal_over else None) or (1 if profile.place.page == "first" else _page_count(writer))
    shape = _shape(writer, number)
    room = (request.box[2] - request.box[0], request.box[3] - request.box[1]) if request.box else None
    drawing = draw(profile, request.lines, request.image, request.image_mm, room)
    if request.box:
        middle = ((request.box[0] + request.box[2]) / 2, (request.box[1] + request.box[3]) / 2)
        return _Placed(number, shape, _around(middle, drawing.size), drawing)
    if seal_over and seal_over.rect:
        # Words over a handwriting would make both unreadable: only a picture of the seal overlaps, words stand beside it.
        share = profile.place.share if request.image else _BESIDE
        return _Placed(number, shape, over_earlier(shape.to_seen(seal_over.rect), drawing.size, share), drawing)
    if profile.place.kind in ("given", "seal"):
        raise SohoaError("place_not_given")
    box = free_place(shape, profile.place, drawing.size, request.avoid)
    if box is None:
        raise SohoaError("no_free_place")
    return _Placed(number, shape, box, drawing)


def _around(middle: tuple[float, float], size: tuple[float, float]) -> Box:
    return (middle[0] - size[0] / 2, middle[1] - size[1] / 2, middle[0] + size[0] / 2, middle[1] + size[1] / 2)


def _page_count(writer: IncrementalPdfFileWriter) -> int:
    return int(writer.root["/Pages"]["/Count"])


def _shape(writer: IncrementalPdfFileWriter, number: int) -> PageShape:
    if not 1 <= number <= _page_count(writer):
        raise SohoaError("signature_page_missing", page=number)
    page = writer.find_page_for_modification(number - 1)[0].get_object()
    media = _inherited(page, "/MediaBox") or generic.ArrayObject(map(generic.FloatObject, ("0", "0", "595.28", "841.89")))
    crop = _inherited(page, "/CropBox") or media

    def corners(box: Any) -> Box:
        x0, y0, x1, y1 = (float(value) for value in items(box))
        return (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    outer, inner = corners(media), corners(crop)
    seen = (max(outer[0], inner[0]), max(outer[1], inner[1]), min(outer[2], inner[2]), min(outer[3], inner[3]))
    turn = int(_inherited(page, "/Rotate") or 0) % 360
    return PageShape(seen if seen[2] > seen[0] and seen[3] > seen[1] else outer, turn if turn in (0, 90, 180, 270) else 0)


def _inherited(page: Any, key: str) -> Any:
    """A page attribute, from the page or from the nearest node above it (ISO 32000-1 §7.7.3.4)."""
    node = page
    for _ in range(_WIDEST_TREE):
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    return None


def _show(writer: IncrementalPdfFileWriter, widget: Any, placed: _Placed) -> None:
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
