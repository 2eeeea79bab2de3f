"""What the disk refuses, as a code that a person can act on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

from sohoa.errors import SohoaError

_FULL = (ENOSPC, EDQUOT)


def is_full(error: BaseException) -> bool:
    """Whether `error` says that there is no room left, which may be otherwise later.

    `shutil.copytree` collects what went wrong as text. Nobody else's text counts: a parser's may come out of the file.
    """
    return isinstance(error, OSError) and (error.errno in _FULL or (error.errno is None and os.strerror(ENOSPC) in str(error)))


def has_no_room(error: BaseException) -> bool:
    """As `is_full`, or the limit of a process on what it writes, which is there however often one tries."""
    return is_full(error) or (isinstance(error, OSError) and error.errno == EFBIG)


@contextmanager
def disk_told(out: Path) -> Iterator[None]:
    """While `out` is written. Raises SohoaError disk_full, out_unwritable."""
    try:
        yield
    except OSError as error:
        raise SohoaError("disk_full" if has_no_room(error) else "out_unwritable", path=out.name) from None
