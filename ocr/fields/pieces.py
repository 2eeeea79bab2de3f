"""Words cut into pieces: at leaders, at colons, and where a reader glued two words of a form together."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from ocr.fields.box_signs import BRACKETS, EMPTY_GLYPHS, TICKED_GLYPHS
from ocr.model import Box, Word

_RUN = r"[.…‥·]{2,}|…|_{3,}|-{3,}"  # two dots never stand inside a value, nor do three dashes
_GLYPHS = "".join(sorted(TICKED_GLYPHS | EMPTY_GLYPHS))
_GLYPH = re.compile(f"[{_GLYPHS}]")
_PIECE = re.compile(
    rf"(?P<leader>{_RUN})|(?P<glyph>[{_GLYPHS}])|(?P<text>(?:(?!{_RUN}|[{_GLYPHS}]).)+)",
)
_COLON_INSIDE = re.compile(r"(?<=[^\W\d_][:])(?!(?<=^[A-Z]:)\d)(?=\S)|(?<=[)¹²³⁴⁵⁶⁷⁸⁹.\]][:])(?=\S)|(?<=^:)(?=\w)")
_NEXT_LABEL = re.compile(r"(?<=[\w)]\.)(?=[^\W\d_]+:)")
_OPENING = re.compile(r"(?<=[^\s(])(?=\((?:[^\W\d]|\d+\)))")
_COUNTER_GLUED = re.compile(r"(?<=^STT)(?=[A-ZĐ])")  # "STTHọ" in a table's heading
_OPENED, _CLOSED = r"[\[({|jlIịỊ]", r"[\])}|jJlIịỊ!]"  # a bracket before and behind a number, or what it is read as
_BEFORE = r"[\[({|jlIịỊGCOQ]"  # a bracket twice, or a check box
_NUMBER_GLUED = re.compile(  # "(02lLần", "(o2lLần"
    rf"(?<=^{_OPENED}[\doO]\d{_CLOSED})(?=[^\W\d_])|(?<=^{_BEFORE}{_OPENED}[\doO]\d{_CLOSED})(?=[^\W\d_])"
)
_NUMBER_MISREAD = re.compile(rf"^{_BEFORE}?{_OPENED}([\doO]\d){_CLOSED}$")
_BOX_GLUED = re.compile(r"(?<=^\d)(?=[CGOQDUL]Số$)|(?<=^\d[CGOQDUL])(?=Số$)")  # "1☐Số 2", its box read as a letter
_CHOICE = r"(?=(?:[Cc]ó|[Kk]hông|[Ss][ốổõỗồ])$)"
_CHOICE_GLUED = re.compile(
    rf"(?<=^[^\W\d_]){_CHOICE}|(?<=^[^\W\d_]{{2}}){_CHOICE}|(?<=^[^\W\d_]{{3}}){_CHOICE}"
)  # "DXÌKhông": its box before
_OTHER_LANGUAGE = re.compile(  # "tộc/Ethnic": a label's English half, set against its slash
    r"(?<=[^\W\d_])(?=/(?:Sex|Gend|Nation|Resid|Perman|Temp|Current|Pla|Date|Year|Full|Ethn|Iden|lden|Person|Addr|Phone|Tele|Purp|Marit"
    r"|Fath|Moth|Relat|Issu|Occup|Appl))"
)
_DATE_GLUED = re.compile(r"(?<=[^\W\d_],)(?=(?:ngày|tháng|năm)$)")  # "Vĩnh Mỹ,ngày 25"
_GLUED = (_NUMBER_GLUED, _BOX_GLUED, _COUNTER_GLUED, _OTHER_LANGUAGE, _DATE_GLUED, _CHOICE_GLUED)
_CUTS = (_COLON_INSIDE, _OPENING, _NEXT_LABEL, *_GLUED)
_COUNT_GLUED = re.compile(r"^\(?(?:\d{1,2}|[tzliI1][oz\d]?(?=/))[.)/]{1,2}(?=[^\W\d_]{2})")  # "15/Tên" at the head of a row, "t/Họ" for 1
_LEADER_ONLY = re.compile(r"^[.…_‥·,\-–—~'`\"]+$")
# Widths in a book face, measured against its average letter.
_WIDTHS = {**dict.fromkeys(".,:;·'|!ijl", 0.55), **dict.fromkeys("ftrI()[]-/ ", 0.7), **dict.fromkeys("mwMWĐOQG", 1.5), "…": 2.0}


@lru_cache(maxsize=8192)
def _is_whole(text: str) -> bool:
    """True for a word that nothing in it parts; a page says most of its words again, and is laid out twice."""
    plain = not any(sign in text for sign in (":", "(", "[", "..", "…", "_", "---"))
    return plain and not any(pattern.search(text) for pattern in (_GLYPH, *_GLUED))


def _count_glued(text: str) -> re.Match[str] | None:
    counted = _COUNT_GLUED.match(text)
    return counted if counted and text[counted.end()].isupper() else None


def cut_up(word: Word, opens_row: bool = False) -> Iterator[tuple[str, Box, bool]]:
    """The pieces of a word: (text, box, is a leader). Boxes of pieces are shares of the word's width by the usual widths of letters."""
    text = word.text.strip()
    if len(text) > 1 and _LEADER_ONLY.match(text) and not text.strip(".…_‥·,"):
        yield text, word.box, True
        return
    counted = _count_glued(text) if opens_row else None
    if counted is None and _is_whole(text):
        yield text, word.box, False
        return
    x0, y0, x1, y1 = word.box
    ends = list(accumulate((_WIDTHS.get(letter, 1.0) for letter in text), initial=0.0))
    edge = [x0 + (x1 - x0) * end / ends[-1] for end in ends]
    for piece in _PIECE.finditer(text):
        start, end = piece.span()
        if piece["leader"]:
            yield piece[0], (edge[start], y0, edge[end], y1), True
            continue
        at = start
        cuts = [start + cut.start() for pattern in _CUTS for cut in pattern.finditer(piece[0])] if piece["text"] else []
        cuts += [start + border for sign in BRACKETS.finditer(piece[0]) for border in sign.span()] if piece["text"] else []
        cuts += [counted.end()] if counted and start < counted.end() < end else []
        for cut in [*sorted(set(cuts)), end]:
            part = text[at:cut]
            if part.strip():
                part = _NUMBER_MISREAD.sub(r"[\1]", part) if cut < end else part
                yield part, (edge[at], y0, edge[cut], y1), False
            at = cut
