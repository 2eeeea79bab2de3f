"""The numbers of pages, which belong to no question of a form: "- 2 -", "Trang 1/2"."""

import re

_PAGE_NUMBER = re.compile(r"(?:[-–—]\s*\d{1,3}\s*[-–—]|(?:trang|page)\s*\d{1,3}(?:\s*/\s*\d{1,3})?)", re.IGNORECASE)


def is_page_number(row: str) -> bool:
    """True for a row's text that is nothing but its page's number. A figure alone may count a table's row."""
    return _PAGE_NUMBER.fullmatch(row.strip()) is not None
