"""Write the papers of one PDF as files of their own. Runs in a killable child (see `pipeline.splitting`)."""

from pathlib import Path

import pikepdf

from pipeline.splitting import Parted, Split
from sohoa.errors import SohoaError


def divide(request: Split) -> Parted:
    """Every page goes unaltered into exactly one part; the same file and parts give the same bytes.

    Raises SohoaError split_pages when the parts are not all of the pages once, pdf_damaged, pdf_encrypted.
    """
    try:
        with pikepdf.open(request.path) as whole:
            taken = [page for first, last in request.parts for page in range(first, last + 1)]
            if sorted(taken) != list(range(1, len(whole.pages) + 1)):
                raise SohoaError("split_pages", pages=len(whole.pages))
            return Parted(tuple(_write(whole, first, last, Path(request.out) / f"{first:06d}.pdf") for first, last in request.parts))
    except pikepdf.PasswordError:
        raise SohoaError("pdf_encrypted") from None
    except pikepdf.PdfError:
        raise SohoaError("pdf_damaged") from None


def _write(whole: pikepdf.Pdf, first: int, last: int, path: Path) -> str:
    with pikepdf.new() as part:
        part.pages.extend(whole.pages[first - 1 : last])
        part.remove_unreferenced_resources()
        part.save(path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return str(path)
