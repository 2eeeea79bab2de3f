"""Personal numbers cut short wherever the public may look (Luật 91/2025/QH15)."""

import re

_PERSONAL = re.compile(r"(?<![\dA-Za-z])(\d{12}|\d{9})(?!\d|-\d)")


def mask(text: str) -> str:
    """The text with every identity number (9 or 12 digits standing alone) cut down to its last three digits."""
    return _PERSONAL.sub(lambda found: "*" * (len(found[0]) - 3) + found[0][-3:], text)
