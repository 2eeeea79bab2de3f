"""An answer given by ticking one of several words: "☑ Nam ☐ Nữ", "Nam ☑ Nữ ☐"."""

from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from ocr.fields.folding import fold
from ocr.fields.layout import EMPTY_GLYPHS, TICKED_GLYPHS, Token


def chosen_by_boxes(tokens: Sequence[Token], choices: Sequence[str]) -> list[Token] | None:
    """The words of the one ticked choice, nothing when no box is ticked; None when boxes do not settle it.

    Boxes stand all before or all behind their words. A box that fills a field of a PDF form makes its word one that was filled in.
    """
    parts: list[tuple[Token | None, list[Token]]] = []  # boxes and the words between them
    for token in tokens:
        if token.text in TICKED_GLYPHS | EMPTY_GLYPHS:
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
    ticked = [(box, choice) for box, choice in zip(boxes, words, strict=True) if box.text in TICKED_GLYPHS]
    if len(ticked) > 1:
        return None
    return [
        replace(token, confidence=min(token.confidence, box.confidence), in_field=box.in_field)
        for box, choice in ticked
        for token in choice
    ]
