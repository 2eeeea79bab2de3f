"""An answer given by ticking one of several words: "☑ Nam ☐ Nữ", "Nam [x] Nữ [ ]"."""

from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from ocr.fields.box_signs import ticked
from ocr.fields.folding import fold
from ocr.fields.layout import Token


def chosen_by_boxes(tokens: Sequence[Token], choices: Sequence[str]) -> list[Token] | None:
    """The words of the one ticked choice, nothing when no box is ticked; None when boxes do not settle it.

    Boxes stand all before or all behind their words. A box that fills a field of a PDF form makes its word one that was filled in.
    """
    parts: list[tuple[Token | None, list[Token]]] = []  # boxes and the words between them
    for token in tokens:
        if ticked(token.text) is not None:
            parts.append((token, []))
        elif parts and parts[-1][0] is None:
            parts[-1][1].append(token)
        else:
            parts.append((None, [token]))
    boxes = [box for box, _ in parts if box is not None]
    words = [said for box, said in parts if box is None]
    alternate = all((one[0] is None) != (two[0] is None) for one, two in pairwise(parts))
    known = {fold(choice) for choice in choices}
    said = ["".join(token.fold for token in choice) for choice in words]
    if not boxes or len(boxes) != len(words) or not alternate or len(set(said)) < len(said) or not known.issuperset(said):
        return None
    chosen = [(box, choice) for box, choice in zip(boxes, words, strict=True) if ticked(box.text)]
    if len(chosen) > 1:
        return None
    return [
        replace(token, confidence=min(token.confidence, box.confidence), in_field=box.in_field)
        for box, choice in chosen
        for token in choice
    ]
