"""`sohoa run`: a set of inputs goes in, a folder of results comes out, and an interrupted one is taken up again."""

import fcntl
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pipeline.finish import Finishing
from pipeline.handover import give_folder
from pipeline.intake import Intake
from pipeline.job import Job
from pipeline.reports import report_in_child
from pipeline.runner import Duty, LocalRunner, Place
from pipeline.signature import signing_queue
from pipeline.splitting import Plan
from sohoa.child import Child, Limits
from sohoa.errors import ExitCode, UsageError
from sohoa.messages import message
from sohoa.settings import OfficeSettings, Settings
from storage.database import open_database
from storage.records import LOCAL, Document, Progress, Records, Terms
from storage.stores import open_objects

_AT_ONCE = 500  # documents read from the records at a time


class BatchResult(Struct, frozen=True):
    """How a batch ended: documents by status, the rows of those that failed, are partial or were read badly, the exit
    code they add up to."""

    out: Path
    statuses: Mapping[str, int]
    bad: tuple[dict[str, Any], ...]

    @property
    def exit_code(self) -> ExitCode:
        """As the command line gives it."""
        return exit_code(self.statuses)

    @property
    def rows(self) -> tuple[dict[str, Any], ...]:
        """All rows of batch.json."""
        return tuple(msgspec.json.decode((self.out / "batch.json").read_bytes()))


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
        del new  # thousands of rows, which the records have now
        if runner == "celery":
            from pipeline.distributed import work_off  # Celery is loaded by those who use it

            work_off(here, batch, out, settings, tick)
        else:
            with LocalRunner(here, jobs, finishing, limits, Duty(batch, index=keep)) as local:
                local.work_off(batch, tick)
        with _compares(jobs, limits) as child:
            reported = report_in_child(child, rows_of(here, batch), here.work / f"{batch}.rows", out, finishing.trust)
        _amend(here, batch, out, reported.amended)
        if not keep:
            forget(here, batch)
    return BatchResult(out, reported.statuses, tuple(reported.bad))


@contextmanager
def _compares(jobs: int | Sequence[Child], limits: Limits) -> Iterator[Child]:
    """Who compares the documents: a worker that has read some of them has loaded already what that takes."""
    if not isinstance(jobs, int) and jobs:
        yield jobs[0]
        return
    with Child((), limits) as child:
        yield child


def _amend(here: Place, batch: str, out: Path, amended: Sequence[dict[str, Any]]) -> None:
    """Let the records know what became of documents when they were compared with one another."""
    for line in amended:
        document = here.records.document_named(batch, line["name"])
        summary = document.summary | {key: line[key] for key in document.summary if key in line}
        files = give_folder(here.objects, out / document.name) if document.files else None
        here.records.amend_document(document.id, line["status"], line["error_code"], summary, files)


def exit_code(statuses: Collection[str]) -> ExitCode:
    """0 every document done, 1 some failed or partial, 3 some wait for review and none failed."""
    if {"failed", "partial"} & set(statuses):
        return ExitCode.FAILED
    return ExitCode.REVIEW if "review" in statuses else ExitCode.DONE


def rows_of(here: Place, batch: str) -> Iterator[dict[str, Any]]:
    """What batch.json says of each input, in their order, without holding them all."""
    after = -1
    while some := here.records.documents(batch, after=after, limit=_AT_ONCE):
        yield from map(row, some)
        after = some[-1].position


def forget(here: Place, batch: str) -> None:
    """Leave nothing of a finished batch in the state folder."""
    for document in here.records.document_ids(batch):
        shutil.rmtree(here.work / document, ignore_errors=True)
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
