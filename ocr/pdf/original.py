"""The upload's own picture of a page, when it shows exactly the archive image, perhaps turned by quarters.

Such a picture goes into the archive as it came: nothing is lost, and nothing grows (a JBIG2 scan would, as Group 4). That
it shows the same is not concluded from the file's structure but proven: it is decoded by itself and compared pixel by pixel.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
from msgspec import Struct
from pikepdf import Array, Dictionary, Name

from ocr.pages import jpeg_stream
from ocr.pages.decode import PDF
from ocr.pages.from_image import opened
from ocr.pages.model import Pixels, PreparedPage, RawPage
from ocr.pdf.embed import usable_profile
from ocr.pdf.images import store_jpeg, write
from ocr.pdf.own_text import open_pdf
from sohoa.errors import SohoaError

_LOSSLESS = ("/FlateDecode", "/CCITTFaxDecode", "/JBIG2Decode", "/RunLengthDecode")
_KEPT = ("/Width", "/Height", "/BitsPerComponent", "/ColorSpace", "/Decode", "/Filter", "/DecodeParms")
_MEANINGFUL = ("/Mask", "/SMask", "/SMaskInData", "/ImageMask", "/Alternates", "/OPI", "/F")


class Original(Struct, frozen=True):
    """`path` is the picture in the work folder, `turn` by how many degrees it is to be turned clockwise."""

    path: Path
    turn: int


def store_original(raw: RawPage, prepared: PreparedPage, upload: str, number: int, work: Path, name: str) -> Original | None:
    """Put the upload's own picture of page `number` into `work`; None when the archive image is another than that."""
    if prepared.jpeg is not None:
        return Original(store_jpeg(prepared.jpeg, work, name), 0)
    if prepared.skew or not _same(raw.pixels, prepared.archive, prepared.rotation):
        return None
    if raw.jpeg is not None:
        return Original(store_jpeg(raw.jpeg, work, name), prepared.rotation)
    if raw.source == "image/jpeg":
        return _jpeg(jpeg_stream.clean(Path(upload).read_bytes()), prepared.archive, work, name)
    if raw.source == PDF:
        return _from_pdf(upload, number, prepared.archive, work, name)
    return None


def _jpeg(stream: bytes | None, archive: Pixels, work: Path, name: str) -> Original | None:
    pixels = opened(stream) if stream else None
    turn = None if pixels is None else _turn(pixels, archive)
    return None if stream is None or turn is None else Original(store_jpeg(stream, work, name), turn)


def _turn(pixels: Pixels, archive: Pixels) -> int | None:
    return next((turn for turn in (0, 90, 180, 270) if _same(pixels, archive, turn)), None)


def _same(pixels: Pixels, archive: Pixels, turn: int) -> bool:
    return (turn == 0 and pixels is archive) or np.array_equal(np.rot90(pixels, -turn // 90), archive)


def _from_pdf(upload: str, number: int, archive: Pixels, work: Path, name: str) -> Original | None:
    try:
        with pikepdf.open(upload) as source:
            images = [item for item in dict(source.pages[number - 1].Resources.XObject).values() if item.get("/Subtype") == Name.Image]
            if len(images) != 1 or {int(images[0].Width), int(images[0].Height)} != {archive.shape[0], archive.shape[1]}:
                return None
            if images[0].get("/Filter") == Name.DCTDecode:
                return _jpeg(jpeg_stream.clean(images[0].read_raw_bytes()), archive, work, name)
            if not _embeddable(images[0]):
                return None
            body = _alone(images[0])
        turn = _turn(_decoded(upload, number), archive)
    except (pikepdf.PdfError, SohoaError, ValueError, TypeError, AttributeError, KeyError, IndexError):
        return None
    return None if turn is None else Original(write(body, work / f"{name}.pdf"), turn)


def _embeddable(image: pikepdf.Object) -> bool:
    """Lossless, in colours that the output intent covers, and complete in itself (ISO 19005-2, 6.2.4 and 6.2.8)."""
    if str(image.get("/Filter")) not in _LOSSLESS or any(key in image for key in _MEANINGFUL):
        return False
    return int(image.get("/BitsPerComponent", 1)) in (1, 2, 4, 8) and _covered(image.get("/ColorSpace"))


def _covered(space: pikepdf.Object | None) -> bool:
    if space in (Name.DeviceGray, Name.DeviceRGB):
        return True
    if isinstance(space, Array) and space[0] == Name.ICCBased:
        return usable_profile(space[1].read_bytes(), int(space[1].N) == 1)
    return isinstance(space, Array) and space[0] == Name.Indexed and _covered(space[1])


def _alone(image: pikepdf.Object) -> bytes:
    """A file that holds only the picture, without what does not show (names, metadata, intents, /Interpolate)."""
    with pikepdf.new() as pdf:
        copy = pdf.copy_foreign(image)
        for key in set(copy.keys()) - set(_KEPT) - {"/Length"}:
            del copy[key]
        copy.Type, copy.Subtype = Name.XObject, Name.Image
        page = Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 100, 100]), Resources=Dictionary(XObject=Dictionary(Im0=copy)))
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
        out = BytesIO()
        pdf.save(out, deterministic_id=True, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
        return out.getvalue()


def _decoded(upload: str, number: int) -> Pixels:
    """The only picture of the page as BGR pixels, not turned by the page."""
    with open_pdf(upload) as document:
        page = document[number - 1]
        try:
            (picture,) = [item for item in page.get_objects(max_depth=1) if item.type == pdfium.FPDF_PAGEOBJ_IMAGE]
            return _bgr(picture.get_bitmap())
        finally:
            page.close()


def _bgr(bitmap: pypdfium2.PdfBitmap) -> Pixels:
    pixels = bitmap.to_numpy()
    pixels = pixels.reshape(*pixels.shape[:2], -1)[:, :, :3]
    return np.array(np.broadcast_to(pixels, (*pixels.shape[:2], 3)), np.uint8, order="C")
