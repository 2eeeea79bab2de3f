"""The folder name of every input: its stem, and as much more as it takes to be the only one.

Names depend on the set of inputs, never on their order, so that running again finds the same folders.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

_LONGEST = 180  # bytes of UTF-8; leaves room below the 255 of most file systems for a temporary prefix


def folder_names(
    inputs: Sequence[tuple[Path, str]], taken: frozenset[str] = frozenset({"batch.json", "batch.csv", "dossiers.json", "proposals.json"})
) -> list[str]:
    """One name per (path, SHA-256), in the order given.

    A stem (NFC) that is the only one stands alone; equal ones become `<parent folder>__<stem>`, then
    `<stem>__<8 hex of SHA-256>`; byte-equal files of one name get a running number at the end.
    """
    stems = [clean(path.stem) for path, _ in inputs]
    names = list(stems)

    def with_folder(i: int) -> str:
        return f"{clean(inputs[i][0].resolve().parent.name)}__{stems[i]}"

    def with_hash(i: int) -> str:
        return f"{stems[i]}__{inputs[i][1][:8]}"

    for wider in (with_folder, with_hash):
        count = Counter(key(name) for name in names)
        names = [wider(i) if count[key(name)] > 1 or name in taken else name for i, name in enumerate(names)]
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(names):
        alike[key(name)].append(i)
    for same in alike.values():
        for number, i in enumerate(sorted(same, key=lambda i: str(inputs[i][0]))):
            if number:
                names[i] = f"{names[i]}__{number + 1}"
    return names


def key(name: str) -> str:
    """What file systems that ignore case would call equal."""
    return name.casefold()


def clean(stem: str) -> str:
    """A stem that is safe as a folder name anywhere: NFC, no separators or control characters, not hidden, not too long."""
    text = unicodedata.normalize("NFC", stem)
    text = "".join("_" if c in '/\\:*?"<>|' or unicodedata.category(c) in ("Cc", "Cs") else c for c in text).strip(". ")
    while len(text.encode("utf8", "replace")) > _LONGEST:
        text = text[:-1]
    return text or "document"
