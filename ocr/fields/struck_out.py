"""A choice made by striking out what does not apply: "Có / ~~Không~~" on a form without boxes."""

import cv2
import numpy as np

from ocr.fields.draft import Draft
from ocr.fields.filled import Filled
from ocr.fields.label_places import Match
from ocr.fields.layout import union
from ocr.fields.page_ink import Ink
from ocr.fields.templates import Entry
from ocr.model import Box

_BAND = (0.3, 0.75)  # of a line's height, from its top: where a stroke through words runs
_RUN = 1.2  # heights of a line: no letter is as wide
_WHOLE, _LEAST = 0.85, 0.6  # of a short word's width, and of its height: two letters have white between them there
_THROUGH = 0.75  # of the words' width
_BESIDE = 6.0  # heights of a line in which the other choice stands
_SURE = 0.9


def chosen_by_striking(form: Filled, made: dict[str, Draft]) -> dict[str, Draft]:
    """Drafts of two choices that exclude each other where just one of them is struck out and no box was found in `made`, save what looks
    like one in the words that the stroke joins."""
    groups: dict[str, list[Entry]] = {}
    for entry in form.template.fields:
        if entry.group and entry.type == "checkbox":
            groups.setdefault(entry.group, []).append(entry)
    found: dict[str, Draft] = {}
    for pair in groups.values():
        if len(pair) != 2:
            continue
        boxes = [made[entry.name].box for entry in pair if entry.name in made]
        matches = [form.alignment.of(form.template.fields.index(entry)) for entry in pair]
        struck = [_is_struck(form, match) if match is not None else None for match in matches]
        joined = [_words(form, match) for match, through in zip(matches, struck, strict=True) if match is not None and through]
        if any(box is not None and not any(_inside(box, words) for words in joined) for box in boxes):
            continue
        for one, other in ((0, 1), (1, 0)):
            match = matches[one]
            if match is not None and struck[one] is False and (struck[other] or (struck[other] is None and _is_struck_beside(form, match))):
                for at, value in ((one, True), (other, False)):
                    found[pair[at].name] = _draft(form, pair[at], matches[at] or match, value)
    return found


def _inside(box: Box, words: Box) -> bool:
    edge = 0.3 * (words[3] - words[1])
    return words[0] - edge < box[0] and box[2] < words[2] + edge


def _draft(form: Filled, entry: Entry, match: Match, value: bool) -> Draft:
    box, page = _words(form, match), form.layout.tokens[match.start].page
    return Draft(entry, value, "", _SURE, form.source[page], page, box, confirmed=True)


def _words(form: Filled, match: Match) -> Box:
    tokens = [form.layout.tokens[index] for index in match.taken]
    return union([token.box for token in tokens if any(map(str.isalpha, token.text))] or [token.box for token in tokens])


def _is_struck(form: Filled, match: Match) -> bool:
    ink, box = form.pictures.of(form.layout.tokens[match.start].page), _words(form, match)
    return ink is not None and _struck(ink, box) >= _THROUGH


def _is_struck_beside(form: Filled, match: Match) -> bool:
    """True when behind the slash beside a label stands something that is struck out, whatever it was read as."""
    tokens = form.layout.tokens
    ink = form.pictures.of(tokens[match.start].page)
    if ink is None:
        return False
    left, top, right, bottom = _words(form, match)
    reach = _BESIDE * (bottom - top)
    before = tokens[match.start].text.startswith("/") or (match.start and tokens[match.start - 1].text.endswith("/"))
    behind = match.end < len(tokens) and (tokens[match.end].text.startswith("/") or tokens[match.end - 1].text.endswith("/"))
    places = [(left - reach, top, left, bottom)] * bool(before) + [(right, top, right + reach, bottom)] * bool(behind)
    return any(_struck(ink, place) * reach >= _RUN * (bottom - top) for place in places)


def _struck(ink: Ink, box: Box) -> float:
    """The share of a box's width that a stroke runs through, level with the middle of its letters."""
    part = ink.part(box)
    down, across = part.shape
    band = np.ascontiguousarray(part[int(_BAND[0] * down) : int(np.ceil(_BAND[1] * down))])
    run = round(min(_RUN * down, _WHOLE * across))  # "Có" is hardly wider than high
    if not band.size or run < _LEAST * down:
        return 0.0
    runs = cv2.morphologyEx(band, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    return float(runs.max(axis=0).mean())
