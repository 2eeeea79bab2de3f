"""A filled form: its words, the template it follows, where its labels stand, and its pictures."""

from msgspec import Struct, field

from ocr.fields.labels import Alignment
from ocr.fields.layout import Layout
from ocr.fields.pictures import Pictures
from ocr.fields.templates import Template
from ocr.model import Box, Source


class Filled(Struct, frozen=True):
    """What everyone who looks for a value on a paper needs. `words` are the boxes of each page's words in points, `source` says how
    they came to be known. `spent` are the tokens that tables, check boxes and columns have used so far: nobody else's value."""

    layout: Layout
    template: Template
    alignment: Alignment
    pictures: Pictures
    words: dict[int, list[Box]]
    source: dict[int, Source]
    spent: set[int] = field(default_factory=set)


def filled(layout: Layout, template: Template, alignment: Alignment, pictures: Pictures) -> Filled:
    """The form as found, nothing of it used yet."""
    return Filled(
        layout,
        template,
        alignment,
        pictures,
        {page.number: [word.box for word in page.words] for page in layout.pages},
        {page.number: "pdf_text" if page.status == "had_text" else "print" for page in layout.pages},
    )
