"""Advance one unit of work: the single function that every runner calls.

`advance` takes a claimed unit, does it with the tools of one worker, and says what became of it; it changes no
record. Opening finds out what a document is, a page unit reads one page, finishing builds, checks and delivers; what is to be
signed is signed and delivered by a stage of its own.
A failing page becomes a failed page, a failing document a failed document. Three kinds of failure exist: what may pass by
itself (a server or a disk that is not there just now) is tried again after a pause; a worker's sudden death is tried again
twice, then the page is set aside with its cause; anything else is final and has a code of its own.
"""

import random
import shutil
from pathlib import Path
from time import monotonic

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ocr.model import Page, Quality
from ocr.tasks import INSPECT, READ_PAGE, Inspect, ReadPage
from pipeline.finish import UNSIGNED, Finishing, finish
from pipeline.handover import deliver, give, give_folder, take
from pipeline.job import Job
from pipeline.media import sniff
from pipeline.signature import deliver_unsigned, sign
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError
from storage.objects import Objects
from storage.records import MOST_DEATHS, Claim, Document, Finished, Opened, Outcome, PageRead, Records, SearchText, Unsigned
from verification.tasks import IS_SIGNED, IsSigned

A4_MM = (210.0, 297.0)
MAY_PASS = {"database_unreachable", "database_busy", "database_collision", "store_unreachable", "disk_full"}
MOST_TRIES = 10


class Bench(Struct, frozen=True):
    """One worker's tools. `work` is a folder for what passes between the stages of a document, by way of the object store
    where `shared` says that another machine may do the next one; `index` makes results findable by their text."""

    objects: Objects
    records: Records
    child: Child
    work: Path
    finishing: Finishing
    shared: bool = False
    index: bool = False


def advance(claim: Claim, job: Job, bench: Bench) -> Outcome:
    """Do one unit of work.

    Raises SohoaError worker_died when the child died and the unit deserves another try, one of MAY_PASS when it is worth
    trying again after `pause_after`, UsageError when nothing can be done here at all.
    """
    started = monotonic()
    try:
        if claim.deaths >= MOST_DEATHS and claim.stage != "sign":
            raise SohoaError(claim.cause or "worker_lost")
        outcome = {"open": _open, "page": _page, "finish": _finish, "sign": _sign}[claim.stage](claim, job, bench)
    except UsageError:
        raise
    except SohoaError as error:
        if error.code == "worker_died" and (claim.deaths + 1 < MOST_DEATHS or claim.stage == "sign"):
            raise
        if error.code in MAY_PASS and claim.tries + 1 < MOST_TRIES:
            raise
        outcome = _failed_page(claim, error.code) if claim.stage == "page" else _failed(error)
    return replace(outcome, seconds=round(monotonic() - started, 3))


def clear(claim: Claim, outcome: Outcome, bench: Bench) -> None:
    """Remove what is not needed here any more. Not before `outcome` is recorded: whoever is killed in between does the unit again."""
    serves_again = isinstance(outcome, Finished) and outcome.status == "partial" and not bench.shared  # `sohoa retry` reads the rest only
    passes_on = isinstance(outcome, Unsigned) and bench.shared
    if (isinstance(outcome, Finished) and not serves_again) or passes_on:
        shutil.rmtree(bench.work / claim.document, ignore_errors=True)


def pause_after(claim: Claim) -> float:
    """Seconds to wait before the next try of what may pass: 1, 2, 4 … 60, a little spread."""
    return min(60.0, 2.0**claim.tries) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads retries, keeps no secret


def _open(claim: Claim, job: Job, bench: Bench) -> Outcome:
    document = bench.records.document(claim.document)
    upload = bench.objects.path(document.sha256)
    media_type = sniff(upload)
    found = bench.child.call(INSPECT, Inspect(str(upload), media_type))
    signed = media_type == "application/pdf" and bench.child.call(IS_SIGNED, IsSigned(str(upload))).signed
    if found.pages > job.most_pages:
        raise SohoaError("too_many_pages", pages=found.pages, most=job.most_pages)
    return Opened(media_type, found.pages, {**msgspec.to_builtins(found), "signed": signed})


def _page(claim: Claim, job: Job, bench: Bench) -> Outcome:
    document = bench.records.document(claim.document)
    # Where pages of one document are read on many machines, each has a folder of its own, gone when it is handed over.
    work = bench.work / (f"{claim.document}.{claim.page}" if bench.shared else claim.document)
    if bench.shared:
        shutil.rmtree(work, ignore_errors=True)  # what a killed try left
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    upload = bench.objects.path(document.sha256)
    request = ReadPage(str(upload), document.media_type or "", claim.page, str(work), job.reader, job.size)
    page = bench.child.call(READ_PAGE, request, seconds=job.page_seconds)
    files = give(bench.objects, work) if bench.shared else {}
    return PageRead(msgspec.json.encode(page).decode(), files=files, failed=page.code if page.status == "failed" else None)


def _finish(claim: Claim, job: Job, bench: Bench) -> Outcome:
    document = bench.records.document(claim.document)
    pages = _pages(document, bench)
    work = bench.work / claim.document
    if bench.shared:
        take(bench.objects, work, bench.records.stage_files(claim.document, "page"), bench.objects.path(document.sha256))
    here = _at_hand(job, document, bench)
    finished = finish(document, pages, here, bench.objects, bench.child, work, bench.finishing)
    if isinstance(finished, Unsigned):
        return replace(finished, files=give_folder(bench.objects, work / UNSIGNED)) if bench.shared else finished
    return _delivered(finished, here.folder / document.name, bench)


def _sign(claim: Claim, job: Job, bench: Bench) -> Outcome:
    document = bench.records.document(claim.document)
    built, found = bench.work / claim.document / UNSIGNED, bench.records.unsigned(claim.document)
    if bench.shared:
        built.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        deliver(bench.objects, found.files, built)
    here = _at_hand(job, document, bench)
    if claim.deaths >= MOST_DEATHS:
        finished = deliver_unsigned(document, built, found.summary, here, SohoaError(claim.cause or "worker_lost"))
    else:
        finished = sign(document, built, found.summary, _pages(document, bench), here, bench.child, bench.finishing)
    return _delivered(finished, here.folder / document.name, bench)


def _pages(document: Document, bench: Bench) -> tuple[Page, ...]:
    pages = tuple(msgspec.json.decode(result, type=Page) for result in bench.records.page_results(document.id))
    if len(pages) != document.pages:
        raise SohoaError("page_count_mismatch")
    return pages


def _at_hand(job: Job, document: Document, bench: Bench) -> Job:
    """Where the output folder is on another machine, the result is built here and goes there through the object store."""
    return replace(job, out=str(bench.work / document.id / "result")) if bench.shared else job


def _delivered(finished: Finished, folder: Path, bench: Bench) -> Finished:
    """What became of a document, with what others need of the folder it was delivered into."""
    if not folder.is_dir():
        return finished
    if bench.shared:
        finished = replace(finished, files=give_folder(bench.objects, folder))
    return replace(finished, texts=_texts(folder)) if bench.index else finished


def _texts(folder: Path) -> tuple[SearchText, ...]:
    """What the document is found by: the text of its pages, and the values of its fields as page 0."""
    pages = (folder / "document.txt").read_text(encoding="utf8").split("\f")
    fields = msgspec.json.decode((folder / "document.json").read_bytes()).get("fields", ())
    values = "\n".join(
        f"{field.get('label') or field['name']}: {field['value']}" for field in fields if field.get("value") not in (None, "")
    )
    texts = [SearchText(0, values), *(SearchText(number, body) for number, body in enumerate(pages, 1))]
    return tuple(one for one in texts if one.body.strip())


def _failed(error: SohoaError) -> Finished:
    return Finished("failed", error.code, {"facts": error.facts})


def _failed_page(claim: Claim, code: str) -> PageRead:
    page = Page(claim.page, A4_MM, 0.0, 0, 0.0, Quality(), "failed", code)
    return PageRead(msgspec.json.encode(page).decode(), failed=code)
