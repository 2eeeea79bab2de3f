"""What stands on the drawn lines: law texts, syllables at random so that no mark can be guessed, names, places, numbers, codes."""

import lzma
import random
import unicodedata
from importlib.resources import files
from pathlib import Path

import yaml

from ocr.words.syllables import syllables

_CLAUSES = 400_000
_LONGEST = 110
_UNITS_OF_MEASURE = ("", " m²", " ha", "%", " km", " m", " m", " m2", " m³", " cm", " kg", "m", "m²", " m.", " m,", " mm")
_AFTER_MONEY = (" đồng", "", " đ", " m²", " VNĐ", " m", " m2", " đồng.", " đồng/m²")
_SYMBOLS = tuple("QĐ-UBND TB-UBND NĐ-CP GXN-UBND BC-STNMT 2025/TT-BTC TTr-STP CV-PTP HNGĐ NQ-HĐND GCN KH-UBND".split())  # noqa: SIM905
_HOSTS = tuple(
    "gmail.com vidu.gov.vn mau.vn yahoo.com.vn example.com example.vn thu.example hopthu.vn outlook.com so-tp.gov.vn".split()  # noqa: SIM905
)
_SHORT_NAMES = "QLHC TTXH CCCD CMND UBND HĐND BHXH MST GCN QSDĐ TTHC ĐKKD TNHH MTV CP DN XHCN VN TP.HCM QH BCA BTP BTNMT VPĐKĐĐ"
_SHORT = tuple(f"{_SHORT_NAMES} TUQ. KT. TM. TL. Q. TP. P. TT. ĐT SN ThS. TS. BS. CN. PGS. GĐ PGĐ".split())  # as offices abbreviate
_NUMERALS = tuple("I II III II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII".split())  # noqa: SIM905
_BEFORE_A_NUMBER = ("", "Số: ", "Số CCCD: ", "Ngày cấp: ", "ngày sinh: ", "Điện thoại: ", "Mã số thuế: ", "Tổng cộng: ")


class Texts:
    """Lines of text out of `chance`; `known` is the recogniser's alphabet, `clauses` a file of one clause a line."""

    def __init__(self, clauses: Path, known: str) -> None:
        self.clauses = _clauses(clauses)
        self.known = frozenset(known)
        lists = yaml.safe_load((files("ocr.fields") / "data" / "names.yaml").read_text(encoding="utf8"))
        self.family, self.given = lists.pop("family_names").split(), lists.pop("given_names").split()
        self.lists = [[one.strip() for one in said.split(",")] for said in lists.values()]
        self.positions = [one.strip() for one in lists["positions"].split(",")]
        rows = (files("ocr.fields") / "data" / "units.tsv").read_text(encoding="utf8").splitlines()
        self.units = [part for row in rows if not row.startswith("#") for part in row.split("\t") if len(part) > 3 and part[0].isupper()]
        self.syllables = sorted(syllables())

    def line(self, c: random.Random) -> str:
        """One line, of characters the recogniser knows; may be empty."""
        kind = c.random()
        if kind < 0.05:
            text = self._abbreviations(c)
        elif kind < 0.32:
            text = self._clause(c, c.randint(2, 13))
        elif kind < 0.42:
            text = self._clause(c, c.randint(1, 6)).upper()
        elif kind < 0.50:
            text = self._at_random(c)
        elif kind < 0.64:
            label = self._listed(c) if c.random() < 0.5 else self._clause(c, c.randint(1, 4)).capitalize()
            value = self._number(c) if c.random() < 0.5 else c.choice((self._name, self._place, self._at_random, self._listed))(c)
            text = label + c.choice((": ", ": ", " : ", ":", " ")) + value
        elif kind < 0.74:
            number = c.choice(("", f"{c.randint(1, 30)}. ", f"{c.choice('abcdđe')}) ", f"({c.randint(1, 9)}) ", "- "))
            text = number + c.choice((self._name, self._place, self._listed))(c)
        elif kind < 0.88:
            text = " ".join(self._number(c) for _ in range(c.choice((1, 1, 1, 2, 3))))
        else:
            after = c.choice(("", ", " + self._clause(c, 3), "; " + self._number(c), " " + self._listed(c)))
            text = c.choice(_BEFORE_A_NUMBER) + self._number(c) + after
        return self._set(_signed(c, text))

    def figures(self, c: random.Random) -> str:
        """A number to be written in boxes."""
        return _digits(c, c.choice((12, 12, 12, 9, 10, 13)))

    def unit(self, c: random.Random) -> str:
        """The name of an administrative unit."""
        return c.choice(self.units)

    def _set(self, text: str) -> str:
        text = unicodedata.normalize("NFC", text).replace("…", "")
        return " ".join("".join(sign for sign in text if sign in self.known).split())[:_LONGEST].strip()

    def _clause(self, c: random.Random, count: int) -> str:
        words = c.choice(self.clauses).split()
        first = c.randrange(max(1, len(words) - count))
        return " ".join(words[first : first + count])

    def _listed(self, c: random.Random) -> str:
        return c.choice(c.choice(self.lists))

    def _at_random(self, c: random.Random) -> str:
        words = [c.choice(self.syllables) for _ in range(c.randint(1, 6))]
        case = c.random()
        return " ".join(word.upper() if case < 0.3 else word.capitalize() if case < 0.6 else word for word in words)

    def _name(self, c: random.Random) -> str:
        name = " ".join([c.choice(self.family), *c.choices(self.given, k=c.randint(1, 3))])
        return name.upper() if c.random() < 0.5 else name

    def _place(self, c: random.Random) -> str:
        house = [f"{c.choice(('số', 'thôn', 'tổ', 'ấp', 'khu phố', 'bản', 'xóm'))} {c.randint(1, 99)}"] if c.random() < 0.5 else []
        kinds = ("xã ", "phường ", "huyện ", "tỉnh ", "thị trấn ", "Xã ", "Phường ", "", "")
        return ", ".join([*house, *(c.choice(kinds) + self.unit(c) for _ in range(c.randint(1, 3)))])

    def _abbreviations(self, c: random.Random) -> str:
        kind = c.random()
        if kind < 0.3:
            return f"{c.choice(('TUQ.', 'KT.', 'TM.', 'TL.', 'Q.'))} {c.choice(self.positions).upper()}"
        if kind < 0.5:
            return f"Cục Cảnh sát {c.choice(_SHORT)} về {c.choice(_SHORT)}"
        if kind < 0.7:
            return f"{c.choice(('Công an', 'Sở TN&MT', 'Sở Tư pháp', 'VP', 'Chi cục'))} {c.choice(_SHORT)} {self.unit(c)}"
        return " ".join(c.choices(_SHORT, k=c.randint(1, 3))) + c.choice(("", " " + self._clause(c, 3)))

    def _number(self, c: random.Random) -> str:
        day, month, year = c.randint(1, 31), c.randint(1, 12), c.randint(1930, 2030)
        made = (
            lambda: f"{day:02}/{month:02}/{year}",
            lambda: f"{day}{c.choice('/.-')}{month}{c.choice('/.-')}{year}",
            lambda: f"ngày {day:02} tháng {month:02} năm {year}",
            lambda: "0" + _digits(c, 11),
            lambda: _telephone(c),
            lambda: ".".join([str(c.randint(1, 999)), *(_digits(c, 3) for _ in range(c.randint(1, 3)))]) + c.choice(_AFTER_MONEY),
            lambda: f"{c.randint(1, 999)}/{c.choice(_SYMBOLS)}",
            lambda: f"{c.randint(0, 2500)},{_digits(c, c.randint(1, 2))}{c.choice(_UNITS_OF_MEASURE)}",
            lambda: _digits(c, c.choice((9, 10, 13, 6, 7, 8, 5, 4))),
            lambda: _small(c),
            lambda: self._mail(c),
            lambda: c.choice(_NUMERALS) + c.choice(("", "", ".", ")", "/")),
            lambda: self._address(c),
            lambda: f"{_digits(c, 10)}-{_digits(c, 3)}",
            lambda: f"{c.choice('ABCDEHKMNSTVX')}{c.choice('ABCDEHKMNSTVX')} {_digits(c, c.choice((5, 6, 8)))}",
            lambda: " ".join([str(c.randint(1, 999)), *(_digits(c, 3) for _ in range(c.randint(1, 3)))]),
            lambda: f"số {c.randint(1, 400)}{c.choice(('', f'/{c.randint(1, 99)}', 'A', 'B', '/2B'))}",
        )
        return c.choice(made)()

    def _mail(self, c: random.Random) -> str:
        end = c.choice(("", str(c.randint(1, 999)), f"_{c.randint(1, 99)}", f".{c.randint(1, 999)}"))
        return f"{self._plain(c)}{c.choice(('', '_', '_', '.', '.', '-'))}{self._plain(c)}{end}@{c.choice(_HOSTS)}"

    def _address(self, c: random.Random) -> str:
        host = f"{self._plain(c)}{c.choice(('', '.'))}{self._plain(c)}.{c.choice(('gov.vn', 'vn', 'com.vn', 'org'))}"
        path = c.choice(("", "", "/", f"/p/{self._plain(c)}", f"/{self._plain(c)}/{c.randint(1, 99)}"))
        return c.choice(("https://", "http://", "https://www.", "www.", "")) + host + path

    def _plain(self, c: random.Random) -> str:
        letters = unicodedata.normalize("NFD", c.choice(self.given).lower()).replace("đ", "d")
        return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())


def _signed(c: random.Random, text: str) -> str:
    if c.random() < 0.06:
        words = text.split()
        first = c.randrange(max(1, len(words)))
        last = c.randint(first, len(words))
        opens, closes = c.choice(('""', "“”"))
        text = " ".join([*words[:first], opens + " ".join(words[first:last]) + closes, *words[last:]])
    if c.random() < 0.03:
        text += c.choice("!?")
    return text.replace(", ", " – ", 1) if c.random() < 0.02 else text


def _digits(c: random.Random, count: int) -> str:
    return "".join(c.choices("0123456789", k=count))


def _telephone(c: random.Random) -> str:
    return c.choice(
        (
            "0" + _digits(c, 9),
            f"0{_digits(c, 3)}.{_digits(c, 3)}.{_digits(c, 3)}",
            f"0{_digits(c, 2)} {_digits(c, 3)} {_digits(c, 4)}",
            f"(0{_digits(c, 2)}) {_digits(c, 4)} {_digits(c, 4)}",
        )
    )


def _small(c: random.Random) -> str:
    return c.choice(
        (
            str(c.randint(1, 999)),
            f"{c.randint(1, 30)} m",
            f"rộng {c.randint(1, 30)} m",
            f"{c.randint(1, 99)}%",
            f"{c.randint(1, 400)} m²",
            f"{c.randint(0, 23)} giờ {c.randint(0, 59):02} phút",
            f"{c.randint(0, 23)}h{c.randint(0, 59):02}",
            str(c.randint(1, 9)),
            f"{c.randint(1, 31):02}",
            f"{c.randint(0, 9):02}",
        )
    )


def _clauses(path: Path) -> list[str]:
    with lzma.open(path, "rt", encoding="utf8") if path.suffix == ".xz" else path.open(encoding="utf8") as lines:
        return [line.strip() for _, line in zip(range(_CLAUSES), lines, strict=False) if len(line) > 20]
