"""The four steps of reading a document, as they run inside a killable child (see `ocr.tasks`).

Steps of one document share nothing but its work folder. For page 7 it holds `000007.json`, a `PageFile`, and the page's
picture as `000007.jpg`, `.png` or `.tif`, or as `.pdf` when it was taken out of the upload. The picture of a page whose
own text is kept is made when somebody asks for it: few do.
"""

import math
import shutil
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Generic, TypeVar
from unicodedata import normalize

import cv2
import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from ocr.codes import Code, Codes, ReadCodes
from ocr.fields.crops import DPI as CROPS_DPI
from ocr.fields.crops import cut_crops
from ocr.fields.extract import extract as extract_fields
from ocr.fields.page_ink import Ink, ink_of, keep_ink, kept_ink
from ocr.model import Box, Extraction, Page, PageStatus, Quality, Word
from ocr.pages.codes import DPI as CODES_DPI
from ocr.pages.codes import find_codes
from ocr.pages.decode import PDF, count_pages, decode
from ocr.pages.from_pdf import RENDER_DPI, RENDER_PIXELS, drawn
from ocr.pages.model import PreparedPage, RawPage
from ocr.pages.prepare import prepare
from ocr.pdf.archive import PROFILE, About, Sheet, write_archive
from ocr.pdf.claims import pdf_a_claim, picture_bytes, title_claim
from ocr.pdf.images import Source, store
from ocr.pdf.original import store_original
from ocr.pdf.own_text import Decision, OwnText, open_pdf, own_text, page_text
from ocr.pdf.small import Layers, store_small
from ocr.tasks import Assemble, Assembled, Extract, Inspect, Inspection, ReadPage
from ocr.words.leaders import with_leaders
from ocr.words.reader import ReadWord, load_reader, omission, upright
from sohoa.errors import SohoaError

_POINTS_PER_MM = 72 / 25.4
_A4_MM = (210.0, 297.0)
_LARGEST_MM = 14400 / _POINTS_PER_MM  # ISO 19005-2, 6.1.13: no page longer than 14 400 units
_LEGIBLE, _FEW_WORDS = 0.9, 5
# Of 2,000 made-up and photographed forms the worst well-turned one has .59; a page read askew has .15 and leaves most ink out.
_BADLY_READ, _DOUBTFUL, _MOSTLY = 0.5, 0.7, 0.6
_REJECTED: dict[Decision, str] = {"broken": "own_text_broken", "legacy": "own_text_legacy", "unmarked": "own_text_unmarked"}


class PageFile(Struct, frozen=True):
    """What reading a page leaves for assembling: its size, its image if there is one, and what became of its own text.

    `size_mm` is (width, height) as delivered. `own_text` is the decision of `ocr.pdf.own_text`, None for images.
    `reader` is the name and version of what read it. `turn` is by how many degrees `image` is turned clockwise to be as
    delivered, `small` the files to deliver instead of it: one picture, or paper, tint and ink (`ocr.pdf.small.Layers`).
    Where `upload` is given the page is to be shown from there, for it has no picture yet. `codes` are the QR and bar codes of
    a page that was read.
    """

    size_mm: tuple[float, float]
    image: str | None = None
    own_text: Decision | None = None
    reader: str | None = None
    turn: int = 0
    small: tuple[str, ...] = ()
    upload: str | None = None
    codes: tuple[Code, ...] = ()


def inspect(request: Inspect) -> Inspection:
    """Count the pages; of a PDF also tell whether it was born digital.

    Raises SohoaError: image_damaged, image_too_large, image_type, pdf_damaged, pdf_encrypted.
    """
    pages = count_pages(request.path, request.media_type)
    if request.media_type != PDF:
        return Inspection(pages, False)
    return Inspection(pages, _born_digital(request.path), pdf_a_claim(request.path), title_claim(request.path))


def _born_digital(path: str) -> bool:
    """Every page has good text of its own, or nothing to read; a single page that must be read as an image decides."""
    good = 0
    with suppress(SohoaError), open_pdf(path) as document:
        for number in range(1, len(document) + 1):
            decision = page_text(document, number).decision
            if decision not in ("good", "blank", "drawing"):
                return False
            good += decision == "good"
        return good > 0
    return False  # one page cannot be opened; reading it will tell, and the others are read


def read_page(request: ReadPage) -> Page:
    """Read one page and leave its image in the work folder.

    Raises SohoaError as `ocr.pages.decode.decode` and `ocr.words.reader.load_reader` do. What is known of the page until
    then (its size, perhaps its image) is already in the work folder, so that `assemble` can keep the page's place.
    """
    own = None
    if request.media_type == PDF:
        with suppress(SohoaError):  # whether the page can be shown at all is for `decode` to say
            own = own_text(request.path, request.number)
            _note(request, PageFile(_page_mm(_mm(own.size)), None, own.decision))
    if own and own.decision in ("good", "blank"):
        return _with_own_text(request, own)
    raw = decode(request.path, request.media_type, request.number)
    prepared = prepare(raw, upright)
    file = replace(_keep_image(request, prepared, raw), own_text=own.decision if own else None)
    file = replace(file, codes=tuple(find_codes(prepared.archive, file.size_mm, request.number)))
    _note(request, file)
    points = (file.size_mm[0] * _POINTS_PER_MM, file.size_mm[1] * _POINTS_PER_MM)
    ink = ink_of(prepared.colour, points, red=2)
    kept = Path(request.work) / f"{_name(request.number)}.ink"
    kept.write_bytes(keep_ink(ink))
    _fresh_ink.keep(kept, ink)
    reader = load_reader(request.reader)
    _note(request, replace(file, reader=f"{reader.name} {reader.version}"))
    seen = with_leaders(reader.read(prepared.reading, prepared.reading_dpi, prepared.sealed), prepared.leaders)
    words = tuple(_in_points(seen, prepared, file.size_mm))
    legible = sum(word.confidence > _LEGIBLE and len(word.text) > 1 for word in words) >= _FEW_WORDS
    codes = tuple(code for code in prepared.codes if code != "page_blank" or not legible)  # faded print is told by reading it
    sure, left_out = _mean_confidence(words), round(omission(prepared.reading, seen), 4)
    if "page_blank" not in codes and ((left_out > _MOSTLY and sure < _DOUBTFUL) or (len(words) >= _FEW_WORDS and sure < _BADLY_READ)):
        codes += ("page_read_badly",)
    quality = Quality(sure, left_out, codes)
    code = _REJECTED.get(own.decision) if own else None
    dpi, skew = round(prepared.dpi, 2), round(prepared.skew, 2)
    return Page(request.number, file.size_mm, dpi, prepared.rotation, skew, quality, "read", code, words)


def _with_own_text(request: ReadPage, own: OwnText) -> Page:
    """The page as it is; only its pictures are read. Its image is for a file that is built anew, as one with scanned pages
    is; a document that is wholly born digital is delivered unchanged, and few of its pages are ever shown."""
    size = _page_mm(_mm(own.size))
    file = PageFile(size, None, own.decision, upload=request.path)
    if not _wholly_born_digital(request.path, Path(request.path).stat().st_mtime_ns):
        raw = decode(request.path, request.media_type, request.number)
        work, name, dpi = Path(request.work), _name(request.number), _render_dpi(own.size)
        image = store(raw.pixels, raw.pixels, Source(raw.jpeg), work, name, dpi)
        small = store_small(raw.pixels, Source(raw.jpeg), image, work, name, dpi) if request.size == "small" else None
        file = PageFile(size, image.name, own.decision, small=_names(small))
    _note(request, file)
    words = (*own.words, *(_in_pictures(request, own, size) if own.pictures else ()))
    quality = Quality(_mean_confidence(words), 0.0)
    status: PageStatus = "had_text" if own.words else "read"
    return Page(request.number, size, round(_render_dpi(own.size), 2), 0, 0.0, quality, status, None, words)


@lru_cache(8)
def _wholly_born_digital(path: str, changed: int) -> bool:
    """Asked for every page, while the answer is the document's; `changed` (nanoseconds) tells files of one name apart."""
    return _born_digital(path)


def _in_pictures(request: ReadPage, own: OwnText, size: tuple[float, float]) -> Iterator[Word]:
    """Words that stand in the page's pictures and not in its text: a photo of a card pasted into a letter."""
    prepared = prepare(decode(request.path, request.media_type, request.number), upright)
    if prepared.rotation or prepared.skew:
        return  # the page is delivered as it is, so what was read elsewhere would stand in the wrong place
    reader = load_reader(request.reader)
    first = max((word.line for word in own.words), default=-1) + 1
    for word in _in_points(reader.read(prepared.reading, prepared.reading_dpi, prepared.sealed), prepared, size):
        x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
        inside = any(_holds(box, x, y) for box in own.pictures)
        if inside and not any(_holds(known.box, x, y) for known in own.words):
            yield replace(word, line=first + word.line)


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _keep_image(request: ReadPage, prepared: PreparedPage, raw: RawPage) -> PageFile:
    """Store the page's picture: the upload's own where that shows the same, and a small one where that is asked for."""
    work, name = Path(request.work), _name(request.number)
    original = store_original(raw, prepared, request.path, request.number, work, name)
    source = Source(raw.jpeg or _jpeg_file(request), None if original else _bytes_before(request))
    image = original.path if original else store(prepared.archive, raw.pixels, source, work, name, prepared.dpi)
    small = store_small(prepared.archive, source, image, work, name, prepared.dpi) if request.size == "small" else None
    if original or image.suffix == ".png":  # stored without loss, so that decoding it would give the same
        _fresh_picture.keep(image, prepared.archive)
    return PageFile(_page_mm(prepared.size_mm), image.name, turn=original.turn if original else 0, small=_names(small))


_Made = TypeVar("_Made")


class _Fresh(Generic[_Made]):
    """What was made of the page read last: its fields are often looked for next, in the same process, and to make it anew from the
    file that was written costs far more."""

    def __init__(self) -> None:
        self._of: tuple[Path, int] | None = None
        self._made: _Made | None = None

    def keep(self, path: Path, made: _Made) -> None:
        self._of, self._made = (path, path.stat().st_mtime_ns), made

    def of(self, path: Path) -> _Made | None:
        """None when another page was read since."""
        return self._made if self._made is not None and self._of == (path, path.stat().st_mtime_ns) else None


_fresh_picture = _Fresh[NDArray[np.uint8]]()  # H×W×3 BGR, upright
_fresh_ink = _Fresh[Ink]()


def _names(small: Path | Layers | None) -> tuple[str, ...]:
    if isinstance(small, Layers):
        return (small.paper.name, small.tint.name, small.ink.name)
    return (small.name,) if small else ()


def _jpeg_file(request: ReadPage) -> bytes | None:
    """An upload that is a JPEG, when the decoder had to turn it and so gave no stream: its tables still tell its quality."""
    return Path(request.path).read_bytes() if request.media_type == "image/jpeg" else None


def _bytes_before(request: ReadPage) -> int | None:
    if request.media_type == PDF:
        return picture_bytes(request.path, request.number)
    if request.media_type == "image/tiff":
        return Path(request.path).stat().st_size // count_pages(request.path, request.media_type)
    return Path(request.path).stat().st_size


def assemble(request: Assemble) -> Assembled:
    """Write the document to deliver: one page for each of `request.pages`, in order, whatever became of them.

    A failed page is its image without text or, where even that is missing, a blank sheet of the same size.
    """
    out = Path(request.out)
    if request.source is not None:
        unfinished = out.with_name(out.name + ".tmp")
        shutil.copyfile(request.source, unfinished)
        unfinished.replace(out)
        return Assembled(pdf_a_claim(request.source), "born_digital_kept")
    work = Path(request.work)
    files = {page.number: _page_file(work, page) for page in request.pages}
    sheets = [_sheet(work, page, files[page.number]) for page in request.pages]
    readers = sorted({file.reader for file in files.values() if file.reader})
    reduced = [page.number for page in request.pages if files[page.number].small]
    about = About(request.title, bytes.fromhex(request.source_sha256)[:16], _provenance(request, "; ".join(readers), reduced))
    write_archive(sheets, about, out)
    return Assembled(PROFILE, None, "small" if reduced else "archive")


def _sheet(work: Path, page: Page, file: PageFile) -> Sheet:
    size = (file.size_mm[0] * _POINTS_PER_MM, file.size_mm[1] * _POINTS_PER_MM)
    if file.small:
        first, *others = (work / name for name in file.small)
        return Sheet(size, Layers(first, *others) if others else first, page.words)
    if file.upload is not None and file.image is None:
        raw = decode(file.upload, PDF, page.number)
        return Sheet(size, store(raw.pixels, raw.pixels, Source(raw.jpeg), work, _name(page.number), _render_dpi(size)), page.words)
    image = work / file.image if file.image else None
    return Sheet(size, image if image and image.is_file() else None, page.words, file.turn)


def _page_file(work: Path, page: Page) -> PageFile:
    path = work / f"{_name(page.number)}.json"
    if path.is_file():
        return msgspec.json.decode(path.read_bytes(), type=PageFile)
    return PageFile(_page_mm(page.size_mm if min(page.size_mm) > 0 else _A4_MM))


def _provenance(request: Assemble, readers: str, reduced: list[int]) -> dict[str, str]:
    settings = {key: value for key, value in request.settings.items() if key not in ("engine", "reader")}
    return {
        "Engine": request.settings.get("engine", ""),
        "Reader": readers or request.settings.get("reader", ""),
        "Settings": "; ".join(f"{key}={value}" for key, value in sorted(settings.items())),
        "SourceSHA256": request.source_sha256,
        "UnreadPages": ", ".join(str(page.number) for page in request.pages if page.status == "failed"),
        "KeptTextPages": ", ".join(str(page.number) for page in request.pages if page.status == "had_text"),
        "Size": "small" if reduced else "",
        "ReducedPages": ", ".join(map(str, reduced)),
    }


def extract(request: Extract) -> Extraction:
    """Find the template and its fields. Raises SohoaError as `ocr.fields.extract.extract` does."""
    images = cache(partial(as_delivered, request))  # an image is decoded once for fields and crops
    found = extract_fields(request.pages, images, request.templates, partial(_ink, request))
    if request.crops is None:
        return found
    own = {page.number for page in request.pages if page.status == "had_text" and request.media_type == PDF}
    return cut_crops(
        found,
        request.pages,
        lambda number: drawn(request.path, number, CROPS_DPI) if number in own else images(number),
        Path(request.crops),
    )


def _ink(request: Extract, number: int) -> Ink | None:
    """The ink that reading the page left, None where it left none."""
    path = Path(request.work) / f"{_name(number)}.ink"
    if not path.is_file():
        return None
    return _fresh_ink.of(path) or kept_ink(path.read_bytes())


def read_codes(request: ReadCodes) -> Codes:
    """The QR and bar codes of the pages asked for: what reading found, and on a page with its own text what drawing it shows."""
    found: list[Code] = []
    for page in request.pages:
        if page.status == "had_text" and request.media_type == PDF:
            found += find_codes(drawn(request.path, page.number, CODES_DPI), page.size_mm, page.number)
        else:
            found += _page_file(Path(request.work), page).codes
    return Codes(tuple(found))


def as_delivered(request: Extract, number: int) -> NDArray[np.uint8] | None:
    """The page as delivered at full quality, H×W×3 RGB; None when it never became an image."""
    path = Path(request.work) / f"{_name(number)}.json"
    if not path.is_file():
        return None
    file = msgspec.json.decode(path.read_bytes(), type=PageFile)
    if file.image is None and file.upload is None:
        return None
    if file.image and (fresh := _fresh_picture.of(path.with_name(file.image))) is not None:
        return np.asarray(cv2.cvtColor(fresh, cv2.COLOR_BGR2RGB), np.uint8)
    if file.image and not file.image.endswith(".pdf"):
        pixels, turn = cv2.imread(str(path.with_name(file.image)), cv2.IMREAD_COLOR_RGB), file.turn
    else:
        # What was taken out of the upload was proven to be what decoding gives, turned as the page was.
        pixels = cv2.cvtColor(decode(request.path, request.media_type, number).pixels, cv2.COLOR_BGR2RGB)
        turn = next((page.rotation for page in request.pages if page.number == number), 0)
    return None if pixels is None else np.ascontiguousarray(np.rot90(pixels, -turn // 90), np.uint8)


def _in_points(seen: tuple[ReadWord, ...], prepared: PreparedPage, size: tuple[float, float]) -> list[Word]:
    """Words of the reading image, in points of the page of `size` millimetres; a word is NFC and never empty."""
    height, width = prepared.reading.shape
    across, down = size[0] * _POINTS_PER_MM / width, size[1] * _POINTS_PER_MM / height
    words = []
    for word in seen:
        x0, y0, x1, y1 = word.box
        box = (round(x0 * across, 2), round(y0 * down, 2), round(x1 * across, 2), round(y1 * down, 2))
        if text := normalize("NFC", word.text).strip():
            leader = None if word.leader is None else round(word.leader * across, 2)
            words.append(Word(text, box, round(word.confidence, 4), word.line, word.raw, leader))
    return words


def _mean_confidence(words: tuple[Word, ...]) -> float:
    letters = sum(len(word.text) for word in words)
    return round(sum(word.confidence * len(word.text) for word in words) / letters, 4) if letters else 0.0


def _note(request: ReadPage, file: PageFile) -> None:
    path = Path(request.work) / f"{_name(request.number)}.json"
    unfinished = path.with_suffix(".json.tmp")
    unfinished.write_bytes(msgspec.json.encode(file))
    unfinished.replace(path)


def _render_dpi(points: tuple[float, float]) -> float:
    """The resolution in which a page that is no single picture is shown."""
    return min(RENDER_DPI, math.sqrt(RENDER_PIXELS / (points[0] * points[1])) * 72)


def _name(number: int) -> str:
    return f"{number:06d}"


def _mm(points: tuple[float, float]) -> tuple[float, float]:
    return (points[0] / _POINTS_PER_MM, points[1] / _POINTS_PER_MM)


def _page_mm(size: tuple[float, float]) -> tuple[float, float]:
    """The size to deliver: rounded to what paper and PDF can tell, and scaled down where no PDF/A page may be so large."""
    scale = min(1.0, _LARGEST_MM / max(size))
    return (round(size[0] * scale, 3), round(size[1] * scale, 3))
