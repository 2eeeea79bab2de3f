"""One label and one answer as HTML: numbers, hints, leaders, boxes for figures, marks in check boxes."""

import html
from itertools import count

from msgspec import Struct, field

from benchmarks.other_forms.model import Answer
from benchmarks.other_forms.style import LEADER_WORDS, Style

_TICK = '<svg class="ink" viewBox="0 0 20 20"><path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linecap="round"/></svg>'
_TICKS = {
    "drawn_cross": (_TICK.format("M4 4 L16 16 M16 4 L4 16", "#111", 2.4), "within"),
    "drawn_tick": (_TICK.format("M4 10 L8.5 15.5 L16.5 3.5", "#111", 2.4), "within"),
    "drawn_over": (_TICK.format("M1 9 C4 11 6 15 8 18 C11 9 15 3 21 -3", "#1d3bb0", 2.2), "over"),
    "typed_x": ("<b>X</b>", "within"),
}
_GLYPHS = {
    "glyph_tick": ("☐", "☑"),
    "glyph_cross": ("☐", "☒"),
    "square_fill": ("□", "■"),
    "glyph_mixed": ("□", "☑"),
    "brackets": ("[&nbsp;&nbsp;]", "[x]"),
    "round": ("(&nbsp;&nbsp;)", "(x)"),
    "circle": ("○", "●"),
}


class Pen(Struct):
    """Writes the answers of one paper in its style, and counts what is numbered."""

    style: Style
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    marks: "count[int]" = field(default_factory=lambda: count(1))
    footnotes: list[str] = field(default_factory=list)

    def number(self, own: str) -> str:
        """The number before a label, with a space after it."""
        how = self.style.numbering
        if how == "own":
            return "" if not own else f"{own} " if own[0] == "[" else f"{own}) " if own.isalpha() else f"{own}. "
        if how == "none":
            return f"{own} " if own[:1] == "[" else ""
        place = next(self.numbers)
        return (how.replace("01", f"{place:02}") if "01" in how else how.replace("1", str(place))) + " "

    def label(self, answer: Answer, brief: bool = False, numbered: bool = True) -> str:
        """The label with all that belongs to it, without its separator."""
        look = self.style
        words = html.escape(answer.brief if brief and answer.brief else answer.label)
        number = self.number(answer.number) if numbered else ""
        if look.bilingual and answer.english:
            words += f' <i class="en">/ {html.escape(answer.english)}</i>'
        if look.hints and answer.hint:
            words += f' <i class="hint">({html.escape(answer.hint)})</i>'
        return f'<span class="lb">{number}{words}{self._footmark(answer)}</span>'

    def _footmark(self, answer: Answer) -> str:
        note = _NOTES.get(answer.type if answer.type == "id12" else answer.name.rsplit("_nguoi", 1)[0])
        if not self.style.footmarks or not note or note in self.footnotes or len(self.footnotes) == 4:
            return ""
        self.footnotes.append(note)
        number = next(self.marks)
        return f"<sup>({number})</sup>" if self.style.footmarks == "(1)" else f"<sup>{number}</sup>"

    def answer(self, answer: Answer, boxes: bool = True) -> str:
        """The answer alone; in twelve boxes where the paper has them for figures."""
        if answer.type == "id12" and self.style.twelve_boxes and boxes and len(answer.printed) in (0, 11, 12, 13):
            digits = answer.printed.ljust(12)
            return '<span class="d12">' + "".join(f"<i>{d if d.strip() else '&nbsp;'}</i>" for d in digits) + "</span>"
        words = html.escape(answer.printed).replace("\n", "<br>")
        return f'<span class="v">{words}</span>'

    def line(self, answer: Answer, brief: bool = False, numbered: bool = True) -> str:
        """Label, separator, answer and leader to the end of its place."""
        look = self.style
        separator = look.separator.strip() or ""
        gap = "&nbsp;" if look.separator[:1] == " " and separator else ""
        lead = '<span class="few">......</span>' if look.leader == "around" and answer.printed else ""
        unit = f'<span class="u">&nbsp;{html.escape(answer.unit)}</span>' if answer.unit else ""
        boxed = answer.type == "id12" and look.twelve_boxes
        fill = "" if boxed or look.leader == "none" else self.fill()
        blank = f'<div class="l">{self.fill()}</div>' if look.blank_lines and fill and answer.wide and answer.type == "text" else ""
        text = f"{self.label(answer, brief, numbered)}{gap}{separator} {lead}{self.answer(answer)}{fill}{unit}"
        return f'<div class="l">{text}</div>{blank}'

    def fill(self) -> str:
        """A leader; its width is set once the page is laid out."""
        word = LEADER_WORDS.get(self.style.leader, "")
        return f'<span class="fill">{word * (240 // len(word)) if word else "&nbsp;"}</span>'

    def few(self, length: int = 18) -> str:
        """An empty place in running text."""
        word = LEADER_WORDS.get(self.style.leader, ".")
        return word * (length // len(word))

    def tick_box(self, box: Answer, after: bool, between: str | None = None) -> str:
        """A box and its words."""
        look = self.style
        place = look.box_after if look.box_after is not None else after
        words = f'<span class="bw">{html.escape(box.label)}</span>'
        if look.mark == "strike":
            return words if box.value else f"<s>{words}</s>"
        mark, gap = self.mark(bool(box.value)), (look.box_gap if between is None else between) or "&hairsp;"
        return f'<span class="cb">{words}{gap}{mark}</span>' if place else f'<span class="cb">{mark}{gap}{words}</span>'

    def mark(self, ticked: bool) -> str:
        """A box, ticked or not."""
        how = self.style.mark
        if how in _GLYPHS:
            return f'<span class="gl">{_GLYPHS[how][ticked]}</span>'
        ink, where = _TICKS.get(how, _TICKS["drawn_cross"])
        return f'<span class="sq {where}">{ink if ticked else ""}</span>'


_NOTES = {
    "kinh_gui": "Ghi rõ tên cơ quan có thẩm quyền giải quyết.",
    "noi_cu_tru": "Ghi theo nơi đăng ký thường trú; nếu không có nơi đăng ký thường trú thì ghi theo nơi đăng ký tạm trú.",
    "giay_to": "Ghi thông tin về giấy tờ tùy thân như: hộ chiếu, chứng minh nhân dân, thẻ căn cước công dân hoặc giấy tờ thay thế.",
    "noi_sinh": "Trường hợp sinh tại cơ sở y tế thì ghi tên cơ sở y tế và địa chỉ trụ sở cơ sở y tế đó.",
    "nam_sinh_me": "Ghi đầy đủ ngày, tháng sinh của cha, mẹ (nếu có).",
    "tinh_trang_hon_nhan": "Đối với công dân Việt Nam cư trú ở trong nước thì khai về tình trạng hôn nhân hiện tại.",
    "noi_dung_de_nghi": "Ghi rõ nội dung đề nghị: đăng ký thường trú, đăng ký tạm trú, tách hộ, điều chỉnh thông tin về cư trú.",
    "muc_dich": "Ghi rõ mục đích sử dụng.",
    "noi_dung_bien_dong": "Ghi rõ nội dung biến động như: chuyển nhượng, tặng cho, thừa kế, thay đổi thông tin.",
    "id12": "Ghi đủ 12 chữ số theo thẻ căn cước.",
}
