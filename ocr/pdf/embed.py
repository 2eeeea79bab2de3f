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
from PIL import Image, TiffImagePlugin

_PNG = b"\x89PNG\r\n\x1a\n"


def embed(pdf: pikepdf.Pdf, path: Path) -> pikepdf.Object:
    """The image XObject for a file that `ocr.pdf.images` wrote."""
    body = path.read_bytes()
    image = _from_png(pdf, body) if body.startswith(_PNG) else _from_jpeg(pdf, body)
    image.Type, image.Subtype = Name.XObject, Name.Image
    return pdf.make_indirect(image)


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
    kind = Name.FlateDecode
    if depth == 1:
        fax, black_is_one = _group4(body)
        # A dithered picture is the one kind of page that Group 4 makes larger.
        if len(fax) < len(data):
            data, kind, parameters = fax, Name.CCITTFaxDecode, Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=black_is_one)
    image = Stream(pdf, data)
    image.Width, image.Height, image.BitsPerComponent = width, height, depth
    image.ColorSpace = Name.DeviceRGB if channels == 3 else Name.DeviceGray
    image.Filter, image.DecodeParms = kind, parameters
    return image


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at + 8 <= len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        yield body[at + 4 : at + 8], body[at + 8 : at + 8 + size]
        at += size + 12


def _group4(png: bytes) -> tuple[bytes, bool]:
    """The picture as one CCITT Group 4 strip, and whether its black pixels count as ones.

    libtiff is the encoder, its file only the wrapping.
    """
    strip_offsets, strip_lengths, rows_per_strip, photometric = 273, 279, 278, 262
    min_is_black = 1
    out = BytesIO()
    with Image.open(BytesIO(png), formats=("PNG",)) as picture:
        picture.save(out, "TIFF", compression="group4", tiffinfo={rows_per_strip: picture.height})
    out.seek(0)
    with TiffImagePlugin.TiffImageFile(out) as wrapped:
        offset, length = wrapped.tag_v2[strip_offsets][0], wrapped.tag_v2[strip_lengths][0]
        # The coder calls ones black; where the file calls zeros black, the roles are swapped.
        swapped = wrapped.tag_v2[photometric] == min_is_black
    return out.getvalue()[offset : offset + length], swapped
