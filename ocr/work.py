"""The four steps of reading a document, as they run inside a killable child (see `ocr.tasks`).

Steps of one document share nothing but its work folder. For page 7 it holds `000007.jpg` or `.png`, the page as it
will be delivered (boxes of words, scaled by its dpi, are its pixels), and `000007.json`, a `PageFile`.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from unicodedata import normalize

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from ocr.fields.extract import extract as extract_fields
from ocr.model import Box, Extraction, Page, Quality, Word
from ocr.pages.decode import PDF, count_pages, decode
from ocr.pages.model import PreparedPage, RawPage
from ocr.pages.prepare import prepare
from ocr.pdf.archive import PROFILE, About, Sheet, write_archive
from ocr.pdf.claims import pdf_a_claim, picture_bytes, title_claim
from ocr.pdf.images import Source, store, store_jpeg
from ocr.pdf.own_text import Decision, OwnText, open_pdf, own_text, page_text
from ocr.tasks import Assemble, Assembled, Extract, Inspect, Inspection, ReadPage
from ocr.words.reader import ReadWord, load_reader, omission, upright
from sohoa.errors import SohoaError

_POINTS_PER_MM = 72 / 25.4
_A4_MM = (210.0, 297.0)
_LARGEST_MM = 14400 / _POINTS_PER_MM  # ISO 19005-2, 6.1.13: no page longer than 14 400 units
_REJECTED: dict[Decision, str] = {"broken": "own_text_broken", "legacy": "own_text_legacy", "unmarked": "own_text_unmarked"}


@dataclass(frozen=True, slots=True)
class PageFile:
    """What reading a page leaves for assembling: its size, its image if there is one, and what became of its own text.

    `size_mm` is (width, height) as delivered. `own_text` is the decision of `ocr.pdf.own_text`, None for images.
    `reader` is the name and version of what read it.
    """

    size_mm: tuple[float, float]
    image: str | None = None
    own_text: Decision | None = None
    reader: str | None = None


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
    raw = decode(request.path, request.media_type, request.number)
    if own and own.decision in ("good", "blank"):
        return _with_own_text(request, own, raw)
    prepared = prepare(raw, upright)
    file = PageFile(_page_mm(prepared.size_mm), _keep_image(request, prepared, raw), own.decision if own else None)
    _note(request, file)
    reader = load_reader(request.reader)
    _note(request, replace(file, reader=f"{reader.name} {reader.version}"))
    seen = reader.read(prepared.reading, prepared.dpi)
    words = tuple(_in_points(seen, prepared, file.size_mm))
    quality = Quality(_mean_confidence(words), round(omission(prepared.reading, seen), 4), prepared.codes)
    code = _REJECTED.get(own.decision) if own else None
    dpi, skew = round(prepared.dpi, 2), round(prepared.skew, 2)
    return Page(request.number, file.size_mm, dpi, prepared.rotation, skew, quality, "read", code, words)


def _with_own_text(request: ReadPage, own: OwnText, raw: RawPage) -> Page:
    """The page's image is only for cutting fields out of, and for a file that is built anew; its pictures are read."""
    size = _page_mm(_mm(own.size))
    dpi = raw.dpi or raw.pixels.shape[1] / size[0] * 25.4
    image = store(raw.pixels, raw.pixels, Source(raw.jpeg), Path(request.work), _name(request.number), dpi)
    _note(request, PageFile(size, image.name, own.decision))
    words = (*own.words, *(_in_pictures(request, own, raw, size) if own.pictures else ()))
    quality = Quality(_mean_confidence(words), 0.0)
    return Page(request.number, size, round(dpi, 2), 0, 0.0, quality, "had_text" if own.words else "read", None, words)


def _in_pictures(request: ReadPage, own: OwnText, raw: RawPage, size: tuple[float, float]) -> Iterator[Word]:
    """Words that stand in the page's pictures and not in its text: a photo of a card pasted into a letter."""
    prepared = prepare(raw, upright)
    if prepared.rotation or prepared.skew:
        return  # the page is delivered as it is, so what was read elsewhere would stand in the wrong place
    reader = load_reader(request.reader)
    first = max((word.line for word in own.words), default=-1) + 1
    for word in _in_points(reader.read(prepared.reading, prepared.dpi), prepared, size):
        x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
        inside = any(_holds(box, x, y) for box in own.pictures)
        if inside and not any(_holds(known.box, x, y) for known in own.words):
            yield replace(word, line=first + word.line)


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _keep_image(request: ReadPage, prepared: PreparedPage, raw: RawPage) -> str:
    work, name = Path(request.work), _name(request.number)
    if prepared.jpeg is not None:
        return store_jpeg(prepared.jpeg, work, name).name
    source = Source(raw.jpeg or _jpeg_file(request), _bytes_before(request))
    return store(prepared.archive, raw.pixels, source, work, name, prepared.dpi).name


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
    about = About(request.title, bytes.fromhex(request.source_sha256)[:16], _provenance(request, "; ".join(readers)))
    write_archive(sheets, about, out)
    return Assembled(PROFILE)


def _sheet(work: Path, page: Page, file: PageFile) -> Sheet:
    image = work / file.image if file.image else None
    size = (file.size_mm[0] * _POINTS_PER_MM, file.size_mm[1] * _POINTS_PER_MM)
    return Sheet(size, image if image and image.is_file() else None, page.words)


def _page_file(work: Path, page: Page) -> PageFile:
    path = work / f"{_name(page.number)}.json"
    if path.is_file():
        return msgspec.json.decode(path.read_bytes(), type=PageFile)
    return PageFile(_page_mm(page.size_mm if min(page.size_mm) > 0 else _A4_MM))


def _provenance(request: Assemble, readers: str) -> dict[str, str]:
    settings = {key: value for key, value in request.settings.items() if key not in ("engine", "reader")}
    return {
        "Engine": request.settings.get("engine", ""),
        "Reader": readers or request.settings.get("reader", ""),
        "Settings": "; ".join(f"{key}={value}" for key, value in sorted(settings.items())),
        "SourceSHA256": request.source_sha256,
        "UnreadPages": ", ".join(str(page.number) for page in request.pages if page.status == "failed"),
        "KeptTextPages": ", ".join(str(page.number) for page in request.pages if page.status == "had_text"),
    }


def extract(request: Extract) -> Extraction:
    """Find the template and its fields. Raises SohoaError as `ocr.fields.extract.extract` does."""
    return extract_fields(request.pages, partial(_archive_image, Path(request.work)), request.templates)


def _archive_image(work: Path, number: int) -> NDArray[np.uint8] | None:
    """The page as delivered, H×W×3 RGB; None when it never became an image."""
    path = work / f"{_name(number)}.json"
    image = msgspec.json.decode(path.read_bytes(), type=PageFile).image if path.is_file() else None
    return cv2.imread(str(work / image), cv2.IMREAD_COLOR_RGB) if image else None  # type: ignore[return-value]


def _in_points(seen: tuple[ReadWord, ...], prepared: PreparedPage, size: tuple[float, float]) -> list[Word]:
    """Words of the reading image, in points of the page of `size` millimetres; a word is NFC and never empty."""
    height, width = prepared.reading.shape
    across, down = size[0] * _POINTS_PER_MM / width, size[1] * _POINTS_PER_MM / height
    words = []
    for word in seen:
        x0, y0, x1, y1 = word.box
        box = (round(x0 * across, 2), round(y0 * down, 2), round(x1 * across, 2), round(y1 * down, 2))
        if text := normalize("NFC", word.text).strip():
            words.append(Word(text, box, round(word.confidence, 4), word.line, word.raw))
    return words


def _mean_confidence(words: tuple[Word, ...]) -> float:
    letters = sum(len(word.text) for word in words)
    return round(sum(word.confidence * len(word.text) for word in words) / letters, 4) if letters else 0.0


def _note(request: ReadPage, file: PageFile) -> None:
    path = Path(request.work) / f"{_name(request.number)}.json"
    unfinished = path.with_suffix(".json.tmp")
    unfinished.write_bytes(msgspec.json.encode(file))
    unfinished.replace(path)


def _name(number: int) -> str:
    return f"{number:06d}"


def _mm(points: tuple[float, float]) -> tuple[float, float]:
    return (points[0] / _POINTS_PER_MM, points[1] / _POINTS_PER_MM)


def _page_mm(size: tuple[float, float]) -> tuple[float, float]:
    """The size to deliver: rounded to what paper and PDF can tell, and scaled down where no PDF/A page may be so large."""
    scale = min(1.0, _LARGEST_MM / max(size))
    return (round(size[0] * scale, 3), round(size[1] * scale, 3))
