"""Is this photo good enough? The answer for the person who still holds the paper (`sohoa check-photo`)."""

from ocr.pages import quality
from ocr.pages.decode import count_pages, decode
from ocr.pages.model import RawPage
from ocr.pages.prepare import laid_out
from ocr.tasks import CheckPhoto, PhotoChecked
from sohoa.messages import Message, message


def check_file(asked: CheckPhoto) -> PhotoChecked:
    """Every page of a file; raises what `decode` raises."""
    pages = range(1, count_pages(asked.path, asked.media_type) + 1)
    return PhotoChecked(tuple(check_photo(decode(asked.path, asked.media_type, number)) for number in pages))


def check_photo(raw: RawPage) -> tuple[Message, ...]:
    """What to do better, the worst first; empty when the picture can be read. At most one message per code."""
    layout = laid_out(raw)
    if quality.is_blank(layout.ink):
        return (message("page_blank"),)
    return quality.judged(raw, layout.picture, layout.found, layout.dpi)
