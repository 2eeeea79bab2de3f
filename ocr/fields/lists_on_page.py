"""Numbered lists under a heading ("(1) …", "1 - …"): one entry per number, with the rows it runs over."""

import re

from msgspec.structs import replace

from ocr.fields.layout import Layout, Row, Token
from ocr.fields.page_numbers import is_page_number

_ITEM = re.compile(r"^(?:\(\d{1,2}\)|\d{1,2}[.,)/\-–]?|[-–+•]\)?)$")
_UNREAD_NUMBER = re.compile(r"^(?:\(\W?\)|[Il|1i][.,)/]?$)")
_MISREAD_ITEM = re.compile(r"^\(?[A-Za-z|!]{1,2}[/)]")  # no abbreviation has a slash or a bracket there
_DOUBT = 0.5
_GLUED_ITEM = re.compile(r"^(?:\(\d{1,2}\)(?=\w)|(?:\d{1,2}[.)/]|[-–+•]?\)|[-–+•])(?=[^\W\d_]))")


def read_list(layout: Layout, start: int, end: int, stops: frozenset[int] = frozenset()) -> list[list[Token]]:
    """The tokens of every entry between token positions `start` and `end`, numbers left out; blank entries too.

    Rows in `stops` end the list.
    """
    items: list[list[Token]] = []
    marked = False
    signs = ""  # of the first entry's mark: "+" of "+ Bản vẽ", "()" of "(1)"
    first: list[list[Token]] = []  # rows before any number that could be read
    previous: Row | None = None
    for row in layout.rows:
        tokens = [token for token in row.tokens if start <= token.index < end]
        if not tokens:
            continue
        if row.tokens[0].row in stops:
            break
        if is_page_number(" ".join(token.text for token in row.tokens)):
            continue
        if len(tokens) > 1 and _ITEM.match(tokens[0].text + tokens[1].text) and not tokens[1].fold:
            tokens = [replace(tokens[0], text=tokens[0].text + tokens[1].text), *tokens[2:]]  # "(1 )"
        glued = _GLUED_ITEM.match(tokens[0].text)
        if glued and signs in ("", _signs(glued[0])):
            signs = _signs(glued[0])
            items += _begun(first, marked, tokens[0].text)
            tokens = [replace(tokens[0], text=tokens[0].text[glued.end() :]), *tokens[1:]]
            items.append([])
            marked = True
        elif _ITEM.match(tokens[0].text):
            items += _begun(first, marked, tokens[0].text)
            items.append([])
            marked = True
            signs = signs or _signs(tokens[0].text)
            tokens = tokens[1:]
            if tokens and tokens[0].text in ("-", "–", "."):
                tokens = tokens[1:]
        elif not items or (previous is not None and _apart(previous, row)) or _closed(items[-1]):
            if marked:
                break
            first.append(tokens)
            continue
        items[-1] += tokens
        previous = row
    if not items and sum(bool(_MISREAD_ITEM.match(row[0].text)) for row in first) > 1:
        items = _by_misread_numbers(first)
    return [_without_signs(item) for item in items]


def _apart(above: Row, row: Row) -> bool:
    """True for a row that goes on with no entry: it stands too far below, or begins anew on the next page."""
    if row.page != above.page:
        return not row.tokens[0].text[:1].islower()
    return row.box[1] - above.box[3] > 1.2 * row.height


def _without_signs(item: list[Token]) -> list[Token]:
    """Without signs at its end: the circle of a choice below the list, read as "@" or "O"."""
    end = len(item)
    while end and not item[end - 1].text.strip("@©®°●○•*#"):
        end -= 1
    return item[:end]


def _begun(first: list[list[Token]], marked: bool, number: str) -> list[list[Token]]:
    """The entries before the first number that was read, from the rows before it: their own numbers were unread or misread ("I" for "1.",
    "()", "z/" for "2/" of old-style figures). A person looks at those that only their marks part."""
    count = int(number.strip("(.)/-–,")) if number.strip("(.)/-–,").isdigit() else 0
    if marked or not first or count < 2:
        return []
    if count == 2:
        word = _UNREAD_NUMBER.sub("", _MISREAD_ITEM.sub("", first[0][0].text))
        return [[*([replace(first[0][0], text=word)] if word else []), *first[0][1:], *(token for row in first[1:] for token in row)]]
    return _by_misread_numbers(first)


def _by_misread_numbers(rows: list[list[Token]]) -> list[list[Token]]:
    """The entries of `rows` by what their numbers were read as; a person looks at them."""
    items: list[list[Token]] = []
    for row in rows:
        mark = _MISREAD_ITEM.match(row[0].text)
        if mark:
            rest = row[0].text[mark.end() :]
            items.append([*([replace(row[0], text=rest)] if rest else []), *row[1:]])
        elif items:
            items[-1] += row
    return [[replace(token, confidence=min(token.confidence, _DOUBT)) for token in item] for item in items]


def _signs(mark: str) -> str:
    return "+)" if mark == ")" else re.sub(r"\d", "", mark)  # a "+" is small and thin


def _closed(item: list[Token]) -> bool:
    return bool(item) and item[-1].leader_after
