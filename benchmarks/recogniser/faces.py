"""The typefaces to draw in: all of the machine's that write Vietnamese, those of a few families kept for measuring."""

import subprocess
from functools import cache

from PIL import ImageFont

HELD_OUT = ("EBGaramond", "Lato", "Inter", "FreeSerif", "Andika", "Carlito", "NotoSansDisplay")
_OF_OFFICES = frozenset(
    (
        "Liberation Serif",
        "Liberation Sans",
        "Tinos",
        "Arimo",
        "DejaVu Sans",
        "DejaVu Serif",
        "Noto Serif",
        "Noto Sans",
        "Roboto",
        "Open Sans",
    )
)
_MORE_OFTEN = 4
_NOT_FOR_FORMS = ("Emoji", "Caps", "caps", "SC-", "SC08", "SC12", "AllSC", "Chorus", "Symbol", "Music", "Math", "Condensed-")
_TOO_LIGHT_OR_DARK = ("Black", "Thin", "ExtraLight", "Hairline")
_LETTERS = "1eab 1ed9 1eef 111 1ef9"  # ẫ ộ ữ đ ỹ


@cache
def families(held_out: bool) -> list[list[str]]:
    """The files of each family; families that offices print in come more often."""
    listed = subprocess.run(["fc-list", f":charset={_LETTERS}", "file", "family"], capture_output=True, text=True, check=True).stdout
    found: dict[str, list[str]] = {}
    for row in sorted(listed.splitlines()):
        file, _, names = row.partition(": ")
        stem = file.rpartition("/")[2]
        if file.endswith((".ttf", ".otf")) and not any(part in stem for part in (*_NOT_FOR_FORMS, *_TOO_LIGHT_OR_DARK)):
            found.setdefault(names.split(",")[0], []).append(file)
    kept = {name: files for name, files in found.items() if _held_out(name) == held_out}
    return [files for name, files in sorted(kept.items()) for _ in range(_MORE_OFTEN if name in _OF_OFFICES else 1)]


def monospaced(families: list[list[str]]) -> list[list[str]]:
    """Those of a typewriter: offices fill forms in with them, and many dot or strike their zero."""
    return [files for files in families if "mono" in files[0].rpartition("/")[2].lower()] or families


def _held_out(family: str) -> bool:
    return any(name.lower() in family.replace(" ", "").lower() for name in HELD_OUT)


@cache
def face(file: str, size: int) -> ImageFont.FreeTypeFont:
    """The face at `size` pixels."""
    return ImageFont.truetype(file, size)
