"""The words of a document that tell what it is, and the certification statement (lời chứng) in them.

NĐ 23/2015/NĐ-CP Điều 12, 13, 20. The words come from the text of the first and the last page. Real statements differ in
spacing, dashes and capitals, so they are compared without tone marks; what is reported is only numbers and dates.
"""

import re
import unicodedata
from datetime import date

import pypdfium2
from msgspec import Struct

from verification.model import DocumentClass

_COPY = re.compile(r"CHUNG THUC BAN SAO|BAN SAO\s*(?:NAY)?\s*DUNG VOI BAN CHINH")
_SIGNATURE = re.compile(r"CHUNG THUC CHU KY|SCT\s*[/-]?\s*CK")
_REGISTER = re.compile(r"BAN SAO\s.{0,60}SO GOC|CAP BAN SAO TU SO GOC|DUOC CAP TU SO GOC")
_TRUE_COPY = re.compile(r"(?:^|\n)\s*(?:SAO Y|SAO LUC|TRICH SAO)\b")
_ADMINISTRATIVE = re.compile(r"CONG HOA XA HOI CHU NGHIA VIET NAM")
_SIGN_NUMBER = re.compile(r"\bSO\s*:?\s*\d{1,6}\s*/\s*(?:\d{4}\s*/\s*)?[A-Z]{1,8}\s*-\s*[A-Z]")
_NUMBER = re.compile(r"SO CHUNG THUC\s*[:.]*\s*(\d{1,7}(?:/\d{4})?)")
_BOOK = re.compile(r"QUYEN SO\s*[:.]*\s*(\d{1,4}(?:\s*/\s*\d{4})?)")
_DATE = re.compile(r"NGAY\s+(\d{1,2})\s+THANG\s+(\d{1,2})\s+NAM\s+(\d{4})")
_PAGES = re.compile(r"GOM\s*(?:CO)?\s*:?\s*(\d{1,4})\s*TRANG([^\n.]{0,40})")
_MOST_TEXT = 20_000


class Statement(Struct, frozen=True):
    """What the statement says. `own_page` when it says that its own page is not counted among `pages_stated`."""

    number: str | None
    book: str | None
    day: date | None
    pages_stated: int | None
    own_page: bool
    on_last_page: bool


class Words(Struct, frozen=True):
    """The kind of document its words make it, its statement if it has one; `readable` is False without any text.

    `issued`: it bears an agency's number and sign (số, ký hiệu; NĐ 30/2020/NĐ-CP, Phụ lục I, Phần II.I.3), so an agency issued it.
    """

    document_class: DocumentClass
    statement: Statement | None
    readable: bool
    issued: bool = False


def read_words(data: bytes, signed: bool) -> Words:
    """Look at the first and the last page. `signed` tells a scan of a certified copy from an electronic one."""
    pages = _page_texts(data)
    if not any(text.strip() for text in pages):
        return Words("other", None, False)
    first, last = pages[0], pages[-1]
    everything = "\n".join(dict.fromkeys(pages))
    if _SIGNATURE.search(everything):
        return Words("certified_signature", None, True)
    if _COPY.search(everything):
        on_last = bool(_COPY.search(last))
        statement = _statement(last if on_last else everything, on_last)
        return Words("certified_copy" if signed else "scan_of_certified_copy", statement, True)
    if _REGISTER.search(everything):
        return Words("copy_from_register", None, True)
    if _TRUE_COPY.search(first):
        return Words("sao_y", None, True)
    administrative = bool(_ADMINISTRATIVE.search(first))
    return Words("administrative" if administrative else "other", None, True, administrative and bool(_SIGN_NUMBER.search(first)))


def folded(text: str) -> str:
    """Capital letters without tone marks, runs of spaces made one."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^\S\n]+", " ", bare.upper().replace("\r", "\n"))


def _page_texts(data: bytes) -> list[str]:
    try:
        document = pypdfium2.PdfDocument(data)
        try:
            numbers = sorted({0, len(document) - 1})
            return [_text(document, number) for number in numbers] or [""]
        finally:
            document.close()
    except (pypdfium2.PdfiumError, ValueError, IndexError, UnicodeError):
        return [""]


def _text(document: pypdfium2.PdfDocument, number: int) -> str:
    page = document[number]
    words = page.get_textpage()
    try:
        return folded(str(words.get_text_bounded())[:_MOST_TEXT])
    finally:
        words.close()
        page.close()


def _statement(text: str, on_last_page: bool) -> Statement:
    start = _COPY.search(text)
    after = text[start.start() :] if start else text
    number, book, day, pages = _NUMBER.search(text), _BOOK.search(text), _DATE.search(after), _PAGES.search(after)
    return Statement(
        number=number[1] if number else None,
        book=re.sub(r"\s", "", book[1]) if book else None,
        day=_day(day),
        pages_stated=int(pages[1]) if pages else None,
        own_page=bool(pages and "KHONG KE" in pages[2]),
        on_last_page=on_last_page,
    )


def _day(found: re.Match[str] | None) -> date | None:
    if not found:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
