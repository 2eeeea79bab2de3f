"""The embedded typeface of appearances and statement pages: measured, wrapped, subset, as plain PDF values.

Liberation Serif has the metrics of Times New Roman, which NĐ 30/2020 asks for, and a free licence. Vietnamese text is
composed (NFC), so that every letter is one glyph and no shaping can go wrong. The result is independent of any PDF
library: names are str starting with "/", streams are `Stream`; `signing.prepare` and `signing.statement` turn them
into objects of the library they write with.
"""

import unicodedata
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from msgspec import Struct

# Dictionaries that are objects of their own wherever they are written (ISO 32000-1 tables 117 and 121).
SHARED = frozenset({"/Font", "/FontDescriptor"})
# Digits and the signs of a time always come along: the next appearance of the same signer then needs the same subset.
_ALWAYS = frozenset("0123456789 -:+T/.,()?")


class Stream(Struct, frozen=True):
    """A PDF stream before it is written: dictionary entries and undecoded bytes."""

    entries: dict[str, Any]
    data: bytes


class Typeface(Struct, frozen=True):
    """One font, subset to the characters it was asked for.

    `widths` are in thousandths of the font size; `glyphs` maps a character to its glyph in the subset.
    """

    name: str
    glyphs: dict[str, int]
    widths: dict[str, float]
    ascent: float
    descent: float
    resource: dict[str, Any]

    def width(self, text: str, size: float) -> float:
        """The width of `text` in points at `size` points."""
        return sum(self.widths[character] for character in composed(text)) * size / 1000

    def codes(self, text: str) -> bytes:
        """`text` as the hexadecimal string operand of Tj."""
        return b"<" + b"".join(b"%04X" % self.glyphs[character] for character in composed(text)) + b">"


def composed(text: str) -> str:
    """NFC with control characters, line ends and tabs as spaces, so that one character is one glyph."""
    return "".join(" " if unicodedata.category(c).startswith(("C", "Z")) else c for c in unicodedata.normalize("NFC", text))


def typeface(font: str, text: str) -> Typeface:
    """`font` ("LiberationSerif-Regular" …) with the glyphs of `text`; a character it lacks is shown as "?"."""
    return _subset(font, frozenset(composed(text)) | _ALWAYS)


def wrapped(face: Typeface, text: str, size: float, width: float) -> list[str]:
    """`text` in lines no wider than `width` points; a single word that is wider is broken between letters."""
    lines: list[str] = []
    line = ""
    for word in composed(text).split():
        while face.width(word, size) > width:
            fits = next((n for n in range(len(word) - 1, 0, -1) if face.width(word[:n], size) <= width), 1)
            if line:
                lines.append(line)
                line = ""
            lines.append(word[:fits])
            word = word[fits:]
        longer = f"{line} {word}".strip()
        if face.width(longer, size) <= width:
            line = longer
        else:
            lines.append(line)
            line = word
    return [*lines, line] if line else lines


@lru_cache(maxsize=64)
def _subset(font: str, characters: frozenset[str]) -> Typeface:
    program = TTFont(BytesIO(_file(font)), lazy=True)
    known = program.getBestCmap()
    present = sorted(c for c in characters if ord(c) in known)
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.name_IDs = []
    options.notdef_outline = True
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "DSIG", "kern", "meta", "FFTM"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(c) for c in present])
    subsetter.subset(program)
    order = program.getReverseGlyphMap()
    cmap, hmtx, head, os2 = program.getBestCmap(), program["hmtx"], program["head"], program["OS/2"]
    scale = 1000 / head.unitsPerEm
    glyphs = {c: order[cmap[ord(c)]] for c in present}
    widths = {c: hmtx[cmap[ord(c)]][0] * scale for c in present}
    by_glyph = {order[name]: round(hmtx[name][0] * scale, 3) for name in program.getGlyphOrder()}
    written = BytesIO()
    program.recalcTimestamp = False
    program.save(written)
    for missing in characters - set(present):
        glyphs[missing], widths[missing] = glyphs["?"], widths["?"]
    return Typeface(
        name=font,
        glyphs=glyphs,
        widths=widths,
        ascent=os2.sTypoAscender * scale,
        descent=os2.sTypoDescender * scale,
        resource=_resource(font, present, glyphs, by_glyph, program, written.getvalue(), scale),
    )


def _resource(
    font: str, present: list[str], glyphs: dict[str, int], widths: dict[int, float], program: TTFont, data: bytes, scale: float
) -> dict[str, Any]:
    """The composite font of ISO 32000-1 §9.7: Identity-H, embedded TrueType, widths and a ToUnicode map."""
    # Six letters that depend on the subset alone (ISO 32000-1 §9.6.4), so that equal texts give equal bytes.
    number = hash_of(font + "".join(present))
    tag = "".join(chr(65 + (number // 26**i) % 26) for i in range(6))
    head, post = program["head"], program["post"]
    descriptor = {
        "/Type": "/FontDescriptor",
        "/FontName": f"/{tag}+{font}",
        "/Flags": 4,
        "/FontBBox": [round(v * scale) for v in (head.xMin, head.yMin, head.xMax, head.yMax)],
        "/ItalicAngle": round(post.italicAngle, 2),
        "/Ascent": round(program["hhea"].ascent * scale),
        "/Descent": round(program["hhea"].descent * scale),
        "/CapHeight": round(program["OS/2"].sCapHeight * scale),
        "/StemV": 140 if "Bold" in font else 80,
        "/FontFile2": Stream({"/Length1": len(data)}, data),
    }
    return {
        "/Type": "/Font",
        "/Subtype": "/Type0",
        "/BaseFont": f"/{tag}+{font}",
        "/Encoding": "/Identity-H",
        "/DescendantFonts": [
            {
                "/Type": "/Font",
                "/Subtype": "/CIDFontType2",
                "/BaseFont": f"/{tag}+{font}",
                "/CIDSystemInfo": {"/Registry": b"Adobe", "/Ordering": b"Identity", "/Supplement": 0},
                "/CIDToGIDMap": "/Identity",
                "/FontDescriptor": descriptor,
                "/DW": 1000,
                "/W": [0, [widths[glyph] for glyph in sorted(widths)]],
            }
        ],
        "/ToUnicode": Stream({}, _to_unicode({glyphs[c]: c for c in present})),
    }


def _to_unicode(characters: dict[int, str]) -> bytes:
    pairs = [f"<{glyph:04X}> <{c.encode('utf-16-be').hex().upper()}>" for glyph, c in sorted(characters.items())]
    blocks = [pairs[i : i + 100] for i in range(0, len(pairs), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


def hash_of(text: str) -> int:
    """A number that depends on `text` alone."""
    from hashlib import sha256

    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")


@lru_cache(maxsize=8)
def _file(font: str) -> bytes:
    return files("sohoa").joinpath("fonts", f"{font}.ttf").read_bytes()
