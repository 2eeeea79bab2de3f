"""The units of reading work that run in a killable child. Importing this module loads no parser.

A document is read in four steps: `INSPECT` once, `READ_PAGE` for every page (pages of one document may be spread
over several children), `ASSEMBLE` and `EXTRACT` once.
"""

from typing import Literal

from msgspec import Struct

from ocr.model import Box, Extraction, Page
from sohoa.child import Task
from sohoa.messages import Message

Size = Literal["archive", "small"]
Archive = Literal["keep", "render"]


class Inspect(Struct, frozen=True):
    """What is in this file? `path` is the stored upload, `media_type` what intake found by content."""

    path: str
    media_type: str


class Inspection(Struct, frozen=True):
    """`pages` counts pages (PDF) or frames (TIFF, HEIC). `born_digital` when every page has good text of its own."""

    pages: int
    born_digital: bool
    pdf_a: str | None = None
    title: str | None = None


class ReadPage(Struct, frozen=True):
    """Read page `number` (from 1) of `path`; what `ASSEMBLE` needs later is written into `work`.

    `size` decides about the picture that is delivered: "archive" keeps what the upload has, "small" makes it about a
    third of a usual scan. `ASSEMBLE` takes what it finds, so a document is small when its pages were read so.
    """

    path: str
    media_type: str
    number: int
    work: str
    reader: str = "default"
    size: Size = "archive"


class Assemble(Struct, frozen=True):
    """Write the searchable PDF/A of `pages`, whose images lie in `work`, to `out`.

    `source_sha256` gives the file identifiers (no clock in the file: same upload, same bytes out). `title` goes into
    XMP and Info alike. `source` is the upload's path when it is born digital and is to be delivered unchanged
    (`Inspection.born_digital`, and nobody asked for `--archive render`); None builds every page anew. `settings` go
    into the provenance of the file, where "engine" has a property of its own; the reader's name and version are known
    from the work folder.
    """

    work: str
    pages: tuple[Page, ...]
    out: str
    source_sha256: str
    title: str
    settings: dict[str, str]
    source: str | None = None


class Assembled(Struct, frozen=True):
    """`profile` is "PDF/A-2b"; of an upload delivered unchanged what it claims to be, or None, and the reason.

    `size` is "small" when the picture of at least one page was reduced.
    """

    profile: str | None
    reason_code: str | None = None
    size: Size = "archive"


class Extract(Struct, frozen=True):
    """Find the template and its fields in the words of `pages`. `work` holds the page images for crops, boxes and codes.

    `crops` is the folder that gets the pictures of fields that wait for review, as `ocr.fields.crops.cut_crops` names them; None
    for none.
    """

    path: str
    media_type: str
    work: str
    pages: tuple[Page, ...]
    templates: str | None = None
    crops: str | None = None


class CheckPhoto(Struct, frozen=True):
    """Are the pages of this picture or scan good enough to be read? For the person who still holds the paper.

    `pictures` asks for a small picture of each page with the doubtful places marked; at most `most_pages` are looked at.
    """

    path: str
    media_type: str
    pictures: bool = False
    most_pages: int = 1000


class PhotoChecked(Struct, frozen=True):
    """Per page what to do better, the worst first; an empty tuple for a page that can be read.

    `pictures` are JPEGs, one for each page looked at, when they were asked for; `count` is how many pages the file has.
    """

    pages: tuple[tuple[Message, ...], ...]
    pictures: tuple[bytes, ...] = ()
    count: int = 0


class ReadInPlace(Struct, frozen=True):
    """Read page `number` (from 1) of the PDF at `path` for somebody who adds to that file and does not rewrite it."""

    path: str
    number: int
    reader: str = "default"


class WordInPlace(Struct, frozen=True):
    """A word and its box in points from the top left of the page as the file shows it."""

    text: str
    box: Box


class InPlace(Struct, frozen=True):
    """The words of a page; `turn` are the clockwise degrees by which it would have to be turned to be read, and then it has none."""

    turn: int
    words: tuple[WordInPlace, ...] = ()


INSPECT = Task("ocr.work:inspect", Inspect, Inspection)
READ_PAGE = Task("ocr.work:read_page", ReadPage, Page)
ASSEMBLE = Task("ocr.work:assemble", Assemble, Assembled)
EXTRACT = Task("ocr.work:extract", Extract, Extraction)
CHECK_PHOTO = Task("ocr.pages.check:check_file", CheckPhoto, PhotoChecked)
READ_IN_PLACE = Task("ocr.in_place:read_in_place", ReadInPlace, InPlace)
