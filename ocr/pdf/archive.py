"""The searchable archive file: PDF/A-2b (ISO 19005-2), one image and one invisible text layer per page.

Memory stays flat however many pages there are: images go into intermediate files of a few pages each, which are then
joined; pikepdf copies their data from file to file only while it saves. The bytes depend on the arguments alone.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf
from msgspec import Struct
from pikepdf import Array, Dictionary, Name, Stream

from ocr.model import Word
from ocr.pdf.embed import embed, embed_ink
from ocr.pdf.glyphless import Glyphless, add_font, glyphless
from ocr.pdf.icc import srgb_profile
from ocr.pdf.small import Layers
from ocr.pdf.text_layer import characters, printable, text_layer
from ocr.pdf.xmp import PRODUCER, packet

PROFILE = "PDF/A-2b"
_PAGES_AT_ONCE = 32
_SRGB = "sRGB IEC61966-2.1"


class Sheet(Struct, frozen=True):
    """One page to write. `size` is (width, height) in points; `image` None leaves the page blank.

    `turn` is by how many degrees (0, 90, 180, 270) the image is turned clockwise to be as the page is seen.
    """

    size: tuple[float, float]
    image: Path | Layers | None
    words: tuple[Word, ...] = ()
    turn: int = 0


class About(Struct, frozen=True):
    """What the file says about itself. `identifier` (16 bytes) is the permanent file identifier."""

    title: str
    identifier: bytes
    provenance: Mapping[str, str]


def write_archive(sheets: Sequence[Sheet], about: About, out: Path) -> None:
    """Write `sheets` as PDF/A-2b to `out`, all or nothing."""
    unfinished = out.with_name(out.name + ".tmp")
    with TemporaryDirectory(dir=out.parent, prefix=".pages-") as folder, ExitStack() as parts, pikepdf.new() as pdf:
        for start in range(0, len(sheets), _PAGES_AT_ONCE):
            part = Path(folder) / f"{start:06d}.pdf"
            _write_images(sheets[start : start + _PAGES_AT_ONCE], part)
            pdf.pages.extend(parts.enter_context(pikepdf.open(part)).pages)
        _add_text(pdf, sheets)
        _describe(pdf, about)
        pdf.save(
            unfinished,
            min_version="1.7",
            deterministic_id=True,
            fix_metadata_version=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    unfinished.replace(out)


def _write_images(sheets: Sequence[Sheet], path: Path) -> None:
    with pikepdf.new() as pdf:
        for sheet in sheets:
            resources = Dictionary()
            if isinstance(sheet.image, Layers):
                layers = sheet.image
                resources.XObject = Dictionary(Im0=embed(pdf, layers.paper), Im1=embed_ink(pdf, layers.tint, layers.ink))
            elif sheet.image:
                resources.XObject = Dictionary(Im0=embed(pdf, sheet.image))
            box = Array([0, 0, *(round(side, 3) for side in sheet.size)])
            pdf.pages.append(pikepdf.Page(pdf.make_indirect(Dictionary(Type=Name.Page, MediaBox=box, Resources=resources))))
        pdf.save(path, deterministic_id=True)


def _add_text(pdf: pikepdf.Pdf, sheets: Sequence[Sheet]) -> None:
    font = glyphless({c for sheet in sheets for c in characters(sheet.words)})
    font_object = add_font(pdf, font) if any(sheet.words for sheet in sheets) else None
    for page, sheet in zip(pdf.pages, sheets, strict=True):
        if sheet.words and font_object is not None:
            page.Resources.Font = Dictionary(F0=font_object)
        page.Contents = pdf.make_indirect(Stream(pdf, _content(sheet, font)))


def _content(sheet: Sheet, font: Glyphless) -> bytes:
    pictures = 2 if isinstance(sheet.image, Layers) else 1 if sheet.image else 0
    placed = " ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in _matrix(*sheet.size, sheet.turn))
    shown = "".join(f"q\n{placed} cm\n/Im{number} Do\nQ\n" for number in range(pictures)).encode()
    return shown + (text_layer(sheet.words, sheet.size[1], font) if sheet.words else b"")


def _matrix(width: float, height: float, turn: int) -> tuple[float, ...]:
    """The unit square of an image (ISO 32000-1 8.9.5) laid over the page, turned clockwise by quarters."""
    return {
        0: (width, 0, 0, height, 0, 0),
        90: (0, -height, width, 0, 0, height),
        180: (-width, 0, 0, -height, width, height),
        270: (0, height, -width, 0, width, 0),
    }[turn]


def _describe(pdf: pikepdf.Pdf, about: About) -> None:
    title = printable(about.title).strip()
    profile = Stream(pdf, srgb_profile())
    profile.N = 3
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=pikepdf.String(_SRGB),
        Info=pikepdf.String(_SRGB),
        DestOutputProfile=pdf.make_indirect(profile),
    )
    metadata = Stream(pdf, packet(title, about.provenance))
    metadata.Type, metadata.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = pdf.make_indirect(metadata)
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])
    pdf.Root.Lang = pikepdf.String("vi")
    if title:
        pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        pdf.docinfo.Title = pikepdf.String(title)
    pdf.docinfo.Producer = pikepdf.String(PRODUCER)
    pdf.trailer.ID = Array([pikepdf.String(about.identifier), pikepdf.String(about.identifier)])
