"""The fields of one document: which form it is, what stands beside each label, and whether to believe it.

Words come from a reader or from the PDF's own text; images are asked for only where words do not suffice (check boxes,
table rules, codes, unread ink).
"""

from collections.abc import Mapping, Sequence

from ocr.fields.agreement import believe_as_elsewhere, say_as_elsewhere
from ocr.fields.asked_in_order import with_questions_in_order
from ocr.fields.boxes_on_page import tick_boxes
from ocr.fields.by_hand import mark_handwriting
from ocr.fields.cells import list_draft, table_draft
from ocr.fields.checks.codes import carry_by_code
from ocr.fields.columns import below_heading, column_text, is_capital, person_name, without_hints, without_strokes
from ocr.fields.draft import Draft
from ocr.fields.filled import Filled, filled
from ocr.fields.folding import fold
from ocr.fields.form_fields import mark_form_fields
from ocr.fields.heads import read_head, signer
from ocr.fields.judge import document_checks, judged, mark_disagreement, strengthen
from ocr.fields.label_borders import doubted_borders
from ocr.fields.label_places import Match
from ocr.fields.label_text import LabelText
from ocr.fields.labels import Alignment, align
from ocr.fields.layout import Layout, Token, has_cells, lay_out, union
from ocr.fields.leftovers import doubt_leftovers
from ocr.fields.lining_figures import believe_addresses
from ocr.fields.lists_on_page import read_list
from ocr.fields.machine_codes import card_code, read_mrz
from ocr.fields.page_ink import Ink, Ruling, unread_ink
from ocr.fields.pictures import Images, KeptInks, Pictures
from ocr.fields.ruled_cells import RuledCells, ruled_cells
from ocr.fields.second_reading import cells_again, choices_again, figures_again
from ocr.fields.tables import read_table
from ocr.fields.templates import Entry, Template, load_templates
from ocr.fields.titles import templates_of
from ocr.fields.values import Found, only_value, values
from ocr.fields.weigh import stands_apart, weigh
from ocr.model import Box, Extraction, Page
from sohoa.checks import check

_LETTERS_OF_A_NAME = 7


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
    pictures = Pictures(pages, images, inks)
    drawn = [page.number for page in pages if page.status != "had_text" or has_cells(layout, page.number)]
    tables = {number: cells for number in drawn if (cells := _ruled(pictures.of(number))) is not None}
    layout = lay_out(pages, tables, {entry.section for one in versions for entry in one.fields if entry.section}, layout)
    template, alignment = _version(layout, versions)
    alignment = with_questions_in_order(layout, template, alignment)
    document = _Document(filled(layout, template, alignment, pictures))
    drafts = document.read()
    mark_form_fields(drafts, layout.tokens)
    mark_handwriting(drafts, layout.tokens, document.form.pictures, document.form.source)
    strengthen(drafts)
    believe_as_elsewhere(drafts)
    mark_disagreement(drafts)
    say_as_elsewhere(drafts)
    carry_by_code(drafts)
    checks = document_checks(template, drafts)
    fields = tuple(judged(draft, [one for one in checks if draft.entry.name in one.fields]) for draft in drafts)
    return Extraction(template.slug, template.version, fields, tuple(checks))


def _ruled(ink: Ink | None) -> RuledCells | None:
    return ruled_cells(ink) if ink is not None else None


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


def _may_be_a_name(row: Sequence[Token]) -> bool:
    """Two words, or as many letters without the spaces between them: "LÊHỮUĐẠT"."""
    return sum(len(token.fold) > 1 for token in row) > 1 or sum(len(token.fold) for token in row) >= _LETTERS_OF_A_NAME


class _Document:
    """One document's labels and what stands beside them."""

    def __init__(self, form: Filled) -> None:
        self.form = form
        self.unsure: set[str] = set()

    def read(self) -> list[Draft]:
        """A draft of every field in the template's order."""
        made: dict[str, Draft] = {}
        for match in self.form.alignment.matches:
            entry = self.form.template.fields[match.entry]
            if entry.place == "table":
                made[entry.name] = self._table(entry, match)
            elif entry.place == "list":
                made[entry.name] = self._list(entry, match)
        made |= tick_boxes(self.form)
        for match in self.form.alignment.matches:
            entry = self.form.template.fields[match.entry]
            if entry.place == "below":
                made[entry.name] = self._column(entry, match)
        heads = [entry for entry in self.form.template.fields if entry.place == "header"]
        if heads:
            read = read_head(self.form.layout, self.form.template, self.form.alignment)
            made |= self._from_parts({entry: read.get(entry.label, ()) for entry in heads})
        officials = {entry.label for entry in self.form.template.fields if entry.take == "title"}
        unannounced = [entry for entry in self.form.template.fields if entry.label in officials and entry.name not in made]
        if unannounced:
            signed = signer(self.form.layout)
            made |= self._from_parts({entry: signed.get("chuc_vu" if entry.take == "title" else "nguoi_ky", ()) for entry in unannounced})
        found = values(self.form.layout, self.form.template, self.form.alignment, frozenset(self.form.spent))
        self.unsure = doubted_borders(self.form, found)
        for entry in self.form.template.fields:
            if entry.name in found:
                made[entry.name] = self._value(entry, found[entry.name])
                if entry.type == "id12" and entry.place == "after":
                    figures_again(self.form, made[entry.name], found[entry.name])
        choices_again(self.form, made, found)
        believe_addresses(self.form, {name: made[name] for name in found if name not in self.unsure}, found)
        doubt_leftovers(self.form, made, found)
        used = {token.index for one in found.values() for token in one.tokens} | self.form.spent
        for entry in self.form.template.fields:
            missing = entry.name not in made or made[entry.name].value is None
            # Where another label of its kind has no answer either, the one there is may be that label's.
            others = [one.name for one in self.form.template.fields if one.type == entry.type and one is not entry and one.name in found]
            if entry.alone and missing and all(made[name].value is not None for name in others):
                lone = only_value(self.form.layout, self.form.alignment, entry.type, used)
                if lone is not None:
                    made[entry.name] = self._value(entry, lone)
        if any(entry.place == "code" for entry in self.form.template.fields):
            made |= self._codes()
        return [
            made.get(entry.name) or self._absent(entry)
            for entry in self.form.template.fields
            if entry.name and (entry.name in made or not entry.optional)
        ]

    def _absent(self, entry: Entry) -> Draft:
        return Draft(entry, None, "", 0.0, "print", None, None, found=False)

    def _value(self, entry: Entry, found: Found) -> Draft:
        tokens = found.tokens
        weighed = weigh(tokens, entry.type, entry.choices)
        reading = weighed.reading
        ink = False
        if found.space is not None and self.form.source[found.page] == "print":
            page_ink = self.form.pictures.of(found.page)
            ink = page_ink is not None and unread_ink(page_ink, found.space, self.form.words[found.page], found.line)
        return Draft(
            entry,
            reading.value,
            " ".join(token.text for token in tokens),
            weighed.confidence,
            self.form.source[found.page],
            found.page,
            found.box or found.space,
            sure=reading.sure and entry.name not in self.unsure and not found.doubted,
            raw_differs=weighed.differs,
            ink=ink,
            confirmed=entry.name not in self.unsure and not found.doubted and reading.sure and stands_apart(reading.value, entry.choices),
            checks=list(reading.checks),
            tokens=weighed.words,
        )

    def _column(self, entry: Entry, match: Match) -> Draft:
        _, rows = column_text(self.form.layout, self.form.template, self.form.alignment, match)
        kept = without_hints(below_heading(rows))
        written = without_strokes(kept)
        name = person_name(written)
        tokens = [token for row in written if is_capital(row) for token in row if token not in name] if entry.take == "title" else name
        self.form.spent.update({token.index for row in rows for token in row})
        # Where a name belongs and something else was read, a name was not read: that is not empty.
        unread = not tokens and entry.type == "name" and any(_may_be_a_name(row) for row in kept)
        weighed = weigh(tokens, entry.type, entry.choices)
        reading = weighed.reading
        page = self.form.layout.tokens[match.start].page
        return Draft(
            entry,
            reading.value,
            " ".join(token.text for token in tokens),
            weighed.confidence,
            self.form.source[page],
            page,
            union([token.box for token in tokens]) if tokens else None,
            sure=reading.sure and not unread,
            raw_differs=weighed.differs,
            checks=list(reading.checks),
            tokens=weighed.words,
        )

    def _table(self, entry: Entry, match: Match) -> Draft:
        later = [other.start for other in self.form.alignment.matches if other.start > match.start]
        end = min(later, default=len(self.form.layout.tokens))
        page = self.form.layout.tokens[match.start].page

        def ruling(number: int) -> Ruling | None:
            ink = self.form.pictures.of(number)
            return Ruling(ink) if ink is not None else None

        table = read_table(self.form.layout, entry, match.end, end, ruling)
        if table is None:
            return self._absent(entry)
        self.form.spent.update(table.used)
        table = cells_again(self.form, table)
        return table_draft(entry, table, self.form.source[page], page)

    def _list(self, entry: Entry, match: Match) -> Draft:
        later = [other.start for other in self.form.alignment.matches if other.start > match.start]
        dated = frozenset(
            self.form.layout.tokens[other.start].row
            for other in self.form.alignment.matches
            if self.form.template.fields[other.entry].place == "date_line"
        )
        items = read_list(self.form.layout, match.end, min(later, default=len(self.form.layout.tokens)), dated)
        self.form.spent.update({token.index for item in items for token in item})
        page = self.form.layout.tokens[match.start].page
        return list_draft(entry, items, self.form.source[page], page)

    def _from_parts(self, parts: Mapping[Entry, Sequence[Token]]) -> dict[str, Draft]:
        """Drafts of parts that no label announces."""
        made: dict[str, Draft] = {}
        for entry, tokens in parts.items():
            if not tokens:
                continue
            weighed = weigh(tokens, entry.type, entry.choices)
            reading = weighed.reading
            page = tokens[0].page
            self.form.spent.update({token.index for token in tokens})
            made[entry.name] = Draft(
                entry,
                reading.value,
                " ".join(token.text for token in tokens),
                weighed.confidence,
                self.form.source[page],
                page,
                union([token.box for token in tokens]),
                sure=reading.sure,
                raw_differs=weighed.differs,
            )
        return made

    def _codes(self) -> dict[str, Draft]:
        made: dict[str, Draft] = {}
        for entry in self.form.template.fields:
            if entry.place != "code":
                continue
            if entry.type == "qr":
                for page in self.form.layout.pages:
                    picture = self.form.pictures.picture(page.number)
                    code = card_code(picture) if picture is not None else None
                    if code is not None:
                        made[entry.name] = Draft(entry, code, code, 1.0, "qr", page.number, None, confirmed=True)
                        break
        zones = read_mrz(self.form.layout, self._zone_again)
        for entry in self.form.template.fields:
            if entry.place == "code" and entry.type == "mrz" and zones is not None:
                line = zones.lines[int(entry.label or "1") - 1]
                sure = zones.right and not line.in_doubt
                made[entry.name] = Draft(
                    entry, line.text, line.text, line.confidence, "mrz", line.page, line.box, sure=sure,
                    checks=[check("mrz_check_digit", "passed" if zones.right else "failed")], confirmed=sure,
                )  # fmt: skip
        return made

    def _zone_again(self, page: int, lines: Sequence[Box]) -> Sequence[str]:
        picture = self.form.pictures.picture(page)
        if picture is None:
            return ()
        from ocr.fields.zone_image import read_zone  # the engine is loaded for cards alone

        return read_zone(picture, self.form.pictures.size(page), lines)
