"""`sohoa run`: a set of inputs goes in, a folder of results comes out, and an interrupted one is taken up again."""

import csv
import fcntl
import io
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec

from pipeline.captures import captures, ranked, worse_ones
from pipeline.finish import Finishing
from pipeline.handover import give_folder
from pipeline.intake import Intake
from pipeline.job import Job
from pipeline.proposals import propose
from pipeline.runner import Duty, LocalRunner, Place, Watched
from pipeline.signature import signing_queue
from pipeline.splitting import Plan
from pipeline.together import Together, look_across
from sohoa.child import Child, Limits
from sohoa.errors import ExitCode, UsageError
from sohoa.messages import message
from sohoa.settings import OfficeSettings, Settings
from storage.database import open_database
from storage.objects import replace_file
from storage.records import LOCAL, Document, Progress, Records, Terms
from storage.stores import open_objects
from verification.model import Verdict
from verification.tasks import Verify, verify_in_child

COLUMNS = ("source", "name", "sha256", "status", "error_code", "pages", "seconds")


@dataclass(frozen=True)
class BatchResult:
    """The rows of batch.json, and the exit code they add up to."""

    rows: tuple[dict[str, Any], ...]
    exit_code: ExitCode


def place(home: Path, settings: Settings | None = None) -> Place:
    """The records, objects and work folder: below one state folder, or where the settings say."""
    storage = (settings or Settings()).storage
    (home / "work").mkdir(parents=True, exist_ok=True, mode=0o700)
    records = Records(open_database(storage.records or home / "sohoa.sqlite"))
    return Place(records, open_objects(storage.objects, home), home / "work")


def terms_for(job: Job, settings: Settings, office: str, distributed: bool) -> Terms:
    """How a batch is treated beside others. What is to be signed is signed where the key is."""
    mine = settings.offices.get(office, OfficeSettings())
    terms = Terms(office=office, weight=mine.share, most_waiting=mine.most_waiting)
    if not distributed:
        return replace(terms, queue=LOCAL)
    return replace(terms, queues={"sign": signing_queue(job.sign)} if job.sign else {}, ring=True)


def run_batch(
    inputs: Sequence[Path],
    job: Job,
    home: Path,
    settings: Settings,
    finishing: Finishing,
    jobs: int | Sequence[Child] = 2,
    keep: bool = False,
    tick: Callable[[Progress], None] = lambda _: None,
    plan: Plan | None = None,
    runner: Literal["local", "celery"] = "local",
    office: str = "",
) -> BatchResult:
    """Process `inputs` into `job.out` with `jobs` worker processes (a number, or those of `pipeline.workers`), or with the
    workers of other machines (`runner` "celery"); `tick` hears the progress a few times a second.

    Interrupted by KeyboardInterrupt, it stops its workers and leaves the batch to be taken up by the same call.
    Raises UsageError for inputs that do not exist, an output folder that cannot be written, or one in use.
    """
    out = _writable(job.folder)
    here = place(home, settings)
    if runner == "celery" and not here.records.shared:
        raise UsageError("runner_needs_shared")
    with only_one(home, str(out)):
        limits = Limits(memory=settings.limits.memory_megabytes << 20, seconds=settings.limits.page_seconds)
        with Child((), limits) as child:
            new = Intake(here.objects, settings.limits.file_megabytes << 20, child).accept(inputs, leave_out=out, plan=plan)
        if not new:
            raise UsageError("nothing_to_do")
        batch = here.records.create_batch(str(out), job.encode(), new, terms_for(job, settings, office, runner == "celery"))
        if runner == "celery":
            from pipeline.distributed import work_off  # Celery is loaded by those who use it

            work_off(here, batch, out, settings, tick)
        else:
            with LocalRunner(here, jobs, finishing, limits, Duty(batch, index=keep)) as local:
                now = Watched(here.records, batch)
                local.wait(lambda: now().units_left == 0, lambda: tick(now()))
        documents = here.records.documents(batch)
        together = look_across(out, [row(document) for document in documents], verifier(limits, finishing))
        rows = together.rows
        _amend(here, out, documents, together)
        write_reports(out, rows, together.proposals)
        if not keep:
            forget(here, batch)
    return BatchResult(rows, exit_code(rows))


def _amend(here: Place, out: Path, documents: Sequence[Document], together: Together) -> None:
    """Let the records know what became of documents when they were compared with one another."""
    for document, line in zip(documents, together.rows, strict=True):
        if document.name in together.amended:
            summary = document.summary | {key: line[key] for key in document.summary if key in line}
            files = give_folder(here.objects, out / document.name) if document.files else None
            here.records.amend_document(document.id, line["status"], line["error_code"], summary, files)


def verifier(limits: Limits, finishing: Finishing) -> Callable[[Path], Verdict]:
    """Our own verdict on a file, by a child that lives for this one."""

    def verify(file: Path) -> Verdict:
        with Child((), limits) as child:
            return verify_in_child(child, Verify(str(file), trust=finishing.trust or None))

    return verify


def exit_code(rows: Sequence[dict[str, Any]]) -> ExitCode:
    """0 every document done, 1 some failed or partial, 3 some wait for review and none failed."""
    states = {row["status"] for row in rows}
    if states & {"failed", "partial"}:
        return ExitCode.FAILED
    return ExitCode.REVIEW if "review" in states else ExitCode.DONE


def write_reports(out: Path, rows: Sequence[dict[str, Any]], further: Sequence[dict[str, Any]] = ()) -> None:
    """batch.json and batch.csv, one row per input; the CSV opens in a spreadsheet with its diacritics right.

    proposals.json is there when a person is to be asked: pictures that look like the pages of one paper, and `further` ones.
    """
    known = captures(out, rows)
    others = ranked(further, known)
    proposals = [*propose(rows, known, worse_ones(others)), *others]
    replace_file(out / "batch.json", msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n")
    (out / "proposals.json").unlink(missing_ok=True)
    if proposals:
        replace_file(out / "proposals.json", msgspec.json.format(msgspec.json.encode(proposals), indent=1) + b"\n")
    text = io.StringIO()
    table = csv.DictWriter(text, [*COLUMNS, "message_vi"], extrasaction="ignore", lineterminator="\r\n")
    table.writeheader()
    table.writerows({key: _harmless(value) for key, value in row.items()} for row in rows)
    replace_file(out / "batch.csv", b"\xef\xbb\xbf" + text.getvalue().encode())


def forget(here: Place, batch: str) -> None:
    """Leave nothing of a finished batch in the state folder."""
    for document in here.records.documents(batch):
        shutil.rmtree(here.work / document.id, ignore_errors=True)
    mine = here.records.objects_of(batch)
    here.records.drop_batch(batch)
    for sha in mine - here.records.objects_in_use():
        here.objects.remove(sha)


def row(document: Document) -> dict[str, Any]:
    """What batch.json says of one input."""
    line: dict[str, Any] = {
        "source": document.source,
        "name": document.name,
        "sha256": document.sha256,
        "status": document.status,
        "error_code": document.error_code,
        "pages": document.pages,
        "seconds": round(document.seconds, 3),
    }
    if document.error_code:
        said = message(document.error_code, **document.summary.get("facts", {}))
        line |= {"message_vi": f"{said.vi} {said.next_vi}".strip(), "message_en": f"{said.en} {said.next_en}".strip()}
    return line | {key: value for key, value in document.summary.items() if key != "facts"}


def _harmless(value: Any) -> Any:
    """A cell that a spreadsheet would run as a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".sohoa-probe"
        probe.touch()
        probe.unlink()
    except OSError:
        raise UsageError("out_unwritable", path=str(folder)) from None
    return folder.resolve()


@contextmanager
def only_one(home: Path, what: str) -> Iterator[None]:
    """Hold the right to `what`; the kernel gives it back however this process ends. Raises UsageError batch_running."""
    (home / "locks").mkdir(exist_ok=True, mode=0o700)
    file = home / "locks" / sha256(what.encode()).hexdigest()[:32]
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError("batch_running") from None
        yield
        file.unlink(missing_ok=True)
