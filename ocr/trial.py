"""Trying a template on a sample: what it finds there, and a picture that shows it. Runs in a killable child."""

from functools import partial
from pathlib import Path

from msgspec import Struct

from ocr.model import Extraction, Page
from ocr.tasks import Extract
from sohoa.child import Task


class Try(Struct, frozen=True):
    """Extract the fields of `pages`, read into `work`, with the templates in the folder `templates`, and draw them into `out`.

    The other facts are those of `ocr.tasks.Extract`. `out` ends in .png for one page or .pdf.
    """

    path: str
    media_type: str
    work: str
    pages: tuple[Page, ...]
    templates: str
    out: str


class Tried(Struct, frozen=True):
    """What was found, and the title that is printed on each page, None where there is none."""

    extraction: Extraction
    titles: tuple[str | None, ...]


TRY = Task("ocr.trial:try_template", Try, Tried)

_DPI = 150


def try_template(request: Try) -> Tried:
    """Raises SohoaError and UsageError as `ocr.fields.extract.extract` does."""
    from numpy import asarray
    from PIL import Image

    from ocr.export.title import printed_title
    from ocr.fields.show import draw
    from ocr.work import as_delivered, extract

    asked = Extract(request.path, request.media_type, request.work, request.pages, request.templates)
    extraction = extract(asked)
    pictures = []
    for page, picture in zip(request.pages, map(partial(as_delivered, asked), (page.number for page in request.pages)), strict=True):
        if picture is None:
            continue
        shown = Image.fromarray(picture)
        width, height = (max(1, round(side / 25.4 * _DPI)) for side in page.size_mm)
        if width < shown.width:
            shown = shown.resize((width, height), Image.Resampling.LANCZOS)
        pictures.append(Image.fromarray(draw(asarray(shown), extraction, page.size_mm, page.number)))
    if pictures:
        first, *others = pictures
        if Path(request.out).suffix == ".pdf":
            first.save(request.out, save_all=True, append_images=others, resolution=_DPI)
        else:
            first.save(request.out, dpi=(_DPI, _DPI))
    return Tried(extraction, tuple(printed_title(page) for page in request.pages))
