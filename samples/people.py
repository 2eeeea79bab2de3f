"""The invented people, places and numbers of the samples, and the rules their numbers follow.

The commune of Hương Mẫu ("sample fragrance") does not exist; the provinces do. Every identity number has the structure
of NĐ 137/2015/NĐ-CP (province, sex and century, year of birth, six digits), its six digits beginning with 000.
"""

import unicodedata
from datetime import date

from msgspec import Struct

COMMUNE = "xã Hương Mẫu"
PROVINCE = "tỉnh Hưng Yên"
PROVINCE_CODE = "033"
MRZ_WIDTH = 30


class Person(Struct, frozen=True):
    """Somebody who does not exist. `sex` is "Nam" or "Nữ"; `serial` the last six digits of the identity number."""

    name: str
    sex: str
    born: date
    serial: str
    home: str = f"Số 12, đường Lúa Mới, thôn Đông, {COMMUNE}, {PROVINCE}"

    @property
    def id12(self) -> str:
        """The personal identification number: province, sex and century (0/1 for 19xx, 2/3 for 20xx), year, serial."""
        century = 2 * (self.born.year // 100 - 19)
        return f"{PROVINCE_CODE}{century + (self.sex == 'Nữ')}{self.born.year % 100:02}{self.serial}"

    @property
    def papers(self) -> str:
        """The identity paper as a form asks for it."""
        return f"Thẻ căn cước số {self.id12}, Bộ Công an cấp ngày 18/11/2024"


CHILD = Person("Phạm Bảo Minh Thư", "Nữ", date(2026, 8, 30), "000731")
MOTHER = Person("Trịnh Thị Ngọc Huyền", "Nữ", date(1995, 3, 14), "000217")
FATHER = Person("Phạm Đức Quỳnh", "Nam", date(1992, 11, 6), "000465")
HOUSEHOLDER = Person("Phạm Hữu Nghĩa", "Nam", date(1964, 5, 20), "000128")
SON = Person("Phạm Gia Khiêm", "Nam", date(2021, 7, 9), "000902")
CARD_HOLDER = Person("Vũ Thị Ánh Nguyệt", "Nữ", date(1988, 12, 25), "000356", f"Thôn Đoài, {COMMUNE}, {PROVINCE}")
CHAIRMAN = "Đỗ Quang Thuận"
CHAIRMAN_ID = Person(CHAIRMAN, "Nam", date(1975, 2, 3), "000611").id12


def dmy(day: date) -> str:
    """25/12/1988."""
    return f"{day:%d/%m/%Y}"


def date_in_words(day: date) -> str:
    """A date as it is spoken: "ngày ba mươi, tháng tám, năm hai nghìn không trăm hai mươi sáu"."""
    month = "tư" if day.month == 4 else _below_hundred(day.month)
    return f"ngày {_below_hundred(day.day)}, tháng {month}, năm {_year_in_words(day.year)}"


def qr_text(person: Person, old_id: str, issued: date) -> str:
    """What the QR code of a chip card holds: seven values between bars."""
    parts = [person.id12, old_id, person.name, f"{person.born:%d%m%Y}", person.sex, person.home, f"{issued:%d%m%Y}"]
    return "|".join(parts)


def mrz(person: Person, expires: date) -> tuple[str, str, str]:
    """The three lines of a TD1 machine-readable zone (ICAO Doc 9303 part 5) as Vietnam fills them."""
    number = person.id12
    first = f"IDVNM{number[-9:]}{check_digit(number[-9:])}{number}<<{check_digit(number)}"
    born, until = f"{person.born:%y%m%d}", f"{expires:%y%m%d}"
    second = f"{born}{check_digit(born)}{'F' if person.sex == 'Nữ' else 'M'}{until}{check_digit(until)}VNM{'<' * 11}"
    second += str(check_digit(first[5:] + second[:7] + second[8:15] + second[18:29]))
    family, *given = unaccented(person.name).upper().split()
    return first, second, f"{family}<<{'<'.join(given)}".ljust(MRZ_WIDTH, "<")[:MRZ_WIDTH]


def check_digit(text: str) -> int:
    """ICAO Doc 9303 part 3, 4.9: weights 7, 3, 1; A is 10; the filler is 0."""
    values = (0 if c == "<" else int(c, 36) for c in text)
    return sum(value * (7, 3, 1)[i % 3] for i, value in enumerate(values)) % 10


def unaccented(text: str) -> str:
    """Vietnamese letters without marks, as a machine-readable zone spells them."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in bare if not unicodedata.combining(c))


_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def _year_in_words(year: int) -> str:
    thousands, rest = divmod(year, 1000)
    hundreds, last = divmod(rest, 100)
    words = f"{_DIGITS[thousands]} nghìn"
    if rest:
        words += f" {_DIGITS[hundreds]} trăm"
    if last:
        words += f" linh {_DIGITS[last]}" if last < 10 else f" {_below_hundred(last)}"
    return words


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    if tens == 1:
        return "mười" + ("" if ones == 0 else " lăm" if ones == 5 else f" {_DIGITS[ones]}")
    last = {0: "", 1: " mốt", 4: " tư", 5: " lăm"}.get(ones, f" {_DIGITS[ones]}")
    return f"{_DIGITS[tens]} mươi{last}"
