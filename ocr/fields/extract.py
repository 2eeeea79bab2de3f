"""The fields of one document: which form it is, what stands beside each label, and whether to believe it.

Words come from a reader or from the PDF's own text; images are asked for only where words do not suffice (check boxes,
table rules, codes, unread ink).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocr.fields.boxes import BoxState, state_of
from ocr.fields.cells import list_draft, table_draft
from ocr.fields.checks.codes import carry_by_code
from ocr.fields.draft import Draft
from ocr.fields.folding import fold
from ocr.fields.heads import is_capital, read_head
from ocr.fields.judge import document_checks, judged, mark_disagreement, strengthen
from ocr.fields.labels import Alignment, LabelText, Match, align
from ocr.fields.layout import Layout, lay_out, union
from ocr.fields.lists_on_page import read_list
from ocr.fields.machine_codes import card_code, read_mrz
from ocr.fields.page_ink import Ruling, unread_ink
from ocr.fields.pictures import Images, KeptInks, Pictures
from ocr.fields.second_look import Strip, better, choose, least, merged, on_dots, read_cells, read_strips, strips_of, weak
from ocr.fields.swallowed import holds_a_label, holds_foreign_words, labels_of
from ocr.fields.tables import Cell, Table, read_table
from ocr.fields.templates import Entry, Template, load_templates
from ocr.fields.titles import templates_of
from ocr.fields.types.registry import normalise
from ocr.fields.values import Found, column_text, only_value, person_name, values, without_hints
from ocr.fields.weigh import stands_apart, weigh
from ocr.model import Box, Extraction, Page, Source
from sohoa.checks import check

_LEGIBLE = 0.25  # below this, what a reader of print makes of handwriting is a guess
_TORN = 0.5  # a cell with a word less sure than this was cut across its lines
_CHOSEN = 0.5  # how sure an answer is that was chosen from the form's: not enough to go without a look


def extract(pages: tuple[Page, ...], images: Images, templates: str | None = None, inks: KeptInks | None = None) -> Extraction:
    """The form and its fields. `images` gives the archive image of a page by its number, or None; `templates` is a folder of
    further templates; `inks` gives the ink of a page where it was kept, so that its image need not be decoded.

    The template is None when no title on the paper is exactly that of a known form; then there are no fields. Raises UsageError
    `template_invalid` for a faulty template file. Boxes are points of the page as delivered.
    """
    layout = lay_out(pages)
    versions = templates_of(layout, load_templates(templates))
    if not versions:
        return Extraction(None, None)
    template, alignment = _version(layout, versions)
    document = _Document(layout, template, alignment, Pictures(pages, images, inks))
    drafts = document.read()
    strengthen(drafts)
    mark_disagreement(drafts)
    carry_by_code(drafts)
    checks = document_checks(template, drafts)
    fields = tuple(judged(draft, [one for one in checks if draft.entry.name in one.fields]) for draft in drafts)
    return Extraction(template.slug, template.version, fields, tuple(checks))


def _version(layout: Layout, versions: Sequence[Template]) -> tuple[Template, Alignment]:
    """The version whose labels fit this paper best; a printed mark of the version ("Thông tư số 53/2025/TT-BCA") settles it."""
    text = "".join(token.fold for token in layout.tokens)
    shared = LabelText(layout.tokens)
    best: tuple[float, Template, Alignment] | None = None
    marked = [template for template in versions if any(fold(mark) in text for mark in template.marks)]
    versions = marked if len(marked) == 1 else versions
    for template in sorted(versions, key=lambda one: one.valid_from.toordinal() if one.valid_from else 0, reverse=True):
        alignment = align(layout, template, shared)
        wanted = sum(1 for entry in template.fields if entry.place == "after" and not entry.optional)
        missing = wanted - sum(
            1 for match in alignment.matches if template.fields[match.entry].place == "after" and not template.fields[match.entry].optional
        )
        worth = alignment.gain - 8.0 * missing + (200.0 if any(fold(mark) in text for mark in template.marks) else 0.0)
        if best is None or worth > best[0] + 0.01:
            best = (worth, template, alignment)
    if best is None:
        raise ValueError("no version given")
    return best[1], best[2]


class _Document:
    """One document's labels and what stands beside them."""

    def __init__(self, layout: Layout, template: Template, alignment: Alignment, inks: Pictures) -> None:
        self.layout = layout
        self.template = template
        self.alignment = alignment
        self.inks = inks
        self.words = {page.number: [word.box for word in page.words] for page in layout.pages}
        self.source: dict[int, Source] = {page.number: "pdf_text" if page.status == "had_text" else "print" for page in layout.pages}
        self.spent: set[int] = set()
        self.unsure: set[str] = set()

    def read(self) -> list[Draft]:
        """A draft of every field in the template's order."""
        made: dict[str, Draft] = {}
        for match in self.alignment.matches:
            entry = self.template.fields[match.entry]
            if entry.place == "table":
                made[entry.name] = self._table(entry, match)
            elif entry.place == "list":
                made[entry.name] = self._list(entry, match)
        made |= self._boxes()
        for match in self.alignment.matches:
            entry = self.template.fields[match.entry]
            if entry.place == "below":
                made[entry.name] = self._column(entry, match)
        heads = [entry for entry in self.template.fields if entry.place == "header"]
        if heads:
            made |= self._heads(heads)
        found = values(self.layout, self.template, self.alignment, frozenset(self.spent))
        self._doubt_borders(found)
        for entry in self.template.fields:
            if entry.name in found:
                made[entry.name] = self._value(entry, found[entry.name])
                if entry.type == "id12" and entry.place == "after":
                    self._figures_again(made[entry.name])
        self._look_again(made, found)
        used = {token.index for one in found.values() for token in one.tokens} | self.spent
        for entry in self.template.fields:
            if entry.alone and (entry.name not in made or made[entry.name].value is None):
                lone = only_value(self.layout, self.alignment, entry.type, used)
                if lone is not None:
                    made[entry.name] = self._value(entry, lone)
        if any(entry.place == "code" for entry in self.template.fields):
            made |= self._codes()
        return [
            made.get(entry.name) or self._absent(entry)
            for entry in self.template.fields
            if entry.name and (entry.name in made or not entry.optional)
        ]

    def _doubt_borders(self, found: Mapping[str, Found]) -> None:
        """Fields whose label and answer may have been cut at the wrong word."""
        labels = labels_of(self.template)
        for match in self.alignment.matches:
            entry = self.template.fields[match.entry]
            if entry.name in found and entry.place == "after":
                label = [self.layout.tokens[index] for index in match.taken]
                if holds_foreign_words(entry, label) or holds_a_label(entry, found[entry.name].tokens, labels):
                    self.unsure.add(entry.name)
                before = self.layout.tokens[match.start - 1] if match.start else label[0]
                opening = next((word for word in map(fold, entry.label.split()) if word.isalpha()), "")
                if before.fold == opening != label[0].fold:  # the label's first word ends the answer above
                    self.unsure |= {name for name, one in found.items() if one.tokens and one.tokens[-1] == before}

    def _absent(self, entry: Entry) -> Draft:
        return Draft(entry, None, "", 0.0, "print", None, None, found=False)

    def _value(self, entry: Entry, found: Found) -> Draft:
        tokens = found.tokens
        weighed = weigh(tokens, entry.type, entry.choices)
        reading = weighed.reading
        ink = False
        if found.space is not None and self.source[found.page] == "print":
            page_ink = self.inks.of(found.page)
            ink = page_ink is not None and unread_ink(page_ink, found.space, self.words[found.page])
        value, source = reading.value, self.source[found.page]
        unread = False
        if found.box is not None and found.space is not None and self._by_hand(found.page, found.box):
            source = "handwriting"
            unread = weighed.confidence < _LEGIBLE and value is not None
        return Draft(
            entry,
            None if unread else value,
            " ".join(token.text for token in tokens),
            weighed.confidence,
            source,
            found.page,
            found.box or found.space,
            reason="handwriting_unread" if unread else None,
            sure=reading.sure and entry.name not in self.unsure,
            raw_differs=weighed.differs,
            ink=ink,
            confirmed=entry.name not in self.unsure and reading.sure and stands_apart(reading.value, entry.choices),
            checks=list(reading.checks),
        )

    def _by_hand(self, page: int, box: Box) -> bool:
        """True when a blue pen wrote what stands in `box`: colours are only looked at where the page was read from a picture."""
        ink = self.inks.of(page) if self.source[page] == "print" else None
        return ink is not None and ink.written(box) > 0.5

    def _figures_again(self, draft: Draft) -> None:
        """Twelve figures in twelve boxes, which a reader of lines was not sure of."""
        plain = draft.sure and len(str(draft.value or "")) == 12 and draft.confidence >= 0.85 and not draft.raw_differs
        match = next((one for one in self.alignment.matches if self.template.fields[one.entry] is draft.entry), None)
        if (
            plain
            or match is None
            or draft.source not in ("print", "handwriting")
            or draft.page is None
            or (draft.value is None and not draft.ink)
        ):
            return
        last = self.layout.tokens[match.end - 1]
        row = self.layout.rows[last.row]
        ink = self.inks.of(row.page)
        reach = 0.5 * row.height
        space = (last.box[2] - 2, row.box[1] - reach, self.inks.size(row.page)[0] - 10, row.box[3] + reach)
        from ocr.fields.digit_boxes import boxes_in, read_boxes  # the engine is loaded for boxes alone

        boxes = boxes_in(ink, space) if ink is not None else []
        picture = self.inks.picture(row.page) if boxes else None
        if picture is None:
            return
        figures, sure = read_boxes(picture, self.inks.size(row.page), boxes)
        reading = normalise("id12", figures)
        if figures == "" and sure == 1.0:
            draft.value, draft.checks, draft.sure, draft.ink = None, [], True, False
        elif len(figures) == 12 and sure > draft.confidence:
            draft.value, draft.checks, draft.confidence = reading.value, list(reading.checks), sure
            draft.sure, draft.raw_differs, draft.box = reading.sure, False, union(boxes)

    def _look_again(self, made: dict[str, Draft], found: Mapping[str, Found]) -> None:
        """What stands on its dots and was not read well, read from the image without them."""
        strips: dict[int, list[tuple[str, Strip]]] = {}
        for name, one in found.items():
            ink = self.inks.of(one.page) if one.tokens and one.space and self.source[one.page] == "print" and weak(made[name]) else None
            rows = strips_of(one, self.layout) if ink is not None else []
            if ink is not None and any(on_dots(ink, row) for row in rows):
                strips.setdefault(one.page, []).extend((name, row) for row in rows)
        for number, named in strips.items():
            picture = self.inks.picture(number)
            if picture is None:
                continue
            seen = read_strips(picture, self.inks.size(number), [strip for _, strip in named])
            for name in dict.fromkeys(name for name, _ in named):
                tokens = tuple(token for (of, _), words in zip(named, seen, strict=True) if of == name for token in words)
                again = self._value(made[name].entry, replace(found[name], tokens=merged(found[name].tokens, tokens))) if tokens else None
                if again is not None and better(again, made[name]):
                    made[name] = again
        for name, one in found.items():
            draft = made[name]
            if draft.entry.choices and draft.source in ("print", "handwriting") and one.tokens and not draft.sure:
                self._choose(draft, strips_of(one, self.layout)[0])

    def _choose(self, draft: Draft, strip: Strip) -> None:
        """What is none of the answers a form allows is one of them badly read: a person is shown which."""
        picture = self.inks.picture(strip.tokens[0].page)
        said = choose(picture, self.inks.size(strip.tokens[0].page), strip, draft.entry.choices) if picture is not None else None
        if said is not None:
            draft.value, draft.sure, draft.confirmed, draft.confidence = said, True, False, min(draft.confidence, _CHOSEN)

    def _column(self, entry: Entry, match: Match) -> Draft:
        _, rows = column_text(self.layout, self.template, self.alignment, match)
        kept = without_hints(rows)
        name = person_name(kept)
        tokens = [token for row in kept if is_capital(row) for token in row if token not in name] if entry.take == "title" else name
        self.spent |= {token.index for row in rows for token in row}
        weighed = weigh(tokens, entry.type, entry.choices)
        reading = weighed.reading
        page = self.layout.tokens[match.start].page
        return Draft(
            entry,
            reading.value,
            " ".join(token.text for token in tokens),
            weighed.confidence,
            self.source[page],
            page,
            union([token.box for token in tokens]) if tokens else None,
            sure=reading.sure,
            raw_differs=weighed.differs,
            checks=list(reading.checks),
        )

    def _boxes(self) -> dict[str, Draft]:
        """All check boxes: first on the side where this form prints them, then, for those still without a box, on the other side."""
        made: dict[str, Draft] = {}
        matches = [match for match in self.alignment.matches if self.template.fields[match.entry].place in ("box_after", "box_before")]
        for other_side in (False, True):
            for match in matches:
                entry = self.template.fields[match.entry]
                seen = made.get(entry.name)
                if seen is None or (other_side and seen.box is None):
                    draft = self._box(entry, match, after=(entry.place == "box_after") != other_side)
                    claimed = other_side and any(
                        draft.box is not None and other.box is not None and _same_place(draft.box, other.box) for other in made.values()
                    )
                    if not claimed:
                        made[entry.name] = draft
        return made

    def _box(self, entry: Entry, match: Match, *, after: bool) -> Draft:
        label = [self.layout.tokens[index] for index in match.taken]
        first = next((token for token in label if any(letter.isalpha() for letter in token.text) and token.text[0] not in "[("), label[0])
        last = label[-1]
        row = self.layout.rows[last.row if after else first.row]
        height = row.height
        others = [self.layout.tokens[other.start] for other in self.alignment.matches if other is not match]
        ends = [self.layout.tokens[other.end - 1] for other in self.alignment.matches if other is not match and other.end]
        # A reader may take the box into the word beside it, so the search begins inside the label.
        if after:
            limit = min((token.box[0] for token in others if token.row == last.row and token.box[0] > last.box[0]), default=1e9)
            region = (
                last.box[2] - 1.3 * height,
                last.box[1] - 0.45 * height,
                min(limit, last.box[2] + 3.2 * height),
                last.box[3] + 0.45 * height,
            )
        else:
            limit = max((token.box[2] for token in ends if token.row == first.row and token.box[2] < first.box[0]), default=0.0)
            region = (
                max(limit, first.box[0] - 3.2 * height),
                first.box[1] - 0.45 * height,
                first.box[0] + 1.3 * height,
                first.box[3] + 0.45 * height,
            )
        near = [
            token
            for token in row.tokens
            if region[0] <= (token.box[0] + token.box[2]) / 2 <= region[2] and (token.index not in match.taken or token.text[0] in "[]()")
        ]
        self.spent |= {token.index for token in near}
        ink = self.inks.of(first.page)
        state = state_of(ink, region, near, height, label) or BoxState(None, 0.0, None, "")
        draft = Draft(entry, state.ticked, state.raw, state.confidence, self.source[first.page], first.page, state.box, confirmed=True)
        if state.ticked is None:
            draft.reason = "box_unclear"
        return draft

    def _table(self, entry: Entry, match: Match) -> Draft:
        later = [other.start for other in self.alignment.matches if other.start > match.start]
        end = min(later, default=len(self.layout.tokens))
        page = self.layout.tokens[match.start].page

        def ruling(number: int) -> Ruling | None:
            ink = self.inks.of(number)
            return Ruling(ink) if ink is not None else None

        table = read_table(self.layout, entry, match.end, end, ruling)
        if table is None:
            return self._absent(entry)
        self.spent |= table.used
        table = self._cells_again(table)
        return table_draft(entry, table, self.source[page], page)

    def _cells_again(self, table: Table) -> Table:
        """Rows with a cell that came out as no words, read once more cell by cell; where two readings differ a person looks."""
        torn: dict[int, list[Cell]] = {}
        for row in table.rows:
            if any(cell.tokens and least(cell.tokens) < _TORN for cell in row):  # a neighbour may have got a word of it
                for cell in row:
                    if cell.box and cell.tokens and self.source[cell.tokens[0].page] == "print":
                        torn.setdefault(cell.tokens[0].page, []).append(cell)
        again: dict[int, Cell] = {}
        for page, cells in torn.items():
            picture = self.inks.picture(page)
            places = [(cell.box, cell.tokens[0]) for cell in cells if cell.box]
            for cell, tokens in zip(cells, read_cells(picture, self.inks.size(page), places) if picture is not None else (), strict=False):
                if tokens and least(tokens) > least(cell.tokens):
                    again[id(cell)] = replace(cell, tokens=tokens, doubted=False)
                elif [one.fold for one in tokens] != [one.fold for one in cell.tokens]:
                    again[id(cell)] = replace(cell, doubted=True)
        return replace(table, rows=tuple(tuple(again.get(id(cell), cell) for cell in row) for row in table.rows))

    def _list(self, entry: Entry, match: Match) -> Draft:
        later = [other.start for other in self.alignment.matches if other.start > match.start]
        dated = frozenset(
            self.layout.tokens[other.start].row
            for other in self.alignment.matches
            if self.template.fields[other.entry].place == "date_line"
        )
        items = read_list(self.layout, match.end, min(later, default=len(self.layout.tokens)), dated)
        self.spent |= {token.index for item in items for token in item}
        page = self.layout.tokens[match.start].page
        return list_draft(entry, items, self.source[page], page)

    def _heads(self, entries: Sequence[Entry]) -> dict[str, Draft]:
        heads = read_head(self.layout, self.template, self.alignment)
        made: dict[str, Draft] = {}
        for entry in entries:
            tokens = heads.get(entry.label)
            if not tokens:
                continue
            weighed = weigh(tokens, entry.type, entry.choices)
            reading = weighed.reading
            page = tokens[0].page
            self.spent |= {token.index for token in tokens}
            made[entry.name] = Draft(
                entry,
                reading.value,
                " ".join(token.text for token in tokens),
                weighed.confidence,
                self.source[page],
                page,
                union([token.box for token in tokens]),
                sure=reading.sure,
                raw_differs=weighed.differs,
            )
        return made

    def _codes(self) -> dict[str, Draft]:
        made: dict[str, Draft] = {}
        for entry in self.template.fields:
            if entry.place != "code":
                continue
            if entry.type == "qr":
                for page in self.layout.pages:
                    picture = self.inks.picture(page.number)
                    code = card_code(picture) if picture is not None else None
                    if code is not None:
                        made[entry.name] = Draft(entry, code, code, 1.0, "qr", page.number, None, confirmed=True)
                        break
        zones = read_mrz(self.layout, self._zone_again)
        for entry in self.template.fields:
            if entry.place == "code" and entry.type == "mrz" and zones is not None:
                line = zones.lines[int(entry.label or "1") - 1]
                made[entry.name] = Draft(
                    entry, line.text, line.text, line.confidence, "mrz", line.page, line.box, sure=zones.right,
                    checks=[check("mrz_check_digit", "passed" if zones.right else "failed")], confirmed=zones.right,
                )  # fmt: skip
        return made

    def _zone_again(self, page: int, lines: Sequence[Box]) -> Sequence[str]:
        picture = self.inks.picture(page)
        if picture is None:
            return ()
        from ocr.fields.zone_image import read_zone  # the engine is loaded for cards alone

        return read_zone(picture, self.inks.size(page), lines)


def _same_place(one: Box, two: Box) -> bool:
    return abs(one[0] - two[0]) < 4 and abs(one[1] - two[1]) < 4
