"""The characters that the recogniser is taught: trueocr's own and more."""

import json

from ocr.network import model_file

MORE = '!?"=[]–²³°×'


def signs() -> str:
    """They all, in the order of their classes behind the CTC blank."""
    return "".join(json.loads(model_file("meta.json").read_text(encoding="utf8"))["charset"]) + MORE
