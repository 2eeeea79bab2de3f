"""The report for people: one HTML page that stands alone, and a text for the terminal. Vietnamese, nothing fetched."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined

from verification.model import Difference, Verdict
from verification.reading import Lamp, read

_MARKS = {"good": "✓", "bad": "✕", "unknown": "?", "off": "–"}
_RESULTS = {"passed": "✓", "warning": "!", "failed": "✕", "not_made": "?"}


def report_html(verdict: Verdict, file: str, changed: Difference | None = None) -> str:
    """A whole HTML document: no script, no outside resource, a content security policy of its own, made to be printed.

    With `changed`, pages that look different from what was signed are shown beside each other.
    """
    return render("report.html", reading=read(verdict, file), pictures=pictures(changed), more=changed.more if changed else 0)


def pictures(changed: Difference | None) -> list[tuple[int, str | None, str | None]]:
    """Page number, picture as signed, picture now: addresses that hold the picture themselves (RFC 2397)."""

    def inline(png: bytes | None) -> str | None:
        return "data:image/png;base64," + base64.b64encode(png).decode() if png else None

    return [(page.page, inline(page.signed), inline(page.final)) for page in changed.pages] if changed else []


def report_text(verdict: Verdict, file: str) -> str:
    """Some lines for the terminal; the details are in the JSON and the HTML."""
    reading = read(verdict, file)
    lines = [f"{reading.title} · {reading.document[0][1]}", f"  {reading.sentence}"]
    lines += [f"  {_MARKS[lamp.light]} {lamp.question} {lamp.answer}" for lamp in reading.lamps]
    for signature in reading.signatures:
        lines += ["", f"  {signature.heading}"]
        lines += [f"    {label + ':':<27} {value}" for label, value in signature.facts]
        lines += [f"    {'+' if allowed else '✕'} {text}" for text, allowed in signature.changes]
    if reading.seal:
        lines += ["", "  Con dấu QR trên bản in"]
        lines += [f"    {label + ':':<30} {value}" for label, value in reading.seal]
        lines += [f"    {reading.seal_meaning}"]
    if reading.copy:
        lines += ["", "  Bản sao điện tử chứng thực"]
        lines += [f"    {label + ':':<30} {value}" for label, value in reading.copy]
    doubts = [text for result, text in reading.checks if result in ("failed", "not_made", "warning")]
    if doubts:
        lines += ["", "  Cần lưu ý:"] + [f"    - {text}" for text in doubts]
    if reading.next_step:
        lines += ["", f"  → {reading.next_step}"]
    return "\n".join(lines) + "\n"


def render(template: str, **values: object) -> str:
    """A template of `verification/page/templates`, every value escaped."""
    return _environment().get_template(template).render(style=style(), style_hash=style_hash(), **values)


@cache
def style() -> str:
    """The one style sheet, printed into every page."""
    return _template_text("style.css")


@cache
def style_hash() -> str:
    """What the content security policy names the style sheet by."""
    digest = hashlib.sha256(style().encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


@cache
def _environment() -> Environment:
    environment = Environment(loader=FunctionLoader(_template_text), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.globals.update(mark=_mark, result_mark=_RESULTS.__getitem__)
    return environment


def _template_text(name: str) -> str:
    return files("verification").joinpath("page", "templates", name).read_text(encoding="utf8")


def _mark(lamp: Lamp) -> str:
    return _MARKS[lamp.light]
