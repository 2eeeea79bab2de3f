"""What the disk refuses, as a code that a person can act on."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

from sohoa.errors import SohoaError

_NO_ROOM = (ENOSPC, EFBIG, EDQUOT)


@contextmanager
def disk_told(out: Path) -> Iterator[None]:
    """While `out` is written. Raises SohoaError disk_full, out_unwritable."""
    try:
        yield
    except OSError as error:
        raise SohoaError("disk_full" if error.errno in _NO_ROOM else "out_unwritable", path=out.name) from None
