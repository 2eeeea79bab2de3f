"""The whole paper: head of state, title, parts, footnotes; laid out by Chromium and printed to PDF."""

import html
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.other_forms.answers import Pen
from benchmarks.other_forms.model import Form
from benchmarks.other_forms.parts import part
from benchmarks.other_forms.style import LEADER_BORDERS, Style

_CHROMIUM = "/usr/bin/chromium"
_STATE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO = "Độc lập - Tự do - Hạnh phúc"
_FOLDER = Path(__file__).parent
_CSS = (_FOLDER / "paper.css").read_text(encoding="utf8")
_FILL = (_FOLDER / "leaders.js").read_text(encoding="utf8")


def paper(form: Form, look: Style, chance: random.Random) -> str:
    """The HTML of a filled form."""
    pen = Pen(look)
    before = "".join(part(pen, one, chance) for one in form.before)
    body = "".join(part(pen, one, chance) for one in form.parts)
    notes = "".join(f"<div><sup>{number}</sup> {note}</div>" for number, note in enumerate(pen.footnotes, 1))
    title = (
        f'<div class="title" style="font-size:{chance.choice((1.12, 1.2, 1.3)):.2f}em">{"<br>".join(form.title)}</div>'
        if form.title
        else ""
    )
    subtitle = f'<div class="subtitle">{form.subtitle}</div>' if form.subtitle else ""
    foot = f'<div class="notes">{notes}</div>' if notes else ""
    head = _head(form, look, chance) if form.state else ""
    return _card(body) if form.card else _document(look, head + before + title + subtitle + body + foot)


def _card(body: str) -> str:
    """The HTML of a card of 85.6 by 53.98 mm."""
    size = "@page { size: 85.6mm 53.98mm; margin: 0 } body { width: 85.6mm; height: 53.98mm; overflow: hidden; position: relative; }"
    return _whole(size, body)


def _document(look: Style, body: str) -> str:
    border = LEADER_BORDERS.get(look.leader, "")
    under = f".l .v, .l .fill, .s .v {{ border-bottom: {border}; line-height: 1.15; }}" if border else ""
    own = f"""
body {{ font-family: '{look.face}', serif; font-size: {look.size}pt; line-height: {look.leading}; }}
.lb {{ {look.label_look} }} .v {{ font-family: '{look.answer_face}', serif; {look.answer_look} }} {under}
"""
    return _whole(own, body, "held" if look.held_out else "")


def _whole(own: str, body: str, name: str = "") -> str:
    return f'<!DOCTYPE html><html lang="vi" class="{name}"><meta charset="utf-8"><style>{_CSS}{own}</style><body>{body}</body></html>'


def _head(form: Form, look: Style, chance: random.Random) -> str:
    remark = f'<div class="remark">{html.escape(form.remark)}</div>' if form.remark else ""
    english = "<div>SOCIALIST REPUBLIC OF VIET NAM<br><b>Independence - Freedom - Happiness</b></div>" if look.english_head else ""
    size = f"font-size:{chance.choice((0.92, 1.0)):.2f}em"
    state = f'<div class="state" style="{size}"><b>{_STATE}</b><b>{_MOTTO}</b><span class="line" style="width:52%"></span>{english}</div>'
    if form.agency or not look.centred_head:
        lines = form.agency or [""]
        over = "".join(f"<span>{line}</span><br>" for line in lines[:-1])
        rule = '<span class="line" style="width:34%"></span>' if lines[-1] else ""
        left = f'<div class="agency" style="{size}">{over}<b>{lines[-1]}</b>{rule}</div>'
        return f'{remark}<div class="top">{left}{state}</div>'
    return f'{remark}{_bars(chance) if look.barcode else ""}<div style="text-align:center">{state}</div>'


def _bars(chance: random.Random) -> str:
    """A bar code with its figures: numbers that are no answer."""
    x, rects = 0, []
    for number in range(44):
        width = chance.choice((1, 1, 2, 3))
        if number % 2 == 0:
            rects.append(f'<rect x="{x}" width="{width}" height="20"/>')
        x += width
    figures = (
        f"{chance.choice(('H01', 'G22', 'H58'))}.{chance.randint(1, 40)}-{chance.randint(240101, 260628)}-{chance.randint(1, 9999):04}"
    )
    return f'<div class="bars"><svg viewBox="0 0 {x} 20" width="34mm" preserveAspectRatio="none">{"".join(rects)}</svg>{figures}</div>'


@contextmanager
def printer() -> Iterator[Callable[[str, Style | None], bytes]]:
    """A function from HTML to PDF: A4 with the margins of a style, or a card's own page without one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        )
        page = browser.new_page()

        def to_pdf(document: str, look: Style | None) -> bytes:
            top, right, bottom, left = look.margins if look else (0, 0, 0, 0)
            page.set_viewport_size({"width": round((210 - left - right) * 96 / 25.4), "height": 1000})
            page.set_content(document)
            page.evaluate("document.fonts.ready")
            page.evaluate(_FILL)
            if look is None:
                return bytes(page.pdf(prefer_css_page_size=True, print_background=True))
            numbers = html.escape(look.page_numbers).format(
                page='<span class="pageNumber"></span>', pages='<span class="totalPages"></span>'
            )
            footer = f'<div style="width:100%;text-align:center;font-size:8pt;font-family:serif">{numbers}</div>'
            shown = bool(look.page_numbers)
            return bytes(
                page.pdf(
                    format="A4",
                    margin={"top": f"{top}mm", "right": f"{right}mm", "bottom": f"{bottom}mm", "left": f"{left}mm"},
                    print_background=True,
                    display_header_footer=shown,
                    header_template="<i></i>",
                    footer_template=footer,
                )
            )

        yield to_pdf
        browser.close()
