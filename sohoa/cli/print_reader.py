"""Reading the words of a printout, handed to verification, which compares them with the facts of a QR seal."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sohoa.errors import SohoaError

if TYPE_CHECKING:
    from verification.model import Verdict
    from verification.printed import PrintedWord

Compare = Callable[[Path, "Verdict"], "Verdict"]
ReadPages = Callable[[Path, Iterable[int]], "list[PrintedWord]"]
_MOST_PAGES = 6
_LINES = 100_000  # no page has as many: lines of different pages stay apart


@contextmanager
def print_reader() -> Iterator[Compare]:
    """Compares a printout whose seal waits for it; every other verdict passes untouched, and without a reader all do.

    The reader starts with the first page that needs it, for loading it costs more than everything else here.
    """
    with ExitStack() as stack:
        started = cache(lambda: stack.enter_context(_reader()))

        def compare(file: Path, verdict: "Verdict") -> "Verdict":
            if verdict.reason_code != "seal_compare_by_eye" or verdict.qr_seal is None or not _readable():
                return verdict
            from verification.printed import compare_print

            pages = range(1, min(verdict.pages, _MOST_PAGES) + 1) if verdict.pages else (int(verdict.qr_seal["page"]),)
            try:
                return compare_print(verdict, started()(file, pages))
            except SohoaError:
                return verdict  # what cannot be read is left to a person's eye

        yield compare


def _readable() -> bool:
    return find_spec("tesserocr") is not None or find_spec("onnxruntime") is not None


@contextmanager
def _reader() -> Iterator[ReadPages]:
    from ocr.tasks import READ_PAGE, ReadPage
    from pipeline.media import sniff
    from pipeline.workers import PRELOAD
    from sohoa.child import Child
    from verification.printed import PrintedWord

    with TemporaryDirectory(prefix="sohoa-print-") as work, Child(PRELOAD) as child:

        def read(file: Path, pages: Iterable[int]) -> list[PrintedWord]:
            kind, words = sniff(file), []
            for number in pages:
                page = child.call(READ_PAGE, ReadPage(str(file), kind, number, work))
                words += [PrintedWord(word.text, word.confidence, number * _LINES + word.line) for word in page.words]
            return words

        yield read
