"""The rooms of this installation, and the guard that none of them is somebody else's package of the same name."""

import sys
from importlib.machinery import PathFinder
from pathlib import Path

from sohoa.errors import UsageError

ROOMS = ("ocr", "signing", "verification", "storage", "pipeline")


def check_rooms() -> None:
    """Stop with room_foreign when a room would be imported from outside sohoa's own folder.

    Names like `storage` or `signing` may belong to another distribution; its code must never run in place of ours.
    """
    ours = Path(__file__).resolve().parent.parent
    for room in ROOMS:
        spec = PathFinder.find_spec(room, sys.path)
        if spec is not None and (spec.origin is None or Path(spec.origin).resolve().parent.parent != ours):
            raise UsageError("room_foreign", room=room)
