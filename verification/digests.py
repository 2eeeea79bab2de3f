"""Digests of the signed ranges of one file, each byte read once however many signatures it bears.

Later signatures cover what earlier ones cover and more, so one running digest per algorithm goes through the file
from front to back and is copied at the start of every gap: twenty signatures cost little more than one.
"""

from typing import Any

from verification.algorithms import finish, new_digest


class RangeDigests:
    """Digests of `data` with one gap left out. Ask in the order of growing gaps; another order is right, but slower."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._running: dict[str, tuple[int, Any]] = {}

    def around(self, name: str, gap_start: int, gap_end: int, end: int) -> bytes:
        """The digest of bytes 0..gap_start and gap_end..end."""
        maker = self._up_to(name, gap_start).copy()
        maker.update(self._data[gap_end:end])
        return finish(maker, name)

    def whole(self) -> str:
        """SHA-256 of the whole file in hexadecimal."""
        value: str = self._up_to("sha256", len(self._data)).hexdigest()
        return value

    def _up_to(self, name: str, end: int) -> Any:
        done, maker = self._running.get(name, (0, None))
        if maker is None or done > end:
            done, maker = 0, new_digest(name)
        maker.update(self._data[done:end])
        self._running[name] = (end, maker)
        return maker
