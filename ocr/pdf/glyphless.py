"""The font of the text layer: one invisible glyph per character of the document, as wide as in a common text face.

Nothing is drawn with it (text render mode 3), so outlines would be dead weight; but widths matter: with those of a real
face a selection that ends in the middle of a word ends at the right letter. Each glyph is a diagonal without area, for
PDFium passes over a word of one letter whose glyph has no extent. Glyph, CID and code are the same number,
counted over the document's characters in Unicode order; the ToUnicode CMap leads back to the characters.
Rules: ISO 19005-2, 6.2.11.3 (CIDToGIDMap), 6.2.11.4 (embedding), 6.2.11.5 (equal widths), 6.2.11.8 (never .notdef).
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import as_file, files
from io import BytesIO
from unicodedata import combining, east_asian_width, normalize

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph
from msgspec import Struct
from pikepdf import Array, Dictionary, Name, Stream

ASCENT, DESCENT = 800, -200  # together one em: a reader's selection is then exactly one font size high
_NAME = "SOHOAA+SohoaGlyphless"
_TONES = "\u0301\u0300\u0309\u0303\u0323"
_SIGNS = "“”‘’–—…²³°§•"
_BLOCK = 100  # ISO 32000-1 9.7.5.4: at most 100 entries between beginbfchar and endbfchar
_EPOCH_1904_TO_2025 = 3818448000


class Glyphless(Struct, frozen=True):
    """`codes` gives a character's CID, `widths` its advance in thousandths of the font size."""

    codes: dict[str, int]
    widths: dict[str, int]
    program: bytes

    def encode(self, text: str) -> str:
        """`text` as a hexadecimal string operand, two bytes a character."""
        return "<" + "".join(f"{self.codes[c]:04X}" for c in text) + ">"

    def width(self, text: str) -> int:
        """Advance of `text` at font size 1000."""
        return sum(self.widths[c] for c in text)


def glyphless(characters: Iterable[str]) -> Glyphless:
    """The font for a document that uses `characters` (and the space, which stands between words).

    It always has the letters and signs of Vietnamese: most documents then share one font, which costs more to make than to embed.
    """
    return _made("".join(sorted(_usual() | set(characters))))


@lru_cache(8)
def _made(used: str) -> Glyphless:
    widths = {c: _advance(c) for c in used}
    return Glyphless({c: i for i, c in enumerate(used, 1)}, widths, _program(list(used), widths))


@cache
def _usual() -> frozenset[str]:
    vowels = {normalize("NFC", letter + tone) for letter in "aăâeêioôơuưy" for tone in ("", *_TONES)}
    ascii_ = {chr(code) for code in range(32, 127)}
    return frozenset(ascii_ | {case for letter in (*vowels, "đ") for case in (letter, letter.upper())} | set(_SIGNS))


def add_font(pdf: pikepdf.Pdf, font: Glyphless) -> pikepdf.Object:
    """Embed `font` in `pdf` as a composite font with Identity-H."""
    file = Stream(pdf, font.program)
    file.Length1 = len(font.program)
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name("/" + _NAME),
        Flags=4,
        FontBBox=Array([0, DESCENT, 1000, ASCENT]),
        ItalicAngle=0,
        Ascent=ASCENT,
        Descent=DESCENT,
        CapHeight=ASCENT,
        StemV=80,
        FontFile2=pdf.make_indirect(file),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name("/" + _NAME),
        CIDSystemInfo=Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=1000,
        W=Array([1, Array(list(font.widths.values()))]),
        CIDToGIDMap=Name.Identity,
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/" + _NAME),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_indirect(Stream(pdf, _to_unicode(font))),
        )
    )


def _advance(character: str) -> int:
    if combining(character):
        return 0
    units, advances = _model()
    if ord(character) in advances:
        return round(advances[ord(character)] * 1000 / units) or 1
    return 1000 if east_asian_width(character) in "WF" else 500


@cache
def _model() -> tuple[int, dict[int, int]]:
    with as_file(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf") as path, TTFont(path, lazy=True) as face:
        advances = face["hmtx"].metrics
        return face["head"].unitsPerEm, {code: advances[name][0] for code, name in face.getBestCmap().items()}


def _program(used: list[str], widths: dict[str, int]) -> bytes:
    names = [".notdef", *(f"c{i}" for i in range(1, len(used) + 1))]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupHead(unitsPerEm=1000, created=_EPOCH_1904_TO_2025, modified=_EPOCH_1904_TO_2025)
    builder.font.recalcTimestamp = False
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): n for c, n in zip(used, names[1:], strict=True)})
    builder.setupGlyf({".notdef": Glyph()} | {n: _diagonal(widths[c]) for c, n in zip(used, names[1:], strict=True)})
    builder.setupHorizontalMetrics({".notdef": (1000, 0)} | {n: (widths[c], 0) for c, n in zip(used, names[1:], strict=True)})
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupPost(keepGlyphNames=False)
    out = BytesIO()
    builder.save(out)
    return out.getvalue()


def _diagonal(width: int) -> Glyph:
    pen = TTGlyphPen(None)
    pen.moveTo((0, DESCENT))
    pen.lineTo((width, ASCENT))
    pen.closePath()
    return pen.glyph()


def _to_unicode(font: Glyphless) -> bytes:
    pairs = [f"<{code:04X}> <{c.encode('utf-16-be').hex().upper()}>" for c, code in font.codes.items()]
    blocks = [pairs[i : i + _BLOCK] for i in range(0, len(pairs), _BLOCK)]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
        *(line for block in blocks for line in (f"{len(block)} beginbfchar", *block, "endbfchar")),
        "endcmap",
        "CMapName currentdict /CMap defineresource pop",
        "end",
        "end",
    ]
    return "\n".join(lines).encode()
