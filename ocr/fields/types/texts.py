"""Plain text, choices, symbols, phones and e-mail addresses."""

import re
import unicodedata
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from ocr.fields.folding import fold
from ocr.fields.lists import answers, ethnicities, family_names, misspelt, positions
from ocr.fields.types.digits import LEAST_FIGURES
from ocr.fields.types.reading import NOTHING, Reading
from ocr.words.lattice import BEFORE_A_TITLE
from ocr.words.syllables import is_syllable
from sohoa.checks import check

_DOMAIN = re.compile(r"(?:https?://)?[a-z\d-]{2,}(?:\.[a-z\d-]{2,})*\.[a-z]{2,}")
_EMAIL = re.compile(r"^[\w.+%-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$")
_FIGURE_OR_LETTER = re.compile(r"[oszl](?=\d)|(?<=\d)[oszl]")  # "daos3": old-style figures are as low as letters
# Mobile 03, 05, 07, 08, 09 with ten digits; landline 02x with eleven; service numbers 1800/1900.
_PHONE = re.compile(r"^(?:0[35789]\d{8}|02\d{9}|1[89]00\d{4,6})$")
_PRINTED_ADDRESS = re.compile(r"^\s*[ÔôOo]ng\s*/\s*[Bb]à\s*:?\s*")  # the form's own words, both at once, are no part of the name
_FORM_OF_ADDRESS = re.compile(r"^(?:ông|bà)\s+(?=\S+\s+\S)", re.IGNORECASE)
_NATIONALITIES = frozenset(
    name.casefold()
    for name in (
        "Việt Nam", "Trung Quốc", "Đài Loan", "Hàn Quốc", "Nhật Bản", "Hoa Kỳ", "Mỹ", "Pháp", "Đức", "Anh", "Úc",
        "Ô-xtrây-li-a", "Ca-na-đa", "Canada", "Nga",
        "Lào", "Campuchia", "Cam-pu-chia", "Thái Lan", "Xinh-ga-po", "Singapore", "Ma-lai-xi-a", "Malaysia", "Ấn Độ", "Séc",
        "Ba Lan", "Không quốc tịch",
    )
)  # fmt: skip
_OPENINGS = ("ban", "chu", "nguoi")  # words that are no relation by themselves
_MIDDLE = frozenset({"thị", "văn", "thi"})  # families of these names are few
_HOUSE = re.compile(r"(?<=[Ss]ố )((?:nhà )?\d{1,4}) ([A-Z])(?=[,/])")  # "Số 31 B, phố …" is number 31B
_ODD_SIGNS = re.compile(r"[„‚‘`^~|{}\[\]\\$€£¥§¦¬¤©®¿¡]")  # no form is filled in with these
# "4zo" of old-style figures; "31b" is a house.
_LETTERS_IN_A_NUMBER = re.compile(r"(?<![^\W\d_])\d+(?!(?:[ckmd]m|kg|ha|tr|ml)\b)[a-zà-ỹ]{2,}(?![@.])")
_AGENCY = ["Cảnh", "sát", "quản", "lý", "hành", "chính", "về", "trật", "tự", "xã"]  # "… hội", which most identity papers name
_CUT_OFF = r"\bCục(?: " + "(?: ".join(_AGENCY) + ")?" * len(_AGENCY)
# What was to follow was not read: the agency's last words, the day, the hamlet's number.
_UNFINISHED = re.compile(
    rf"{_CUT_OFF}$|\b(?:cấp ngày|ngày cấp|nơi cấp|cấp tại|số|số nhà|căn hộ|phường|xã|tỉnh|quận)$"
    r"|^(?:khu phố|thôn|xóm|ấp|tổ|bản|buôn|khóm)$",
    re.IGNORECASE,
)
_ONE_LETTER = frozenset("ởýyàạôổủừmđ")  # words, and the units metre and đồng
_UNITS = frozenset({"km", "kg", "cm", "mm", "dm", "ml", "đc", "sđt", "cccd", "tr", "gplx", "sn"})
_MONTH = re.compile(r"(?<![\d/])(\d{2})/(\d{4})(?![\d/])(?=\s*(?:[-–]|$))")
_DAY = re.compile(r"\bngày:? (\d[\d/.-]{3,}\d)(?!\S*\w)", re.IGNORECASE)
_WHOLE_DAY = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(?:\d{4}|\d{2})|\d{1,2}/\d{1,2}")
_LIKE_FIGURES = str.maketrans("OoQDIlSB", "00001158")  # letters that a reader makes of figures
_EDGES = " \t.…_,;:|·"


def read_text(text: str) -> Reading:
    """Text as printed in NFC, one space between words, without leaders, spaces before commas or marks at its ends."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip(_EDGES)
    plain = re.sub(r"\s+([,;)])", r"\1", plain)
    plain = re.sub(r",(?:\s*,)+", ",", re.sub(r"\s*\(\s*\)$", "", plain))
    plain = leaders_out(re.sub(r"[.…_]{3,}|(?<=\s)_+(?=\s)", " ", plain)).strip(_EDGES)
    speck = sum(plain.count(mark) for mark in '“”"') == 1  # a quotation mark without its other
    if speck:
        plain = re.sub('[“”"]', "", plain)
    plain = _HOUSE.sub(r"\1\2", plain)
    plain = re.sub(r"(?<=\d)/$", "", plain)  # "Quyển số: 02/ SCT": the stroke belongs to what the form prints behind
    if plain.endswith(")") and plain.count(")") > plain.count("("):
        plain = plain[:-1].strip(_EDGES)
    if not any(letter.isalnum() for letter in plain):
        return NOTHING
    if len(plain) == 1 and plain.isalpha():
        return Reading(plain, sure=False)  # one letter is a speck read as ink, or the rest of a word
    return Reading(
        plain,
        sure=not _crumbled(plain)
        and not _UNFINISHED.search(plain)
        and not misspelt(plain, person=False)
        and not _ODD_SIGNS.search(plain)
        and not speck,
    )


def leaders_out(text: str) -> str:
    """Leader dots that a reader saw between the words: "Ủy.ban.nhân.

    dân" is "Ủy ban nhân dân". Abbreviations ("TP.HCM"), numbers and the address of a site keep theirs.
    """
    if _DOMAIN.fullmatch(text):
        return text
    text = re.sub(r"(?<=[^\W\d_]{2})(?<!\b[A-Z]{2})(?<!\b[A-Z]{3})(?<!\b[A-Z]{4})(?<!\bTp)\s*\.+\s*(?=[^\W_]{2})", " ", text)
    text = re.sub(r"(?<=[,;])\s*\.+\s*(?=\w)", " ", text)
    return re.sub(r"\s\.+(?=\w)", " ", re.sub(r"\s+", " ", text))


def _crumbled(text: str) -> bool:
    """True for words that fell to pieces, and for words that were glued together."""
    words = text.split()
    if any(len(word) == 1 and word.isalpha() and word.islower() and word not in _ONE_LETTER for word in words):
        return True  # dust or the edge of a stamp, read as a letter
    if re.search(r"(?:^|\s)[bcdghklmnprstvxq]\s+[^\W\d_]", text, re.IGNORECASE) and not re.search(r"\b[A-Z]\s+\d", text):
        return True  # a consonant alone is the head of a torn word
    months = () if _MONTH.fullmatch(text) else _MONTH.finditer(text)  # alone it is a book's number in its year
    if any(not (1 <= int(hit[1]) <= 12 and 1900 <= int(hit[2]) <= 2100) for hit in months):
        return True  # "67/2014" in a column of months
    if any(not _WHOLE_DAY.fullmatch(hit[1]) for hit in _DAY.finditer(text)):
        return True  # "ngày 27/082021": a stroke was lost
    if re.search(r"\d/\s+[^\W\d_]", text):
        return True  # "92/ Võ Thị Sáu": what stood behind the slash was not read
    if any(_no_vowel(word.strip(".,;:()")) for word in words) or re.search(r"[^\W\d_]{2},[^\W\d_]{2}", text):
        return True  # "thành ph", "Văn,phòng": a letter was lost, or a leader's dot was taken for a comma
    if (
        re.search(r"\do|o\d|\d[ls]\d", text)
        or _LETTERS_IN_A_NUMBER.search(text)
        or re.search(r"(?<![\d/] )(?<![\d/])\b\d{1,2} (?:19|20)\d\d(?=\s*(?:[-–]|$))", text)
    ):
        return True  # "4o2" for 402; "05 2000 - 8 2004": months without their slash
    if any(one.isdecimal() and two.rstrip(",;").isdecimal() and len(two.rstrip(",;")) < 3 for one, two in pairwise(words)):
        return True  # "Số 3 1 B", "1 79": figures set wide fell apart, and no thousands have two
    if any(_alone(before, word, after) for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False)):
        return True  # "Buôn H,": a vowel was lost; "Số I nhà": a stroke beside a letter
    if re.search(r"[^\W\d_]{2}\)", text) and _closes_nothing(text):
        return True  # "phố): Số 9": the end of what a label says in brackets
    if any(word.isalpha() and _grows(word) for word in words):
        return True  # "từCMND": the space before capitals was lost
    if re.search(r"/\d{1,3} \d{1,3}/", text):
        return True  # "số 263/201 5/HNGĐ-ST": a year that fell apart
    if re.search(r"[^\W\d_]{8}", text) and "@" not in text and "www" not in text:
        return True  # no Vietnamese syllable has eight letters: words were glued
    return len(words) >= 4 and sum(len(word.strip(".,")) <= 1 for word in words) > 0.5 * len(words)


def _alone(before: str, word: str, after: str) -> bool:
    """True for a single capital consonant that ends a name, or an I before a word in small letters: they count nothing there."""
    letter = word.strip(",.;")
    if len(letter) != 1 or not letter.isupper() or letter in "AEOUY":
        return False
    if letter == "I":
        return (before.isalpha() and after.isalpha() and after.islower()) or (before.endswith(",") and after[:1].isdigit())
    return before.istitle() and word.endswith(",") and before.casefold() not in _COUNTED_BY_LETTERS


_COUNTED_BY_LETTERS = frozenset(
    ("khu", "tổ", "lô", "nhà", "đội", "khối", "block", "tòa", "số", "cụm", "dãy", "nhóm", "xóm", "ấp", "thôn", "khóm", "tầng", "phòng")
)


def _closes_nothing(text: str) -> bool:
    """True for a closing bracket behind a word that no bracket opened; "a)" and "1)" count what is listed."""
    opened = 0
    for hit in re.finditer(r"\(|\)", text):
        opened += 1 if hit[0] == "(" else -1
        if opened < 0:
            if text[: hit.start()][-2:].isalpha():
                return True
            opened = 0
    return False


def _no_vowel(word: str) -> bool:
    """A word in small letters that no Vietnamese syllable can be, for it has no vowel."""
    return len(word) > 1 and word.isalpha() and word.islower() and word not in _UNITS and not re.search("[aeiouy]", fold(word))


def _grows(word: str) -> bool:
    """A small letter with two capitals behind it."""
    return any(one.islower() and two.isupper() and three.isupper() for one, two, three in zip(word, word[1:], word[2:], strict=False))


def read_name(text: str) -> Reading:
    """A person's name. Digits or strange signs in it are reading errors."""
    read = read_text(_PRINTED_ADDRESS.sub("", text))
    if read.value is None:
        return read
    words = read.value.split()
    if len(fold(read.value)) < 3 or not any(len(fold(word)) > 1 and fold(word).isalpha() for word in words):
        return Reading(None, sure=False)  # specks: no name is written with a letter or two
    clean = all(letter.isalpha() or letter in " '’.-–,()" for letter in read.value)
    clean &= all(one.casefold() != two.casefold() for one, two in pairwise(words))  # read twice, so the line was torn
    bare = _FORM_OF_ADDRESS.sub("", read.value)
    return Reading(read.value, sure=clean and read.sure and not misspelt(bare, person=True) and not _headless(bare))


def _headless(name: str) -> bool:
    """True for a Vietnamese name that begins with no family's, or with a middle name: "Thị Thu Thảo" has lost its first word."""
    first, *others = name.split()
    return bool(others) and is_syllable(first) and (fold(first) not in family_names() or first.casefold() in _MIDDLE)


def read_position(text: str) -> Reading:
    """The office that somebody signs in. One that ends with no office of the list may be right but is looked at, and so is one that begins
    with other words than "TM.", "KT.", "TL." and "TUQ.": of the line above it."""
    read = read_text(text)
    if read.value is None:
        return read
    words = " ".join(read.value.casefold().split())
    before = [words.removesuffix(office).split() for office in positions() if words == office or words.endswith(f" {office}")]
    return Reading(read.value, sure=read.sure and any(not opening or opening[0].upper() in BEFORE_A_TITLE for opening in before))


def read_enum(text: str, choices: tuple[str, ...]) -> Reading:
    """One of the template's choices in the template's spelling; any other text stays as printed, in doubt when the list is closed."""
    read = read_text(text)
    if read.value is None:
        return read
    if not choices:
        said = fold(read.value)
        torn = said.startswith(_OPENINGS) and said not in answers() and any(whole.startswith(said) for whole in answers())
        return Reading(read.value, read.sure and not torn, read.checks)  # "Bản" is the beginning of "Bản thân"
    for choice in choices:
        if fold(choice) == fold(read.value):
            return Reading(choice)
    near = sorted((Levenshtein.distance(fold(choice), fold(read.value)), choice) for choice in choices)
    if near[0][0] == 1 and len(fold(read.value)) > 3 and (len(near) == 1 or near[1][0] > 1):
        return Reading(near[0][1], sure=False)  # "SCTIBS" is "SCT/BS", but a person looks
    return Reading(read.value if near[0][0] <= 3 else None, sure=False)  # no answer of a closed list, and like none


def read_ethnicity(text: str) -> Reading:
    """One of the 54 ethnic groups, as printed. Anything else ("Việt Nam") fails `ethnicity_invalid`."""
    read = read_text(text)
    if read.value is None:
        return read
    official = ethnicities().get(fold(read.value))
    if official is not None and fold(official) == fold(read.value):
        read = Reading(official)
    known = official is not None or fold(read.value) in ("nuocngoai", "nguoinuocngoai")
    return Reading(read.value, known, (check("ethnicity_invalid", "passed" if known else "failed"),))


def read_nationality(text: str) -> Reading:
    """Việt Nam and the nationalities officers meet most; any other text may be right but is looked at."""
    read = read_text(text)
    if read.value is None:
        return read
    return Reading(read.value, sure=" ".join(read.value.casefold().split()) in _NATIONALITIES)


def read_phone(text: str) -> Reading:
    """Digits with +84 written as 0. A number no network has is a warning (`phone_format`)."""
    plain = re.sub(r"[\s.\-–()]", "", text.strip(_EDGES))
    sure = bool(re.fullmatch(r"\+?\d+", plain))
    digits = re.sub(r"\D", "", plain.translate(_LIKE_FIGURES) if sum(map(str.isdigit, plain)) > 6 else plain)
    if not digits:
        return NOTHING if not any(letter.isalnum() for letter in plain) else Reading(None, sure=False)
    if len(digits) < LEAST_FIGURES:
        return Reading(None, sure=False)  # numbers of labels, or dust
    if plain.startswith("+84") or (digits.startswith("84") and len(digits) == 11):
        digits = "0" + digits[2:]
    good = bool(_PHONE.match(digits))
    return Reading(digits, sure, () if good else (check("phone_format", "warning"),))


def read_email(text: str, *, lining: bool = False) -> Reading:
    """An address without the spaces a reader put into it. Unless its figures are `lining`, as tall as capitals, a letter like one beside
    them leaves a doubt."""
    words = text.split()
    whole = max(words, key=len, default="")
    if "@" in whole and all(whole.startswith(word) for word in words):
        words = [whole]  # its beginning was read twice
    plain = "".join(words).strip(".…,;:|·").rstrip("-–—.")  # a domain ends in a letter (RFC 1123 §2.1): what is left is a leader's
    if not any(letter.isalnum() for letter in plain):
        return NOTHING
    if plain.isupper() and "@" not in plain and not any(map(str.isdigit, plain)):
        return Reading(None, sure=False)  # a heading
    bare = re.sub(r"[()]", "", re.sub(r"\.{2,}", ".", plain))  # no address has brackets, or two dots in a row (RFC 5321 §4.1.2)
    spaced = re.sub(r"\s*([.@_-])\s*", r"\1", text.strip(_EDGES))  # around a point of even-spaced print a reader sees spaces
    sure = bool(_EMAIL.match(plain)) and (lining or not _FIGURE_OR_LETTER.search(plain.partition("@")[0]))
    return Reading(bare, sure=sure and ".." not in plain and " " not in spaced)


def read_symbol(text: str) -> Reading:
    """A document's number and symbol ("05/QĐ-UBND"): as printed, without spaces around slash and dash."""
    read = read_text(text)
    if read.value is None:
        return read
    value = re.sub(r"\s*([/\-–])\s*", r"\1", read.value)
    value = re.sub(r"^([^\W\d_]{2})\.(?=\d{4,8}$)", r"\1 ", value)  # a leader's dot between a serial's letters and its figures
    numbered = any(letter.isdigit() for letter in value)
    return Reading(value, sure=read.sure and numbered and all(letter.isalnum() or letter in " /-–.,:()'" for letter in value))
