"""What the same paper says elsewhere: a name or a place read badly here may stand there read well.

A form asks for the same people and places again and again. Where a doubtful word is a letter or two from what another answer of the
paper says surely, that is what is shown to the person who looks; nothing becomes accepted by it, and `raw` keeps what was read.
"""

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Levenshtein

from ocr.fields.draft import Draft
from ocr.fields.folding import fold
from ocr.fields.layout import Token
from ocr.fields.types.registry import normalise

_SURE = 0.86
_DOUBT = 0.8
_ONE_WORD = frozenset({"xa", "phuong", "huyen", "quan", "tinh"})
_TWO_WORDS = frozenset({"thanhpho", "thitran", "thixa"})
_LONGEST = 5  # words of a name of a place or a person


def believe_as_elsewhere(drafts: Sequence[Draft]) -> None:
    """Lifts the doubt from names and places that language alone settled, where the paper holds the same words read without its help."""
    texts = [draft for draft in drafts if draft.entry.type in ("name", "text") and isinstance(draft.value, str)]
    sure = [draft for draft in texts if _is_sure(draft)]
    people = {str(draft.value) for draft in sure if draft.entry.type == "name"}
    places = {words for draft in sure if draft.entry.type == "text" for words in _places(str(draft.value).split())}
    for draft in texts:
        if draft.source != "print" or not draft.tokens or not draft.sure or not draft.raw_differs or draft.confidence < _SURE:
            continue
        if draft.entry.type == "name":
            draft.raw_differs = str(draft.value) not in people
            continue
        said = [token.text for token in draft.tokens]
        proven = {
            at
            for first, end in _units(said)
            if tuple(word.strip(" .,;:") for word in said[first:end]) in places
            for at in range(first, end)
        }
        draft.raw_differs = any(token.raw_differs and at not in proven for at, token in enumerate(draft.tokens))


def say_as_elsewhere(drafts: Sequence[Draft]) -> None:
    """Doubtful names and places of `drafts` in the words that a sure one of them has."""
    texts = [draft for draft in drafts if draft.entry.type in ("name", "text") and isinstance(draft.value, str)]
    sure = [draft for draft in texts if _is_sure(draft)]
    people = {tuple(str(draft.value).split()) for draft in sure if draft.entry.type == "name"}
    places = {words for draft in sure if draft.entry.type == "text" for words in _places(str(draft.value).split())}
    for draft in texts:
        if draft.source not in ("print", "handwriting") or _is_sure(draft):
            continue
        better = _person(draft.tokens, people) if draft.entry.type == "name" else _place(draft.tokens, places)
        value = normalise(draft.entry.type, " ".join(better), draft.entry.choices).value if better else None
        if value is not None and value != draft.value:
            draft.value, draft.raw_differs, draft.confirmed = value, True, False
            draft.confidence = min(draft.confidence, _DOUBT)


def _is_sure(draft: Draft) -> bool:
    return draft.sure and not draft.raw_differs and (draft.confidence >= _SURE or draft.confirmed)


def _doubtful(token: Token) -> bool:
    return token.raw_differs or token.confidence < _SURE


def _person(words: Sequence[Token], people: set[tuple[str, ...]]) -> list[str]:
    """The words of the one sure name that differs in one doubtful word, by a letter or two; in the case of the name read."""
    read = [token.text.strip(" .,;:") for token in words if token.fold]
    tokens = [token for token in words if token.fold]
    near: set[tuple[str, ...]] = set()
    for name in people:
        other = [at for at, (one, two) in enumerate(zip(read, name, strict=False)) if one.casefold() != two.casefold()]
        if len(name) != len(read) or len(read) < 3 or len(other) != 1 or not _doubtful(tokens[other[0]]):
            continue
        if _near(read[other[0]], name[other[0]]):
            near.add(tuple(word.casefold() for word in name))
    if len(near) != 1:
        return []
    return [_in_case(one, two) for one, two in zip(read, near.pop(), strict=True)]


def _place(words: Sequence[Token], places: set[tuple[str, ...]]) -> list[str]:
    """The text with its doubtful places as they are said elsewhere; empty when there is nothing to change."""
    said = [token.text for token in words]
    changed = False
    starts = [at for at, _ in _units(said)]
    for at in starts or ([0] if 1 < len(words) < _LONGEST else []):
        near = {name for name in places if _differs_a_little(words[at : at + len(name)], name, at > 0 or bool(starts))}
        if len(near) == 1:
            name = near.pop()
            for position, word in enumerate(name, at):
                core = said[position].strip(" .,;:")
                said[position] = said[position].replace(core, word) if core else word
            changed = True
    return said if changed else []


def _differs_a_little(tokens: Sequence[Token], name: Sequence[str], in_list: bool) -> bool:
    """True when doubtful `tokens` are the letters of `name` but for a few, and its words end where the tokens do."""
    read = [token.text.strip(" .,;:") for token in tokens]
    if len(read) != len(name) or read == list(name) or not any(map(_doubtful, tokens)) or not (in_list or len(name) > 1):
        return False
    if any(token.text.endswith((",", ";")) for token in tokens[:-1]):
        return False
    pairs = [(one, two) for one, two in zip(read, name, strict=True) if one != two]
    return len(pairs) == 1 and len("".join(name)) >= 5 and _near(*pairs[0])


def _near(read: str, said: str) -> bool:
    distance = Levenshtein.distance(read.casefold(), said.casefold())
    return distance == 1 or (distance == 2 and len(said) > 2 and Levenshtein.distance(fold(read), fold(said)) <= 1)


def _in_case(read: str, word: str) -> str:
    return word.upper() if len(read) > 1 and read.isupper() else word[:1].upper() + word[1:]


def _units(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(position of a place's first word, one past its last) behind every unit's word in small letters."""
    folded = [fold(word) for word in words]
    for at, word in enumerate(words):
        pair = folded[at] + (folded[at + 1] if at + 1 < len(words) else "")
        first = at + 2 if pair in _TWO_WORDS else at + 1 if folded[at] in _ONE_WORD else 0
        if not first or not word[:1].islower() or words[at].endswith(","):
            continue
        end = first
        while end < len(words) and end - first < _LONGEST and words[end][:1].isupper():
            end += 1
            if words[end - 1].endswith((",", ";")):
                break
        if end > first:
            yield first, end


def _places(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for first, end in _units(words):
        yield tuple(word.strip(" .,;:") for word in words[first:end])
