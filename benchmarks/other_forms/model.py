"""What a paper to be drawn is made of: the answers with their truth, and the parts in which they stand."""

from typing import Any

from msgspec import Struct, field

_SHORT = ("date", "int", "decimal", "id12", "id", "mst", "phone", "enum", "money", "email")


class Answer(Struct):
    """One field as it is printed. `printed` is what stands on the paper, "" for an empty place; `value` the truth of it."""

    name: str
    label: str
    value: Any
    printed: str
    type: str
    section: str = ""
    number: str = ""  # as the legal form numbers it: "4", "2.1", "[05]"
    unit: str = ""  # printed after the answer
    hint: str = ""  # printed in brackets after the label
    brief: str = ""  # the label under a heading that says whose it is
    english: str = ""
    cell: tuple[str, int, str] | None = None  # table, row from 1, column
    group: str = ""
    handwritten: bool = False
    raw: str | None = None  # another way to say the truth, where both are right

    @property
    def wide(self) -> bool:
        """Whether it needs a line of its own."""
        return (self.type not in _SHORT and len(self.printed or " " * 20) > 24) or len(self.label) + len(self.printed) > 56


class Group(Struct):
    """Answers that a layout may arrange as it likes, under a printed heading or none."""

    answers: list[Answer]
    heading: str = ""
    number: str = ""


class SideBySide(Struct):
    """Two groups that ask the same of two people: mother and father."""

    groups: tuple[Group, Group]


class Boxes(Struct):
    """A question answered by ticking. `tail` are answers on the same line, after the boxes."""

    question: str
    boxes: list[Answer]
    number: str = ""
    after: bool = True  # the legal form has the box after its words
    tail: list[Answer] = field(default_factory=list)


class Grid(Struct):
    """A table of the form; its cells are answers. `blank` rows follow, with nothing but their numbers."""

    label: str
    columns: list[tuple[str, float]]  # words of the head, share of the width
    rows: list[list[Answer | str]]
    number: str = ""
    blank: int = 0
    numbered: bool = True


class Items(Struct):
    """A list of short answers, one a line, under a label."""

    label: str
    answers: list[Answer]
    number: str = ""


class Sentence(Struct):
    """Running text with answers in it: pieces of words and answers in turn. `answers` alone have a place in the truth."""

    pieces: list[str | Answer]
    look: str = "first"  # CSS class: first (indented), centre, plain


class Words(Struct):
    """Printed words without answers. `look` is a CSS class: heading, centre, small, plain."""

    text: str
    look: str = "plain"


class Dated(Struct):
    """Place and date on the right, or the date alone; `place` is an answer, plain words or nothing."""

    date: Answer
    place: Answer | str = ""
    lead: str = ""  # "Làm tại:"


class Signer(Struct):
    """A column of signatures. `title` lines are bold; `name` is the answer below them, None where nobody signs."""

    title: list[str | Answer]
    name: Answer | None
    note: str = "(Ký, ghi rõ họ tên)"
    over: Dated | None = None
    position: Answer | None = None  # below the note: "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH"
    seal: tuple[str, str] | None = None


class Signatures(Struct):
    """Signers side by side, the last one on the right."""

    signers: list[Signer]


class Free(Struct):
    """HTML that a kind draws itself; "{0}" in it is the first of its answers, and so on."""

    html: str
    answers: list[Answer]


Part = Group | SideBySide | Boxes | Grid | Items | Sentence | Words | Dated | Signatures | Free


class Form(Struct):
    """A filled paper. `agency` stands left of the state's name, `remark` in the corner (number and legal basis of the form)."""

    title: list[str]
    parts: list[Part]
    agency: list[str] = field(default_factory=list)
    remark: str = ""
    subtitle: str = ""
    head: list[Answer] = field(default_factory=list)  # answers that are part of the head or the title
    before: list[Part] = field(default_factory=list)  # between the state's name and the title
    state: bool = True
    card: bool = False
