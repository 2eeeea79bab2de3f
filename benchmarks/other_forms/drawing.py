"""Draws a set: every kind of paper in turn, each in a look of its own, with its truth."""

import io
import json
import random
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from msgspec.structs import asdict, replace

from benchmarks.other_forms.kinds import KINDS, Kind
from benchmarks.other_forms.model import Answer, Form, Group, SideBySide
from benchmarks.other_forms.page import paper, printer
from benchmarks.other_forms.parts import answers_of
from benchmarks.other_forms.style import Style, style
from benchmarks.other_forms.taken import CONDITIONS, take
from benchmarks.other_forms.writer import Writer

_HASTY = 0.35  # papers filled by people who leave more out than the law lets them


def draw(out: Path, seed: int, count: int, held_out: bool, conditions: tuple[str, ...] = CONDITIONS) -> None:
    """Write `count` papers to `out/images/<condition>/` and their truth to `out/truth/`; the same seed gives the same papers."""
    kinds = _in_turn(random.Random(f"kinds/{seed}/{held_out}"))  # noqa: S311  # made-up papers, the same on every run
    half = "held" if held_out else "seen"
    (out / "truth").mkdir(parents=True, exist_ok=True)
    with printer() as to_pdf:
        for number in range(count):
            kind = kinds[number % len(kinds)]
            chance = random.Random(f"{seed}/{number}/{held_out}")  # noqa: S311
            writer = Writer(kind.file, _look(kind, chance, held_out), chance, kind.codes)
            form = kind.write(writer)
            if not kind.plain and not writer.checks and chance.random() < _HASTY:
                _leave_out(form, chance)
            pdf = _written(to_pdf(paper(form, writer.style, chance), None if form.card else writer.style))
            name = f"{half}{seed}_{number + 1:03}_{writer.template.slug}"
            truth = _truth(name, writer, form, pdf)
            (out / "truth" / f"{name}.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
            take(pdf, name, out / "images", chance, form.card, conditions)


def _leave_out(form: Form, chance: random.Random) -> None:
    for part in form.parts:
        for answer in answers_of(part) if isinstance(part, Group | SideBySide) else ():
            if chance.random() < 0.12:
                answer.value = answer.printed = ""


def _in_turn(chance: random.Random) -> list[Kind]:
    """The kinds shuffled, but every form before a second version of one, and every version before a second paper of it."""
    kinds = list(KINDS)
    chance.shuffle(kinds)
    forms: set[str] = set()
    files: set[str] = set()
    turns = []
    for kind in kinds:
        form = kind.file.partition("__")[0]
        turns.append(0 if form not in forms else 1 if kind.file not in files else 2)
        forms.add(form)
        files.add(kind.file)
    return [kind for _, kind in sorted(zip(turns, kinds, strict=True), key=lambda one: one[0])]


def _look(kind: Kind, chance: random.Random, held_out: bool) -> Style:
    look = style(chance, held_out)
    return replace(look, answer_face=look.face, answer_look="", leader="none", caps=False) if kind.plain else look


def _truth(name: str, writer: Writer, form: Form, pdf: bytes) -> dict[str, Any]:
    answers = [answer for part in (*form.before, *form.parts) for answer in answers_of(part)]
    texts = _texts(pdf)
    page, fields = 0, []
    for answer in (*form.head, *answers):
        words = "".join(answer.printed.split())
        page = next((number for number in range(page, len(texts)) if words and words in texts[number]), page)
        fields.append(_field(answer, page + 1))
    return {
        "doc_id": name,
        "template": writer.template.slug,
        "template_version": writer.template.version,
        "title": " ".join(form.title),
        "pages": len(texts),
        "style": asdict(writer.style),
        "checks": writer.checks,
        "fields": fields,
    }


def _field(answer: Answer, page: int) -> dict[str, Any]:
    said = {
        "name": answer.name,
        "label": answer.label,
        "section": answer.section,
        "value": answer.value,
        "raw": answer.raw if answer.raw is not None else " ".join(answer.printed.split()),
        "type": answer.type,
        "page": page,
        "empty": answer.value == "" and answer.type != "checkbox",
        "handwritten": answer.handwritten,
    }
    if answer.group:
        said["group"] = answer.group
    if answer.cell:
        said["table"], said["row"], said["col"] = answer.cell
    return said


def _written(pdf: bytes) -> bytes:
    """Without a last page on which nothing stands but its number."""
    if len(_texts(pdf)) == 1 or len(_texts(pdf)[-1]) > 12:
        return pdf
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        del document.pages[-1]
        document.save(out)
    return out.getvalue()


def _texts(pdf: bytes) -> list[str]:
    """The words of each page without spaces, to see on which page an answer stands."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()
