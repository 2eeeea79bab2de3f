"""Where the labels of a template stand on the paper, in spite of reading errors.

A form prints its labels in a fixed order and repeats many of them ("Nơi cư trú" of the mother, of the father). So labels
are not looked for one by one: every place that could be a label is scored, and the best sequence of
places that keeps the template's order is taken (dynamic programming over anchors). What the order left out is then looked for
inside its own section.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ocr.fields.enumerators import ENUMERATOR
from ocr.fields.folding import fold
from ocr.fields.label_places import Match, first_letter, places
from ocr.fields.label_text import LabelText
from ocr.fields.layout import Layout
from ocr.fields.section_headings import SectionHeadings
from ocr.fields.table_places import at_headings, outside_tables, table_places
from ocr.fields.templates import Template
from ocr.fields.worded_otherwise import worded_otherwise
from ocr.fields.wordings import other_wordings, without_section

_HEADING_WORDS = 8
_SURE = 0.9  # how alike a label must be for what stands behind it to be its answer

Heading = tuple[int, int, str | None]  # first token, one past the heading's last, the section; None after people's columns


class Alignment(Struct, frozen=True):
    """All labels found, in the order of the paper, and the worth of the whole: the better one of two versions is this paper's."""

    matches: tuple[Match, ...]
    gain: float

    def of(self, entry: int) -> Match | None:
        """The match of the template's entry number `entry`."""
        return next((match for match in self.matches if match.entry == entry), None)


def align(layout: Layout, template: Template, text: LabelText | None = None) -> Alignment:
    """The labels of `template` on this paper. `text` may be shared between versions of a form, whose labels are mostly the same."""
    text = text or LabelText(layout.tokens)
    candidates: list[Match] = []
    twins: dict[int, int] = {}
    for position, entry in enumerate(template.fields):
        before = template.fields[position - 1] if position else None
        if entry.place == "below" and before is not None and before.place == "below" and before.label == entry.label:
            twins[position] = twins.get(position - 1, position - 1)
            continue
        candidates += places(layout, text, position, entry)
    headings = _headings(layout, template)
    tables = table_places(layout, template)

    def possible(found: list[Match]) -> list[Match]:
        return outside_tables(tables, _under_their_headings(layout, template, headings, found))

    candidates = _no_answers(template, possible(candidates)) + at_headings(tables)
    chosen = _chosen(template, candidates, len(layout.tokens))
    said_otherwise = _said_otherwise(layout, text, template, {match.entry for match in chosen} | twins.keys(), headings)
    if said_otherwise:
        candidates += possible(said_otherwise)
        chosen = _chosen(template, candidates, len(layout.tokens))
    taken = {index for match in chosen for index in match.taken}
    strange = possible(worded_otherwise(layout, template, {match.entry for match in chosen} | twins.keys(), taken, text.colonless))
    chosen = _with_those_in_order(chosen, strange)
    # Two fields under one label (office and name of the signer) share its place.
    chosen += [replace(match, entry=twin, gain=0.0) for twin, first in twins.items() for match in chosen if match.entry == first]
    return Alignment(tuple(sorted(chosen, key=lambda match: match.start)), sum(match.gain for match in chosen))


def _no_answers(template: Template, candidates: list[Match]) -> list[Match]:
    """Without dates in words that a label right before them asks for ("Sinh ngày: ngày 10 tháng 12 năm 2003"): no date line of the form."""
    asked = {
        match.end
        for match in candidates
        if template.fields[match.entry].place == "after" and template.fields[match.entry].type == "date" and match.similarity > _SURE
    }
    return [match for match in candidates if template.fields[match.entry].place != "date_line" or match.start not in asked]


def _headings(layout: Layout, template: Template) -> list[Heading]:
    """Where sections begin: at a row that is but the printed heading of one ("II. NGƯỜI MẸ"), and where the columns of several people
    begin and end, which stand one after the other."""
    known = SectionHeadings(entry.section for entry in template.fields if entry.section)
    found: list[Heading] = []
    column: str | None = None
    for row in layout.rows:
        first, end = row.tokens[0], row.tokens[-1].index + 1
        section = first.cell.section if first.cell is not None else None
        if section is not None or column is not None:
            heads = first.cell is not None and first.cell.heads
            if section != column or heads:
                found.append((first.index, end if heads else first.index, section))
            column = section
        if section is None and len(row.tokens) <= _HEADING_WORDS:
            told = known.of_row([token.text for token in row.tokens])
            if told is not None:
                found.append((first.index, end, told))
    return found


def _under_their_headings(layout: Layout, template: Template, headings: Sequence[Heading], candidates: Sequence[Match]) -> list[Match]:
    """Without places under the printed heading of another section: what stands below "Người cha" is never asked of the mother, nor in his
    column of anybody else. A heading alone on its row is itself the label of no answer."""
    if not headings:
        return list(candidates)
    named = {section for _, _, section in headings}
    kept = []
    for match in candidates:
        entry = template.fields[match.entry]
        above = next(((end, section) for start, end, section in reversed(headings) if start <= match.start), None)
        if above is not None and entry.place == "after" and match.start < above[0]:
            continue
        cell = layout.tokens[match.start].cell
        free = cell is None or cell.section is None
        if (free and (entry.section is None or entry.section not in named)) or above is None or above[1] == entry.section:
            kept.append(match)
    return kept


def _said_otherwise(
    layout: Layout, text: LabelText, template: Template, found: AbstractSet[int], headings: Sequence[Heading]
) -> list[Match]:
    """Places of labels that were not found as the template prints them, in other usual wordings."""
    otherwise: list[Match] = []
    for position, entry in enumerate(template.fields):
        if position in found or entry.place not in ("after", "below") or entry.optional:
            continue
        others = other_wordings(entry.label)
        short = without_section(entry.label, entry.section) if entry.place == "after" else None
        ways = [(others, False)] if others else []
        ways += [((short, *other_wordings(short)), True)] if short is not None and headings else []
        for wordings, under_its_heading in ways:
            other = msgspec.structs.replace(entry, label=wordings[0], variants=wordings[1:])
            for match in places(layout, text, position, other):
                if under_its_heading and not any(start < match.start and section == entry.section for start, _, section in headings):
                    continue
                first = next((layout.tokens[at].text for at in match.taken if first_letter(layout.tokens[at].text)), "")
                glued = ENUMERATOR.match(first[:2]) and any(letter.isupper() for letter in first)  # "9.SốĐDCN", its S misread
                if first_letter(first).isupper() or glued:  # "(ký, ghi rõ họ tên)" is no label
                    otherwise.append(replace(match, gain=0.9 * match.gain))
    return otherwise


def _chosen(template: Template, candidates: Sequence[Match], length: int) -> list[Match]:
    """The labels in the template's order, or with two parts of it that ask the same changed about, where that fits better."""
    best = max(
        ((_best_sequence(candidates, ranks), ranks) for ranks in _orders(template)), key=lambda pair: sum(one.gain for one in pair[0])
    )
    return _fill_sections(template, candidates, *best, length)


def _orders(template: Template) -> Iterator[list[int]]:
    """Ranks of the entries: as printed in the template, and with neighbouring sections of like questions (mother, father) changed about;
    of an administrative document also with the date at the right before the number at the left, which a long name of the agency puts
    lower."""
    order = list(range(len(template.fields)))
    yield order
    dated = next((at for at, entry in enumerate(template.fields) if entry.place == "date_line"), None)
    if template.layout == "administrative" and dated is not None:
        numbered = max((at for at in range(dated) if template.fields[at].place == "after"), default=dated)
        yield [dated if at == numbered else numbered if at == dated else at for at in order]
    runs: list[list[int]] = []
    for at, entry in enumerate(template.fields):
        if runs and entry.section is not None and entry.section == template.fields[runs[-1][-1]].section:
            runs[-1].append(at)
        else:
            runs.append([at])
    for one, two in pairwise(runs):
        shared = {fold(template.fields[at].label) for at in one} & {fold(template.fields[at].label) for at in two}
        if len(one) == len(two) > 1 and 2 * len(shared) >= len(one):
            ranks = list(order)
            for ours, theirs in zip(one, two, strict=True):
                ranks[ours], ranks[theirs] = theirs, ours
            yield ranks


def _best_sequence(candidates: Sequence[Match], ranks: Sequence[int]) -> list[Match]:
    """The candidates of greatest total gain whose labels, by their ranks, and places both only move forward."""
    ordered = sorted(candidates, key=lambda match: (match.start, ranks[match.entry]))
    ends, rank = [match.end for match in ordered], [ranks[match.entry] for match in ordered]
    worth: list[float] = []
    before: list[int] = []
    for match, mine in zip(ordered, rank, strict=True):
        best, source, start = 0.0, -1, match.start
        for earlier, total in enumerate(worth):
            if total > best and ends[earlier] <= start and rank[earlier] < mine:
                best, source = total, earlier
        worth.append(best + match.gain)
        before.append(source)
    if not worth:
        return []
    at = max(range(len(worth)), key=worth.__getitem__)
    chosen: list[Match] = []
    while at >= 0:
        chosen.append(ordered[at])
        at = before[at]
    return chosen[::-1]


def _with_those_in_order(chosen: list[Match], others: Sequence[Match]) -> list[Match]:
    """`chosen` and of `others`, the best first, each that stands between the labels that the form has before and behind it."""
    chosen = list(chosen)
    for match in sorted(others, key=lambda one: one.gain, reverse=True):
        fits = all(
            one.entry != match.entry and (one.end <= match.start if one.entry < match.entry else one.start >= match.end) for one in chosen
        )
        if fits:
            chosen.append(match)
    return chosen


def _fill_sections(template: Template, candidates: Sequence[Match], chosen: list[Match], ranks: Sequence[int], length: int) -> list[Match]:
    """Labels that stand in another order than usual, found inside the space of their own section."""
    chosen = list(chosen)
    have = {match.entry for match in chosen}
    often = Counter(fold(entry.label) for entry in template.fields)
    asked = max((position for position, entry in enumerate(template.fields) if entry.section), default=len(template.fields))
    for position, entry in enumerate(template.fields):
        if position in have or entry.place == "anchor" or len(fold(entry.label)) < 5:
            continue
        low, high = 0, length
        for match in chosen:
            other = template.fields[match.entry]
            if other.section == entry.section and other.place != "anchor" and entry.section is not None:
                continue
            if ranks[match.entry] < ranks[position] and (other.section != entry.section or other.place == "anchor"):
                low = max(low, match.end)
            elif ranks[match.entry] > ranks[position] and (other.section != entry.section or other.place == "anchor"):
                high = min(high, match.start)
        if position > asked and often[fold(entry.label)] == 1:
            high = length  # who makes it, where and when, stands above the signature, sometimes only after the form's last question
        used = {taken for match in chosen for taken in match.taken}
        free = [
            match
            for match in candidates
            if match.entry == position and low <= match.start and match.end <= high and used.isdisjoint(match.taken)
        ]
        if free:
            best = max(free, key=lambda match: match.gain)
            if best.similarity >= 0.88 and best.gain >= 0.8 * min(len(fold(entry.label)), 30):
                chosen.append(best)
                have.add(position)
    return chosen
