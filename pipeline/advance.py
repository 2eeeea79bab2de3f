"""Advance one unit of work: the single function that every runner calls.

`advance` takes a claimed unit, does it with the tools of one worker, and says what became of it; it changes no
record. Opening finds out what a document is, a page unit reads one page, finishing builds, checks, signs and delivers.
A failing page becomes a failed page, a failing document a failed document; only a worker's sudden death, and the
wish to stop, leave here as an exception.
"""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

import msgspec

from ocr.model import Page, Quality
from ocr.tasks import INSPECT, READ_PAGE, Inspect, ReadPage
from pipeline.finish import Finishing, finish
from pipeline.intake import sniff
from pipeline.job import Job
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError
from storage.objects import Objects
from storage.records import MOST_DEATHS, Claim, Finished, Opened, Outcome, PageRead, Records
from verification.tasks import IS_SIGNED, IsSigned

A4_MM = (210.0, 297.0)


@dataclass(frozen=True)
class Bench:
    """One worker's tools. `work` is a folder for what passes between the stages of a document; `signer` signs results."""

    objects: Objects
    records: Records
    child: Child
    work: Path
    finishing: Finishing


def advance(claim: Claim, job: Job, bench: Bench) -> Outcome:
    """Do one unit of work.

    Raises SohoaError worker_died when the child died and the unit deserves another try, UsageError when nothing can be
    done here at all.
    """
    started = monotonic()
    try:
        outcome = {"open": _open, "page": _page, "finish": _finish}[claim.stage](claim, job, bench)
    except UsageError:
        raise
    except SohoaError as error:
        if error.code == "worker_died" and claim.deaths + 1 < MOST_DEATHS:
            raise
        outcome = _failed_page(claim, error.code) if claim.stage == "page" else _failed(error)
    if isinstance(outcome, Finished):
        shutil.rmtree(bench.work / claim.document, ignore_errors=True)
    return replace(outcome, seconds=round(monotonic() - started, 3))


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
    work = bench.work / claim.document
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    upload = bench.objects.path(document.sha256)
    request = ReadPage(str(upload), document.media_type or "", claim.page, str(work), job.reader, job.size)
    page = bench.child.call(READ_PAGE, request, seconds=job.page_seconds)
    return PageRead(msgspec.json.encode(page).decode())


def _finish(claim: Claim, job: Job, bench: Bench) -> Outcome:
    document = bench.records.document(claim.document)
    pages = tuple(msgspec.json.decode(result, type=Page) for result in bench.records.page_results(claim.document))
    if len(pages) != document.pages:
        raise SohoaError("page_count_mismatch")
    return finish(document, pages, job, bench.objects, bench.child, bench.work / claim.document, bench.finishing)


def _failed(error: SohoaError) -> Finished:
    return Finished("failed", error.code, {"facts": error.facts})


def _failed_page(claim: Claim, code: str) -> PageRead:
    page = Page(claim.page, A4_MM, 0.0, 0, 0.0, Quality(), "failed", code)
    return PageRead(msgspec.json.encode(page).decode())
