"""What a file says of itself, made fit to be shown: personal numbers cut short (Luật 91/2025/QH15), nothing that bends the display."""

import re
import unicodedata

_PERSONAL = re.compile(r"(?<![\dA-Za-z])(\d{12}|\d{9})(?!\d|-\d)")

_EUROPEAN = frozenset(("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"))
_LOOK_ALIKES = frozenset(("MATHEMATICAL", "FULLWIDTH", "DOUBLE-STRUCK", "SCRIPT", "BLACK-LETTER", "CIRCLED"))


def mask(text: str) -> str:
    """The text with every identity number (9 or 12 digits standing alone) cut down to its last three digits."""
    return _PERSONAL.sub(lambda found: "*" * (len(found[0]) - 3) + found[0][-3:], text)


def shown(text: str) -> str:
    """The text with every character that has no looks of its own replaced: control codes of terminals, marks that turn text around."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def is_disguised(name: str) -> bool:
    """Whether a name holds what a person cannot see: letters of two scripts in one word, look-alike forms, invisible characters.

    After Unicode Technical Standard 39, 5.2: a word in one script alone is nobody's disguise.
    """
    if not all(c.isprintable() for c in name):
        return True
    for word in re.split(r"[^\w]+", unicodedata.normalize("NFC", name)):
        scripts = {unicodedata.name(c, "?").split()[0] for c in word if c.isalpha()}
        if scripts & _LOOK_ALIKES or len(scripts & _EUROPEAN) > 1:
            return True
    return False
