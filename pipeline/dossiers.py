"""What the papers of one dossier say of the same person, side by side.

A dossier is what was handed in together: the files of one folder or one ZIP, or those that carry the same dossier code.
The same person is known by the personal number, or by name and birth date. Differences are listed with every place where
each value stands; no value is changed. Papers that contradict each other wait for a person, save for addresses: people
move, and papers are filed because they did.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath
from sys import intern
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from rapidfuzz.distance import Levenshtein

from ocr.export.delivered import Delivered
from ocr.fields.folding import fold
from ocr.fields.people import Aspect, Person, Statement, people, same
from sohoa.checks import Check, check

_NUMBERS = ("so_ky_hieu", "so", "so_chung_thuc")  # fields with a paper's own number
_MISREAD = 3  # figures: two numbers that differ by more belong to two people of one name and birth year

ASPECTS: Mapping[Aspect, tuple[str, str]] = {
    "id": ("Số định danh cá nhân", "personal number"),
    "name": ("Họ và tên", "name"),
    "birth": ("Ngày sinh", "birth date"),
    "sex": ("Giới tính", "sex"),
    "ethnicity": ("Dân tộc", "ethnicity"),
    "nationality": ("Quốc tịch", "nationality"),
    "address": ("Nơi cư trú", "address"),
    "origin": ("Quê quán", "place of origin"),
}
_BLOCKING: frozenset[Aspect] = frozenset({"id", "name", "birth", "sex", "ethnicity", "nationality"})


class Paper(Struct, frozen=True):
    """One delivered document of a batch: its row's name and source, and what is compared of it; `read` gives it whole.

    A batch may have many thousands, so no more than this is kept of each. `numbers` are the paper's own, field by value.
    """

    name: str
    source: str
    template: str | None
    pages: int
    people: tuple[Person, ...]
    numbers: Mapping[str, str]
    codes: Mapping[str, str]
    read: Callable[[], Delivered]


def paper_of(name: str, source: str, read: Callable[[], Delivered], codes: Mapping[str, str] | None = None) -> Paper:
    """What is compared of the document that `read` gives."""
    document = read()
    numbers = {key: found.value for key in _NUMBERS if (found := document.field(key)) and isinstance(found.value, str)}
    everybody = tuple(Person(one.role, tuple(map(_lean, one.statements))) for one in people(document))
    return Paper(name, source, document.template, len(document.pages), everybody, numbers, codes or {}, read)


def _lean(said: Statement) -> Statement:
    """The same; names of fields, which thousands of papers repeat, are kept once."""
    return replace(said, field=intern(said.field), label=intern(said.label), source=intern(said.source), status=intern(said.status))


class Place(Struct, frozen=True):
    """Where something is said: a paper and the statement in it."""

    paper: Paper
    said: Statement


class Difference(Struct, frozen=True):
    """One aspect of one person, said in several ways: each value with all its places."""

    aspect: Aspect
    values: tuple[tuple[Place, ...], ...]

    @property
    def blocking(self) -> bool:
        """Whether the fields concerned must be looked at by a person."""
        return self.aspect in _BLOCKING


class Dossier(Struct, frozen=True):
    """Papers that belong together. `key` is the folder or archive they came in, or the dossier's own code."""

    key: str
    code: str | None
    papers: tuple[Paper, ...]
    people: tuple[tuple[tuple[Paper, Person], ...], ...]
    differences: tuple[tuple[int, Difference], ...]


def dossiers(papers: Sequence[Paper]) -> list[Dossier]:
    """The papers of a batch put together, in the order of their first paper."""
    made = []
    for (key, code), members in _together(papers).items():
        clusters = _clusters([(paper, person) for paper in members for person in paper.people])
        differences = [(number, one) for number, cluster in enumerate(clusters) for one in _differences(cluster)]
        made.append(Dossier(key, code, tuple(members), tuple(map(tuple, clusters)), tuple(differences)))
    return made


def _together(papers: Sequence[Paper]) -> dict[tuple[str, str | None], list[Paper]]:
    """By dossier code where there is one; a paper without one joins the only code of its folder."""
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for paper in papers:
        if code := paper.codes.get("dossier"):
            codes[folder_of(paper.source)].add(code)
    groups: dict[tuple[str, str | None], list[Paper]] = {}
    for paper in papers:
        folder = folder_of(paper.source)
        code = paper.codes.get("dossier") or (next(iter(codes[folder])) if len(codes[folder]) == 1 else None)
        groups.setdefault((code or folder, code), []).append(paper)
    return groups


def folder_of(source: str) -> str:
    """The folder or archive a source lies in; pages taken out of a file stay where the file is."""
    return str(PurePath(source).parent)


def _clusters(found: Sequence[tuple[Paper, Person]]) -> list[list[tuple[Paper, Person]]]:
    """The same person of several papers together; in the order of first mention."""
    leader = list(range(len(found)))

    def root(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    by_number: dict[str, int] = {}
    by_name: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for i, (_, person) in enumerate(found):
        for number in person.said("id"):
            leader[root(i)] = root(by_number.setdefault(number, i))
        for key in _names(person):
            for other in by_name[key]:
                if _one_person(person, found[other][1]):
                    leader[root(i)] = root(other)
            by_name[key].append(i)
    groups: dict[int, list[tuple[Paper, Person]]] = {}
    for i, one in enumerate(found):
        groups.setdefault(root(i), []).append(one)
    return list(groups.values())


def _names(person: Person) -> Iterable[tuple[str, str]]:
    return {(fold(name), birth[:4]) for name in person.said("name") for birth in person.said("birth")}


def _one_person(one: Person, two: Person) -> bool:
    """Same name and birth year are given; the whole date, or numbers that one misread figure makes equal, must speak for it."""
    dates = [{birth for birth in person.said("birth") if len(birth) == 10} for person in (one, two)]
    if dates[0] and dates[1]:
        return bool(dates[0] & dates[1])
    numbers = (one.said("id"), two.said("id"))
    return not all(numbers) or any(Levenshtein.distance(a, b) <= _MISREAD for a in numbers[0] for b in numbers[1])


def _differences(cluster: Sequence[tuple[Paper, Person]]) -> list[Difference]:
    found = []
    for aspect in ASPECTS:
        values: list[list[Place]] = []
        for paper, person in cluster:
            for said in person.statements:
                if said.aspect != aspect:
                    continue
                place = Place(paper, said)
                # One place stands for its value; the fullest of them, so that a year does not join two dates.
                home = next((value for value in values if all(same(aspect, said, other.said) for other in value)), None)
                if home is None:
                    values.append([place])
                else:
                    home.append(place)
        if len(values) > 1:
            found.append(Difference(aspect, tuple(map(tuple, values))))
    return found


def checks_of(paper: Paper, dossier: Dossier) -> list[tuple[Check, bool]]:
    """What this paper must be told: (check, whether its fields must be looked at)."""
    made = []
    for _, difference in dossier.differences:
        for value in difference.values:
            here = [place for place in value if place.paper is paper]
            if not here:
                continue
            others = [place for other in difference.values if other is not value for place in other]
            fields = tuple(dict.fromkeys(place.said.field for place in here))
            inside = all(place.paper is paper for place in others)
            vi, en = ASPECTS[difference.aspect]
            facts = {
                "aspect_vi": vi,
                "aspect_en": en,
                "value": _shown(here[0].said),
                "others_vi": "; ".join(_place(place, "trang") for place in others[:5]),
                "others_en": "; ".join(_place(place, "page") for place in others[:5]),
            }
            # A reading that is in doubt itself contradicts nothing yet: it is told, and waits for a person where it stands.
            sure = any(place.said.status == "accepted" or place.said.source in ("qr", "mrz") for place in others)
            code = "paper_disagrees" if inside else ("dossier_differs" if difference.blocking else "dossier_address")
            made.append((check(code, "warning", fields, **facts), difference.blocking and sure))
    return made


def _place(place: Place, page: str) -> str:
    source = {"qr": " (QR)", "mrz": " (MRZ)"}.get(place.said.source, "")
    where = f", {page} {place.said.page}" if place.said.page else ""
    return f"“{_shown(place.said)}” – {place.paper.name}{where}{source}"


def as_json(dossier: Dossier) -> dict[str, Any]:
    """The dossier as it stands in `dossiers.json`: its papers with their counts, its people, and what differs."""
    kinds = Counter(paper.template for paper in dossier.papers)
    return {
        "dossier": dossier.key,
        "code": dossier.code,
        "documents": [
            {"name": paper.name, "source": paper.source, "template": paper.template, "pages": paper.pages} for paper in dossier.papers
        ],
        "counts": {
            "documents": len(dossier.papers),
            "pages": sum(paper.pages for paper in dossier.papers),
            "unknown": kinds[None],
        },
        "people": [
            {
                "number": number,
                "in": [{"name": paper.name, "role": person.role} for paper, person in cluster],
                **{aspect: _first(cluster, aspect) for aspect in ("id", "name", "birth")},
            }
            for number, cluster in enumerate(dossier.people, 1)
        ],
        "differences": [
            {
                "person": number + 1,
                "aspect": difference.aspect,
                "blocking": difference.blocking,
                "text_vi": f"{ASPECTS[difference.aspect][0]}: {_said(difference)}",
                "text_en": f"{ASPECTS[difference.aspect][1]}: {_said(difference)}",
                "values": [{"value": _shown(value[0].said), "places": [_where(place) for place in value]} for value in difference.values],
            }
            for number, difference in dossier.differences
        ],
    }


def _said(difference: Difference) -> str:
    return " ≠ ".join(f"“{_shown(value[0].said)}”" for value in difference.values)


def _first(cluster: Sequence[tuple[Paper, Person]], aspect: Aspect) -> str | None:
    said = next((said for _, person in cluster for said in person.statements if said.aspect == aspect), None)
    return None if said is None else _shown(said)


def _where(place: Place) -> dict[str, Any]:
    said = place.said
    return {
        "name": place.paper.name,
        "source": place.paper.source,
        "field": said.field,
        "page": said.page,
        "box": said.box,
        "from": said.source,
        "status": said.status,
    }


def _shown(said: Statement) -> str:
    """A number without the words around it, everything else as it was read."""
    return said.comparable if said.aspect == "id" else said.value
