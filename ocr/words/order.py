"""In which order a Vietnamese office reads a page.

Rows go from top to bottom and within a row from left to right, which is right for letters, for forms whose fields
stand side by side and for tables. Two places are columns instead: the head, where the agency stands left and the
national motto right, and the foot, where the recipients stand left and the signature right (Nghị định
30/2020/NĐ-CP, Phụ lục I, Mục IV). They are known by their words, because a table has the same geometry.
"""

import re
import unicodedata
from collections.abc import Sequence

from ocr.words.detect import Line

Row = tuple[int, ...]

_MOTTO = re.compile(r"CONGHOAXA|XAHOICHUNGH|NGHIAVIETNAM|DOCLAPTUDO|LAPTUDOHANH")
_RECIPIENTS = re.compile(r"NOINHAN")
_SIGNS_FOR = re.compile(r"(TM|KT|TL|TUQ|Q)\.")
_HEAD_ROWS = 9
_SAME_ROW = 0.5  # of the lower line's height


def reading_order(lines: Sequence[Line], texts: Sequence[str]) -> tuple[Row, ...]:
    """Indices of `lines`, row by row; `texts` are what the lines say (rough readings will do)."""
    rows = _rows(lines)
    plain = [_plain(text) for text in texts]
    ordered: list[Row] = []
    at = 0
    while at < len(rows):
        columns = _columns(lines, plain, rows[at:])
        if columns is None:
            ordered.append(rows[at])
            at += 1
            continue
        used, left, right = columns
        ordered += left + right
        at += used
    return tuple(ordered)


def _rows(lines: Sequence[Line]) -> list[Row]:
    rows: list[list[int]] = []
    for i in sorted(range(len(lines)), key=lambda i: (lines[i].y0 + lines[i].y1, lines[i].x0)):
        for row in reversed(rows[-4:]):
            if all(_beside(lines[i], lines[j]) for j in row):
                row.append(i)
                break
        else:
            rows.append([i])
    rows.sort(key=lambda row: sum(lines[i].y0 + lines[i].y1 for i in row) / len(row))
    return [tuple(sorted(row, key=lambda i: lines[i].x0)) for row in rows]


def _beside(a: Line, b: Line) -> bool:
    shared = min(a.y1, b.y1) - max(a.y0, b.y0)
    apart = max(a.x0, b.x0) - min(a.x1, b.x1)
    lower = min(a.height, b.height)
    return shared > _SAME_ROW * lower and apart > -lower


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.upper().replace("Đ", "D"))
    return "".join(c for c in letters if c.isascii() and not c.isspace())


def _columns(lines: Sequence[Line], plain: Sequence[str], rows: Sequence[Row]) -> tuple[int, list[Row], list[Row]] | None:
    """(rows used, left rows, right rows) when the first row opens a head or a foot of two columns."""
    edges = _edges(lines, plain, rows)
    if edges is None:
        return None
    leftmost, rightmost, limit = edges
    left: list[Row] = []
    right: list[Row] = []
    used = 0
    for row in rows[:limit]:
        sides: tuple[list[int], list[int]] = [], []
        for i in row:
            line = lines[i]
            if line.x1 <= rightmost and (line.x0 < leftmost or line.x1 - leftmost < rightmost - line.x0):
                sides[0].append(i)
            elif line.x0 >= leftmost:
                sides[1].append(i)
            else:
                break
        else:
            leftmost = max([leftmost, *(lines[i].x1 for i in sides[0])])
            rightmost = min([rightmost, *(lines[i].x0 for i in sides[1])])
            left += [tuple(sides[0])] if sides[0] else []
            right += [tuple(sides[1])] if sides[1] else []
            used += 1
            continue
        break
    return (used, left, right) if left and right else None


def _edges(lines: Sequence[Line], plain: Sequence[str], rows: Sequence[Row]) -> tuple[float, float, int] | None:
    """(right edge of the left column, left edge of the right column, how many rows at most), as far as the cue tells."""
    nearby = [i for row in rows[:2] for i in row]
    for i in rows[0]:
        if _RECIPIENTS.match(plain[i]) or (_SIGNS_FOR.match(plain[i]) and any(lines[j].x0 > lines[i].x1 for j in rows[0])):
            return lines[i].x1, max(line.x1 for line in lines), len(rows)
    for i in nearby:
        if _MOTTO.search(plain[i]) and any(lines[j].x1 < lines[i].x0 for j in nearby):
            return min(line.x0 for line in lines), lines[i].x0, _HEAD_ROWS
    return None
