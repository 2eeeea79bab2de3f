"""In the child: what every incremental update of a PDF has in common.

An update is appended; the bytes that came in stay the beginning of the bytes that go out, so that every earlier
signature still verifies (ISO 32000-1 §12.8.1, ETSI EN 319 142-1 §5.4).
"""
# mypy: allow-untyped-calls

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields

from signing.earlier import entry, items
from sohoa.disk import has_no_room
from sohoa.errors import SohoaError
from sohoa.pyhanko_speed import be_quick

# pyHanko logs certificate subjects, with tracebacks (design rule 10).
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False

# A timestamp token with its own chain; the largest seen from public authorities stay under 8 KiB.
RESERVED_TOKEN = 12288
CHUNK = 1 << 20


be_quick()


class Update(IncrementalPdfFileWriter):
    """An update that adds what it is told and nothing else.

    pyHanko would stamp its name and the time into the document information and rewrite the XMP metadata; a signed copy
    keeps the description that was approved, and PDF/A's metadata stay as they were written.
    """

    IO_CHUNK_SIZE = CHUNK

    def _update_meta(self) -> None:
        """Leave the document's own metadata alone."""


@contextmanager
def damage_told() -> Iterator[None]:
    """Whatever a parser throws becomes pdf_not_signable, a full disk disk_full; codes of our own pass."""
    try:
        yield
    except (SohoaError, MemoryError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001 - the parser reads on demand: a damaged PDF fails anywhere, with anything
        if has_no_room(error):
            raise SohoaError("disk_full") from None
        raise SohoaError("pdf_not_signable") from None


def new_name(reader: PdfFileReader) -> str:
    """A field name the document does not have yet."""
    taken = {name.split(".")[0] for name, _, _ in fields.enumerate_sig_fields(reader, filled_status=None)}
    if "/AcroForm" in reader.root:
        taken |= {str(entry(field, "/T")) for field in items(entry(reader.root["/AcroForm"], "/Fields"))}
    return next(name for name in (f"Sohoa{i}" for i in range(1, 10_000)) if name not in taken)
