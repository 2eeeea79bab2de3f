"""Building a document: make its PDF, take its fields, check what came in signed, and deliver it.

Everything is written into a draft folder beside its target and appears under its name in one step; a process that
dies here leaves nothing half-done, and doing it again gives the same folder. What is to be signed is not delivered yet: it
waits for the next stage (`pipeline.signature`), which runs where the key is.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ocr.codes import READ_CODES, Code, ReadCodes, check_patterns, values_of, worth_a_look
from ocr.export.alto import alto
from ocr.export.document import document_json
from ocr.export.hocr import hocr
from ocr.export.text import plain_text
from ocr.export.title import printed_title
from ocr.model import Extraction, Page
from ocr.tasks import ASSEMBLE, EXTRACT, Assemble, Assembled, Extract
from pipeline.job import Job
from pipeline.proposals import signs
from pipeline.skipping import refuse_what_is_not_digitised
from pipeline.splitting import parts_of
from signing.model import STANDARD, Algorithm, KeyHolder
from sohoa.child import Child
from sohoa.disk import is_full
from sohoa.errors import SohoaError
from storage.objects import Objects, pretty, replace_folder
from storage.records import Document, DocumentStatus, Finished, Unsigned
from verification.model import Verdict, verdict_json
from verification.tasks import Verify, verify_in_child

UNSIGNED = "unsigned"  # the folder below a document's work folder that waits for its signature


class Finishing(Struct, frozen=True):
    """What finishing and signing need beyond one document. `holder` signs, where this machine has the key; `trust` is a folder,
    or empty. `fetch` gets the evidence of the levels lt and lta."""

    trust: str = ""
    holder: KeyHolder | None = None
    timestamp: Callable[[bytes], bytes] | None = None
    profile: str = "officer_scan"
    algorithm: Algorithm = STANDARD
    fetch: Callable[..., bytes] | None = None


def finish(
    document: Document, pages: tuple[Page, ...], job: Job, objects: Objects, child: Child, work: Path, finishing: Finishing
) -> Finished | Unsigned:
    """Deliver one document into `<job.out>/<name>/` and say how it ended; or build it into `work/unsigned` for signing."""
    failed = [page for page in pages if page.status == "failed"]
    if failed and len(failed) == len(pages):
        return Finished("failed", failed[0].code)
    target = job.folder / document.name
    with drafted(target) as draft:
        finished = _build(document, pages, job, objects.path(document.sha256), child, work, finishing, draft)
        if isinstance(finished, Unsigned):
            with drafted(work / UNSIGNED) as waiting:  # the output folder may be on another disk, or on another machine
                shutil.copytree(draft, waiting, dirs_exist_ok=True)
                replace_folder(waiting, work / UNSIGNED)
        else:
            replace_folder(draft, target)
    return finished


@contextmanager
def drafted(target: Path) -> Iterator[Path]:
    """A new folder beside `target` for what is to be put in its place; gone afterwards if it was not.

    Raises SohoaError disk_full, out_unwritable.
    """
    draft = target.with_name(f".draft-{target.name}")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        yield draft
    except OSError as error:
        raise SohoaError("disk_full" if is_full(error) else "out_unwritable", path=str(target.parent)) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _build(
    document: Document, pages: tuple[Page, ...], job: Job, upload: Path, child: Child, work: Path, finishing: Finishing, draft: Path
) -> Finished | Unsigned:
    media_type = document.media_type or ""
    extraction = child.call(EXTRACT, Extract(str(upload), media_type, str(work), pages, job.templates or None, str(draft)))
    refuse_what_is_not_digitised(pages, extraction.template, job.skip_rules)
    codes = _codes(pages, upload, media_type, work, child, job)
    badly = [page.number for page in pages if "page_read_badly" in page.quality.codes]
    status = _status(pages, extraction, doubted=bool(badly))
    archive = _archive(document, pages, upload, child, work, draft, job)
    (draft / "document.txt").write_text(plain_text(pages), encoding="utf8")
    if "hocr" in job.exports:
        (draft / "document.hocr").write_bytes(hocr(pages, document.name, f"sohoa {job.version}"))
    if "alto" in job.exports:
        (draft / "document.alto.xml").write_bytes(alto(pages, "sohoa", job.version))
    signed = document.facts.get("signed", False)
    verdict = verify_in_child(child, Verify(str(draft / "document.pdf"), trust=finishing.trust or None)) if signed else None
    summary: dict[str, Any] = {
        "template": extraction.template,
        "fields_accepted": sum(field.status == "accepted" for field in extraction.fields),
        "fields_review": sum(field.status == "review" for field in extraction.fields),
        "archive": archive.profile,
        "verdict": verdict.verdict if verdict else None,
        "signed_as": None,
    }
    if badly:
        summary["read_badly"] = badly
    if media_type != "application/pdf" and (found := signs(pages)):
        summary["page_signs"] = found
    if extraction.template is None:
        summary["title"] = printed_title(pages[0])  # what the paper calls itself, for the person who sorts it
    summary["codes"] = _first_of_each(codes)
    if media_type == "application/pdf" and not signed and len(pages) > 1:
        from ocr.fields.papers import papers_inside  # loads every template, which single pages never need

        inside = papers_inside(pages, job.templates or None, _by_page(codes))
        if len(inside) > 1:
            summary["papers"] = parts_of(inside)
    if verdict:
        write_verdict(draft, verdict, "document.pdf")
    provenance = {"source_sha256": document.sha256, "media_type": media_type, "reader": job.reader, "tool_version": job.version}
    content = document_json(extraction, pages, archive, verdict.signatures if verdict else (), provenance, codes)
    (draft / "document.json").write_bytes(content)
    if job.sign and status == "done" and (not signed or job.countersign):
        return Unsigned(summary)
    return Finished(status, next((page.code for page in pages if page.status == "failed"), None), summary)


def write_verdict(folder: Path, verdict: Verdict, shown: str) -> None:
    """verification.json: our verdict on the file of `folder` that is called `shown`."""
    (folder / "verification.json").write_bytes(pretty(verdict_json(verdict, shown)))


def _codes(pages: tuple[Page, ...], upload: Path, media_type: str, work: Path, child: Child, job: Job) -> list[tuple[Code, dict[str, str]]]:
    """The codes on the pages, each with what the office's patterns find in it."""
    bare = tuple(replace(page, words=()) for page in worth_a_look(pages))
    found = child.call(READ_CODES, ReadCodes(str(upload), media_type, str(work), bare)).found if bare else ()
    patterns = check_patterns(job.codes)
    return [(code, values_of(code.text, patterns)) for code in found]


def _first_of_each(codes: Sequence[tuple[Code, dict[str, str]]]) -> dict[str, str]:
    """Value by name; what stands first on the paper counts."""
    return {name: value for _, values in reversed(codes) for name, value in values.items()}


def _by_page(codes: Sequence[tuple[Code, dict[str, str]]]) -> dict[int, str]:
    """What a page's codes say of the paper it belongs to."""
    return {code.page: " ".join(f"{name}={value}" for name, value in sorted(values.items())) for code, values in codes if values}


def _status(pages: tuple[Page, ...], extraction: Extraction, *, doubted: bool) -> DocumentStatus:
    if any(page.status == "failed" for page in pages):
        return "partial"
    return "review" if doubted or any(field.status == "review" for field in extraction.fields) else "done"


def _archive(document: Document, pages: tuple[Page, ...], upload: Path, child: Child, work: Path, draft: Path, job: Job) -> Assembled:
    """Write document.pdf: the upload itself where rewriting it would cost its signature or its own text, else a PDF/A.

    What was born digital is drawn anew only where that is asked for, and never where it says that it is PDF/A already, or is a filled
    form: how its fields look is each program's choice, and letters that their font lacks would be missing from the picture.
    """
    facts = document.facts
    signed, born_digital = facts.get("signed", False), facts.get("born_digital", False)
    form = any(word.in_field for page in pages for word in page.words)
    kept = born_digital and not signed and (job.archive == "keep" or facts.get("pdf_a") is not None or form)
    request = Assemble(
        work=str(work),
        pages=pages,
        out=str(draft / ("search-copy.pdf" if signed else "document.pdf")),
        source_sha256=document.sha256,
        title=facts.get("title") or document.name,
        settings={"reader": job.reader, "version": job.version},
        source=str(upload) if kept else None,
    )
    if not signed:
        done = child.call(ASSEMBLE, request)
        return replace(done, reason_code="form_kept") if kept and form and job.archive == "render" else done
    shutil.copyfile(upload, draft / "document.pdf")
    if not born_digital:
        child.call(ASSEMBLE, request)
    return Assembled(facts.get("pdf_a"), "signed_kept")
