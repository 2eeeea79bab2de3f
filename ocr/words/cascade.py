"""The default reader: fast network, syllables and language model for every word, Tesseract for the doubtful ones."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from ocr.network import ENGINE, LETTERS, digest
from ocr.words.calibration import confidence
from ocr.words.decide import Decision, Memory, decide
from ocr.words.detect import Line, find_lines
from ocr.words.ends import whole
from ocr.words.extent import Extent, as_set, extent
from ocr.words.glyphs import darkness, is_ghost, with_quotes
from ocr.words.language import OTHER, language
from ocr.words.lattice import BEFORE_A_TITLE, Spelling, Token, core, tokens
from ocr.words.notes import with_notes, without_notes
from ocr.words.order import reading_order
from ocr.words.recognise import greedy, look
from ocr.words.reread import matched, sensible, trust, with_opinion
from ocr.words.sealed import touched, with_second_picture
from ocr.words.shown_through import of_this_side
from ocr.words.small_print import parted
from ocr.words.syllables import is_syllable
from ocr.words.tesseract import Seen, read_line, tessdata_digest
from ocr.words.word import ALL_MEANS, Box, Gray, Means, ReadWord

_DOUBT = 0.9  # below this a word is read again
_DOUBT_UNHEARD = 0.999  # a word in company it was never met in, of its weakest character
_DOUBT_NAME = 0.99  # the same for Capitalised words: most are names, which no text foretells
_RIVAL = 2.5  # natural log odds that a name must have at least over another that the network saw in its letters
_FIXED = 0.998  # wordings that the model knows by heart are no names
_DOUBT_CODE = 0.97  # the same for numbers and codes, of their weakest character
_OVERLOOKED = 0.5  # how sure the edges of a word are at most that has ink beside its letters
_COMPANY = 1.2  # line heights of sure text on either side: Tesseract sees ghosts beside a lone word
_SAME_PLACE = 0.5  # of the narrower word's width
_THIN = 0.1  # of its height: no sign is so narrow
_TOUCHING = 1.5  # pixels
_STROKES = 0.97  # how sure a quote is by its strokes
_STRANGE = frozenset("'`+_*<>|’“”")  # what the network makes of quotes and signs it does not know


class _Word(Struct):
    """A token on its way to a word: where it lies, what is thought of it so far."""

    token: Token
    box: Box
    decision: Decision
    seen: Seen | None = None  # what Tesseract made of it
    asked: bool = False


class LatticeReader:
    """About one word in eight is read twice; the rest costs what the fast network costs."""

    name = "default"

    def __init__(self, means: Means = ALL_MEANS) -> None:
        self.means = means
        models = f"det-{digest('det.onnx')} letters-{digest(LETTERS)} language-{language().digest} vie-{tessdata_digest()}"
        self.version = f"lattice 1 {ENGINE} {models}"

    def read(self, reading: Gray, dpi: float, sealed: Sequence[Gray] = ()) -> tuple[ReadWord, ...]:
        """All words of the page in reading order."""
        lines: Sequence[Line] = find_lines(reading)
        if not sealed:
            return self.read_lines(reading, lines)
        changed = np.max([cv2.absdiff(reading, other) for other in sealed], axis=0)
        lines = whole(reading, lines, touched(lines, changed))
        words, under = self.read_lines(reading, lines), touched(lines, changed)
        for other in sealed:
            words = with_second_picture(words, self.read_lines(other, under), changed)
        return words

    def read_lines(self, reading: Gray, lines: Sequence[Line]) -> tuple[ReadWord, ...]:
        """The words of lines whose places are known, in reading order."""
        reading, notes = without_notes(reading, lines) if self.means.notes else (reading, ((),) * len(lines))
        looked = [[look(reading, line)] for line in lines]
        looked = [parted(reading, *strip) for strip in looked] if self.means.small_print else looked
        strips = [strip for parts in looked for strip in parts]
        notes = tuple(note for note, parts in zip(notes, looked, strict=True) for note in ((),) * (len(parts) - 1) + (note,))
        lines = [strip.line for strip in strips]
        kept = of_this_side(reading, strips) if self.means.this_side else range(len(strips))
        lines, strips, notes = [lines[at] for at in kept], [strips[at] for at in kept], tuple(notes[at] for at in kept)
        rows = reading_order(lines, [greedy(strip)[0] for strip in strips])
        numbered = [(number, extent(reading, strips[i])) for number, row in enumerate(rows) for i in row]
        marks = [notes[i] for row in rows for i in row]
        memory = Memory()
        words = _first_reading(reading, [seen for _, seen in numbered], self.means, memory)
        _drop_seen_twice([number for number, _ in numbered], words)
        if self.means.second_reading:
            for (_, seen), line in zip(numbered, words, strict=True):
                _read_again(reading, seen, line)
            for line, decided in zip(words, decide([[word.token for word in line] for line in words], self.means, memory), strict=True):
                for word, decision in zip(line, decided, strict=True):
                    word.decision = decision
        usual = float(np.median([line.height for line in lines])) if lines else 0.0
        dark = darkness(reading, [(line.x0, line.y0, line.x1, line.y1) for line in lines])
        found = [
            (word, min(usual, seen.strip.line.height))
            for (number, seen), line, raised in zip(numbered, words, marks, strict=True)
            for word in with_notes([_finished(word, number) for word in line if word.decision.text], raised)
        ]
        if not self.means.ghosts:
            return tuple(word for word, _ in found)
        return tuple(word for word, height in found if not is_ghost(reading, word.box, word.text, word.confidence, height, dark))


def _first_reading(reading: Gray, seen: list[Extent], means: Means, memory: Memory) -> list[list[_Word]]:
    found = [tokens(line) for line in seen]
    places = [line.boxes([(token.first, token.last) for token in parts]) for line, parts in zip(seen, found, strict=True)]
    found = [
        tuple(_all_read(line, _by_strokes(reading, *each), each[1]) for each in zip(parts, boxes, strict=True))
        for line, parts, boxes in zip(seen, found, places, strict=True)
    ]
    decided = decide(found, means, memory)
    return [[_Word(*each) for each in zip(*row, strict=True)] for row in zip(found, places, decided, strict=True)]


def _drop_seen_twice(rows: list[int], words: list[list[_Word]]) -> None:
    """A line is looked at with some of the page beside it, where its neighbour in the row may begin: the "1" of 177.000 is then read in
    both. The narrower of two words in one place goes; changes `words`."""
    for (row, line), (next_row, after) in pairwise(zip(rows, words, strict=True)):
        if row != next_row or not line or not after:
            continue
        one, two = line[-1].box, after[0].box
        shared = min(one[2], two[2]) - max(one[0], two[0])
        wide, wide_after = one[2] - one[0], two[2] - two[0]
        narrow, whole = sorted((line[-1], after[0]), key=lambda word: word.box[2] - word.box[0])
        edge = whole.token.text.startswith if whole is after[0] else whole.token.text.endswith
        thin = min(wide, wide_after) < _THIN * (narrow.box[3] - narrow.box[1])  # of the "1" only the side that faces the line was seen
        if shared > (-_TOUCHING if thin and edge(narrow.token.text) else _SAME_PLACE * min(wide, wide_after)):
            if wide < wide_after:
                line.pop()
            else:
                after.pop(0)


def _by_strokes(reading: Gray, token: Token, box: Box) -> Token:
    """`token` with single quotes for double ones, of which alone the network knows, where the image has one stroke for each."""
    quoted = with_quotes(reading, box, token.text)
    if quoted is None:
        return token
    right, other = ("'", '"') if "'" in quoted else ('"', "'")
    kept = tuple(replace(spelling, text=spelling.text.replace(other, right)) for spelling in token.spellings)
    return replace(token, edges=max(token.edges, _STROKES), spellings=kept)


def _all_read(line: Extent, token: Token, box: Box) -> Token:
    """`token`, its edges doubtful where ink stands beside its letters; figures keep their own chance between spellings."""
    if not line.unread(token.first, token.last, box):
        return token
    return replace(token, edges=min(token.edges, _OVERLOOKED), overlooked=True)


def _doubtful(word: _Word) -> bool:
    token = word.token
    if not token.is_word:
        strange = (
            word.decision.misplaced or not _STRANGE.isdisjoint(token.text) or _run_together(token.text) or _unknown_capitals(token.text)
        )
        return token.weakest < _DOUBT_CODE or token.overlooked or strange
    if len(word.decision.text) < len(token.text):
        return True  # the language model has dropped a letter: what ink was it?
    if word.decision.contradicted or word.decision.misplaced:
        return True
    letters = core(word.decision.text)
    strange = not is_syllable(letters) and language().number(letters) == OTHER
    unheard = word.decision.unheard and token.weakest < (_DOUBT_UNHEARD if letters.islower() else _DOUBT_NAME)
    if min(word.decision.chance, token.edges) < _DOUBT or strange or unheard or not _STRANGE.isdisjoint(token.text):
        return True
    return word.decision.chance < _FIXED and not letters.islower() and _has_rival(token)


def _has_rival(token: Token) -> bool:
    """True for a name that the network saw as another name too: "Hiến", "Hiển", "Hiền". No company of words tells names apart."""
    model, own = language(), token.spellings[0]
    near = [core(other.text) for other in token.spellings[1:] if own.score - other.score < _RIVAL]
    return bool(near) and model.is_name(core(own.text)) and any(map(model.is_name, near))


def _unknown_capitals(text: str) -> bool:
    """No abbreviation that any text uses: "GIY" is a word that has lost a letter."""
    return text.isalpha() and language().number(text) == OTHER


def _run_together(text: str) -> bool:
    """Words without a space between them, or something with a letter amiss; not a code such as 12/QĐ-UBND."""
    return sum(c.islower() for c in text) > 3 and not any(c.isdigit() or c == "@" for c in text)


def _spans(line: list[_Word]) -> Iterator[tuple[int, int]]:
    """Runs of doubtful words with company as [start, stop), from the right, so that a span may change its length."""
    spans: list[list[int]] = []
    for i, word in enumerate(line):
        if not _doubtful(word):
            continue
        start, stop = i, i + 1
        company = _COMPANY * (word.box[3] - word.box[1])
        while start and word.box[0] - line[start].box[0] < company:
            start -= 1
        while stop < len(line) and line[stop - 1].box[2] - word.box[2] < company:
            stop += 1
        if spans and start <= spans[-1][1]:
            spans[-1][1] = max(stop, spans[-1][1])
        else:
            spans.append([start, stop])
    yield from ((start, stop) for start, stop in reversed(spans))


def _read_again(reading: Gray, seen: Extent, line: list[_Word]) -> None:
    """Ask Tesseract about the doubtful words of a line; changes `line` in place."""
    height = seen.strip.line.height
    for start, stop in _spans(line):
        x0 = (line[start - 1].box[2] + line[start].box[0]) / 2 if start else line[start].box[0] - 0.4 * height
        x1 = (line[stop - 1].box[2] + line[stop].box[0]) / 2 if stop < len(line) else line[stop - 1].box[2] + 0.4 * height
        theirs = read_line(reading, (x0, seen.strip.line.y0, x1, seen.strip.line.y1))
        theirs = tuple(replace(one, text=with_quotes(reading, one.box, one.text) or one.text) for one in theirs)
        asked = line[start:stop]
        answer: list[_Word] = []
        for pair in matched([word.decision.text for word in asked], theirs):
            answer += _settled([asked[i] for i in pair.tokens], list(pair.seen))
        line[start:stop] = answer


def _settled(ours: list[_Word], theirs: list[Seen]) -> list[_Word]:
    for word in ours:
        word.asked = True
    if not theirs:
        return ours
    if len(ours) == 1 and len(theirs) == 1:
        word = ours[0]
        if word.token.text in BEFORE_A_TITLE and theirs[0].text != word.token.text:
            return ours  # no engine's other sign outweighs a closed list
        if "'" in word.token.text and theirs[0].text == word.token.text.replace("'", ""):
            return ours  # its stroke was counted in the ink; at the edge of what is cut out the other reader overlooks it
        if word.token.text + "." in BEFORE_A_TITLE:
            return [_theirs(theirs[0])] if theirs[0].text in BEFORE_A_TITLE else ours
        return [replace(word, token=with_opinion(word.token, theirs[0]), seen=theirs[0])]
    least = min(trust(seen.confidence) for seen in theirs)
    if not ours:  # nobody else saw it: only when it is sure and makes sense
        return [_theirs(seen) for seen in theirs if trust(seen.confidence) > 0.95 and sensible([seen.text]) > 0.5]
    mine, said = [word.decision.text for word in ours], [seen.text for seen in theirs]
    if apart := _both_spaces(ours, theirs):
        return apart
    same = "".join(mine) == "".join(said)
    if not same and any(map(str.isdigit, "".join(mine))):
        return ours  # "8,4 m" is no "84m": what is likely between words says nothing about figures
    if same and len(said) < len(mine) and any(one[-1].isdigit() and two[0].isalpha() for one, two in pairwise(mine)):
        return ours  # "3 m": the white between a figure and its unit was measured
    if (least > 0.6 and sensible(said) > sensible(mine)) or (
        same and sensible(said) >= sensible(mine) and least > 0.95 and len(said) > len(mine)
    ):
        return [_theirs(seen) for seen in theirs]
    return ours


def _both_spaces(ours: list[_Word], theirs: list[Seen]) -> list[_Word]:
    """The three words of two that are read with a space at one letter here and at another there; none where they do not read alike."""
    if len(ours) != 2 or len(theirs) != 2:
        return []
    one, other = ours[0].decision.text, theirs[0].text
    if one + ours[1].decision.text != other + theirs[1].text or len(one) <= len(other):
        return []
    between = Seen(one[len(other) :], (theirs[1].box[0], ours[0].box[1], ours[0].box[2], ours[0].box[3]), theirs[1].confidence)
    parts = [theirs[0], between]
    apart = sensible([*(part.text for part in parts), ours[1].decision.text]) >= sensible([one, ours[1].decision.text])
    return [*map(_theirs, parts), ours[1]] if apart else []


def _theirs(seen: Seen) -> _Word:
    token = Token(0, 0, trust(seen.confidence), trust(seen.confidence), (Spelling(seen.text, 0.0),), bool(core(seen.text)))
    return _Word(token, seen.box, Decision(seen.text, 1.0), seen, asked=True)


def _finished(word: _Word, line: int) -> ReadWord:
    text = word.decision.text
    own = word.token.raw or word.token.text
    sure = confidence(word.token, word.decision, word.seen, word.asked)
    return ReadWord(text, as_set(word.box, text), sure, line, None if text == own else own)
