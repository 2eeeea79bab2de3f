"""`sohoa retry`: take up again what was given up: a batch, a document, or one dead letter."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from pipeline.batch import rows_of
from pipeline.finish import Finishing
from pipeline.job import Job, decode
from pipeline.reporting import write_reports
from pipeline.runner import Duty, LocalRunner, Place
from sohoa.child import Limits
from sohoa.errors import UsageError
from storage.records import Document, Progress

OVER_BADLY = ("failed", "partial")


class Wanted(Struct, frozen=True):
    """What is to be tried again: `documents` of one batch."""

    batch: str
    documents: tuple[Document, ...]


def find(here: Place, what: str) -> Wanted:
    """What `what` names: a batch (its failed and partial documents), a document, or a unit's number; ids may be shortened.

    Raises UsageError job_unknown.
    """
    batches = here.records.batches()
    if what.isdigit():
        letters = [letter for letter in here.records.dead_letters() if letter.unit == int(what)]
        if letters:
            return Wanted(letters[0].batch, (here.records.document(letters[0].document),))
    for batch in batches:
        if batch.id.startswith(what) or batch.out == what:
            bad = [document for status in OVER_BADLY for document in here.records.documents(batch.id, status)]
            return Wanted(batch.id, tuple(bad))
    for batch in batches:
        for document in here.records.documents(batch.id):
            if document.id.startswith(what):
                return Wanted(batch.id, (document,))
    raise UsageError("job_unknown")


def reset(here: Place, wanted: Wanted, actor: str) -> None:
    """Make them ready; pages that were read are kept where their pictures still lie in the work folder."""
    for document in wanted.documents:
        kept = bool(here.records.stage_files(document.id, "page")) or (here.work / document.id).is_dir()
        here.records.retry(document.id, pages_kept=kept, actor=actor)


def job_of(here: Place, batch: str) -> Job:
    """What the batch was asked to do."""
    return decode(here.records.batch_settings(batch))


def work_here(
    here: Place, batch: str, jobs: int, finishing: Finishing, limits: Limits, tick: Callable[[Progress], None] = lambda _: None
) -> None:
    """Work off a batch of this machine's own, and write its reports anew."""
    with LocalRunner(here, jobs, finishing, limits, Duty(batch, index=True)) as runner:
        runner.work_off(batch, tick)
    out = Path(job_of(here, batch).out)
    if out.is_dir():
        write_reports(out, list(rows_of(here, batch)))
