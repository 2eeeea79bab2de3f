"""How much one stream of an untrusted file may unpack to: a few hundred bytes can stand for gigabytes."""

from collections.abc import Iterator
from contextlib import contextmanager

from pikepdf.settings import set_qpdf_limits

_MOST = 64 << 20  # pages, forms and evidence are far smaller; a larger picture is compared as it is packed


@contextmanager
def bounded() -> Iterator[None]:
    """Within this, qpdf refuses streams that unpack to more than 64 MB. The limits are the process's, and are put back."""
    before = set_qpdf_limits(
        flate_max_memory=_MOST, png_max_memory=_MOST, tiff_max_memory=_MOST, run_length_max_memory=_MOST, dct_max_memory=_MOST
    )
    try:
        yield
    finally:
        set_qpdf_limits(**before)  # type: ignore[arg-type]
