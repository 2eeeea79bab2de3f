"""Parts of a document that no label announces: they are known by where they stand.

The head of an administrative document (Decree 30/2020/NĐ-CP, Phụ lục I: agency at the left, place and date at the right, kind
and subject in the middle, office and name of the signer at the bottom right), and the certification statement at the
foot of a copy (Circular 01/2020/TT-BTP).
"""

import re
from collections.abc import Mapping, Sequence

from ocr.fields.columns import is_capital, is_office, is_title, person_name, without_hints, without_strokes
from ocr.fields.date_lines import date_lines
from ocr.fields.enumerators import DASHES
from ocr.fields.folding import fold
from ocr.fields.labels import Alignment
from ocr.fields.layout import Layout, Row, Token, row_gap, union
from ocr.fields.templates import Template

_SIGNS_BELOW = "nguoiky"  # a heading over the office
_AGENCIES = (
    "uyban", "ubnd", "so", "bo", "phong", "cuc", "chicuc", "tongcuc", "trungtam", "vanphong", "ban", "toaan", "congan",
    "truong", "hoidong", "vien",
    "chinhphu", "thutuong", "benhvien", "baohiem", "thanhtra", "kho", "dang", "huyenuy", "doan", "hoi", "vienkiemsat", "chinhanh", "quy",
)  # fmt: skip
_PLACES = ("tinh", "thanhpho", "huyen", "quan", "phuong", "xa", "thitran", "thixa", "dackhu")
_BODY_STARTS = ("cancu", "xet", "theo", "dieu", "kinhgui", "thuchien", "thamquyen", "capcho", "chutich", "giamdoc")

_HEAD = 90.0  # points: how far down the head of a document reaches below the state's name
_OFF_MIDDLE = 6.0  # points
_FAR = 1.8  # heights of a line between two of an agency's name, at most
_NUMBERED = re.compile(r"\d/|/\d")
_ABBREVIATED = re.compile(r"^[A-ZĐ]{2,3}$")
_APART = 1.2  # heights of a line between the subject's last and what is said below it

Parts = dict[str, list[Token]]


def read_head(layout: Layout, template: Template, alignment: Alignment) -> Mapping[str, Sequence[Token]]:
    """The tokens of every part found, by the names that templates use for them."""
    if any(entry.label == "loai_so" for entry in template.fields):
        return _certification(layout, template, alignment)
    return _administrative(layout, _kinds(template))


def is_administrative(layout: Layout, template: Template) -> bool:
    """True for a paper laid out as Decree 30/2020/NĐ-CP, Phụ lục I orders: a public body at the upper left beside the state's name,
    place and date under it, a kind of document or "V/v", and who signs. Receivers or a number may be missing yet."""
    if not layout.rows:
        return False
    nation = next((row for row in layout.rows if row.page == layout.rows[0].page and "conghoaxahoi" in _text(row.tokens)), None)
    dated = next(date_lines(layout), None)
    if nation is None or dated is None:
        return False
    parts, date = _administrative(layout, _kinds(template)), layout.tokens[dated[0]]
    headed = date.page == nation.page and 0 < date.box[1] - nation.box[1] < _HEAD and date.box[0] > nation.tokens[0].box[0]
    agency = parts.get("co_quan_ban_hanh", [])
    public = bool(agency) and _starts_group(agency) and abs(agency[0].box[1] - nation.box[1]) < _HEAD / 2
    return headed and public and all(parts.get(name) for name in ("dia_danh", "trich_yeu", "chuc_vu", "nguoi_ky"))


def _kinds(template: Template) -> frozenset[str]:
    return frozenset(fold(kind) for entry in template.fields if entry.name == "ten_loai" for kind in entry.choices)


def _certification(layout: Layout, template: Template, alignment: Alignment) -> Parts:
    parts: Parts = {}
    number = next((match for match in alignment.matches if template.fields[match.entry].name == "so_chung_thuc"), None)
    if number is None:
        return parts
    at = layout.tokens[number.start].row
    for first in range(at - 1, -1, -1):
        words = [token for token in layout.rows[first].tokens if token.fold]
        if "".join(token.fold for token in words).startswith("chungthuc"):
            parts["tieu_de"] = _with_further_lines(words, layout.rows[first + 1 : at])
            break
    for row, under in zip(layout.rows[at : at + 3], (*layout.rows[at + 1 : at + 4], None), strict=False):
        kind = next((position for position, token in enumerate(row.tokens) if token.fold.startswith("sct")), None)
        if kind is not None:
            parts["loai_so"] = list(row.tokens[kind:])
            if (
                under is not None
                and under.page == row.page
                and row.tokens[-1].text.endswith(",")
                and _ABBREVIATED.match(under.tokens[0].text)
            ):
                parts["loai_so"].append(under.tokens[0])  # "SCT/CK, ĐC" over the end of a line
            break
    places = {template.fields[match.entry].place: match for match in alignment.matches if match.start > number.start}
    above = places.get("anchor") or places.get("date_line")  # a stamp has no room for the hint: there the office follows the date
    below = [
        list(row.tokens)
        for row in layout.rows
        if above is not None and row.tokens[0].index >= above.end and row.page == layout.tokens[above.start].page
    ]
    below = without_strokes(without_hints(_in_one_column(below)))
    name = person_name([row for row in below if not is_capital(row)])
    titles = [row for row in below if is_capital(row) and row is not name]
    agency = [row for row in titles if (_starts_group(row) and not is_office(row)) or (row[0].fold in _PLACES and row is not titles[0])]
    office = next((at for at, row in enumerate(titles) if is_title(row)), 0)
    if agency and titles and titles[0] is agency[0]:
        # A notary's name in the office's goes on in a second line.
        agency = [row for at, row in enumerate(titles) if at < office or row in agency]
        parts["co_quan_chung_thuc"] = [token for row in agency for token in row]
        titles = [row for row in titles if row not in agency]
    elif (over := _over(layout, parts.get("tieu_de"))) is not None:
        parts["co_quan_chung_thuc"] = over
    if titles:
        parts["chuc_vu"] = [token for row in titles for token in row]
    if name:
        parts["nguoi_chung_thuc"] = name
    return parts


def _with_further_lines(title: list[Token], rows: Sequence[Row]) -> list[Token]:
    """A title with its lines in the `rows` below: capitals under it, set as tight as the lines of one text are."""
    whole = list(title)
    for row in rows:
        above = union([token.box for token in whole[-len(title) :]])
        own = [token for token in row.tokens if token.fold and token.box[0] < above[2] and token.box[2] > above[0]]
        if not own or not is_capital(own) or _starts_group(own) or row.page != whole[-1].page:
            break
        if own[0].box[1] - above[3] > _APART * row.height:
            break
        whole += own
    return whole


def _in_one_column(rows: Sequence[Sequence[Token]]) -> list[list[Token]]:
    """Rows without the cells of a stamp that stands beside them: what lies under the first row's words is one column."""
    column: list[float] = []
    kept: list[list[Token]] = []
    for row in rows:
        cells = _cells(row)
        own = (
            [cell for cell in cells if not column or (cell[0].box[0] < column[1] and cell[-1].box[2] > column[0])]
            if len(cells) > 1
            else cells
        )
        tokens = [token for cell in own for token in cell]
        if tokens:
            column = column or [tokens[0].box[0], tokens[-1].box[2]]
            column = [min(column[0], tokens[0].box[0]), max(column[1], tokens[-1].box[2])]
            kept.append(tokens)
    return kept


def _over(layout: Layout, title: Sequence[Token] | None) -> list[Token] | None:
    """The body named right above the title of a certification statement."""
    if not title or not title[0].row:
        return None
    row = layout.rows[title[0].row - 1]
    words = list(row.tokens)
    over = row.page == title[0].page and title[0].box[1] - row.box[3] < _APART * row.height
    return words if over and is_capital(words) and _starts_group(words) else None


def _administrative(layout: Layout, kinds: frozenset[str]) -> Parts:
    parts: Parts = {}
    rows = [row for row in layout.rows if row.page == layout.rows[0].page]
    nation = next((row for row in rows if "conghoaxahoi" in _text(row.tokens)), None)
    if nation is None:
        return parts
    motto = next(token for token in nation.tokens if token.fold.startswith("cong"))
    dated = next((taken for taken in date_lines(layout)), None)
    if dated is not None:
        first = layout.tokens[dated[0]]
        before = [token for token in layout.rows[first.row].tokens if token.index < first.index and token.box[0] > motto.box[0] - 80]
        parts["dia_danh"] = [token for token in before if token.fold]
    left = [[token for token in row.tokens if token.box[2] < motto.box[0]] for row in rows if row.box[1] < nation.box[3] + _HEAD]
    parts |= _agencies([line for line in left if line], kinds)
    bottom = layout.tokens[dated[-1]].box[3] if dated is not None else nation.box[3] + 60
    parts |= _subject(rows, motto, bottom, kinds)
    parts |= _signer(layout)
    return parts


def _is_numbered(line: Sequence[Token]) -> bool:
    """True for the line of the paper's number, also where of "Số:" only a letter was read."""
    titled = line[0].fold == "so" and len(line) > 1 and not line[0].text.isupper()
    return titled or line[0].colon or any(_NUMBERED.search(token.text) for token in line)


def _agencies(lines: list[list[Token]], kinds: frozenset[str]) -> Parts:
    groups: list[list[Token]] = []
    for number, line in enumerate(lines):
        if number and line[0].box[1] - lines[number - 1][0].box[3] > _FAR * (line[0].box[3] - line[0].box[1]):
            break
        if not is_capital(line) or _is_numbered(line) or _text(line) in kinds:
            break
        joins = groups and (line[0].fold in _PLACES or any(_text(line).startswith(place) for place in _PLACES) or not _starts_group(line))
        if joins:
            groups[-1] += line
        else:
            groups.append(list(line))
    if not groups:
        return {}
    parts: Parts = {"co_quan_ban_hanh": groups[-1]}
    if len(groups) > 1:
        parts["co_quan_chu_quan"] = [token for group in groups[:-1] for token in group]
    return parts


def _subject(rows: Sequence[Row], motto: Token, bottom: float, kinds: frozenset[str]) -> Parts:
    """ "V/v …" under the number at the left, or one of `kinds` in capitals with its subject below, in the middle."""
    parts: Parts = {}
    lines = [[token for token in row.tokens if token.box[2] < motto.box[0] + 20] for row in rows]
    for position, line in enumerate(lines):
        if line and line[0].fold in ("vv", "veviec") and rows[position].box[1] < bottom + 60:
            subject = [token for token in line[1:] if token.fold]
            previous = rows[position]
            for number in range(position + 1, len(lines)):
                if (
                    not lines[number]
                    or row_gap(previous, rows[number]) > 0.7 * previous.height
                    or _text(lines[number]).startswith("kinhgui")
                ):
                    break
                subject += lines[number]
                previous = rows[number]
            parts["trich_yeu"] = subject
            return parts
    for position, row in enumerate(rows):
        if row.box[1] > bottom - 4 and _text(row.tokens) in kinds:
            parts["ten_loai"] = list(row.tokens)
            subject, last = [], row
            for following in rows[position + 1 : position + 6]:
                apart = subject and row_gap(last, following) > _APART * last.height
                if (
                    apart
                    or (subject and _opens_a_paragraph(following, row))
                    or _text(following.tokens).startswith(_BODY_STARTS)
                    or following.tokens[0].text.startswith(("-", "Điều"))
                ):
                    break
                subject += list(following.tokens)
                last = following
            parts["trich_yeu"] = subject
            break
    return parts


def _opens_a_paragraph(row: Row, title: Row) -> bool:
    """True for a row with a capital first that is not set in the middle under its `title`, as an indented one is not."""
    middle, above = ((one.box[0] + one.box[2]) / 2 for one in (row, title))
    return row.tokens[0].text[:1].isupper() and abs(middle - above) > _OFF_MIDDLE


def _signer(layout: Layout) -> Parts:
    """Office and name in the right half, level with "Nơi nhận" and below."""
    receivers = next(
        (
            token
            for token in reversed(layout.tokens)
            if token.fold == "nhan" and token.index and layout.tokens[token.index - 1].fold == "noi"
        ),
        None,
    )
    return _signed_below(layout, receivers or _signer_s_office(layout))


def signer(layout: Layout) -> Parts:
    """ "chuc_vu" and "nguoi_ky" of the official who signs at the right of a paper that announces neither ("TM. ỦY BAN NHÂN DÂN")."""
    return _signed_below(layout, _signer_s_office(layout))


def _signed_below(layout: Layout, opening: Token | None) -> Parts:
    if opening is None:
        return {}
    page = opening.page
    left, right = layout.margins[page]
    middle = (left + right) / 2 - 20
    lines = [
        [token for cell in _cells(row.tokens) if (cell[0].box[0] + cell[-1].box[2]) / 2 > middle for token in cell]
        for row in layout.rows
        if row.page == page and row.box[3] > opening.box[1] - 1.5 * row.height
    ]
    lines = without_strokes(without_hints([line for line in lines if line and not _text(line).startswith(_SIGNS_BELOW)]))
    name = person_name([line for line in lines if not is_capital(line)]) or person_name(lines)
    office = [token for line in lines if is_capital(line) and line is not name for token in line if token.fold or token.text in DASHES]
    parts: Parts = {}
    if office:
        parts["chuc_vu"] = [token for token in office if token not in name]
    if name:
        parts["nguoi_ky"] = name
    return parts


def _signer_s_office(layout: Layout) -> Token | None:
    """Where a paper without receivers is signed: the last words in capitals that open or are an office, in the right half."""
    found: Token | None = None
    for row in layout.rows:
        left, right = layout.margins[row.page]
        for cell in _cells(row.tokens):
            if is_title(cell) and is_capital(cell) and (cell[0].box[0] + cell[-1].box[2]) / 2 > (left + right) / 2 - 20:
                found = cell[0] if found is None or found.page != row.page or row.box[1] - found.box[3] > 3 * row.height else found
    return found


def _cells(tokens: Sequence[Token]) -> list[list[Token]]:
    cells: list[list[Token]] = []
    for token in tokens:
        if token.cell_start or not cells:
            cells.append([])
        cells[-1].append(token)
    return cells


def _text(tokens: Sequence[Token]) -> str:
    return "".join(token.fold for token in tokens)


def _starts_group(line: Sequence[Token]) -> bool:
    if len(line) == 1:
        return False  # "SỞ NÔNG NGHIỆP VÀ MÔI" over "TRƯỜNG": no body is called by a single word
    first = line[0].fold
    two = first + (line[1].fold if len(line) > 1 else "")
    return first in _AGENCIES or two in _AGENCIES or any(two.startswith(word) for word in _AGENCIES if len(word) > 4)
