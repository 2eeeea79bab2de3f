"""Which form is this? Its printed title decides, and only when it is exactly that title.

Reading errors are forgiven letter by letter, never word by word: "TỜ KHAI ĐĂNG KÝ LẠI KHAI SINH" holds every word of
"TỜ KHAI ĐĂNG KÝ KHAI SINH" and is another form. A title that is close to none, or that goes on in a line
above or below, is unknown.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from statistics import median

from rapidfuzz.distance import Levenshtein

from ocr.fields.folding import fold
from ocr.fields.heads import is_administrative
from ocr.fields.layout import Layout, Row, Token, union
from ocr.fields.templates import Template

# What every form prints above its title and what may therefore stand there without being part of it.
_HEADS = (
    "cong hoa xa hoi chu nghia viet nam",
    "doc lap tu do hanh phuc",
    "socialist republic of viet nam",
    "independence freedom happiness",
    "citizen identity card",
    "identity card",
)
_FOLDED_HEADS = tuple(fold(head) for head in _HEADS)
_AGENCIES = ("uybannhandan", "ubnd", "hoidongnhandan", "congan", "sotuphap", "phongtuphap")  # who issues a paper may stand under its title
_WORD_GAP = 0.6  # heights
_ALIKE = 0.6  # of the height of a line of marked capitals ("CẤP PHIẾU"): one of plain ones ("TỜ KHAI") in the same size
_FORM_WORDS = ("tokhai", "don", "giay", "phieu", "trichluc", "bansao", "banchinh")


def templates_of(layout: Layout, templates: Sequence[Template]) -> tuple[Template, ...]:
    """All versions of the one form whose title this document carries; empty when it is unknown."""
    for at in ("top", "anywhere", "none"):
        group = [template for template in templates if template.title_at == at and _proved(layout, template)]
        slugs = [template.slug for template in group] if at == "none" else _slugs_by_title(layout, group, whole_document=at == "anywhere")
        if slugs:
            return tuple(template for template in group if template.slug == slugs[0])
    return ()


def _slugs_by_title(layout: Layout, templates: Sequence[Template], *, whole_document: bool) -> list[str]:
    titles = {(fold(title), template.slug) for template in templates for title in template.titles}
    hits: list[tuple[int, int, str]] = []
    for order, candidate in enumerate(_title_candidates(layout, whole_document)):
        for title, slug in titles:
            distance = _letters_misread(candidate, title)
            if distance is not None:
                hits.append((distance, order, slug))
    return [slug for _, _, slug in sorted(hits)]


def _letters_misread(read: str, title: str) -> int | None:
    """How many letters differ when only single letters do; None when a whole word is more, less or another.

    One letter in ten may be misread, at most two beside each other: the shortest word that makes another form of a title ("LẠI") has three.
    """
    allowed = max(1, len(title) // 10)
    if abs(len(read) - len(title)) > allowed or Levenshtein.distance(read, title, score_cutoff=allowed) > allowed:
        return None
    places = [edit.dest_pos for edit in Levenshtein.editops(read, title)]
    run = 1
    for before, after in itertools.pairwise(places):
        run = run + 1 if after - before <= 1 else 1
        if run > 2:
            return None
    return len(places)


def _proved(layout: Layout, template: Template) -> bool:
    """True when every `proof` of the template stands somewhere on the paper: folded words (one of several, parted by |), or ~
    and a regular expression; or when it is laid out as such papers are."""
    if not template.proof or (template.layout == "administrative" and is_administrative(layout, template)):
        return True
    text = "".join(token.fold for token in layout.tokens)
    printed = " ".join(token.text for token in layout.tokens)
    return all(
        bool(re.search(proof[1:], printed)) if proof.startswith("~") else any(fold(choice) in text for choice in proof.split("|"))
        for proof in template.proof
    )


def _title_candidates(layout: Layout, whole_document: bool) -> Iterator[str]:
    """Folded texts that could be a whole title: blocks of one to three neighbouring capital lines, nothing left over."""
    first = layout.rows[0].page if layout.rows else 0
    for page in [page.number for page in layout.pages] if whole_document else [first]:
        rows = [row for row in layout.rows if row.page == page]
        if not whole_document:
            rows = rows[: max(14, len(rows) // 2)]
        blocks = [cells for row in rows for cells in _cells(row) if not _is_answer(row, cells)]
        yield from _blocks(blocks)


def _cells(row: Row) -> list[tuple[Token, ...]]:
    """The row cut at gaps, and at smaller gaps where capitals begin or end: a stamp beside the title is not part of it."""
    cells: list[list[Token]] = []
    for token in row.tokens:
        before = cells[-1][-1] if cells else None
        if before is None or token.leader_before or _apart(before, token, row.height):
            cells.append([])
        cells[-1].append(token)
    return [tuple(cell) for cell in cells]


def _is_answer(row: Row, cell: Sequence[Token]) -> bool:
    """True for what stands behind a colon: an answer in capitals right under the title is none of its lines, nor is the end of one
    ("quyển số: 21/2020 SCT/BS")."""
    at = next(number for number, token in enumerate(row.tokens) if token is cell[0])
    while at and not row.tokens[at - 1].colon and row.tokens[at].box[0] - row.tokens[at - 1].box[2] < _WORD_GAP * row.height:
        at -= 1
    return (at > 0 and row.tokens[at - 1].colon) or any(token.colon for token in cell[:-1])


def _apart(before: Token, token: Token, height: float) -> bool:
    """True when two neighbours belong to different texts: far away, of another size, or capitals beside ordinary writing."""
    gap = token.box[0] - before.box[2]
    if token.text.isupper() and token.fold.isalpha() and 2 * sum(letter.isdigit() for letter in before.fold) > len(before.fold):
        return True  # a stamp's date beside the title, a slash perhaps read as a letter
    tall = (token.box[3] - token.box[1]) / max(1.0, before.box[3] - before.box[1])
    if not 0.7 < tall < 1.45:
        return True
    if before.text.isupper() and token.text.isupper():
        return gap > 2.5 * height
    return gap > (0.6 if token.text.isupper() != before.text.isupper() else 1.4) * height


def _blocks(cells: Sequence[tuple[Token, ...]]) -> Iterator[str]:
    """Blocks of capital cells that stand close below each other. A block is a title only as a whole."""
    capital = [cell for cell in cells if _is_capital(cell) and not _is_head(cell)]
    used: set[int] = set()
    for position, cell in enumerate(capital):
        if position in used:
            continue
        block = [cell]
        for later in range(position + 1, len(capital)):
            if later not in used and _below(block[-1], capital[later]):
                block.append(capital[later])
                used.add(later)
        yield from _without_agency(["".join(token.fold for token in part) for part in block])


def _without_agency(lines: list[str]) -> Iterator[str]:
    """The block as a whole; an agency's name printed above or below the title is not part of it, a form word above it is."""
    yield "".join(lines)
    below = next((at for at, line in enumerate(lines) if at and line.startswith(_AGENCIES)), None)
    if below is not None:
        yield "".join(lines[:below])
    for cut in range(1, len(lines)):
        if any(line.startswith(_FORM_WORDS) for line in lines[:cut]):
            return
        yield "".join(lines[cut:])


def _is_capital(cell: Sequence[Token]) -> bool:
    letters = [letter for token in cell for letter in token.text if letter.isalpha()]
    if sum(letter.isdigit() for token in cell for letter in token.text) > len(letters):
        return False  # "SỐ 271565850" right under a card's title
    return len(letters) >= 2 and sum(letter.isupper() for letter in letters) >= 0.8 * len(letters)


def _is_head(cell: Sequence[Token]) -> bool:
    text = "".join(token.fold for token in cell)
    return any(Levenshtein.normalized_similarity(text, head) > 0.8 for head in _FOLDED_HEADS)


def _below(upper: Sequence[Token], lower: Sequence[Token]) -> bool:
    above, under = union([token.box for token in upper]), union([token.box for token in lower])
    # Of the words: readers find a part of a line a little higher than the rest, and the box of all is higher than any of its words.
    tall, lower_tall = (median(token.box[3] - token.box[1] for token in cell) for cell in (upper, lower))
    height = max(tall, lower_tall)
    shared = min(above[2], under[2]) - max(above[0], under[0])
    if not _ALIKE < lower_tall / max(1.0, tall) < 1 / _ALIKE:
        return False
    return under[1] > above[1] and under[1] - above[3] < 0.9 * height and shared > 0.3 * min(above[2] - above[0], under[2] - under[0])
