"""What several kinds of paper say in the same way."""

import random
from datetime import date

from benchmarks.other_forms.invented import Citizen, identity_paper, issue_day
from benchmarks.other_forms.model import Answer, Group, Signer, Words
from benchmarks.other_forms.writer import Writer

OATH = "Tôi cam đoan những nội dung khai trên đây là đúng sự thật và chịu trách nhiệm trước pháp luật về cam đoan của mình."


def headed(w: Writer, heading: str, answers: list[Answer], number: str = "") -> Group:
    """A group under its heading, where the paper has headings."""
    return Group(answers, heading if w.headed else "", number if w.headed else "")


def who(w: Writer, person: Citizen, sex: str, ethnic: str, nation: str) -> list[Answer]:
    """Sex, ethnic group and nationality of somebody, in the fields of these names."""
    return [w.ask(sex, person.sex), w.ask(ethnic, person.ethnic), w.ask(nation, "Việt Nam")]


def paper_of(w: Writer, person: Citizen, day: date, number: str = "") -> str:
    """The identity paper of somebody in one line."""
    return identity_paper(w.chance, number or person.id12, issue_day(w.chance, day), w.style.held_out)


def lead(w: Writer, words: str, other: str) -> Words:
    """A line between groups, in the wording of the paper's half."""
    return Words(other if w.style.held_out else words, w.chance.choice(("plain", "heading")))


def signer(w: Writer, name: str, person: str | None, title: str) -> Signer:
    """Somebody who signs, with their name below."""
    notes = ("(Ký, ghi rõ họ tên)", "(Ký, ghi rõ họ, chữ đệm, tên)") if not w.style.held_out else ("(Ký và ghi rõ họ tên)", "(ký tên)", "")
    return Signer([title], w.ask(name, person), w.chance.choice(notes))


def leader_title(chance: random.Random) -> str:
    """How a commune's leader signs, one line or several."""
    return chance.choice(
        (
            "CHỦ TỊCH",
            "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH",
            "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH",
            "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH",
            "TUQ. CHỦ TỊCH\nCÔNG CHỨC TƯ PHÁP - HỘ TỊCH",
        )
    )
