"""A stored page image as a PDF image object, its compressed data taken over byte for byte.

ISO 32000-1 7.4.8 (DCTDecode), 7.4.6 (CCITTFaxDecode), 7.4.4.4 (PNG predictors), 8.6.5.5 (ICCBased). Device colours are
covered by the document's sRGB output intent (ISO 19005-2, 6.2.4.3); a picture with a colour profile of its own keeps it.
"""

import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image

from ocr.pdf import fax

_PNG = b"\x89PNG\r\n\x1a\n"
_TIFF = (b"II*\0", b"MM\0*")


def embed(pdf: pikepdf.Pdf, path: Path) -> pikepdf.Object:
    """The image XObject for a file that `ocr.pdf.images`, `ocr.pdf.small` or `ocr.pdf.original` wrote."""
    body = path.read_bytes()
    if body.startswith(b"%PDF"):
        return _from_pdf(pdf, body)
    if body.startswith(_PNG):
        image = _from_png(pdf, body)
    elif body.startswith(_TIFF):
        image = _from_tiff(pdf, body)
        image.ColorSpace = Name.DeviceGray
    else:
        image = _from_jpeg(pdf, body)
    image.Type, image.Subtype = Name.XObject, Name.Image
    return pdf.make_indirect(image)


def embed_ink(pdf: pikepdf.Pdf, tint: Path, ink: Path) -> pikepdf.Object:
    """The image XObject that paints the colours of `tint` where `ink` is black: explicit masking (ISO 32000-1 8.9.6.3), which
    is no transparency."""
    mask = _from_tiff(pdf, ink.read_bytes())
    mask.Type, mask.Subtype, mask.ImageMask = Name.XObject, Name.Image, True
    image = _from_jpeg(pdf, tint.read_bytes())
    image.Type, image.Subtype, image.Mask = Name.XObject, Name.Image, pdf.make_indirect(mask)
    return pdf.make_indirect(image)


def _from_tiff(pdf: pikepdf.Pdf, body: bytes) -> Stream:
    coded = fax.strip(body)
    image = Stream(pdf, coded.data)
    image.Width, image.Height, image.BitsPerComponent = coded.width, coded.height, 1
    image.Filter = Name.CCITTFaxDecode
    image.DecodeParms = Dictionary(K=-1, Columns=coded.width, Rows=coded.height, BlackIs1=coded.black_is_one)
    return image


def _from_pdf(pdf: pikepdf.Pdf, body: bytes) -> pikepdf.Object:
    """A picture that was taken out of the upload with all it needs (colour space, code tables)."""
    with pikepdf.open(BytesIO(body)) as taken:
        return pdf.copy_foreign(taken.pages[0].Resources.XObject.Im0)


def _from_jpeg(pdf: pikepdf.Pdf, body: bytes) -> Stream:
    with Image.open(BytesIO(body), formats=("JPEG",)) as header:
        width, height = header.size
        grey = header.mode == "L"
        profile = header.info.get("icc_profile")
        layers = bytes(layer[0] for layer in getattr(header, "layer", ()))
        marked = "adobe" in header.info or "jfif" in header.info
    image = Stream(pdf, body)
    image.Width, image.Height, image.BitsPerComponent = width, height, 8
    image.ColorSpace = Name.DeviceGray if grey else Name.DeviceRGB
    if profile and usable_profile(profile, grey):
        image.ColorSpace = _icc_based(pdf, profile, grey)
    image.Filter = Name.DCTDecode
    if layers == b"RGB" and not marked:
        # Without a marker decoders go by the component names, but PDF assumes YCbCr.
        image.DecodeParms = Dictionary(ColorTransform=0)
    return image


def usable_profile(profile: bytes, grey: bool) -> bool:
    """Whether a profile is of a kind that PDF 1.7 allows (ICC 2 to 4.2, input or display, as many channels as the picture).

    A broken one would make the whole file invalid, while leaving it out shifts colours by a shade.
    """
    if len(profile) < 132 or int.from_bytes(profile[:4], "big") != len(profile):
        return False
    version, kind, space, magic = profile[8], profile[12:16], profile[16:20], profile[36:40]
    return version in (2, 4) and kind in (b"mntr", b"scnr", b"spac") and space == (b"GRAY" if grey else b"RGB ") and magic == b"acsp"


def _icc_based(pdf: pikepdf.Pdf, profile: bytes, grey: bool) -> Array:
    stream = Stream(pdf, profile)
    stream.N = 1 if grey else 3
    stream.Alternate = Name.DeviceGray if grey else Name.DeviceRGB
    return Array([Name.ICCBased, pdf.make_indirect(stream)])


def _from_png(pdf: pikepdf.Pdf, body: bytes) -> Stream:
    chunks = list(_chunks(body))
    width, height, depth, colour = struct.unpack(">IIBB", chunks[0][1][:10])
    channels = 3 if colour == 2 else 1
    data = b"".join(content for kind, content in chunks if kind == b"IDAT")
    parameters = Dictionary(Predictor=15, Colors=channels, BitsPerComponent=depth, Columns=width)
    image = Stream(pdf, data)
    image.Width, image.Height, image.BitsPerComponent = width, height, depth
    image.ColorSpace = Name.DeviceRGB if channels == 3 else Name.DeviceGray
    image.Filter, image.DecodeParms = Name.FlateDecode, parameters
    return image


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at + 8 <= len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        yield body[at + 4 : at + 8], body[at + 8 : at + 8 + size]
        at += size + 12
