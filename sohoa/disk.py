"""What the disk refuses, as a code that a person can act on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

from sohoa.errors import SohoaError

_NO_ROOM = (ENOSPC, EFBIG, EDQUOT)


def is_full(error: BaseException) -> bool:
    """Whether `error` says that there is no room left: as its number, or, from libraries that pass on the words alone, as text.

    `shutil.copytree` collects what went wrong as text, qpdf throws a RuntimeError of it.
    """
    return getattr(error, "errno", None) in _NO_ROOM or any(os.strerror(number) in str(error) for number in _NO_ROOM)


@contextmanager
def disk_told(out: Path) -> Iterator[None]:
    """While `out` is written. Raises SohoaError disk_full, out_unwritable."""
    try:
        yield
    except OSError as error:  # shutil.Error is one
        raise SohoaError("disk_full" if is_full(error) else "out_unwritable", path=out.name) from None
